"""What delivery needs of the outbox, whose whole contract is in `outbox/contract.py`. The service hands one over."""

from collections.abc import Sequence
from typing import Protocol

from bacnet_bridge.model import AcceptedBy, Packet, Queue, Retry


class QueueState(Protocol):
    """A queue, as far as it matters here.

    `oldest` is the first waiting packet's instant, None where none waits; `held_until` is an instant, None where the
    queue is not on hold.
    """

    @property
    def queue(self) -> Queue: ...
    @property
    def waiting(self) -> int: ...
    @property
    def oldest(self) -> int | None: ...
    @property
    def held_until(self) -> int | None: ...
    @property
    def retry(self) -> Retry: ...


class Outbox(Protocol):
    """The door that packets leave by. Its methods raise OutboxError where something cannot be read or committed."""

    async def head(self, queue: Queue) -> Packet | None: ...
    async def accept(self, packet: Packet, by: AcceptedBy, at: int) -> None: ...
    async def postpone(self, queue: Queue, retry: Retry) -> None: ...
    async def states(self) -> Sequence[QueueState]: ...
    async def wait_for_put(self, seen: int) -> int: ...
