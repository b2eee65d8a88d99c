"""The outbox of a bridge that stands alone: SQLite for what lasts, `QueueOrder` for what is asked often.

Every change is checked in memory, handed to the writer in the same breath, and applied to memory when its commit
is known, whether or not its caller still waits. So what memory shows is on disk, commits are gathered from all
callers, and a caller that is cancelled leaves no half-done change: the change happens.
"""

# ruff: noqa: ARG002 - `holder` is part of the contract; a file that belongs to one process needs no lease

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from bacnet_bridge.clock import Clock
from bacnet_bridge.database import Database
from bacnet_bridge.model import AcceptedBy, Packet, Queue, Retry
from bacnet_bridge.outbox import rows
from bacnet_bridge.outbox.contract import Holder, QueueState
from bacnet_bridge.outbox.order import Hold, QueueOrder

_PRUNED_AT_ONCE: Final = 2_000  # rows looked at in one transaction, so that puts hardly wait for pruning

_Change = Callable[[sqlite3.Connection], None]
_Then = Callable[[bool], None]


def _nothing(_: object) -> None:
    """No change besides; nothing to do then."""


class SqliteOutbox:
    """Keeps `contract.Outbox`. `start` comes first; the database is opened and closed by whoever made it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._orders: dict[Queue, QueueOrder] = {}
        self._last_queue = self._last_row = 0
        self._changes = 0
        self._changed = asyncio.Event()

    async def start(self) -> None:
        """Rebuild every queue's order.

        Guarantee 2: the head of a queue that is not on hold counts as attempted, because it may have been.
        """
        self._orders, self._last_row = await self._database.read(_load)
        self._last_queue = max((order.row for order in self._orders.values()), default=0)

    async def put(self, packet: Packet, memory: Mapping[str, str] | None = None, holder: Holder | None = None) -> None:
        order = self._order(packet.queue)
        order.check_put(packet.instant)
        await self._insert(order, packet, memory)

    async def put_and_hold(
        self,
        queue: Queue,
        after: int,
        deadline: int,
        packet: Packet | None = None,
        memory: Mapping[str, str] | None = None,
        holder: Holder | None = None,
    ) -> None:
        order = self._order(queue)
        if packet is not None:
            order.check_put(packet.instant)
        fence = order.fence

        def hold(connection: sqlite3.Connection) -> None:
            if fence is not None:
                rows.raise_fence(connection, order.row, fence)
            rows.hold(connection, order.row, after, deadline)

        def held(done: bool) -> None:
            order.holding -= 1
            if done:
                order.hold = Hold(after, deadline)
            else:
                self._announce()  # `head` gave nothing meanwhile

        order.holding += 1
        if packet is None:
            await self._commit(order, hold, held, adds=True)
        else:
            await self._insert(order, packet, memory, hold, held)

    async def fill(self, packet: Packet, holder: Holder | None = None) -> None:
        order = self._order(packet.queue)
        order.check_fill(packet.instant, self._clock.wall())
        await self._insert(order, packet, None)

    async def complete(self, packet: Packet, holder: Holder | None = None) -> None:
        order = self._order(packet.queue)
        row = order.check_complete(packet.instant, self._clock.wall())
        await self._commit(order, partial(rows.replace_body, row=row, body=packet.body), adds=True)

    async def release(self, queue: Queue, holder: Holder | None = None) -> None:
        order = self._orders.get(queue)
        if order is None or not order.on_hold:
            return

        def released(done: bool) -> None:
            order.releasing -= 1
            if done:
                order.hold = None
                self._announce()

        order.releasing += 1
        await self._commit(order, partial(rows.hold, queue=order.row, after=None, deadline=None), released)

    async def head(self, queue: Queue, holder: Holder | None = None) -> Packet | None:
        order = self._orders.get(queue)
        while order is not None:
            if order.hold is not None and self._clock.wall() >= order.hold.deadline:
                await self.release(queue)
            while order.leaving:
                await self._database.write(_nothing)  # stands in line behind the acceptance
            claimed = order.claim()
            if claimed is None:
                return None
            packet = await self._database.read(partial(rows.packet, queue=queue, row=claimed[1]))
            if packet is not None and order.claim() == claimed:
                return packet
        return None

    async def accept(self, packet: Packet, by: AcceptedBy, at: int, holder: Holder | None = None) -> None:
        order = self._order(packet.queue)
        row = order.check_accept(packet.instant)

        def accepted(done: bool) -> None:
            if done:
                order.last_accepted = packet.instant
                order.retry = Retry()

        await self._leave(order, packet.instant, partial(rows.accept, queue=order.row, row=row, by=by, at=at), accepted)

    async def postpone(self, queue: Queue, retry: Retry) -> None:
        order = self._order(queue)

        def postponed(done: bool) -> None:
            if done:
                order.retry = retry

        await self._commit(order, partial(rows.postpone, queue=order.row, retry=retry), postponed)

    async def set_aside(self, packet: Packet, why: str, at: int, holder: Holder | None = None) -> None:
        order = self._order(packet.queue)
        row = order.check_leave(packet.instant)

        def aside(done: bool) -> None:
            if done:
                self._announce()

        await self._leave(
            order, packet.instant, partial(rows.set_aside, queue=order.row, row=row, why=why, at=at), aside
        )

    async def memory(self, meter: str) -> dict[str, str]:
        return await self._database.read(partial(rows.memory, meter=meter))

    async def states(self) -> Sequence[QueueState]:
        return [order.state() for order in self._orders.values() if order.stored]

    async def wait_for_put(self, seen: int) -> int:
        while self._changes <= seen:
            await self._changed.wait()
        return self._changes

    async def prune(self, before: int) -> int:
        """Forget packets accepted before that instant; their counts stay. How many they were."""
        pruned = 0
        first = await self._database.read(rows.first_row)
        for row in range(first, self._last_row + 1, _PRUNED_AT_ONCE):
            last = row + _PRUNED_AT_ONCE - 1
            pruned += await self._database.write(partial(rows.prune, first=row, last=last, before=before))
        return pruned

    def _order(self, queue: Queue) -> QueueOrder:
        order = self._orders.get(queue)
        if order is None:
            self._last_queue += 1
            order = self._orders[queue] = QueueOrder(queue, self._last_queue)
        return order

    async def _insert(
        self,
        order: QueueOrder,
        packet: Packet,
        memory: Mapping[str, str] | None,
        besides: _Change = _nothing,
        then: _Then = _nothing,
    ) -> None:
        """A packet that passed its check, and its points' memory, in one transaction."""
        self._last_row += 1
        row, at = self._last_row, self._clock.wall()

        def change(connection: sqlite3.Connection) -> None:
            rows.insert_packet(connection, order.row, row, packet, at)
            if memory:
                rows.remember(connection, packet.queue.id, memory)
            besides(connection)

        def inserted(done: bool) -> None:
            order.coming.discard(packet.instant)
            if done:
                order.insert(packet.instant, row)
                self._announce()
            then(done)

        order.coming.add(packet.instant)
        await self._commit(order, change, inserted, adds=True)

    async def _leave(self, order: QueueOrder, instant: int, change: _Change, then: _Then) -> None:
        """A packet that passed its check stops waiting; `head` gives nothing until that is committed."""

        def left(done: bool) -> None:
            order.leaving.discard(instant)
            if done:
                order.remove(instant)
            then(done)

        order.leaving.add(instant)
        await self._commit(order, change, left)

    async def _commit(self, order: QueueOrder, change: _Change, then: _Then = _nothing, *, adds: bool = False) -> None:
        """Hand the change to the writer; `then` is told whether it was committed, cancelled caller or not."""
        stored = order.stored

        def whole(connection: sqlite3.Connection) -> None:
            if not stored:
                rows.insert_queue(connection, order.row, order.queue)
            change(connection)

        def known(done: bool) -> None:
            order.stored = order.stored or done
            then(done)

        await self._database.write(whole, known, adds=adds)

    def _announce(self) -> None:
        self._changes += 1
        self._changed.set()
        self._changed = asyncio.Event()


def _load(connection: sqlite3.Connection) -> tuple[dict[Queue, QueueOrder], int]:
    """Every queue's order, and the largest row number."""
    orders: dict[int, QueueOrder] = {}
    for row, queue, (fence, last_put, last_accepted, after, until), retry in rows.queues(connection):
        order = orders[row] = QueueOrder(queue, row)
        order.stored = True
        order.fence, order.last_put, order.last_accepted, order.retry = fence, last_put, last_accepted, retry
        if after is not None and until is not None:
            order.hold = Hold(after, until)
    for row, instant, packet in rows.waiting(connection):
        orders[row].insert(instant, packet)
    for order in orders.values():
        order.claim()
    return {order.queue: order for order in orders.values()}, rows.last_row(connection)
