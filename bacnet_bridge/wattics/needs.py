"""What delivery needs of the outbox, whose whole contract is in `outbox/contract.py`. The service hands one over."""

from collections.abc import Iterable, Sequence
from typing import Protocol

from bacnet_bridge.model import AcceptedBy, Packet, Queue, Retry


class QueueState(Protocol):
    """A queue, as far as it matters here.

    `oldest` is the first waiting packet's instant, None where none waits; `fence` the latest instant that may have
    been attempted; `last_accepted` the latest that was accepted; `held_until` is an instant, None where the queue is
    not on hold.
    """

    @property
    def queue(self) -> Queue: ...
    @property
    def waiting(self) -> int: ...
    @property
    def oldest(self) -> int | None: ...
    @property
    def fence(self) -> int | None: ...
    @property
    def last_accepted(self) -> int | None: ...
    @property
    def held_until(self) -> int | None: ...
    @property
    def retry(self) -> Retry: ...


class Outbox(Protocol):
    """The door that packets leave by. Its methods raise OutboxError where something cannot be read or committed."""

    async def head(self, queue: Queue) -> Packet | None: ...
    async def accept(self, packet: Packet, by: AcceptedBy, at: int, *, patience: float) -> None: ...
    async def put_and_hold(self, queue: Queue, after: int, deadline: int) -> None: ...
    async def postpone(self, queue: Queue, retry: Retry) -> None: ...
    async def states(self, like: Queue) -> Sequence[QueueState]: ...
    async def news(self, seen: int) -> tuple[int, Sequence[QueueState]]: ...
    async def wait_for_put(self, seen: int) -> int: ...


def first_of_each_id(states: Iterable[QueueState]) -> dict[tuple[str, str], Queue]:
    """By the platform's address and id, the queue whose packets go first: the one with the oldest."""
    first: dict[tuple[str, str], tuple[int, Queue]] = {}
    for state in states:
        if state.oldest is not None:
            key = state.queue.account.address, state.queue.id
            if key not in first or state.oldest < first[key][0]:
                first[key] = state.oldest, state.queue
    return {key: queue for key, (_, queue) in first.items()}
