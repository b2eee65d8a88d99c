"""One meter's alarm clock: which slot to read when it rings, and why others were missed. Pure; no timers here.

All instants and lengths are UTC integer milliseconds, boot time is in seconds.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Final
from zlib import crc32

from bacnet_bridge.model import Meter
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid, due, following

_LARGEST_OFFSET: Final = 5_000


def start_offset(device: int, tolerance: float) -> int:
    """How long after a slot the reading of this device's meters starts: in [0, min(tolerance / 2, 5 s)).

    Drawn from the instance, so that it is the same at every slot and restart, keeps a device's points together,
    and spreads the devices over the event loop and the field bus.
    """
    span = min(tolerance * 500, _LARGEST_OFFSET)
    return int(span * crc32(device.to_bytes(4)) / 2**32)


@dataclass(frozen=True, slots=True)
class Missed:
    """Slots from `first` to `last`, both included, which are not read any more."""

    first: int
    last: int
    reason: HoleReason
    detail: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What a ring asks for: book these as holes, then read that slot."""

    missed: tuple[Missed, ...] = ()
    read: int | None = None


@dataclass(slots=True)
class Alarm:
    """What one meter's alarm clock remembers. Every slot is given out once, as read or as missed, or never.

    `accounted` is the latest slot given out; None: of a meter that was never scheduled, whose first slot is the
    one after `began`. Slots between `accounted` and `began` passed while the bridge did not run: they are not
    explained, which is how the ledger knows them (STOPPED).
    """

    meter: Meter
    grid: Grid
    accounted: int | None
    began: float
    """Boot time of the scheduling's begin: wall time may not have been right yet."""
    offset: int = field(init=False)
    _first: int | None = field(default=None, init=False)
    _doubted: bool = field(default=False, init=False)
    _begun: tuple[int, float] = field(default=(0, 0.0), init=False)
    _busy_until: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        self.offset = start_offset(self.meter.device, self.meter.tolerance)

    @property
    def tolerance(self) -> int:
        return round(self.meter.tolerance * 1000)

    def after(self, now: int, boot: float) -> int:
        """The first slot not given out yet is the one after this instant."""
        return self.accounted if self.accounted is not None else self._beginning(now, boot)

    def settle(self, now: int, boot: float) -> None:
        """Fix, with a credible clock, where in wall time the scheduling began."""
        if self._first is None:
            self._first = self._beginning(now, boot)
            self.accounted = self.after(now, boot)

    def doubt(self) -> None:
        """The clock is not credible: slots that pass from here on are explained by that."""
        self._doubted = True

    def next_slot(self, now: int, boot: float) -> int:
        """The slot that is read next: later than `now`, and than what was given out before a step back."""
        return following(self.grid, max(now, self.after(now, boot)))

    def waits(self, now: int, boot: float) -> bool:
        """Whether the newest slot at `now`, by a credible clock, is still to be given out to be read."""
        slots = due(self.grid, self.after(now, boot), now)
        return bool(slots) and now <= slots[-1] + self.tolerance

    def ring(self, now: int, boot: float, credible: bool) -> Plan:
        """What is due at `now`. The newest slot is read if it is within tolerance; the others are missed.

        While the clock is not credible nothing is given out, because a hole booked in a wrong future would hide
        the slots of years; they are booked as CLOCK when the clock is credible again. A step back of wall time
        gives out nothing twice; a step forward has slots that were missed, never any to read but the newest.
        """
        if not credible:
            self.doubt()
            return Plan()
        self.settle(now, boot)
        slots = due(self.grid, self.after(now, boot), now - self.offset)
        timely = bool(slots) and now <= slots[-1] + self.tolerance
        missed = slots[:-1] if timely else slots
        plan = Plan(self._explained(missed[bisect_right(missed, self._first or 0) :]), slots[-1] if timely else None)
        self.accounted = slots[-1] if slots else self.after(now, boot)
        self._doubted, self._begun = False, (now, boot)
        return plan

    def concluded(self, now: int) -> int | None:
        """Up to here all slots of this grid were given out: up to `now`, or to the latest one where more are due.

        What comes instead of this alarm clock, on whatever grid, begins after it: no slot is lost, or given out twice.
        None: none was ever given out, because the clock was not credible.
        """
        if self.accounted is None or following(self.grid, self.accounted) <= now:
            return self.accounted
        return max(now, self.accounted)

    def freed(self, boot: float) -> None:
        """The reading that `ring` asked for has ended. Elapsed boot time tells until when, whatever wall time did."""
        now, then = self._begun
        self._busy_until = now + round((boot - then) * 1000)

    def _beginning(self, now: int, boot: float) -> int:
        return now - round((boot - self.began) * 1000)

    def _explained(self, slots: range) -> tuple[Missed, ...]:
        if self._doubted:
            return _ranges((slots, HoleReason.CLOCK, "wall time was not confirmed"))
        busy = bisect_right(slots, self._busy_until - self.offset)
        return _ranges(
            (slots[:busy], HoleReason.OVERLAP, "the earlier reading was still running"),
            (slots[busy:], HoleReason.LATE, f"not begun within {self.meter.tolerance:g} s"),
        )


def _ranges(*parts: tuple[range, HoleReason, str]) -> tuple[Missed, ...]:
    return tuple(Missed(slots[0], slots[-1], reason, detail) for slots, reason, detail in parts if slots)
