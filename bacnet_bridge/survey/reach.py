"""The trend logs of a survey, in sentences: what each records, how often, and how far back it reaches. Pure."""

from bacnet_bridge.logged import LoggedProperty
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Trend
from bacnet_bridge.vocabulary.objects import PRESENT_VALUE, property_name


def log_sentences(device: FoundDevice) -> list[str]:
    """One for each log that was explored. Texts are the device's own."""
    return [_sentence(device, each, each.trend) for each in device.objects if each.trend is not None]


def _sentence(device: FoundDevice, log: FoundObject, trend: Trend) -> str:
    parts = [
        f"device {device.instance} {log.id}{f' ({log.name})' if log.name else ''}: {_logged(device, trend)}",
        _pace(trend),
        "" if trend.records is None else f"{trend.records} of {trend.buffer or '?'} records",
        f"back to {trend.oldest} by its own clock" if trend.oldest else "",
        _room(trend),
        "disabled" if trend.enabled is False else "",
        "stops when it is full" if trend.stops_when_full else "",
    ]
    return ", ".join(part for part in parts if part)


def _logged(device: FoundDevice, trend: Trend) -> str:
    single = (
        ()
        if trend.object is None
        else (LoggedProperty(trend.object, trend.property or PRESENT_VALUE, trend.index, trend.device),)
    )
    named = [_name(device, each) for each in trend.members or single if each is not None]
    return " + ".join(named) or "nobody knows what"


def _name(device: FoundDevice, logged: LoggedProperty) -> str:
    own = logged.device in {None, device.instance}
    found = device.object(logged.object) if own else None
    name = f" {found.name}" if found is not None and found.name else ""
    where = "" if own else f" of device {logged.device}"
    what = "" if logged.property == PRESENT_VALUE else f" {property_name(logged.property)}"
    return f"{logged.object}{what}{name}{where}"


def _pace(trend: Trend) -> str:
    if trend.interval is None:
        return ""
    return f"every {trend.interval:g} s" if trend.interval else "by change of value, or when it is triggered"


def _room(trend: Trend) -> str:
    if not (trend.interval and trend.buffer):
        return ""
    hours = trend.interval * trend.buffer / 3600
    return f"room for {hours / 24:.1f} days" if hours >= 48 else f"room for {hours:.1f} h"
