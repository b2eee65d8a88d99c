"""One queue's order in memory: which packets wait, what may be put, what may leave. Pure; instants throughout.

What is committed stands in `instants`, `fence`, `last_put`, `hold`; what is on its way to disk in `coming`,
`holding`, `releasing`, `leaving`. A check looks at both, so a later call never relies on a commit that may yet
fail, nor overtakes one that is under way.
"""

from array import array
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from bacnet_bridge.errors import FencedError, NotWaitingError, OutboxError
from bacnet_bridge.model import Packet, Queue, Retry
from bacnet_bridge.outbox.contract import QueueState


@dataclass(frozen=True, slots=True)
class Hold:
    """Nothing leaves; fills later than `after` are taken until `deadline`."""

    after: int
    deadline: int


class QueueOrder:
    """Guarantee 2 is kept here: every check that an instant passes on its way in or out."""

    __slots__ = (
        "announced", "coming", "fence", "heals", "hold", "holding", "instants", "last_accepted", "last_put", "leaving",
        "queue", "ready", "releasing", "retry", "row", "rows", "stored", "unproven",
    )  # fmt: skip

    def __init__(self, queue: Queue, row: int) -> None:
        self.queue = queue
        self.row = row
        self.stored = False
        self.instants = array("q")
        """Of the packets that wait, in order; `rows` are their rows on disk."""
        self.rows = array("q")
        self.fence: int | None = None
        """As durable, raised by what was claimed since."""
        self.last_put: int | None = None
        self.last_accepted: int | None = None
        self.hold: Hold | None = None
        self.heals = False
        """The hold is for gaps, and for nothing else."""
        self.retry = Retry()
        self.coming: set[int] = set()
        self.holding = 0
        self.releasing = 0
        self.leaving: set[int] = set()
        self.ready: tuple[int, Packet] | None = None
        """Row and content of the packet after the one accepted last, as read with that commit and not changed since."""
        self.announced = 0
        """The latest change after which something of it may leave that could not before, as those are counted."""
        self.unproven = ""
        """Why it cannot be proven whole: it collects, and nothing leaves."""

    @property
    def on_hold(self) -> bool:
        """Nothing may leave: on hold, or about to be."""
        return self.hold is not None or self.holding > 0

    @property
    def waiting(self) -> int:
        """The packets that wait, and those on their way to disk."""
        return len(self.instants) + len(self.coming)

    def tail(self) -> int | None:
        """The latest instant put or being put."""
        known = self.coming if self.last_put is None else {self.last_put, *self.coming}
        return max(known, default=None)

    def check_put(self, instant: int) -> None:
        """Raises FencedError unless `instant` is later than fence and tail."""
        if instant <= max(_or_lowest(self.fence), _or_lowest(self.tail())):
            raise FencedError(self._refusal(instant, "not later than what was sent or put before"))

    def check_fill(self, instant: int, now: int) -> None:
        """Raises FencedError unless the queue is on hold and `instant` is new and later than fence and `after`."""
        hold = self._check_hold(instant, now)
        if instant <= max(_or_lowest(self.fence), hold.after):
            raise FencedError(self._refusal(instant, f"not later than the fence and the gap's start {hold.after}"))
        if instant in self.coming or self.find(instant) is not None:
            raise FencedError(self._refusal(instant, "this instant is there already"))

    def check_complete(self, instant: int, now: int) -> int:
        """The row of the waiting packet. Raises FencedError: no hold, not waiting, or possibly attempted."""
        self._check_hold(instant, now)
        row = self.find(instant)
        if row is None:
            raise FencedError(self._refusal(instant, "no packet of this instant waits"))
        if instant <= _or_lowest(self.fence):
            raise FencedError(self._refusal(instant, "it may have been sent as it was"))
        return row

    def check_leave(self, instant: int) -> int:
        """The row of a waiting packet that is to be accepted or set aside. Raises NotWaitingError.

        Raises OutboxError while an earlier call's commit, which may yet fail, is under way.
        """
        if instant in self.leaving:
            raise OutboxError(f"the packet of {self._name()} at {instant} is just leaving: ask again")
        row = self.find(instant)
        if row is None:
            done = "accepted already" if instant == self.last_accepted else "not waiting: it left, or was never put"
            raise NotWaitingError(f"the packet of {self._name()} at {instant} is {done}")
        return row

    def check_accept(self, instant: int) -> int:
        """As `check_leave`, and the packet must be the head: nothing overtakes."""
        row = self.check_leave(instant)
        if row != self.rows[0]:
            raise OutboxError(
                f"the packet of {self._name()} at {instant} is not the head; {self.instants[0]} goes first"
            )
        return row

    def find(self, instant: int) -> int | None:
        """The row of the waiting packet of this instant."""
        place = bisect_left(self.instants, instant)
        return self.rows[place] if place < len(self.instants) and self.instants[place] == instant else None

    def claim(self) -> tuple[int, int] | None:
        """Instant and row of the packet that may be attempted now; the fence covers it from here on."""
        if self.on_hold or self.unproven or self.leaving or not self.instants:
            return None
        self.fence = max(_or_lowest(self.fence), self.instants[0])
        return self.instants[0], self.rows[0]

    def insert(self, instant: int, row: int) -> None:
        """A packet is committed."""
        place = len(self.instants)
        if place and instant < self.instants[-1]:
            place = bisect_left(self.instants, instant)
        self.instants.insert(place, instant)
        self.rows.insert(place, row)
        self.last_put = max(_or_lowest(self.last_put), instant)

    def sort(self) -> None:
        """What was read in the order of its coming gets that of its instants."""
        instants = self.instants.tolist()
        if instants != sorted(instants):
            merged = sorted(zip(self.instants, self.rows, strict=True))
            self.instants = array("q", (instant for instant, _ in merged))
            self.rows = array("q", (row for _, row in merged))
        if instants:
            self.last_put = max(_or_lowest(self.last_put), self.instants[-1])

    def remove(self, instant: int) -> None:
        """A packet's leaving is committed."""
        place = bisect_left(self.instants, instant)
        del self.instants[place], self.rows[place]
        self.fence = max(_or_lowest(self.fence), instant)

    def check_taking(self, instants: Sequence[int]) -> None:
        """Raises FencedError unless these, in order, are all later than the fence and none is there already."""
        for instant in instants:
            if instant <= _or_lowest(self.fence):
                raise FencedError(self._refusal(instant, "not later than the fence"))
            if instant in self.coming or self.find(instant) is not None:
                raise FencedError(self._refusal(instant, "this instant is there already"))

    def take(self, instants: Sequence[int], rows: Sequence[int]) -> None:
        """Packets of another queue, one or more, are committed here."""
        merged = sorted([*zip(self.instants, self.rows, strict=True), *zip(instants, rows, strict=True)])
        self.instants = array("q", (instant for instant, _ in merged))
        self.rows = array("q", (row for _, row in merged))
        self.last_put = max(_or_lowest(self.last_put), instants[-1])

    def let_go(self, instants: Sequence[int]) -> None:
        """The leaving of these, in order, one or more, is committed."""
        gone = set(instants)
        kept = [(instant, row) for instant, row in zip(self.instants, self.rows, strict=True) if instant not in gone]
        self.instants = array("q", (instant for instant, _ in kept))
        self.rows = array("q", (row for _, row in kept))
        self.fence = max(_or_lowest(self.fence), instants[-1])

    def state(self) -> QueueState:
        """At a glance."""
        return QueueState(
            queue=self.queue,
            waiting=len(self.instants),
            oldest=self.instants[0] if self.instants else None,
            fence=self.fence,
            last_put=self.last_put,
            last_accepted=self.last_accepted,
            held_until=self.hold.deadline if self.hold else None,
            held_after=self.hold.after if self.hold else None,
            retry=self.retry,
            unproven=self.unproven,
            heals=self.heals,
        )

    def _check_hold(self, instant: int, now: int) -> Hold:
        if self.hold is None or self.releasing or now >= self.hold.deadline:
            raise FencedError(self._refusal(instant, "the queue is not on hold"))
        return self.hold

    def _refusal(self, instant: int, why: str) -> str:
        return f"{self._name()} refuses the packet at {instant}: {why} (fence {self.fence}, tail {self.tail()})"

    def _name(self) -> str:
        return f"meter {self.queue.id} (account {self.queue.account.credentials} at {self.queue.account.address})"


def _or_lowest(instant: int | None) -> int:
    """None is earlier than every instant, those before 1970 included."""
    return -(2**63) if instant is None else instant
