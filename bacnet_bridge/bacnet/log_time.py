"""When a log's records were made: from what the device's clock showed, and what is known of that clock. Pure.

A device stamps its records with its own local time. What that is ahead of ours is measured, now and now and then
before (marks), and holds for every record between which and a mark nothing speaks for another clock. Where something
does, in both directions, the record's instant is not known, and nobody guesses.

What speaks for another clock: time that falls; a log that was interrupted, for its device was off; in a log of a
fixed interval, a gap; a change to or from summer time that the records do not show. What says it exactly: a record of
a change of the clock; records that follow summer time as the building's zone does.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from bacnet_bridge.bacnet.log_clock import Known, LogClock, Shift, Stamp
from bacnet_bridge.bacnet.log_record import RawRecord
from bacnet_bridge.logged import ClockChanged, ClockMark, Happened, LogStatus

_HOUR: Final = 3_600_000


def offsets(
    records: Sequence[tuple[int, RawRecord]],
    now: ClockMark,
    marks: Iterable[ClockMark] | None,
    interval: int | None,
    shifts: Sequence[Shift],
) -> list[Known | None]:
    """What each record's clock was ahead of UTC; None where that cannot be known.

    `records` with their numbers, in the log's order. `now` was measured when the log was read, `marks` earlier: their
    records are among these, or older; of the latter the newest counts. None: no value is taken from the log, and where
    it shows no pace, its clock is trusted.
    """
    stamps, places = _stamps(records, now, marks or ())
    known = LogClock(stamps, interval, shifts, trusting=marks is None).known()
    return [None if place is None else known[place] for place in places]


def shifts_of(zone: ZoneInfo, since: int, until: int) -> tuple[Shift, ...]:
    """The zone's changes between two instants, which are not looked for more than ten years apart."""
    begin = max(since, until - 3650 * 24 * _HOUR)
    found = []
    for low, high in pairwise([*range(begin, until, 24 * _HOUR), until]):
        by = _ahead(zone, high) - _ahead(zone, low)
        if by:
            found.append(Shift(_moment_between(zone, low, high), by))
    return tuple(found)


def _ahead(zone: ZoneInfo, instant: int) -> int:
    offset = datetime.fromtimestamp(instant / 1000, UTC).astimezone(zone).utcoffset() or timedelta()
    return round(offset.total_seconds() * 1000)


def _moment_between(zone: ZoneInfo, low: int, high: int) -> int:
    before = _ahead(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _ahead(zone, middle) == before else (low, middle)
    return high


def _stamps(
    records: Sequence[tuple[int, RawRecord]], now: ClockMark, marks: Iterable[ClockMark]
) -> tuple[list[Stamp], list[int | None]]:
    """Records and marks in one order, and where each record stands in it: nowhere without its time."""
    oldest = records[0][0] if records else 0
    behind: dict[int | None, list[ClockMark]] = {}
    before: list[ClockMark] = []
    for mark in sorted((*marks, now), key=lambda mark: mark.at):
        older = mark.sequence is not None and mark.sequence < oldest
        (before if older else behind.setdefault(mark.sequence, [])).append(mark)
    stamps = [_marked(mark)._replace(lost=True) for mark in before[-1:] if mark is not now]
    places: list[int | None] = []
    for number, record in records:
        places.append(None if record.local is None else len(stamps))
        if record.local is not None:
            stamps.append(_recorded(record, record.local))
        stamps += map(_marked, behind.get(number, ()))
    return stamps if now.sequence in {number for number, _ in records} else [*stamps, _marked(now)], places


def _recorded(record: RawRecord, local: int) -> Stamp:
    content = record.contents[0] if record.contents else None
    changed = round(content.seconds * 1000) if isinstance(content, ClockChanged) else None
    interrupted = isinstance(content, Happened) and LogStatus.INTERRUPTED in content.status
    return Stamp(local, None, changed, interrupted, not isinstance(content, ClockChanged | Happened))


def _marked(mark: ClockMark) -> Stamp:
    return Stamp(mark.at + mark.offset, mark, None, interrupted=False, ordinary=False)
