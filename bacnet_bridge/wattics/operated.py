"""What operators ask of delivery: that a queue stands still while they act on it, that it is tried now, that its
troubles are forgotten. Everything else of an act is the outbox's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager, suppress
from typing import Final

from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import Queue, Retry
from bacnet_bridge.wattics.turns import Lane, Place, Turns
from bacnet_bridge.wattics.verdict import Action

STILL_WITHIN: Final = 60.0
"""Seconds that an act waits for an attempt under way to end."""


class Operated:
    """The lanes as operators reach them. `look` asks for a look at all queues soon.

    Of one id and address one act goes on at a time; whoever acts sees to that.
    """

    def __init__(self, turns: Turns, clock: Clock, look: Callable[[], None]) -> None:
        self._turns, self._clock, self._look = turns, clock, look
        self._turned = asyncio.Event()

    def turn_ended(self) -> None:
        """Some lane's turn, or a comparison, is over."""
        self._turned.set()
        self._turned = asyncio.Event()

    @asynccontextmanager
    async def still(self, queues: Collection[Queue]) -> AsyncIterator[None]:
        """Nothing is under way of these queues, nor of others with their id and address, and nothing begins.

        Guarantee 2: so an act never takes away or gives to another account what is being sent at this moment.
        Raises BridgeError where an attempt does not end in time, or where an acceptance cannot be committed.
        """
        ids = frozenset((queue.account.address, queue.id) for queue in queues)
        self._turns.kept |= ids
        try:
            await self._until_still(queues)
            yield
        finally:
            self._turns.kept -= ids
            self._look()

    async def _until_still(self, queues: Collection[Queue]) -> None:
        lanes = [lane for queue in queues for lane in self._turns.of_id(queue)]
        try:
            async with asyncio.timeout(STILL_WITHIN):
                while any(lane.place is Place.TAKEN for lane in lanes):
                    await self._turned.wait()
        except TimeoutError:
            raise BridgeError(
                f"an attempt is under way and does not end within {STILL_WITHIN:.0f} s; nothing was changed, ask again"
            ) from None
        for lane in lanes:
            if lane.unconfirmed is not None:
                raise BridgeError(
                    f"the platform accepted the head of meter {lane.queue.id}, but the outbox cannot note it: mend the "
                    "disk first; nothing was changed"
                )

    async def retry(self, queue: Queue, within: float) -> None:
        """Let the queue's head be tried now; returns once that is over, or after so many seconds."""
        lane = self._turns.lanes.get(queue)
        if lane is None:
            self._look()
            return
        before = _history(lane)
        lane.due = 0.0
        self._turns.hurry(lane)
        self._look()
        with suppress(TimeoutError):
            async with asyncio.timeout(within):
                while _history(lane) == before:
                    await self._turned.wait()

    def forget(self, queue: Queue, platform_has: int | None = None) -> None:
        """The queue's failures and alarm are over: what is its head now is tried at once.

        `platform_has`: an instant up to which the platform's latest packet is no news any more.
        """
        lane = self._turns.lanes.get(queue)
        if lane is not None:
            lane.retry, lane.alarm, lane.answers, lane.due, lane.unknown_id = Retry(), "", (), 0.0, False
            lane.gate.host.stalled.pop(lane, None)
            if platform_has is not None:
                lane.attempted = max(platform_has, lane.attempted or platform_has)
            if lane.place is Place.WAITING:
                self._turns.rest(lane)
        self._look()

    def held(self, queue: Queue, why: str) -> None:
        """The queue is on hold until people end that: an alarm says so."""
        lane = self._turns.lanes.get(queue)
        if lane is not None:
            lane.alarm, lane.retry = why, Retry(1, 0, why, Action.HOLD)

    def doubt(self, queue: Queue, instant: int) -> None:
        """Another bridge may have sent this packet before: if it is refused, the platform's latest packet decides."""
        lane = self._turns.lanes.get(queue) or self._turns.add(queue, Retry())
        lane.unsure = instant


def _history(lane: Lane) -> tuple[object, ...]:
    return lane.accepted, lane.answers, lane.retry
