"""A simulated trend log: what it records as time goes by, and what it answers (clauses 12.25, 12.30, 15.8). Pure.

Instants are UTC integer milliseconds; a record bears the device's local time, in milliseconds read as if it were UTC.
"""

import math
from bisect import insort
from collections import deque
from collections.abc import Callable, Sequence
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from bacnet_bridge.clock import moment_of
from bacnet_bridge.simulator.log_declaration import LogDeclaration, Mishap

_NUMBERS: Final = (1 << 32) - 1
DISABLED, PURGED, INTERRUPTED, ENABLED = 0, 1, 2, None
"""Bits of BACnetLogStatus; a log that was enabled has none."""


class Sample(NamedTuple):
    """What an object shows: the wire's type, the value, the status flags raised by the number of their bit."""

    kind: Literal["real", "double", "unsigned", "enumerated", "boolean", "integer"]
    value: float
    flags: tuple[int, ...] = ()


class Entry(NamedTuple):
    """One record: of samples, None in place of one for a failure; or of a status; or of the clock's change, seconds."""

    number: int
    local: int
    samples: tuple[Sample | None, ...] = ()
    status: tuple[int, ...] | None = None
    changed: float | None = None


class Moment(NamedTuple):
    """From this instant on. `what` sorts those of one instant: the clock is set before anything is recorded."""

    at: int
    what: Literal["1 clock", "2 down", "2 up", "3 failing", "3 mended", "4 disabled", "4 enabled", "5 purged"]
    ahead: int = 0
    """Milliseconds, of a clock that is set."""
    told: bool = True


class DeviceTime:
    """A device's clock, and what became of the device; one for all of its logs."""

    def __init__(self, zone: ZoneInfo, ahead: float) -> None:
        self._zone = zone
        self._ahead = round(1000 * ahead)
        self.moments: list[Moment] = []
        """In order."""

    def happens(self, at: int, mishap: Mishap) -> None:
        """The moments of a mishap that begins at this instant."""
        back = at + round(1000 * mishap.down)
        found = [Moment(at, "5 purged")] if mishap.purged else []
        if mishap.ahead is not None:
            found.append(Moment(back, "1 clock", round(1000 * mishap.ahead), mishap.told and not mishap.down))
        spans: Sequence[tuple[float, Moment, Moment]] = (
            (mishap.down, Moment(at, "2 down"), Moment(back, "2 up", told=mishap.told)),
            (mishap.failing, Moment(at, "3 failing"), Moment(at + round(1000 * mishap.failing), "3 mended")),
            (mishap.disabled, Moment(at, "4 disabled"), Moment(at + round(1000 * mishap.disabled), "4 enabled")),
        )
        for each in (*found, *(moment for seconds, *pair in spans if seconds for moment in pair)):
            insort(self.moments, each)

    def off(self, at: int) -> bool:
        """Whether it is without power."""
        powers = [moment.what for moment in self.moments if moment.at <= at and moment.what.startswith("2")]
        return bool(powers) and powers[-1] == "2 down"

    def ahead(self, at: int) -> int:
        """Milliseconds that its clock is ahead of the right time."""
        set_to = [moment.ahead for moment in self.moments if moment.at <= at and moment.what == "1 clock"]
        return set_to[-1] if set_to else self._ahead

    def local(self, at: int) -> int:
        """What its clock shows, to the hundredth of a second."""
        moment = moment_of(at + self.ahead(at)).astimezone(self._zone)
        offset = moment.utcoffset()
        seconds = 0.0 if offset is None else offset.total_seconds()
        shown = at + self.ahead(at) + round(1000 * seconds)
        return shown - shown % 10


class TrendLog:
    """`samples` says what the logged objects show at an instant; the log goes on from `since`."""

    def __init__(
        self,
        declared: LogDeclaration,
        time: DeviceTime,
        samples: Callable[[int], tuple[Sample, ...]],
        since: int,
    ) -> None:
        self.declared = declared
        self.entries: deque[Entry] = deque()
        self.total = declared.first - 1
        """The newest record's number."""
        self.enabled = True
        self._time = time
        self._samples = samples
        self._step = round(1000 * declared.interval)
        self._at = since - 1
        self._down = self._failing = False
        self._last: tuple[Sample | None, ...] = ()
        self._record(since, status=())

    def advance(self, now: int) -> None:
        """Record what is due up to this instant, whole."""
        moments = [moment for moment in self._time.moments if self._at < moment.at <= now]
        for moment in moments:
            self._ticks(moment.at - 1)
            self._meet(moment)
        self._ticks(now)

    def _ticks(self, until: int) -> None:
        first = (self._at // self._step + 1) * self._step
        self._at = max(self._at, until)
        for at in range(first, until + 1, self._step):
            if self._down or not self.enabled:
                continue
            samples = self._samples(at)
            found: tuple[Sample | None, ...] = (None,) * len(samples) if self._failing else samples
            if self._moved(found):
                self._last = found
                self._record(at, samples=found)

    def _moved(self, found: tuple[Sample | None, ...]) -> bool:
        increment = self.declared.cov_increment
        if increment is None or not self._last or self._last[0] is None or found[0] is None:
            return increment is None or found != self._last
        by = abs(found[0].value - self._last[0].value)
        return math.isnan(by) or by >= increment or found[0].flags != self._last[0].flags

    def _meet(self, moment: Moment) -> None:
        match moment.what:
            case "1 clock" if moment.told and self.enabled:
                by = moment.ahead - self._time.ahead(moment.at - 1)
                self._record(moment.at, changed=by / 1000)
            case "2 down":
                self._down = True
            case "2 up":
                self._down = False
                if moment.told:
                    self._record(moment.at, status=(INTERRUPTED,))
            case "3 failing" | "3 mended":
                self._failing = moment.what == "3 failing"
            case "4 disabled":
                self._record(moment.at, status=(DISABLED,))
                self.enabled = False
            case "4 enabled":
                self.enabled = True
                self._record(moment.at, status=())
            case "5 purged":
                self.entries.clear()
                self._record(moment.at, status=(PURGED,))

    def _record(
        self,
        at: int,
        samples: tuple[Sample | None, ...] = (),
        status: tuple[int, ...] | None = None,
        changed: float | None = None,
    ) -> None:
        if len(self.entries) >= self.declared.buffer:
            if self.declared.stop_when_full:
                self.enabled = False
                return
            self.entries.popleft()
        self.total = self.total % _NUMBERS + 1
        self.entries.append(Entry(self.total, self._time.local(at), samples, status, changed))

    def by_position(self, reference: int, count: int) -> list[Entry]:
        """Positions count from 1. The named one is the first, or where `count` is negative, the last."""
        if not 1 <= reference <= len(self.entries):
            return []
        first, end = (reference - 1, reference - 1 + count) if count > 0 else (reference + count, reference)
        return list(self.entries)[max(0, first) : end]

    def by_sequence(self, reference: int, count: int) -> list[Entry]:
        """As by position, by the record's number."""
        at = next((at for at, entry in enumerate(self.entries, 1) if entry.number == reference), 0)
        return self.by_position(at, count)

    def by_time(self, local: int, count: int) -> list[Entry]:
        """The first one later than the time and those after it; or the last one before it, and those before."""
        if count > 0:
            at = next((at for at, entry in enumerate(self.entries, 1) if entry.local > local), 0)
        else:
            before = [at for at, entry in enumerate(self.entries, 1) if entry.local < local]
            at = before[-1] if before else 0
        return self.by_position(at, count)
