"""Holds for gaps: from the packet that ends one to the fill, or to the deadline. Each step is one transaction.

Guarantee 2: nothing newer leaves before a gap is filled or given up. A crash at any moment goes on from the step that
was committed, with the deadline that was set with the hold and never again.
"""

# ruff: noqa: ARG002 - `holder` is part of the contract; a file that belongs to one process needs no lease

import sqlite3
from collections.abc import Mapping, Sequence
from functools import partial

from bacnet_bridge.clock import Clock
from bacnet_bridge.database import Database
from bacnet_bridge.model import Packet, Queue
from bacnet_bridge.outbox import gap_rows, rows
from bacnet_bridge.outbox.contract import Holder, Horizon, NewGap, StoredGap
from bacnet_bridge.outbox.gap_rows import Holding
from bacnet_bridge.outbox.order import QueueOrder
from bacnet_bridge.outbox.stored import Change, StoredOrders, Then
from bacnet_bridge.vocabulary.gaps import ENDED, Stage


class GapHolds:
    """The part of `contract.Outbox` that healing uses."""

    _database: Database
    _clock: Clock
    _orders: StoredOrders

    async def put_after_gaps(
        self,
        gaps: Sequence[NewGap],
        packet: Packet,
        memory: Mapping[str, str] | None = None,
        holder: Holder | None = None,
    ) -> None:
        order, now = self._orders.order(packet.queue), self._clock.wall()
        order.check_put(packet.instant)
        self._orders.check_others(order, packet.instant)
        fence = order.fence

        def hold(connection: sqlite3.Connection) -> None:
            if fence is not None:
                rows.raise_fence(connection, order.row, fence)
            before = rows.memory(connection, packet.queue.id)
            rows.remember(connection, packet.queue.id, memory or {})
            after = before | dict(memory or {})
            gap_rows.hold_for(connection, order.row, gaps, packet.instant, now, before, after)

        change, held = self._watched(order, hold)

        def put(done: bool) -> None:
            order.holding -= 1
            held(done)
            if not done:
                self._orders.announce()  # `head` gave nothing meanwhile

        order.holding += 1
        await self._orders.insert(order, packet, None, change, put)

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
        order, now = self._orders.order(queue), self._clock.wall()
        for packet in fills:
            order.check_fill(packet.instant, now)
            self._orders.check_others(order, packet.instant)
        replaced = [(order.check_complete(packet.instant, now), packet) for packet in completed]

        def complete(connection: sqlite3.Connection) -> None:
            for row, packet in replaced:
                rows.replace_body(connection, row, packet)
            if gap is not None:
                gap_rows.told(connection, order.row, gap, Stage.FILLED, len(fills), why)

        change, mended = self._ending(order, complete)
        await self._orders.insert_all(order, fills, change, mended)

    async def give_up(self, queue: Queue, gap: int, why: str, holder: Holder | None = None) -> None:
        order = self._orders.order(queue)

        def give_up(connection: sqlite3.Connection) -> None:
            gap_rows.told(connection, order.row, gap, Stage.GIVEN_UP, 0, why)

        await self._orders.commit(order, *self._ending(order, give_up))

    async def release(self, queue: Queue, holder: Holder | None = None, *, gaps: bool = True) -> None:
        order, now = self._orders.by_queue.get(queue), self._clock.wall()
        if order is not None and order.on_hold:
            row = order.row
            end = (
                partial(gap_rows.end, queue=row, why=ENDED) if gaps else partial(gap_rows.give_back, queue=row, now=now)
            )
            await self._orders.commit(order, *self._ending(order, end))

    def horizon(self, meter: str) -> Horizon:
        orders = self._orders.of_meter(meter)
        sent = max((order.fence for order in orders if order.fence is not None), default=None)
        return Horizon(sent, frozenset(instant for order in orders for instant in (*order.instants, *order.coming)))

    async def gaps(self, meter: str) -> Sequence[StoredGap]:
        return await self._database.read(lambda connection: gap_rows.of_meter(connection, meter))

    async def gaps_waited_for(self, meters: Sequence[str] | None = None) -> Sequence[StoredGap]:
        return await self._database.read(lambda connection: gap_rows.waited_for(connection, meters))

    async def _end_overdue(self, order: QueueOrder, now: int) -> None:
        """The hold's deadline is past."""
        ending = self._ending(order, lambda connection: gap_rows.end_overdue(connection, order.row, now))
        await self._orders.commit(order, *ending)

    def _ending(self, order: QueueOrder, change: Change) -> tuple[Change, Then]:
        """`change` may end the hold: fills that come after it are refused until that is known."""
        watched, known = self._watched(order, change)

        def ended(done: bool) -> None:
            order.releasing -= 1
            known(done)
            if done:
                self._orders.announce()

        order.releasing += 1
        return watched, ended

    def _watched(self, order: QueueOrder, change: Change) -> tuple[Change, Then]:
        """Memory takes over the hold that the transaction leaves."""
        left = Holding()

        def watched(connection: sqlite3.Connection) -> None:
            nonlocal left
            change(connection)
            left = gap_rows.holding(connection, order.row)

        def known(done: bool) -> None:
            if done:
                order.hold, order.heals = left.hold, left.heals

        return watched, known
