"""Every queue's order in memory, and its way to disk and back.

Every change is checked in memory, handed to the writer in the same breath, and applied to memory when its commit
is known, whether or not its caller still waits. So what memory shows is on disk, commits are gathered from all
callers, and a caller that is cancelled leaves no half-done change: the change happens.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from bacnet_bridge.clock import Clock
from bacnet_bridge.database import Database
from bacnet_bridge.errors import QuotaError
from bacnet_bridge.model import Packet, Queue
from bacnet_bridge.outbox import gap_rows, rows
from bacnet_bridge.outbox.order import Hold, QueueOrder
from bacnet_bridge.outbox.quota import Quota

Change = Callable[[sqlite3.Connection], None]
Then = Callable[[bool], None]


def nothing(_: object) -> None:
    """No change besides; nothing to do then."""


class StoredOrders:
    """The queues of one database. `load` comes first."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self.database = database
        self.clock = clock
        self.quota = Quota()
        self.damage = ""
        """What a look through the whole file found; nothing leaves then."""
        self.by_queue: dict[Queue, QueueOrder] = {}
        self._of_id: dict[str, dict[str, list[QueueOrder]]] = {}
        """By address and meter id."""
        self.last_row = 0
        self._last_queue = 0
        self._doubtful: Mapping[str, str] = {}
        self._waiting = 0
        """Over all queues, those on their way to disk included."""
        self._changes = 0
        self._of_any = 0
        """The latest of the changes that may concern any queue."""
        self._changed = asyncio.Event()

    async def load(self) -> None:
        """Rebuild every queue's order.

        Guarantee 2: the head of a queue that is not on hold counts as attempted, because it may have been; of an id's
        queues for several accounts, the one whose packets go first.
        """
        self.by_queue, self.last_row, self._doubtful = await self.database.read(_load)
        self._of_id = {}
        for order in self.by_queue.values():
            self.same_id(order.queue).append(order)
        self._last_queue = max((order.row for order in self.by_queue.values()), default=0)
        self._waiting = sum(order.waiting for order in self.by_queue.values())

    def order(self, queue: Queue) -> QueueOrder:
        """The queue's order, made if need be."""
        order = self.by_queue.get(queue)
        if order is None:
            self._last_queue += 1
            order = self.by_queue[queue] = QueueOrder(queue, self._last_queue)
            self.same_id(queue).append(order)
            order.unproven = self._doubtful.get(queue.id, self._doubtful.get("", ""))
        return order

    def check_others(self, order: QueueOrder, instant: int) -> None:
        """Guarantee 2 across accounts: the platform sees one row of packets for an id, whoever sends them.

        Raises FencedError where another account's queue of this id has sent this instant or a later one, or holds it.
        """
        for other in self.same_id(order.queue):
            if other is not order:
                other.check_taking([instant])

    def of_meter(self, meter: str) -> list[QueueOrder]:
        """Those of all accounts, at whatever address, with this id."""
        return [order for of_id in self._of_id.values() for order in of_id.get(meter, ())]

    def same_id(self, queue: Queue) -> list[QueueOrder]:
        """Those of all accounts at the queue's address, with its id."""
        return self._of_id.setdefault(queue.account.address, {}).setdefault(queue.id, [])

    async def insert(
        self,
        order: QueueOrder,
        packet: Packet,
        memory: Mapping[str, str] | None,
        besides: Change = nothing,
        then: Then = nothing,
    ) -> None:
        """A packet that passed its check, and its points' memory, in one transaction. Raises QuotaError."""
        if not self.quota.admits(order.queue.id, order.waiting, self._waiting):
            then(False)
            raise QuotaError(
                f"meter {order.queue.id}: {order.waiting} packets wait, which is all the room it has (setting `room`), "
                "and other meters leave none to lend; see why its packets are not accepted"
            )
        self.last_row += 1
        row, at = self.last_row, self.clock.wall()

        def change(connection: sqlite3.Connection) -> None:
            rows.insert_packet(connection, order.row, row, packet, at)
            if memory:
                rows.remember(connection, packet.queue.id, memory)
            besides(connection)

        def inserted(done: bool) -> None:
            order.coming.discard(packet.instant)
            if done:
                order.insert(packet.instant, row)
                self.announce(order)
            else:
                self._waiting -= 1
            then(done)

        order.coming.add(packet.instant)
        self._waiting += 1
        await self.commit(order, change, inserted, adds=True)

    async def insert_all(
        self, order: QueueOrder, packets: Sequence[Packet], besides: Change, then: Then = nothing
    ) -> None:
        """Packets of different instants that passed their check, and what goes with them, in one transaction.

        Raises QuotaError where there is no room for all of them.
        """
        room = self.room(order)
        if room is not None and room < len(packets):
            then(False)
            raise QuotaError(
                f"meter {order.queue.id}: {len(packets)} packets of a gap find room for {room} (setting `room`); see "
                "why its packets are not accepted"
            )
        first, at = self.last_row + 1, self.clock.wall()
        numbered = list(enumerate(packets, first))
        self.last_row += len(packets)

        def change(connection: sqlite3.Connection) -> None:
            for row, packet in numbered:
                rows.insert_packet(connection, order.row, row, packet, at)
            besides(connection)

        def inserted(done: bool) -> None:
            for row, packet in numbered:
                order.coming.discard(packet.instant)
                if done:
                    order.insert(packet.instant, row)
            if done:
                self.announce()
            else:
                self._waiting -= len(packets)
            then(done)

        order.coming.update(packet.instant for packet in packets)
        self._waiting += len(packets)
        await self.commit(order, change, inserted, adds=True)

    async def leave(
        self, order: QueueOrder, instant: int, change: Change, then: Then, *, patience: float = 0.0
    ) -> None:
        """A packet that passed its check stops waiting; `head` gives nothing until that is committed."""

        def left(done: bool) -> None:
            order.leaving.discard(instant)
            if done:
                order.remove(instant)
                self._waiting -= 1
            then(done)

        order.leaving.add(instant)
        await self.commit(order, change, left, patience=patience)

    async def leave_all(
        self, order: QueueOrder, instants: Sequence[int], change: Change, then: Then = nothing, *, adds: bool = False
    ) -> None:
        """As `leave`, for the first packets of a queue, any number of them."""

        def left(done: bool) -> None:
            order.leaving.difference_update(instants)
            if done and instants:
                order.let_go(instants)
                self._waiting -= len(instants)
            then(done)
            self.announce()

        order.leaving.update(instants)
        await self.commit(order, change, left, adds=adds)

    async def commit(
        self, order: QueueOrder, change: Change, then: Then = nothing, *, adds: bool = False, patience: float = 0.0
    ) -> None:
        """Hand the change to the writer; `then` is told whether it was committed, cancelled caller or not."""
        stored = order.stored

        def whole(connection: sqlite3.Connection) -> None:
            if not stored:
                rows.insert_queue(connection, order.row, order.queue, order.unproven)
            change(connection)

        def known(done: bool) -> None:
            order.stored = order.stored or done
            order.ready = None
            then(done)

        await self.database.write(whole, known, adds=adds, patience=patience)

    async def settled(self, order: QueueOrder) -> None:
        """Return once nothing of the queue is on its way to disk: memory shows what a change of many rows will meet."""
        while order.coming or order.leaving:
            await self.database.write(nothing)  # stands in line behind it

    def room(self, order: QueueOrder) -> int | None:
        """How many more packets the queue has room for by quota; None: no limit."""
        return self.quota.room(order.queue.id, order.waiting, self._waiting)

    def waits_again(self, packets: int) -> None:
        """So many of what left one queue wait in another."""
        self._waiting += packets

    async def count_changes(self, seen: int) -> int:
        """Wait until something was announced since the count `seen`; gives the new count."""
        while self._changes <= seen:
            await self._changed.wait()
        return self._changes

    def changed_since(self, seen: int) -> tuple[int, list[QueueOrder]]:
        """The count of changes, and the queues that those since `seen` may concern, with all others of their ids."""
        if self._of_any > seen:
            return self._changes, list(self.by_queue.values())
        ids = [self.same_id(order.queue) for order in self.by_queue.values() if order.announced > seen]
        return self._changes, list(dict.fromkeys(chain.from_iterable(ids)))

    def announce(self, order: QueueOrder | None = None) -> None:
        """Something may leave that could not before: of this queue, or of any."""
        self._changes += 1
        if order is None:
            self._of_any = self._changes
        else:
            order.announced = self._changes
        self._changed.set()
        self._changed = asyncio.Event()


