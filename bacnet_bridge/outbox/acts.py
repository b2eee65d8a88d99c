"""What an operator does to a queue by command: each in one transaction, recorded, nothing deleted."""

import sqlite3
from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import partial

from bacnet_bridge.errors import FencedError, OutboxError
from bacnet_bridge.model import Account, Packet, Queue, Retry
from bacnet_bridge.outbox import moving, rows
from bacnet_bridge.outbox.contract import SetAside
from bacnet_bridge.outbox.order import QueueOrder
from bacnet_bridge.outbox.stored import StoredOrders


class OperatorActs:
    """The part of `contract.Outbox` that commands use."""

    _orders: StoredOrders

    async def set_aside_until(self, queue: Queue, until: int, why: str, at: int, expected: int | None = None) -> int:
        order = self._orders.by_queue.get(queue)
        return 0 if order is None else await self._aside(order, until, why, at, expected=expected)

    async def abandon(self, queue: Queue, why: str, at: int) -> int:
        order = self._orders.order(queue)
        return await self._aside(order, _tail(order), why, at, proven=True)

    async def recover(self, queue: Queue, why: str, at: int, fence: int | None = None) -> int:
        return await self._aside(self._orders.order(queue), fence, why, at, proven=True)

    async def reassign(self, queue: Queue, account: Account) -> int:
        target = Queue(account, queue.id)
        return await self._transfer(queue, target, moving.reassign)

    async def move(self, queue: Queue, meter: str, rename: Callable[[str], str]) -> int:
        order = self._orders.by_queue.get(queue)
        if order is not None and order.last_accepted is not None:
            raise FencedError(
                f"meter {queue.id} had packets accepted, the last at {order.last_accepted}: its id is none that was "
                "mistyped. Its packets stay"
            )
        target = Queue(queue.account, meter)
        return await self._transfer(queue, target, partial(moving.move, meter=meter, rename=rename))

    async def waiting(self, queue: Queue, after: int | None = None, limit: int = 1000) -> Sequence[Packet]:
        order = self._orders.by_queue.get(queue)
        if order is None:
            return []
        first = 0 if after is None else bisect_right(order.instants, after)
        wanted = list(order.rows[first : first + limit])
        return await self._orders.database.read(partial(_packets, queue=queue, wanted=wanted))

    async def packets_set_aside(self, queue: Queue) -> Sequence[SetAside]:
        order = self._orders.by_queue.get(queue)
        if order is None:
            return []
        return await self._orders.database.read(partial(moving.aside, queue=queue, row=order.row))

    async def _aside(
        self,
        order: QueueOrder,
        until: int | None,
        why: str,
        at: int,
        *,
        proven: bool = False,
        expected: int | None = None,
    ) -> int:
        """The packets up to `until` leave, and the fence is there; `proven`: the queue sends from now on."""
        await self._orders.settled(order)
        instants = [] if until is None else list(order.instants[: bisect_right(order.instants, until)])
        packets = list(order.rows[: len(instants)])
        if expected not in {None, len(instants)}:
            raise OutboxError(
                f"meter {order.queue.id}: {len(instants)} packets wait up to {until}, and {expected} were to be set "
                "aside; none was"
            )

        def change(connection: sqlite3.Connection) -> None:
            if until is not None:
                moving.set_aside_until(connection, order.row, packets, until, why, at)
            if proven:
                moving.prove(connection, order.row)

        def then(done: bool) -> None:
            if done and until is not None:
                order.fence = until if order.fence is None else max(order.fence, until)
            if done and proven:
                order.unproven = ""

        await self._orders.leave_all(order, instants, change, then)
        return len(instants)

    async def _transfer(self, queue: Queue, to: Queue, how: Callable[..., None]) -> int:
        """All that waits goes to another queue; neither gives a head meanwhile."""
        source = self._orders.by_queue.get(queue)
        if source is None or to == queue:
            return 0
        await self._orders.settled(source)
        if not source.instants:
            return 0
        target = self._orders.order(to)
        instants, packets = list(source.instants), list(source.rows)
        target.check_taking(instants)
        unknown = not target.stored
        transfer = partial(how, source=source.row, target=target.row, packets=packets, until=instants[-1])

        def change(connection: sqlite3.Connection) -> None:
            if unknown:
                rows.insert_queue(connection, target.row, to, target.unproven)
            transfer(connection)

        def then(done: bool) -> None:
            target.coming.difference_update(instants)
            target.holding -= 1
            if done:
                target.stored = True
                source.retry = Retry()
                target.take(instants, packets)
                self._orders.waits_again(len(instants))

        target.coming.update(instants)
        target.holding += 1
        await self._orders.leave_all(source, instants, change, then, adds=True)
        return len(instants)


def _tail(order: QueueOrder) -> int | None:
    return order.instants[-1] if order.instants else None


def _packets(connection: sqlite3.Connection, queue: Queue, wanted: Sequence[int]) -> list[Packet]:
    found = (rows.packet(connection, queue, row) for row in wanted)
    return [packet for packet in found if packet is not None]
