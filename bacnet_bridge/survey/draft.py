"""Suggestions → the draft of a mapping, ready to be written as YAML (draft_yaml.py) or CSV (draft_csv.py). Pure.

A draft holds no ids: an integrator enters them once the platform has registered the meters. Devices' texts may
hold anything; what gets into a file is one line and printable, and a name that cannot be written as it is, is left out,
since `name:` must be the device's own to the letter.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from bacnet_bridge.survey.abbreviated import short
from bacnet_bridge.survey.healing import USUAL_INTERVAL, Proposal, proposal
from bacnet_bridge.survey.measures import measure
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Survey
from bacnet_bridge.survey.suggestion import Heard, SuggestedMeter, Suggestion, Suggestions
from bacnet_bridge.vocabulary.fields import FIELDS, SINGLE
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.trend_logs import length
from bacnet_bridge.vocabulary.units import conversion, parse_unit

_LONGEST_NAME: Final = 80
_LONGEST_NOTE: Final = 300


@dataclass(frozen=True, slots=True)
class DraftPoint:
    """A field of a meter, as the file says it."""

    field: str
    object: str
    name: str | None
    """The object's own; None where it cannot be written."""
    unit: str | None
    note: str
    """For people: what the object is, what it shows, and why it is suggested; and of its log."""
    backfill: str | None = None
    """The log from which its gaps are healed: `TL1`."""
    condition: str | None = None
    """With that: the log of the meter's `valid_when` object."""


@dataclass(frozen=True, slots=True)
class DraftMeter:
    """A meter of the file. `sure` False: it is written as a comment."""

    name: str
    device: int
    address: str | None
    """Only where two devices claim one instance."""
    counter: bool
    valid_when: str | None
    heard: str
    """The reason for `valid_when`."""
    points: tuple[DraftPoint, ...]
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Draft:
    """A whole file."""

    about: tuple[str, ...]
    """Its head, as sentences."""
    meters: tuple[DraftMeter, ...]
    unsure: tuple[DraftMeter, ...]


def selected(found: Suggestions, keep: Callable[[FoundDevice, FoundObject], bool]) -> Suggestions:
    """Without the objects that are not wanted, and without meters of which none is left."""
    meters = (
        replace(meter, points=tuple(each for each in meter.points if keep(meter.device, each.object)))
        for meter in found.meters
    )
    unsure = tuple(each for each in found.unsure if keep(each.device, each.object))
    return Suggestions(tuple(meter for meter in meters if meter.points), unsure, found.left)


def draft(survey: Survey, found: Suggestions, interval: int = USUAL_INTERVAL) -> Draft:
    """The file's contents; every meter's name in it is unique. Logs are judged for meters of `interval` seconds."""
    conflicts = survey.conflicts
    names = _Names(Counter(_plain(meter.name, meter.device) for meter in found.meters))
    meters = tuple(_meter(each, names, conflicts, interval) for each in found.meters)
    unsure = tuple(_unsure(each, names, conflicts, interval) for each in found.unsure)
    return Draft((*_about(meters, found), *_about_logs(meters, interval)), meters, unsure)


def _about(meters: Iterable[DraftMeter], found: Suggestions) -> Iterable[str]:
    points = sum(len(each.points) for each in meters)
    yield f"A draft: {len(found.meters)} meters with {points} points, suggested from a survey of the network."
    yield "Enter each meter's id, the one under which the platform knows it, and state what is missing (units, ct)."
    yield "Behind each point stand its description, what it showed, how sure the suggestion is, and why."
    if found.unsure:
        yield f"{len(found.unsure)} objects stand at the end as comments: a person has to decide about them."
    if left := sum(found.left.values()):
        reasons = ", ".join(f"{_line(why, 60)} ({count})" for why, count in found.left.most_common(5))
        yield f"{left} objects are left out on purpose, most of them because: {reasons}."


def _about_logs(meters: Iterable[DraftMeter], interval: int) -> Iterable[str]:
    logged = sum(point.backfill is not None for each in meters for point in each.points)
    if logged:
        yield (
            f"Points with a trend log that heals their gaps (backfill) at an interval of {length(interval)}: {logged}. "
            "`check --live` looks at each log."
        )


