"""The ledger's contract: what was due, and what became of it (guarantee 6, never silent).

Per meter and local day: due = accepted + waiting + set aside + holes. *Due* comes from a durable history of the
meter's schedule, so a hole need not be written to exist; what is written is its reason, as a range of slots.
Days are the building's local dates. All instants are UTC milliseconds.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid


@dataclass(frozen=True, slots=True)
class DayCount:
    """One meter's local day. `due == accepted + waiting + set_aside + holes`, always.

    `accepted` is live + healed + pushed. Packets that fall on no due slot are counted in `extra`, outside that sum.
    """

    meter: str
    day: str
    due: int
    accepted: int
    waiting: int
    set_aside: int
    extra: int = 0
    reasons: Mapping[HoleReason, int] = field(default_factory=dict)
    """Holes by reason; what no range explains is STOPPED."""
    details: Mapping[tuple[HoleReason, str], int] = field(default_factory=dict, compare=False)
    """The same by reason and detail: their sum is the holes, too."""
    healed: int = 0
    pushed: int = 0
    """Of `accepted`; the others are live."""
    extra_accepted: int = 0
    """Of `extra`; the others wait or are set aside."""

    @property
    def live(self) -> int:
        return self.accepted - self.healed - self.pushed

    @property
    def missing(self) -> int:
        """Due, and never to be accepted as things stand: the holes, and what an operator set aside."""
        return self.holes + self.set_aside

    @property
    def holes(self) -> int:
        return self.due - self.accepted - self.waiting - self.set_aside

    def __add__(self, other: "DayCount") -> "DayCount":
        """Two days of one meter; bears the later day's name."""
        numbers = ("due", "accepted", "waiting", "set_aside", "extra", "healed", "pushed", "extra_accepted")
        reasons, details = Counter(self.reasons), Counter(self.details)
        reasons.update(other.reasons)
        details.update(other.details)
        summed = {name: getattr(self, name) + getattr(other, name) for name in numbers}
        return replace(self, day=max(self.day, other.day), reasons=dict(reasons), details=dict(details), **summed)


class Ledger(Protocol):
    """Beside the outbox, in the same file, so that an acceptance and its count commit together."""

    async def open(self, meter: str, grid: Grid, zone: str, at: int) -> None:
        """The meter is scheduled on this grid from the slot after `at` on; another grid's entry ends there.

        The same grid and zone continue the open entry: slots passed over since (the bridge was stopped) stay due.
        Entries never overlap: where the clock stepped back, the new one begins where the latest one does or ends.
        """

    async def close(self, meter: str, at: int) -> None:
        """The meter is no longer scheduled after `at`."""

    async def scheduled(self) -> set[str]:
        """The meters whose schedule is open."""

    async def accounted(self, meter: str) -> int | None:
        """The latest slot that has a live packet or a reason; None for a meter that never had either."""

    async def hole(self, meter: str, first: int, last: int, reason: HoleReason, detail: str = "") -> None:
        """Book the reason of the slots from `first` to `last`, both included. A range that goes on is lengthened."""

    async def holes(self, meter: str, holes: Sequence[tuple[int, int, HoleReason, str]]) -> None:
        """As `hole`, for each of them in this order, in one transaction."""

    async def day(self, meter: str, day: str, upto: int) -> DayCount:
        """The day's account; slots later than `upto` are not due yet."""

    async def days(self, wanted: Sequence[tuple[str, str, int]]) -> list[DayCount]:
        """As `day`, for many meters at one moment. Other queries wait for all of them: ask for some hundreds."""

    async def last_hole(self, meter: str) -> tuple[int, HoleReason, str] | None:
        """The latest booked hole: its last slot, reason, detail."""
