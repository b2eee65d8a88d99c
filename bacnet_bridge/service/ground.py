"""What every act of an operator stands on: the outbox, delivery that can be made to stand still, and the clock."""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Protocol

import structlog

from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import Queue, Retry
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.outbox.sqlite import SqliteOutbox

_log = structlog.get_logger()


class Courier(Protocol):
    """What acts need of delivery: `wattics/operated.py`."""

    def still(self, queues: Collection[Queue]) -> AbstractAsyncContextManager[None]: ...
    async def retry(self, queue: Queue, within: float) -> None: ...
    def forget(self, queue: Queue, platform_has: int | None = None) -> None: ...
    def held(self, queue: Queue, why: str) -> None: ...
    def doubt(self, queue: Queue, instant: int) -> None: ...


class NoCourier:
    """No service runs: nothing is under way."""

    def still(self, _queues: Collection[Queue]) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def retry(self, _queue: Queue, within: float) -> None: ...
    def forget(self, _queue: Queue, platform_has: int | None = None) -> None: ...
    def held(self, _queue: Queue, why: str) -> None: ...
    def doubt(self, _queue: Queue, instant: int) -> None: ...


class Ground:
    """Of one id and address one act goes on at a time; those of others go on beside it, and share their commits."""

    def __init__(self, outbox: SqliteOutbox, clock: Clock, courier: Courier) -> None:
        self.outbox, self.clock, self.courier = outbox, clock, courier
        self._busy: set[tuple[str, str]] = set()
        self._freed = asyncio.Event()

    @asynccontextmanager
    async def still(self, *queues: Queue) -> AsyncIterator[None]:
        """Nothing of the queues is under way, and no other act."""
        ids = {(queue.account.address, queue.id) for queue in queues}
        while self._busy & ids:
            await self._freed.wait()
        self._busy |= ids
        try:
            async with self.courier.still(queues):
                yield
        finally:
            self._busy -= ids
            self._freed.set()
            self._freed = asyncio.Event()

    async def state(self, queue: Queue) -> QueueState:
        return of(await self.outbox.states(queue), queue)

    async def sent_until(self, queue: Queue, but: Queue | None = None) -> int:
        """The latest instant that may have been sent of this id to this address, by us or by another sender; or 0.

        `but`: one queue does not count.
        """
        known = [
            instant
            for state in await self.outbox.states(queue)
            if state.queue != but
            for instant in (state.fence, state.held_after)
            if instant is not None
        ]
        return max(known, default=0)

    async def check_order(self, source: QueueState, target: Queue) -> None:
        """Raises BridgeError where packets would come after later ones of their id (guarantee 2)."""
        sent = await self.sent_until(target, but=source.queue)
        if source.oldest is not None and source.oldest <= sent:
            raise BridgeError(
                f"meter {target.id}: packets up to {text(sent)} were sent already, and the platform would discard "
                f"those of meter {source.queue.id} that are not later, from {text(source.oldest)} on. They stay"
            )

    def held(self, state: QueueState) -> bool:
        return state.held_until is not None and state.held_until > self.clock.wall()

    def check_may_leave(self, state: QueueState) -> None:
        """Raises BridgeError: what collects must not be sent by another way."""
        meter = state.queue.id
        if not state.waiting:
            raise BridgeError(f"nothing of meter {meter} waits for account {state.queue.account.credentials}")
        if state.unproven:
            raise BridgeError(f"meter {meter} is not proven whole: `outbox recover` or `outbox abandon` it first")
        if self.held(state):
            raise BridgeError(f"meter {meter} is on hold: `outbox release` it first. {state.retry.reason}")

    async def begin_anew(self, state: QueueState) -> None:
        """What was refused has left: the next head is tried at once, unless the queue is on hold."""
        if not self.held(state):
            await self.outbox.postpone(state.queue, Retry())
            self.courier.forget(state.queue)


def find(states: Sequence[QueueState], queue: Queue) -> QueueState | None:
    return next((state for state in states if state.queue == queue), None)


def of(states: Sequence[QueueState], queue: Queue) -> QueueState:
    state = find(states, queue)
    if state is None:
        raise BridgeError(f"no packet was ever put for meter {queue.id} and account {queue.account.credentials}")
    return state


def text(instant: int) -> str:
    return moment_of(instant).isoformat()


def told(event: str, queue: Queue, **facts: object) -> None:
    _log.warning(event, meter=queue.id, account=queue.account.credentials, **facts)
