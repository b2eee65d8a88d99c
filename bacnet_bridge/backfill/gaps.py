"""Which holes a log can heal: stretches of due slots without a packet. Pure; instants are UTC milliseconds."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Protocol

from bacnet_bridge.vocabulary.holes import HoleReason

HEALABLE: Final = frozenset({HoleReason.SILENT, HoleReason.LATE, HoleReason.OVERLAP, HoleReason.STOPPED})
"""The bridge did not get to see the value, while the device may have logged it. A value that was seen and refused, a
clock that is not credible, a full outbox: no log mends these, and a lasting fault must not hold a meter for ever."""
LEAST: Final = 2
"""Slots in a row: holding a queue costs more than a single value is worth."""
_LOG_INTERVALS: Final = 2
SHORTEST_WAIT: Final = 15 * 60_000
LONGEST_WAIT: Final = 6 * 3_600_000
"""Milliseconds that a gap may be waited for, at least, and for a slow log at most."""


class Booked(Protocol):
    """A range of slots with the reason why they have no packet, both ends included: the ledger's."""

    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...
    @property
    def reason(self) -> HoleReason: ...


@dataclass(frozen=True, slots=True)
class Gap:
    """Slots in a row, on one grid, that a log can heal."""

    slots: range

    @property
    def first(self) -> int:
        return self.slots[0]

    @property
    def last(self) -> int:
        return self.slots[-1]


def find(
    due: Sequence[range], packets: Collection[int], booked: Iterable[Booked], fence: int | None, known: Iterable[range]
) -> list[Gap]:
    """The gaps of a meter, in order: its due slots later than its queue's fence that have no packet.

    `packets` are the instants of all its packets later than the fence, whatever became of them; `booked` is in the
    order of booking, of which a slot's latest counts; what nobody explains is STOPPED. `known` are the gaps that were
    found before: a slot of theirs is never found twice, so that each gap is waited for once.
    """
    reasons = list(booked)
    before = list(known)
    found = []
    for entry in due:
        open_slots = [
            slot
            for slot in entry
            if (fence is None or slot > fence)
            and slot not in packets
            and _reason(slot, reasons) in HEALABLE
            and not any(gap.start <= slot < gap.stop for gap in before)
        ]
        found += [Gap(run) for run in _runs(open_slots, entry.step) if len(run) >= LEAST]
    return sorted(found, key=lambda gap: gap.first)


def deadline(now: int, log_intervals: Iterable[int | None], at_least: int = SHORTEST_WAIT) -> int:
    """The instant up to which a gap is waited for: two intervals of the slowest of its logs, and at least 15 minutes.

    None is a log without an interval, which writes what changes. Whatever a device says of its intervals, live packets
    wait for six hours at most, or for `at_least`.
    """
    slowest = max((interval or 0 for interval in log_intervals), default=0)
    return now + max(min(_LOG_INTERVALS * slowest, LONGEST_WAIT), at_least)


def _reason(slot: int, booked: Sequence[Booked]) -> HoleReason:
    latest = (each.reason for each in reversed(booked) if each.first <= slot <= each.last)
    return next(latest, HoleReason.STOPPED)


def _runs(slots: Sequence[int], step: int) -> Iterator[range]:
    """Slots that follow each other, put together."""
    if not slots:
        return
    begin = slots[0]
    for slot, following in pairwise(slots):
        if following - slot != step:
            yield range(begin, slot + 1, step)
            begin = following
    yield range(begin, slots[-1] + 1, step)
