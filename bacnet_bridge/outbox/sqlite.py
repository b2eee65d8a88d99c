"""The outbox of a bridge that stands alone: SQLite for what lasts, `QueueOrder` for what is asked often."""

# ruff: noqa: ARG002 - `holder` is part of the contract; a file that belongs to one process needs no lease

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from bacnet_bridge.clock import Clock
from bacnet_bridge.database import Database
from bacnet_bridge.errors import DamagedError
from bacnet_bridge.model import AcceptedBy, Packet, Queue, Retry
from bacnet_bridge.outbox import gap_rows, rows
from bacnet_bridge.outbox.acts import OperatorActs
from bacnet_bridge.outbox.contract import Holder, QueueState
from bacnet_bridge.outbox.healing import GapHolds
from bacnet_bridge.outbox.late import LatePacket, rows_of_late
from bacnet_bridge.outbox.order import Hold, QueueOrder
from bacnet_bridge.outbox.quota import Quota
from bacnet_bridge.outbox.stored import StoredOrders, nothing

T = TypeVar("T")

_SHOWN_AT_ONCE: Final = 1_000  # queues in one turn of the event loop, so that nothing waits long for thousands
_PRUNED_AT_ONCE: Final = 2_000  # rows looked at in one transaction, so that puts hardly wait for pruning


