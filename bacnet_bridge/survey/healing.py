"""The trend logs of a survey → `backfill` of a draft's points, or why a log is not proposed. Pure.

Guarantee 4, never a wrong value: only a log that records this very object, at intervals, with a record for each slot
and its status flags is proposed. All else is a person's decision, and the sentence says what to write for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.logged import LoggedProperty
from bacnet_bridge.survey.abbreviated import short
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Trend
from bacnet_bridge.vocabulary.objects import PRESENT_VALUE, TREND_LOG_MULTIPLE, ObjectId
from bacnet_bridge.vocabulary.trend_logs import length, misfit, reach, usual_tolerance

USUAL_INTERVAL: Final = 300
"""Seconds between a meter's slots, where nobody says."""
SHORTEST_REACH: Final = 3600
"""Seconds: what forgets sooner heals hardly anything."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """Of one point: the log to name, or none; and for people, how far it reaches or why there is none."""

    note: str
    log: str | None = None
    condition: str | None = None
    """The log of the object that the meter's `valid_when` names."""


def proposal(
    device: FoundDevice, wanted: ObjectId, interval: int, *, counter: bool = False, heard: ObjectId | None = None
) -> Proposal | None:
    """For a point of a meter of `interval` seconds; None where no log of the survey records its present-value."""
    found = list(_logs(device, wanted))
    judged = [(_against(where, log, trend, interval, counter=counter), where, trend) for where, log, trend in found]
    good = [(where, trend) for why, where, trend in judged if not why]
    if not good:
        return Proposal(f"no backfill: {judged[0][0]}") if judged else None
    where, trend = max(good, key=lambda each: _reach(each[1]))
    note = f"{where} every {length(trend.interval or 0)}, heals gaps of up to {length(_reach(trend))}"
    if heard is None:
        return Proposal(note, where)
    condition = _condition(device, heard, interval)
    if condition is None:
        named = f"name a log of {short(heard)} as condition, to heal from {where}"
        return Proposal(f"no backfill: no log tells whether valid_when held; {named}")
    return Proposal(note, where, condition)


def _logs(device: FoundDevice, wanted: ObjectId) -> Iterator[tuple[str, FoundObject, Trend]]:
    """Those that record it, as a mapping names them; logs of one object first."""
    for log in sorted(device.objects, key=lambda each: each.id.type == TREND_LOG_MULTIPLE):
        if log.trend is None:
            continue
        for column, member in enumerate(_members(log.trend), start=1):
            if member is not None and _is(member, wanted, device.instance):
                where = f"{short(log.id)} column {column}" if log.id.type == TREND_LOG_MULTIPLE else short(log.id)
                yield where, log, log.trend


def _members(trend: Trend) -> tuple[LoggedProperty | None, ...]:
    if trend.members or trend.object is None:
        return trend.members
    return (LoggedProperty(trend.object, trend.property or PRESENT_VALUE, trend.index, trend.device),)


def _is(member: LoggedProperty, wanted: ObjectId, device: int) -> bool:
    here = member.device in {None, device}
    return here and member.object == wanted and member.property == PRESENT_VALUE and member.index is None


def _against(where: str, log: FoundObject, trend: Trend, interval: int, *, counter: bool) -> str:
    """Why this log is not proposed; empty where it is."""
    if why := _unfit(trend):
        return f"{where} {why}"
    every = trend.interval or 0
    if not every:
        changes = f"backfill: {where} only where you know that it is changes"
        return f"{where} records changes, or when it is triggered: {changes}"
    if why := misfit(every, interval, usual_tolerance(interval)):
        slower = counter and every > interval
        hint = f"; to have the slots between worked out: backfill: {{log: {where}, interpolate: yes}}" if slower else ""
        return f"{where}: {why}{hint}"
    if _reach(trend) < SHORTEST_REACH:
        return f"{where} forgets after {length(_reach(trend))}"
    if log.id.type == TREND_LOG_MULTIPLE:
        taken = f"backfill: {{log: {where}, unflagged: send}}"
        return f"{where} keeps no status flags; to take its records for good: {taken}"
    return ""


def _unfit(trend: Trend) -> str:
    """What no meter could heal from."""
    said = {
        "is disabled": trend.enabled is False,
        "does not say whether it is enabled": trend.enabled is None,
        "stops when it is full": trend.stops_when_full is True,
        "does not say whether it stops when it is full": trend.stops_when_full is None,
        "does not say how often it records, or how much": trend.interval is None or not trend.buffer,
    }
    return next((why for why, so in said.items() if so), "")


def _condition(device: FoundDevice, heard: ObjectId, interval: int) -> str | None:
    """A log of the state, by the same rules; it needs no flags."""
    good = (
        where
        for where, log, trend in _logs(device, heard)
        if log.id.type != TREND_LOG_MULTIPLE and not _against(where, log, trend, interval, counter=False)
    )
    return next(good, None)


def _reach(trend: Trend) -> float:
    return reach(trend.interval or 0, trend.buffer or 0)
