"""The outbox's contract: what every backend keeps, and the one contract test (tests/outbox/contract.py) proves.

A queue is an append-only row of packets, ordered by instant. Its **fence** is the latest instant that was
accepted, set aside or possibly attempted; what is put must be later than the fence and, for live packets, later
than the tail. A **hold** makes the queue collect while nothing leaves, so that `fill` may put between fence and
tail. All instants are UTC milliseconds; order is theirs alone, never the text's.

Guarantee 1, nothing lost: every method that changes something returns only after its commit is on disk.
Guarantee 2, nothing out of order: `head` is the only door out, gives at most one packet per queue at a time, and
the next only after the previous one's acceptance is committed.

A caller that is cancelled while it waits does not take its change back: it is committed, or refused, as if the
caller still waited. All raise OutboxError where the file cannot be written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

from bacnet_bridge.model import AcceptedBy, Account, Packet, Queue, Retry
from bacnet_bridge.vocabulary.gaps import Stage

Holder = NewType("Holder", str)
"""Opaque proof of a lease; SQLite, which belongs to one process, ignores it. A cluster's backend checks it."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """A queue at a glance."""

    queue: Queue
    waiting: int
    oldest: int | None
    fence: int | None
    last_put: int | None
    last_accepted: int | None
    held_until: int | None
    """The hold's deadline; None where the queue is not on hold."""
    retry: Retry
    held_after: int | None = None
    """Where the hold's gap begins: fills must be later."""
    unproven: str = ""
    """Why it cannot be proven whole after damage: it collects, and nothing leaves until `recover` or `abandon`."""
    heals: bool = False
    """It is on hold for gaps that a log is waited for, and for nothing else."""


@dataclass(frozen=True, slots=True)
class NewGap:
    """Slots that a log is to be waited for, first and last included, and until when."""

    first: int
    last: int
    deadline: int


@dataclass(frozen=True, slots=True)
class StoredGap:
    """Slots that a log is, or was, waited for, first and last included; none of them is ever waited for again."""

    queue: Queue
    first: int
    last: int
    stage: Stage
    """Never FOUND: it is stored with the packet that ends it."""
    found: int
    deadline: int
    resumed: int
    """The packet that ended it."""
    before: Mapping[str, str]
    after: Mapping[str, str]
    """The points' memories as committed before that packet, and with it."""
    healed: int = 0
    """Slots that were filled."""
    why: str = ""
    """Why slots of it stay holes."""
    damaged: bool = False
    """Its row is not what was written: the memories are not known, and it cannot be filled."""