class SqliteOutbox(OperatorActs, GapHolds):
    """Keeps `contract.Outbox`. `start` comes first; the database is opened and closed by whoever made it."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._orders = StoredOrders(database, clock)

    async def start(self) -> None:
        """Rebuild every queue's order."""
        await self._orders.load()

    async def check(self) -> str:
        """Look through the whole file; what is wrong. Damage stops all sending; the next start salvages the file."""
        self._orders.damage = await self._database.check()
        return self._orders.damage

    def allot(self, shares: Mapping[str, int]) -> None:
        self._orders.quota = Quota(shares)

    def room(self, queue: Queue) -> int | None:
        return self._orders.room(self._orders.order(queue))

    async def put(self, packet: Packet, memory: Mapping[str, str] | None = None, holder: Holder | None = None) -> None:
        order = self._orders.order(packet.queue)
        order.check_put(packet.instant)
        self._orders.check_others(order, packet.instant)
        await self._orders.insert(order, packet, memory)

    async def put_and_hold(
        self,
        queue: Queue,
        after: int,
        deadline: int,
        packet: Packet | None = None,
        memory: Mapping[str, str] | None = None,
        holder: Holder | None = None,
    ) -> None:
        order = self._orders.order(queue)
        if packet is not None:
            order.check_put(packet.instant)
            self._orders.check_others(order, packet.instant)
        fence = order.fence

        def hold(connection: sqlite3.Connection) -> None:
            if fence is not None:
                rows.raise_fence(connection, order.row, fence)
            rows.hold(connection, order.row, after, deadline)

        def held(done: bool) -> None:
            order.holding -= 1
            if done:
                order.hold, order.heals = Hold(after, deadline), False
            else:
                self._orders.announce()  # `head` gave nothing meanwhile

        order.holding += 1
        if packet is None:
            await self._orders.commit(order, hold, held, adds=True)
        else:
            await self._orders.insert(order, packet, memory, hold, held)

    async def fill(self, packet: Packet, holder: Holder | None = None) -> None:
        order = self._orders.order(packet.queue)
        order.check_fill(packet.instant, self._clock.wall())
        self._orders.check_others(order, packet.instant)
        await self._orders.insert(order, packet, None)

    async def complete(self, packet: Packet, holder: Holder | None = None) -> None:
        order = self._orders.order(packet.queue)
        row = order.check_complete(packet.instant, self._clock.wall())
        await self._orders.commit(order, partial(rows.replace_body, row=row, packet=packet), adds=True)

    async def head(self, queue: Queue, holder: Holder | None = None) -> Packet | None:
        order = self._orders.by_queue.get(queue)
        while order is not None and not self._orders.damage:
            if order.hold is not None and self._clock.wall() >= order.hold.deadline:
                await self._end_overdue(order, self._clock.wall())
            while order.leaving:
                await self._database.write(nothing)  # stands in line behind the acceptance
            claimed = order.claim()
            if claimed is None:
                return None
            ready, order.ready = order.ready, None
            if ready is not None and ready[0] == claimed[1]:
                packet: Packet | None = ready[1]
            else:
                packet = await self._database.read(partial(rows.packet, queue=queue, row=claimed[1]))
            if order.claim() == claimed:
                if packet is None:
                    raise DamagedError(f"the packet of meter {queue.id} at {claimed[0]} is not on disk: it is not sent")
                return packet
        return None

    async def accept(
        self, packet: Packet, by: AcceptedBy, at: int, holder: Holder | None = None, *, patience: float = 0.0
    ) -> None:
        order = self._orders.order(packet.queue)
        row = order.check_accept(packet.instant)
        following = order.rows[1] if len(order.rows) > 1 else None
        ready: Packet | None = None

        def accept(connection: sqlite3.Connection) -> None:
            nonlocal ready
            rows.accept(connection, order.row, row, by, at)
            if following is not None:
                with suppress(DamagedError, sqlite3.Error):  # `head` meets it again, and tells
                    ready = rows.packet(connection, order.queue, following)

        def accepted(done: bool) -> None:
            if done:
                order.last_accepted = packet.instant
                order.retry = Retry()
                if following is not None and ready is not None:
                    order.ready = following, ready

        await self._orders.leave(order, packet.instant, accept, accepted, patience=patience)

    async def postpone(self, queue: Queue, retry: Retry) -> None:
        order = self._orders.order(queue)

        def postponed(done: bool) -> None:
            if done:
                order.retry = retry

        await self._orders.commit(order, partial(rows.postpone, queue=order.row, retry=retry), postponed)

    async def set_aside(self, packet: Packet, why: str, at: int, holder: Holder | None = None) -> None:
        order = self._orders.order(packet.queue)
        row = order.check_leave(packet.instant)

        def aside(done: bool) -> None:
            if done:
                self._orders.announce()

        await self._orders.leave(
            order, packet.instant, partial(rows.set_aside, queue=order.row, row=row, why=why, at=at), aside
        )

    async def head_put_at(self, queue: Queue) -> int | None:
        """When the oldest waiting packet was put, whatever its own instant is; None where none waits."""
        order = self._orders.order(queue)
        return await self._database.read(partial(rows.put_at, row=order.rows[0])) if order.rows else None

    @property
    def newest_row(self) -> int:
        """The row that was given to a packet last; 0 before the first."""
        return self._orders.last_row

    async def of_late(self, below: int, many: int, sift: Callable[[list[LatePacket]], T]) -> tuple[int, T]:
        """What `sift` makes, in the reader's thread, of the packets in the newest rows under `below`.

        And which row comes next; 0 after the oldest. To look at, whatever became of them.
        """

        def query(connection: sqlite3.Connection) -> tuple[int, T]:
            following, packets = rows_of_late(connection, below, many)
            return following, sift(packets)

        return await self._database.read(query)

    async def memory(self, meter: str) -> dict[str, str]:
        return await self._database.read(partial(rows.memory, meter=meter))

    async def states(self, like: Queue | None = None) -> Sequence[QueueState]:
        return await self._states(list(self._orders.by_queue.values()) if like is None else self._orders.same_id(like))

    async def news(self, seen: int) -> tuple[int, Sequence[QueueState]]:
        count, orders = self._orders.changed_since(seen)
        return count, await self._states(orders)

    async def _states(self, orders: Sequence[QueueOrder]) -> list[QueueState]:
        found: list[QueueState] = []
        for first in range(0, len(orders), _SHOWN_AT_ONCE):
            if first:
                await asyncio.sleep(0)
            found += [order.state() for order in orders[first : first + _SHOWN_AT_ONCE] if order.stored]
        if self._orders.damage:
            return [replace(state, unproven=self._orders.damage) for state in found]
        return found

    async def wait_for_put(self, seen: int) -> int:
        return await self._orders.count_changes(seen)

    async def prune(self, before: int) -> int:
        """Forget packets accepted before that instant; their counts stay. How many they were."""
        await self._database.write(partial(gap_rows.prune, before=before))
        pruned = 0
        first = await self._database.read(rows.first_row)
        for row in range(first, self._orders.last_row + 1, _PRUNED_AT_ONCE):
            last = row + _PRUNED_AT_ONCE - 1
            pruned += await self._database.write(partial(rows.prune, first=row, last=last, before=before))
        return pruned
