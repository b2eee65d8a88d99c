"""A local day's sum: due = accepted + waiting + set aside + holes. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.ledger.days import span
from bacnet_bridge.vocabulary import slots
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid


@dataclass(frozen=True, slots=True)
class Entry:
    """The meter was due on this grid's slots later than `since`, up to and with `until` (None: still is)."""

    since: int
    until: int | None
    grid: Grid
    zone: str

    def due(self, day: str, upto: int) -> range:
        """The entry's slots on this local date, none later than `upto`."""
        local = span(day, self.zone)
        return self.between(local.start - 1, min(local.stop - 1, upto))

    def between(self, after: int | None, upto: int) -> range:
        """The entry's slots later than `after` (None: all), up to and with `upto`."""
        since = self.since if after is None else max(self.since, after)
        return slots.due(self.grid, since, upto if self.until is None else min(upto, self.until))


@dataclass(frozen=True, slots=True)
class BookedRange:
    """The slots from `first` to `last`, both included, have no packet, and this is why."""

    first: int
    last: int
    reason: HoleReason
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The day's packets by what became of them: those on due slots, and all those that are not (`extra`).

    `healed` and `pushed` are parts of `accepted`, `extra_accepted` one of `extra`.
    """

    accepted: int = 0
    waiting: int = 0
    set_aside: int = 0
    extra: int = 0
    healed: int = 0
    pushed: int = 0
    extra_accepted: int = 0


def day_count(meter: str, day: str, due: Sequence[range], tally: Tally, booked: Iterable[BookedRange]) -> DayCount:
    """Guarantee 6: balanced whatever the ranges say. Packets beyond what was due count as extra."""
    total = sum(map(len, due))
    waiting = min(tally.waiting, total)
    set_aside = min(tally.set_aside, total - waiting)
    accepted = min(tally.accepted, total - waiting - set_aside)
    counted = accepted + waiting + set_aside
    surplus = tally.accepted + tally.waiting + tally.set_aside - counted
    pushed = min(tally.pushed, accepted)
    details = _details(due, booked, total - counted)
    reasons: Counter[HoleReason] = Counter()
    for (reason, _), count in details.items():
        reasons[reason] += count
    return DayCount(
        meter=meter,
        day=day,
        due=total,
        accepted=accepted,
        waiting=waiting,
        set_aside=set_aside,
        extra=tally.extra + surplus,
        reasons=dict(reasons),
        details=details,
        healed=min(tally.healed, accepted - pushed),
        pushed=pushed,
        extra_accepted=tally.extra_accepted + tally.accepted - accepted,
    )


def _details(due: Sequence[range], booked: Iterable[BookedRange], holes: int) -> Mapping[tuple[HoleReason, str], int]:
    """The holes by reason and detail: a slot's latest booking counts, what nobody explained is STOPPED.

    More explained slots than holes means that some got a packet all the same: the commonest explanation yields.
    """
    by_slot: dict[int, tuple[HoleReason, str]] = {}
    for each in booked:
        for entry in due:
            for slot in _clipped(entry, each.first, each.last):
                by_slot[slot] = each.reason, each.detail
    counts = Counter(by_slot.values())
    for _ in range(counts.total() - holes):
        counts[counts.most_common(1)[0][0]] -= 1
    counts[HoleReason.STOPPED, ""] += holes - counts.total()
    return {explained: count for explained, count in counts.items() if count}


def _clipped(due: range, first: int, last: int) -> range:
    """The slots of `due` from `first` to `last`."""
    if not due:
        return due
    below = max(0, -((due.start - first) // due.step))
    above = max(0, (last - due.start) // due.step + 1)
    return due[below:above]