def _load(connection: sqlite3.Connection) -> tuple[dict[Queue, QueueOrder], int, dict[str, str]]:
    """Every queue's order, the largest row number, and the meters whose queues were lost."""
    orders: dict[int, QueueOrder] = {}
    for row, queue, (fence, last_put, last_accepted, after, until), retry, unproven in rows.queues(connection):
        order = orders[row] = QueueOrder(queue, row)
        order.stored = True
        order.fence, order.last_put, order.last_accepted, order.retry = fence, last_put, last_accepted, retry
        order.unproven = unproven
        if after is not None and until is not None:
            order.hold = Hold(after, until)
    add = {row: (order.instants.append, order.rows.append) for row, order in orders.items()}
    for row, instant, packet in rows.waiting(connection):  # a million of them: the power was away
        add_instant, add_row = add[row]
        add_instant(instant)
        add_row(packet)
    for row in gap_rows.healing(connection):
        orders[row].heals = True
    for order in orders.values():
        order.sort()
    for order in _first_of_each_id(orders.values()):
        order.claim()
    return {order.queue: order for order in orders.values()}, rows.last_row(connection), rows.doubtful(connection)


def _first_of_each_id(orders: Iterable[QueueOrder]) -> Iterable[QueueOrder]:
    """Those whose packets may have been attempted: of several accounts' queues for one id, the one with the oldest.

    The others wait behind it (`wattics/deliver.py`), and an operator may still give it to their account.
    """
    first: dict[tuple[str, str], QueueOrder] = {}
    for order in orders:
        key = order.queue.account.address, order.queue.id
        if order.instants and (key not in first or order.instants[0] < first[key].instants[0]):
            first[key] = order
    return first.values()