@dataclass(frozen=True, slots=True)
class Horizon:
    """Of one id, over all accounts: the latest instant that was sent or may have been, and those that wait."""

    sent: int | None
    waiting: frozenset[int]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A packet that an operator set aside: when, and in which words why."""

    packet: Packet
    at: int
    why: str


class Outbox(Protocol):
    """The site's one door to the platform."""

    def allot(self, shares: Mapping[str, int]) -> None:
        """How many packets each meter may have waiting, by its id; a share that is not used is lent to others.

        What a quota refuses is new; nothing that waits is dropped. A meter without a share has no limit.
        """

    def room(self, queue: Queue) -> int | None:
        """How many more packets may wait in the queue as things stand, by quota; None: no limit."""

    async def put(self, packet: Packet, memory: Mapping[str, str] | None = None, holder: Holder | None = None) -> None:
        """Append a packet behind the tail; its points' memory commits in the same transaction (guarantee 4).

        Raises FencedError (instant not later than fence and tail), OutboxFullError (QuotaError: by quota).
        """

    async def put_and_hold(
        self,
        queue: Queue,
        after: int,
        deadline: int,
        packet: Packet | None = None,
        memory: Mapping[str, str] | None = None,
        holder: Holder | None = None,
    ) -> None:
        """Put the queue on hold until `deadline` (an instant) or `release`, and append `packet`, in one transaction.

        `after` is where the gap begins; fills must be later than it and than the fence. An attempt that is
        under way, or may have been, raises the fence to its instant first. A hold that is there already is replaced.
        Raises as `put`; then no hold either.
        """

    async def put_after_gaps(
        self,
        gaps: Sequence[NewGap],
        packet: Packet,
        memory: Mapping[str, str] | None = None,
        holder: Holder | None = None,
    ) -> None:
        """As `put`, and the queue is on hold for these gaps, which `packet` ends, in one transaction.

        They are stored as HELD, with the memories before and with the packet. The hold is from the earliest open gap's
        first slot on, until the latest deadline. One that somebody else set stays as it is, and outlives the gaps.
        Raises as `put`; then no hold and no gap either.
        """

    async def fill(self, packet: Packet, holder: Holder | None = None) -> None:
        """Put a packet into a queue on hold, anywhere later than its fence; later than the tail, it is the new tail.

        Raises FencedError: no hold (or its deadline is past), not later than fence and `after`, or the instant is
        there already. Raises OutboxFullError.
        """

    async def complete(self, packet: Packet, holder: Holder | None = None) -> None:
        """Replace the body of a waiting packet of a queue on hold: it gained fields.

        Raises FencedError: no hold, no packet of this instant waits, or it was possibly attempted as it was.
        """

    async def mend(
        self,
        queue: Queue,
        fills: Sequence[Packet],
        completed: Sequence[Packet],
        holder: Holder | None = None,
        *,
        gap: int | None = None,
        why: str = "",
    ) -> None:
        """As `fill` and `complete`, for a whole gap in one transaction: all of it is committed, or nothing.

        A difference's fills have what its completed packet has no more. `gap` is the first slot of the held gap that
        is FILLED with this; `why` says why slots of it stay holes. With the last one of the queue the hold ends, if it
        is theirs. Raises as these do, and FencedError where the gap is not held any more; then nothing is changed.
        """

    async def give_up(self, queue: Queue, gap: int, why: str, holder: Holder | None = None) -> None:
        """The held gap with that first slot stays holes; with the last one of the queue the hold ends, if it is theirs.

        Raises FencedError where it is not held any more.
        """

    async def release(self, queue: Queue, holder: Holder | None = None, *, gaps: bool = True) -> None:
        """End the hold, whosesoever it is; its gaps are RELEASED. A queue that is not on hold is left as it is.

        `gaps`: False leaves those that have time left to their log: the queue is on hold for them from here on.
        """

    async def head(self, queue: Queue, holder: Holder | None = None) -> Packet | None:
        """The oldest waiting packet, to be attempted now: from here on the fence covers its instant.

        None: nothing waits, or the queue is on hold and its deadline is not past (a hold whose deadline is past
        ends here, durably, and its gaps with it, first), or it is unproven. Asking again gives the same one; while an
        acceptance is being committed, waits. Raises DamagedError where the packet is not what was put.
        """

    async def accept(
        self, packet: Packet, by: AcceptedBy, at: int, holder: Holder | None = None, *, patience: float = 0.0
    ) -> None:
        """The platform has it: fence, removal from the waiting, the day's count and the retry state commit together.

        It may take `patience` seconds longer than it must, so that other acceptances share its commit.

        Only the head can be accepted. Raises NotWaitingError where the packet left before or was never put (the
        message tells an acceptance), OutboxError where another one is the head.
        """

    async def postpone(self, queue: Queue, retry: Retry) -> None:
        """Remember when and why the head is attempted next."""

    async def set_aside(self, packet: Packet, why: str, at: int, holder: Holder | None = None) -> None:
        """An operator's explicit act: the packet stays recorded and is never sent. Raises NotWaitingError."""

    async def set_aside_until(self, queue: Queue, until: int, why: str, at: int, expected: int | None = None) -> int:
        """Set aside all waiting packets up to and with that instant, in one transaction; how many they were.

        An operator's explicit act, as `set_aside`: `export --move` does it once the copy is safe. Raises OutboxError,
        and sets none aside, where they are not as many as `expected`.
        """

    async def abandon(self, queue: Queue, why: str, at: int) -> int:
        """Set aside all that waits; what is put from now on is sent, also where the queue was unproven."""

    async def recover(self, queue: Queue, why: str, at: int, fence: int | None = None) -> int:
        """An operator takes what is left of an unproven queue for whole: it is sent again.

        `fence` is what the platform has as the latest; what waits at or before it is set aside. How many these were.
        """

    async def reassign(self, queue: Queue, account: Account) -> int:
        """Give what waits to another account, in one transaction; how many packets that were.

        Raises FencedError where one is not later than that account's fence for this id, or is there already.
        """

    async def move(self, queue: Queue, meter: str, rename: Callable[[str], str]) -> int:
        """Give what waits to another id; `rename` gives a body its new one. For a mistyped id. How many packets.

        Raises FencedError where something of the queue was ever accepted; and as `reassign`.
        """

    async def waiting(self, queue: Queue, after: int | None = None, limit: int = 1000) -> Sequence[Packet]:
        """The first packets that wait, in order, later than `after`. To look at: nothing is claimed."""

    async def packets_set_aside(self, queue: Queue) -> Sequence[SetAside]:
        """What operators set aside and did not forget, by instant."""

    async def memory(self, meter: str) -> dict[str, str]:
        """The memories of a meter's points as last committed, by `Point.key`."""

    def horizon(self, meter: str) -> Horizon:
        """What was sent of the id, and what waits, over all accounts: between them is what can be filled."""

    async def gaps(self, meter: str) -> Sequence[StoredGap]:
        """All gaps of the id that are kept, whatever became of them, in order."""

    async def gaps_waited_for(self, meters: Sequence[str] | None = None) -> Sequence[StoredGap]:
        """Those that are HELD, of these ids, or of all."""

    async def states(self, like: Queue | None = None) -> Sequence[QueueState]:
        """Every queue that ever held a packet or was on hold; with `like`, those of its address and id.

        Each is as it is at one moment; of thousands not all at the same.
        """

    async def news(self, seen: int) -> tuple[int, Sequence[QueueState]]:
        """The new count of `wait_for_put`, and the states of the queues that it told of since `seen`.

        With them those of the same ids. More may be among them; -1 as `seen` gives all. What else changes is no news.
        """

    async def wait_for_put(self, seen: int) -> int:
        """Return once a put, fill, release or setting aside was committed since the count `seen`.

        Gives the new count; -1 as `seen` gives it at once. A hold's deadline is not announced: see `held_until`.
        """

    async def prune(self, before: int) -> int:
        """Forget packets accepted before that instant; their counts stay. Gives how many they were.

        And gaps that were found before it, once something later was sent.
        """
