"""Whether the logs that a meter names can heal its gaps: a line for each, and what is wrong. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.backfill.gaps import LEAST, LONGEST_WAIT
from bacnet_bridge.clock import moment_of
from bacnet_bridge.logged import full
from bacnet_bridge.model import Backfill, LogColumn, Meter, Point, PropertyRef
from bacnet_bridge.packet.remark import Remark, Weight
from bacnet_bridge.service.log_seen import LogSeen, Newest
from bacnet_bridge.vocabulary.slots import grid
from bacnet_bridge.vocabulary.trend_logs import length, misfit, reach

_SHORT: Final = 3600.0
"""Seconds: what forgets sooner heals hardly anything."""
_MISSED: Final = 3
"""Intervals without a record, after which a log does not write."""
_CLOCK: Final = 5_000
"""Milliseconds that a clock is off before people are told; it is reckoned with in any case."""

Seen = Mapping[tuple[int, str | None, object], LogSeen]
"""By device, its address as mapped, and log."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One field's log, in words."""

    field: str
    log: str
    device: int
    heals: str
    """`gaps of up to 9 days`; empty where it heals nothing."""
    pace: str
    clock: str


def by_log(seen: Iterable[LogSeen]) -> Seen:
    return {(each.device, each.address, each.log): each for each in seen}


def log_lines(meter: Meter, seen: Seen) -> tuple[LogLine, ...]:
    """A line for each point that has a log that was looked at."""
    found = []
    for point in meter.points:
        log = None if point.backfill is None else _found(meter, point.backfill.source, seen)
        if point.backfill is not None and log is not None:
            wrong = any(remark.weight is Weight.WRONG for remark in _of_point(meter, point, point.backfill, seen))
            heals = "" if wrong else _heals(log)
            clock = "" if log.why else _clock(log.ahead)
            found.append(LogLine(point.field, str(point.backfill.source), meter.device, heals, _pace(log), clock))
    return tuple(found)


def log_remarks(meter: Meter, seen: Seen) -> Iterator[Remark]:
    """What is wrong with the logs that its points name; nothing of those that were not looked at."""
    for point in meter.points:
        if point.backfill is not None:
            yield from _of_point(meter, point, point.backfill, seen)


def _of_point(meter: Meter, point: Point, backfill: Backfill, seen: Seen) -> Iterator[Remark]:
    named = [(backfill.source, point.source, backfill.unflagged)]
    if backfill.condition is not None and point.valid_when is not None:
        named.append((backfill.condition, point.valid_when.source, True))
    for column, wanted, unflagged in named:
        log = _found(meter, column, seen)
        if log is not None:
            told = (_why_not(column, wanted, log), *_doubtful(meter, backfill, column, log, unflagged=unflagged))
            for weight, sentence in filter(None, told):
                yield Remark((point.field,), weight, f"{point.field}: backfill {column}: {sentence}")


def _found(meter: Meter, column: LogColumn, seen: Seen) -> LogSeen | None:
    return seen.get((meter.device, meter.address, column.log))


def _why_not(column: LogColumn, wanted: PropertyRef, log: LogSeen) -> tuple[Weight, str] | None:
    """Why nothing can be healed from it."""
    at = (column.column or 1) - 1
    member = log.members[at] if at < len(log.members) else None
    if log.why:
        why = log.why
    elif at >= len(log.members):
        why = f"it has {len(log.members)} columns"
    elif member is None or not member.is_of(wanted, log.device):
        why = f"it records {'nothing' if member is None else member.told(log.device)}, and not {wanted}"
    elif full(log.records, log.buffer, stops=log.stops_when_full):
        why = "it is full, and stops when it is"
    elif log.enabled is False:
        why = "it is disabled"
    else:
        return None
    return Weight.WRONG, why


