"""What a device's clock was ahead at each record of a log, as far as it can be known: no further. Pure.

Records and marks stand in one order; between each two of them the clock may have been set. What is known of one stamp
holds for the next where nothing speaks against it (ADR 41).

Where two marks differ, the clock was set between them. That the log was interrupted there is no proof that it was set
there: a clock can be set without a trace wherever the records leave room for it. Only what lies before the first such
place, or behind the last one, is known.

Before the oldest mark nobody can say that the clock was not set. A log of a fixed interval shows it by its pace, but
for some minutes that this leaves room for (ADR 41); one of changes does not, so that nothing is known there.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from bacnet_bridge.logged import ClockMark

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
_LATER: Final = 30_000
"""Milliseconds by which the records of a slow log may be late, at most,"""
_PART: Final = 10
"""and the part of its interval that they may."""
_NEAR: Final = 3
"""Records before and after, by which one that came late is told from a clock that was set."""


class Shift(NamedTuple):
    """The building's zone goes over to other time: from `at` on (UTC) it is `by` milliseconds more ahead."""

    at: int
    by: int


class Known(NamedTuple):
    """What a record's clock was ahead of UTC, ± `within` milliseconds."""

    offset: int
    within: int


class Stamp(NamedTuple):
    """A record's or a mark's place in the log's order."""

    local: int
    mark: ClockMark | None
    changed: int | None
    """Milliseconds by which the clock had been set just before; 0 where nobody knows."""
    interrupted: bool
    ordinary: bool
    """A value, in a log of a fixed interval not nearer to the one before than that."""
    lost: bool = False
    """What was recorded right after it is not there any more."""


