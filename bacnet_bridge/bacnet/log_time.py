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
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from bacnet_bridge.bacnet.log_record import RawRecord
from bacnet_bridge.logged import ClockChanged, ClockMark, Happened, LogStatus

_HOUR: Final = 3_600_000
_FALL: Final = 1_000
"""Milliseconds that a clock may be put back without anybody's noticing: those that go by the network's time are."""
_AGREE: Final = 10_000
"""Milliseconds by which two marks may differ for one clock that nobody set."""
_DRIFT: Final = 10 / 86_400
"""And for each millisecond between them: the worst quartz goes wrong by ten seconds a day."""
_LATE: Final = 1.4
"""Intervals between two records of a log that missed none, at most."""
_BUSY: Final = 2_000
"""Milliseconds by which a busy device may be late in any case; a clock that was set by so little does no harm."""


class Shift(NamedTuple):
    """The building's zone goes over to other time: from `at` on (UTC) it is `by` milliseconds more ahead."""

    at: int
    by: int


class Known(NamedTuple):
    """What a record's clock was ahead of UTC, ± `within` milliseconds."""

    offset: int
    within: int


class _Stamp(NamedTuple):
    """A record's or a mark's place in the log's order."""

    local: int
    mark: ClockMark | None
    changed: int | None
    """Milliseconds by which the clock had been set just before; 0 where nobody knows."""
    interrupted: bool
    ordinary: bool
    """A value, in a log of a fixed interval not nearer to the one before than that."""


def offsets(
    records: Sequence[tuple[int, RawRecord]],
    now: ClockMark,
    marks: Iterable[ClockMark],
    interval: int | None,
    shifts: Sequence[Shift],
) -> list[Known | None]:
    """What each record's clock was ahead of UTC; None where that cannot be known.

    `records` with their numbers, in the log's order. `now` was measured when the log was read, `marks` earlier: of
    those only they count whose record is among these.
    """
    stamps, places = _stamps(records, now, marks)
    known = _Clock(stamps, interval, shifts).known()
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
) -> tuple[list[_Stamp], list[int | None]]:
    """Records and marks in one order, and where each record stands in it: nowhere without its time."""
    behind: dict[int | None, list[ClockMark]] = {}
    for mark in sorted((*marks, now), key=lambda mark: mark.at):
        behind.setdefault(mark.sequence, []).append(mark)
    stamps: list[_Stamp] = []
    places: list[int | None] = []
    for number, record in records:
        places.append(None if record.local is None else len(stamps))
        if record.local is not None:
            stamps.append(_recorded(record, record.local))
        stamps += map(_marked, behind.get(number, ()))
    return stamps if now.sequence in {number for number, _ in records} else [*stamps, _marked(now)], places


def _recorded(record: RawRecord, local: int) -> _Stamp:
    content = record.contents[0] if record.contents else None
    changed = round(content.seconds * 1000) if isinstance(content, ClockChanged) else None
    interrupted = isinstance(content, Happened) and LogStatus.INTERRUPTED in content.status
    return _Stamp(local, None, changed, interrupted, not isinstance(content, ClockChanged | Happened))


def _marked(mark: ClockMark) -> _Stamp:
    return _Stamp(mark.at + mark.offset, mark, None, interrupted=False, ordinary=False)


class _Clock:
    """One log's stamps; between each two of them the clock may have been set."""

    def __init__(self, stamps: Sequence[_Stamp], interval: int | None, shifts: Sequence[Shift]) -> None:
        self._stamps = stamps
        self._interval = interval
        self._shifts = shifts

    def known(self) -> list[Known | None]:
        found: list[Known | None] = [
            None if stamp.mark is None else Known(stamp.mark.offset, stamp.mark.within) for stamp in self._stamps
        ]
        anchors = [at for at, stamp in enumerate(self._stamps) if stamp.mark is not None]
        if anchors:
            self._back(anchors[0], -1, found)
            for before, after in pairwise(anchors):
                self._between(before, after, found)
            self._on(anchors[-1], len(found), found)
        return found

    def _between(self, before: int, after: int, found: list[Known | None]) -> None:
        """Both marks must agree, or something between them must tell where they part."""
        old, new = found[before], found[after]
        if old is None or new is None or after == before + 1:
            return
        low = self._back(after, before, found)
        if low > before + 1:
            self._on(before, low, found)
            return
        first = found[low]
        reached = None if first is None else self._older(before, first)
        if reached is not None:
            self._join(before, after, old.offset - reached.offset, found)

    def _join(self, before: int, after: int, apart: int, found: list[Known | None]) -> None:
        """What the older mark differs by from what the newer one says of it, a clock goes wrong by little by little."""
        begin, end = self._stamps[before].local, self._stamps[after].local
        agree = abs(apart) <= _AGREE + _DRIFT * abs(end - begin)
        for at in range(before + 1, after):
            each, left = found[at], end - self._stamps[at].local
            drifted = round(apart * min(1.0, max(0.0, left / max(1, end - begin))))
            found[at] = Known(each.offset + drifted, each.within + abs(apart)) if each and agree else None

    def _back(self, start: int, end: int, found: list[Known | None]) -> int:
        """From `start` towards older ones, `end` excluded. The oldest that is known."""
        for at in range(start - 1, end, -1):
            newer = found[at + 1]
            found[at] = None if newer is None else self._older(at, newer)
            if found[at] is None:
                return at + 1
        return end + 1

    def _on(self, start: int, end: int, found: list[Known | None]) -> int:
        """From `start` towards newer ones, `end` excluded. The newest that is known."""
        for at in range(start + 1, end):
            older = found[at - 1]
            found[at] = None if older is None else self._newer(at - 1, older)
            if found[at] is None:
                return at - 1
        return end - 1

    def _older(self, at: int, known: Known) -> Known | None:
        """What the clock was at this stamp, by what it was at the next one."""
        until = self._stamps[at + 1].local - known.offset
        since = self._stamps[at].local - known.offset
        by = self._change(at, next((each for each in self._shifts if since + min(0, each.by) < each.at <= until), None))
        return None if by is None else known._replace(offset=known.offset - by)

    def _newer(self, at: int, known: Known) -> Known | None:
        """What the clock was at the next stamp, by what it was at this one."""
        since = self._stamps[at].local - known.offset
        until = self._stamps[at + 1].local - known.offset
        by = self._change(at, next((each for each in self._shifts if since < each.at <= until - min(0, each.by)), None))
        return None if by is None else known._replace(offset=known.offset + by)

    def _change(self, at: int, shift: Shift | None) -> int | None:
        """By how much the clock was put forward between this stamp and the next one; None where nobody knows."""
        old, new = self._stamps[at], self._stamps[at + 1]
        step = new.local - old.local
        if new.changed is not None:
            return new.changed if new.changed and step - new.changed >= -_FALL else None
        if new.interrupted:
            return None
        candidates = (0,) if shift is None else (0, shift.by)
        plausible = [by for by in candidates if self._plausible(at, step - by)]
        return plausible[0] if len(plausible) == 1 else None

    def _plausible(self, at: int, step: int) -> bool:
        """Whether so much time may lie between this stamp and the next one."""
        if self._interval is None:
            return step >= -_FALL
        ordinary = self._stamps[at].ordinary and self._stamps[at + 1].ordinary
        earliest = min(self._interval / 2, self._interval - _BUSY) if ordinary else -_FALL
        return max(earliest, -_FALL) <= step <= max(_LATE * self._interval, self._interval + _BUSY)
