"""Which holes a log can heal: stretches of due slots without a packet. Pure; instants are UTC milliseconds."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from bacnet_bridge.vocabulary.bookings import latest
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
_LOWEST: Final = -(2**63)


class Booked(Protocol):
    """A range of slots with the reason why they have no packet, both ends included: the ledger's."""

    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...
    @property
    def reason(self) -> HoleReason: ...


class Waited(Protocol):
    """A gap that was held before: the outbox's."""

    @property
    def last(self) -> int: ...
    @property
    def deadline(self) -> int: ...
    @property
    def healed(self) -> int: ...


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
    taken = [(instant, instant) for instant in packets]
    taken += [(each.first, each.last) for each in latest(list(booked)) if each.booking.reason not in HEALABLE]
    taken += [(gap.start, gap.stop - 1) for gap in known]
    if fence is not None:
        taken.append((_LOWEST, fence))
    taken.sort()
    found = [Gap(run) for entry in due for run in _without(entry, taken) if len(run) >= LEAST]
    return sorted(found, key=lambda gap: gap.first)


def deadline(now: int, log_intervals: Iterable[int | None], at_least: int = SHORTEST_WAIT) -> int:
    """The instant up to which a gap is waited for: two intervals of the slowest of its logs, and at least 15 minutes.

    None is a log without an interval, which writes what changes. Whatever a device says of its intervals, live packets
    wait for six hours at most, or for `at_least`.
    """
    slowest = max((interval or 0 for interval in log_intervals), default=0)
    return now + max(min(_LOG_INTERVALS * slowest, LONGEST_WAIT), at_least)


def shared(own: int, before: Iterable[Waited], sent: int | None, newest: int | None) -> int:
    """The deadline of a new gap: its own, or that of an earlier one with which it is one outage.

    They are one as long as neither anything later than the earlier one was sent, nor anything was read since its
    deadline: `sent` is the latest packet that may have been sent, `newest` the latest that was read. So a bridge that
    crashes again and again before it sends is late by one deadline, not by one for each start; and where it is the
    platform that is away, a gap of the next day has a deadline of its own.
    """
    pending = [
        each.deadline
        for each in before
        if not each.healed and (sent is None or sent <= each.last) and (newest is None or newest <= each.deadline)
    ]
    return min([own, *pending])


def _without(slots: range, taken: Iterable[tuple[int, int]]) -> Iterator[range]:
    """What lies between these ranges, which are in order; one that covers no slot parts nothing."""
    begin = 0
    for first, last in taken:
        before, through = _earlier(slots, first), _earlier(slots, last + 1)
        if through > max(begin, before):
            yield slots[begin : max(begin, before)]
            begin = through
    yield slots[begin:]


def _earlier(slots: range, instant: int) -> int:
    """How many of them are earlier than that."""
    return min(len(slots), max(0, -((slots.start - instant) // slots.step)))