class LogClock:
    """One log's stamps; between each two of them the clock may have been set."""

    def __init__(
        self, stamps: Sequence[Stamp], interval: int | None, shifts: Sequence[Shift], *, trusting: bool = False
    ) -> None:
        """`trusting`: also before the oldest mark of a log of changes the clock was what it was then."""
        self._stamps = stamps
        self._interval = interval
        self._shifts = shifts
        self._trusting = trusting

    def known(self) -> list[Known | None]:
        found: list[Known | None] = [
            None if stamp.mark is None else Known(stamp.mark.offset, stamp.mark.within) for stamp in self._stamps
        ]
        anchors = [at for at, stamp in enumerate(self._stamps) if stamp.mark is not None]
        if anchors:
            if self._interval is not None or self._trusting:
                self._back(anchors[0], -1, found)
                unseen = self._set_unseen(found, anchors[0])
                found[: unseen + 1] = [None] * (unseen + 1)
            for before, after in pairwise(anchors):
                self._between(before, after, found)
            self._on(anchors[-1], len(found), found)
        return found

    def _between(self, before: int, after: int, found: list[Known | None]) -> None:
        """Both marks must agree, or something between them must tell where they part."""
        if after == before + 1:
            return
        low = self._back(after, before, found)
        high = self._on(before, low, found)
        old, new = found[high], found[low]
        if old is None or new is None:
            return
        reached = self._older(high, new) if high == before and low == before + 1 else None
        if reached is None:
            self._part(range(before, after), range(high, low), old, new, found)
        else:
            self._join(before, after, old.offset - reached.offset, found)

    def _part(self, stretch: range, gap: range, old: Known, new: Known, found: list[Known | None]) -> None:
        """Two marks, and nothing known across the gap between what each of them tells: forget what may be wrong.

        Both are ranges of places: each is between the stamp of that number and the next one. `old` and `new` are known
        before and behind the gap.
        """
        begin, end = (self._stamps[at].local - each.offset for at, each in ((gap.start, old), (gap.stop, new)))
        shifts = [0, *(each.by for each in self._shifts if begin - abs(each.by) < each.at <= end + abs(each.by))]
        told = sum(self._stamps[at + 1].changed or 0 for at in gap)
        sets = [new.offset - old.offset - told - by for by in shifts]
        """By how much the clock was set without a word, whether it followed the zone or not."""
        drifted = min(map(abs, sets))
        if end < begin - _FALL - old.within - new.within:
            _forget(stretch, found)
        elif drifted <= self._drift(stretch):
            for at in range(stretch.start + 1, stretch.stop):
                each = found[at]
                found[at] = None if each is None else each._replace(within=each.within + drifted)
        elif not any(self._set_here(at, min(shifts)) for at in gap):
            beside = (*range(stretch.start, gap.start), *range(gap.stop, stretch.stop))
            hiding = [at for at in beside if any(self._hides(at, by, found) for by in sets)]
            _forget(range(min([gap.start, *hiding]), max([gap.stop, *(at + 1 for at in hiding)])), found)

    def _drift(self, stretch: range) -> float:
        """Milliseconds that two marks may differ by, of one clock that nobody set."""
        return _AGREE + _DRIFT * abs(self._stamps[stretch.stop].local - self._stamps[stretch.start].local)

    def _set_here(self, at: int, by: int) -> bool:
        """Between this stamp and the next one the clock was set for certain, nobody knows by how much.

        A record says so, or time falls by more than what is told, and a change of the zone, `by`, explain.
        """
        old, new = self._stamps[at], self._stamps[at + 1]
        return new.changed == 0 or new.local - old.local - (new.changed or 0) - by < -_FALL

    def _hides(self, at: int, by: int, found: Sequence[Known | None]) -> bool:
        """The clock may have been set by so much, between this stamp and the next one, beside what is known of it.

        A log that keeps to the round minute writes nothing while its clock goes through the same interval again.
        """
        one, other = found[at], found[at + 1]
        if one is None or other is None:
            return True
        gone = self._stamps[at + 1].local - other.offset - (self._stamps[at].local - one.offset) - by
        return gone >= -_FALL and (self._interval is None or gone <= self._latest + self._interval)

    def _set_unseen(self, found: Sequence[Known | None], end: int) -> int:
        """The newest stamp before `end` behind which the log of a fixed interval lost its pace for good; else −1.

        One record that came late is made good by those beside it. Where they keep the new pace, the clock was set.
        """
        if self._interval is None:
            return -1
        for at in range(end - 2, -1, -1):
            if found[at] is not None and not self._keeps_pace(at, found):
                return at
        return -1

    def _keeps_pace(self, at: int, found: Sequence[Known | None]) -> bool:
        if not (self._stamps[at].ordinary and self._stamps[at + 1].ordinary):
            return True
        return any(
            self._in_pace(at, at + 1 + more, found) or self._in_pace(at - more, at + 1, found)
            for more in range(_NEAR + 1)
        )

    def _in_pace(self, begin: int, end: int, found: Sequence[Known | None]) -> bool:
        """So many intervals lie between these two as there are records."""
        if begin < 0 or end >= len(self._stamps) or self._interval is None:
            return False
        first, last = found[begin], found[end]
        if first is None or last is None or not all(each.ordinary for each in self._stamps[begin : end + 1]):
            return False
        shown = self._stamps[end].local - self._stamps[begin].local
        late = shown - (last.offset - first.offset) - (end - begin) * self._interval
        return abs(late) <= max(_BUSY, min(self._interval / _PART, _LATER))

    def _join(self, before: int, after: int, apart: int, found: list[Known | None]) -> None:
        """What the older mark differs by from what the newer one says of it, a clock goes wrong by little by little."""
        begin, end = self._stamps[before].local, self._stamps[after].local
        agree = abs(apart) <= self._drift(range(before, after))
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
        since = self._stamps[at].local - known.offset + (self._stamps[at + 1].changed or 0)
        by = self._change(at, next((each for each in self._shifts if since + min(0, each.by) < each.at <= until), None))
        return None if by is None else known._replace(offset=known.offset - by)

    def _newer(self, at: int, known: Known) -> Known | None:
        """What the clock was at the next stamp, by what it was at this one."""
        since = self._stamps[at].local - known.offset
        until = self._stamps[at + 1].local - known.offset - (self._stamps[at + 1].changed or 0)
        by = self._change(at, next((each for each in self._shifts if since < each.at <= until - min(0, each.by)), None))
        return None if by is None else known._replace(offset=known.offset + by)

    def _change(self, at: int, shift: Shift | None) -> int | None:
        """By how much the clock was put forward between this stamp and the next one; None where nobody knows."""
        old, new = self._stamps[at], self._stamps[at + 1]
        step, told = new.local - old.local, new.changed or 0
        if new.interrupted or old.lost or new.changed == 0:
            return None
        if told and (shift is None or abs(told - shift.by) <= _BUSY):
            return told if step - told >= -_FALL else None
        candidates = (told,) if shift is None else (told, told + shift.by)
        plausible = [by for by in candidates if self._plausible(at, step - by)]
        return plausible[0] if len(plausible) == 1 else None

    def _plausible(self, at: int, step: int) -> bool:
        """Whether so much time may lie between this stamp and the next one."""
        if self._interval is None:
            return step >= -_FALL
        ordinary = self._stamps[at].ordinary and self._stamps[at + 1].ordinary
        earliest = min(self._interval / 2, self._interval - _BUSY) if ordinary else -_FALL
        return max(earliest, -_FALL) <= step <= self._latest

    @property
    def _latest(self) -> float:
        """Milliseconds between two records of a log of a fixed interval that missed none."""
        return 0 if self._interval is None else max(_LATE * self._interval, self._interval + _BUSY)


def _forget(places: range, found: list[Known | None]) -> None:
    """What is known of the stamps within."""
    for at in range(places.start + 1, places.stop):
        found[at] = None