class _Names:
    """Gives every meter a name of its own: with the device's where several share one, then with a number."""

    def __init__(self, wanted: Counter[str]) -> None:
        self._wanted = wanted
        self._given: Counter[str] = Counter()

    def name(self, text: str, device: FoundDevice) -> str:
        wanted = _plain(text, device)
        if self._wanted[wanted] > 1 or self._given[wanted]:
            wanted = _plain(f"{_line(device.name or '', 40) or device.instance} {wanted}", device)
        self._given[wanted] += 1
        name = wanted
        while self._given[name] > 1:
            name = f"{wanted} ({self._given[wanted]})"
            self._given[name] += 1
            self._given[wanted] += self._given[name] > 1
        return name


def _plain(text: str, device: FoundDevice) -> str:
    """One line that neither format takes for a comment."""
    return _line(text, _LONGEST_NAME).lstrip("# ") or f"device {device.instance}"


def _meter(
    meter: SuggestedMeter, names: _Names, conflicts: dict[int, tuple[FoundDevice, ...]], interval: int
) -> DraftMeter:
    order = list(FIELDS)
    points = sorted(meter.points, key=lambda each: order.index(each.field))
    heard = meter.heard
    return DraftMeter(
        names.name(meter.name, meter.device),
        meter.device.instance,
        meter.device.address if meter.device.instance in conflicts else None,
        any(each.counter and each.field == SINGLE.key for each in points),
        None if heard is None else f"{short(heard.object.id)} = {heard.good}",
        "" if heard is None else _heard(heard),
        tuple(_point(each, interval, None if heard is None else heard.object.id) for each in points),
    )


def _unsure(
    each: Suggestion, names: _Names, conflicts: dict[int, tuple[FoundDevice, ...]], interval: int
) -> DraftMeter:
    meter = SuggestedMeter(each.object.name or str(each.object.id), each.device, ())
    plain = _meter(meter, names, conflicts, interval)
    return replace(plain, counter=each.counter, points=(_point(each, interval, None),), sure=False)


def _point(each: Suggestion, interval: int, heard: ObjectId | None) -> DraftPoint:
    found = each.object
    said = (_line(found.description or "", 100), _shown(found), f"{each.confidence}: {each.reason}")
    missing = "its unit is to be stated" if _lacks_unit(each) else ""
    note = _line("; ".join(filter(None, (*said, missing))), _LONGEST_NOTE)
    log = proposal(each.device, found.id, interval, counter=each.counter, heard=heard) or Proposal("")
    told = "; ".join(filter(None, (note, log.note)))
    field = each.field or SINGLE.key
    return DraftPoint(field, short(found.id), _own_name(found), _unit(each), told, log.log, log.condition)


def _lacks_unit(each: Suggestion) -> bool:
    return each.field not in {SINGLE.key, "valid_when", ""} and not measure(each.object.unit) and _unit(each) is None


def _unit(each: Suggestion) -> str | None:
    """The spelled unit, where the field can take it."""
    wanted = FIELDS[each.field].unit if each.field in FIELDS else None
    if each.unit is None or wanted is None:
        return None
    return each.unit if conversion(parse_unit(each.unit), parse_unit(wanted)) is not None else None


def _heard(heard: Heard) -> str:
    shown = _shown(heard.object)
    return _line("; ".join(filter(None, (heard.object.name or "", shown, heard.reason))), _LONGEST_NOTE)


def _shown(found: FoundObject) -> str:
    value = found.value_text
    if value is None:
        return ""
    scaled = f" × {found.scale}" if found.scale not in {None, "1"} else ""
    return _line(f"{value}{scaled} {found.unit or ''}", 60)


def _own_name(found: FoundObject) -> str | None:
    """The object's name, if a mapping can hold it to the letter."""
    name = found.name
    if not name or not name.isprintable() or name != name.strip() or len(name) > _LONGEST_NOTE:
        return None
    return name


def _line(text: str, longest: int) -> str:
    """One printable line of it, not endless."""
    plain = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"