def _doubtful(
    meter: Meter, backfill: Backfill, column: LogColumn, log: LogSeen, *, unflagged: bool
) -> Iterator[tuple[Weight, str]]:
    """What may keep it from healing, now or later."""
    at = (column.column or 1) - 1
    newest = log.newest[at] if at < len(log.newest) else None
    if log.why or at >= len(log.newest) or log.enabled is False:
        return
    if newest is None:
        since = "and has not written since" if log.interval is None else "look again later"
        yield Weight.NOTE, f"its newest records tell that it was started or interrupted; {since}"
    else:
        yield from _of_newest(meter, backfill, log, newest, unflagged=unflagged)
    if log.stops_when_full and not full(log.records, log.buffer, stops=True):
        yield Weight.ODD, f"it stops when it is full, and has {log.records} of {log.buffer or '?'} records"
    yield from _of_reach(meter, log)
    for doubt in log.doubts:
        yield Weight.ODD, doubt


def _of_newest(
    meter: Meter, backfill: Backfill, log: LogSeen, newest: Newest, *, unflagged: bool
) -> Iterator[tuple[Weight, str]]:
    if newest.failed:
        yield Weight.ODD, f"the device could not read what it logs: {newest.failed}"
    elif not (newest.flagged or unflagged):
        yield Weight.WRONG, "its records bear no status flags, so that nothing is healed (unflagged: send takes them)"
    if log.interval is None:
        return
    age = log.at - newest.instant
    if age > _MISSED * log.interval:
        yield Weight.WRONG, f"it does not write: its newest value is {length(age // 1000)} old"
        return
    every, tolerance = log.interval / 1000, _tolerance(meter, backfill)
    if log.interval > max(LONGEST_WAIT, 1000 * meter.interval):
        longest = length(LONGEST_WAIT / 1000)
        said = (
            f"it says that it records every {length(every)} (log-interval): no gap is waited for longer than {longest}"
        )
        yield Weight.WRONG, said
    elif why := misfit(every, meter.interval, tolerance):
        yield from _slower(backfill, every, why)
    elif every > 2 * tolerance and (off := _off_slots(meter, log.interval, newest.instant)) > tolerance:
        mend = "have the device align them (align-intervals), or state a tolerance with backfill"
        told = f"its records are {length(off)} off the slots, and the tolerance is {length(tolerance)}: {mend}"
        yield Weight.WRONG, told


def _slower(backfill: Backfill, every: float, why: str) -> Iterator[tuple[Weight, str]]:
    if backfill.interpolate and 1000 * every <= backfill.age:
        return
    if backfill.interpolate:
        yield Weight.WRONG, f"{why}, and age, {length(backfill.age / 1000)}, is less than two records are apart"
    else:
        yield Weight.ODD, f"{why}: the others stay holes (for a counter, interpolate: yes works them out)"


def _of_reach(meter: Meter, log: LogSeen) -> Iterator[tuple[Weight, str]]:
    if log.interval is None or log.buffer is None:
        return
    seconds = reach(log.interval / 1000, log.buffer)
    if seconds < LEAST * meter.interval:
        yield Weight.WRONG, f"it forgets after {length(seconds)}, before a gap of {LEAST} slots is over"
    elif seconds < _SHORT:
        yield Weight.ODD, f"it forgets after {length(seconds)}: longer gaps are healed in their last part only"


def _heals(log: LogSeen) -> str:
    if log.interval is None:
        return "gaps as far back as its changes reach"
    if log.buffer is None:
        return "gaps, nobody knows of which length"
    return f"gaps of up to {length(reach(log.interval / 1000, log.buffer))}"


def _pace(log: LogSeen) -> str:
    if log.why:
        return ""
    return "changes" if log.interval is None else f"every {length(log.interval / 1000)}"


def _clock(ahead: int) -> str:
    if abs(ahead) <= _CLOCK:
        return "right"
    return f"{length(abs(ahead) / 1000)} {'fast' if ahead > 0 else 'slow'}, which is reckoned with"


def _tolerance(meter: Meter, backfill: Backfill) -> float:
    """Seconds, as backfill/place.py has it."""
    stated = meter.tolerance if backfill.tolerance is None else backfill.tolerance / 1000
    return min(stated, (meter.interval * 1000 - 1) // 2 / 1000)


def _off_slots(meter: Meter, interval: int, instant: int) -> float:
    """Seconds by which the nearest slot that the log's records can meet is missed."""
    slots = grid(meter.interval, meter.zone, moment_of(instant).year)
    off = (instant - slots.phase) % interval
    return min(off, interval - off) / 1000
