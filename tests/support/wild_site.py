"""A site that lives through anything: schedule, outbox, ledger and delivery on driven time, killed and opened again.

The list of what was put, attempted and set aside is kept here, outside the product; `judge` compares.
"""

import asyncio
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import SecretStr

from bacnet_bridge.clock import moment_of
from bacnet_bridge.database import Database
from bacnet_bridge.errors import BridgeError, OutboxError
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.model import Account, Meter, Origin, Packet, Point, PropertyRef, Queue, Reading
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.schedule.credibility import ClockMode, Credibility
from bacnet_bridge.schedule.jobs import Schedule
from bacnet_bridge.service.acts import acts
from bacnet_bridge.service.collect import Collector
from bacnet_bridge.service.due import Due
from bacnet_bridge.service.ground import Ground
from bacnet_bridge.simulator.platform_faults import Behaviour, Faults
from bacnet_bridge.simulator.platform_record import Book
from bacnet_bridge.simulator.platform_server import Desk
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.deliver import Courier
from tests.support.clock import NOON, DrivenClock, settle
from tests.support.wire import Weather, Wire

T = TypeVar("T")
ADDRESS: Final = "https://localhost/measurements/v2/unifiedjson/"
ACCOUNTS: Final = (Account(ADDRESS, "first"), Account(ADDRESS, "second"))
PASSWORD: Final = "correct"
METERS: Final = ("a", "b", "c")
INTERVAL: Final = 300
BEGIN: Final = NOON + 1_000


class BrokenDiskError(OutboxError):
    """The disk failed on purpose."""


class MortalDatabase(Database):
    """Counts what is under way; fails as told; once dead, nothing that is asked of it happens."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, MIGRATIONS)
        self._count = 0
        self.idle = asyncio.Event()
        """Nothing is under way. Waited for: a loop that looks again and again keeps the threads from working."""
        self.idle.set()
        self.failing = 0
        self.dead = False

    async def write(
        self,
        change: Callable[[sqlite3.Connection], T],
        then: Callable[[bool], None] | None = None,
        **how: Any,
    ) -> T:
        fails, self.failing = self.failing > 0, max(0, self.failing - 1)

        def broken(connection: sqlite3.Connection) -> T:
            result = change(connection)
            if fails:
                raise BrokenDiskError
            return result

        if self.dead:
            await asyncio.Event().wait()
        with self._under_way():
            return await super().write(broken, then, **how)

    async def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        if self.dead:
            await asyncio.Event().wait()
        with self._under_way():
            return await super().read(query)

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        self._count += 1
        self.idle.clear()
        try:
            yield
        finally:
            self._count -= 1
            if not self._count:
                self.idle.set()


@dataclass(frozen=True, slots=True)
class Gathering:
    readings: Sequence[Reading]
    memory: Mapping[str, str] = field(default_factory=dict)
    unsent: Mapping[str, str] = field(default_factory=dict)


class Counting:
    """A device that answers each reading with another number."""

    def __init__(self) -> None:
        self._count = 0

    async def read(self, meter: Meter, memory: Mapping[str, str]) -> Gathering:  # noqa: ARG002  as a Reader has it
        self._count += 1
        return Gathering([Reading(point, 0, Decimal(self._count)) for point in meter.points])


@dataclass
class Known:
    """What the outside knows of one meter."""

    put: dict[int, str] = field(default_factory=dict)
    aside: set[int] = field(default_factory=set)
    doubtful: int = 0
    """Events after which its head may be sent again though it is stored: kills, acts on a packet under way."""


class WildSite:
    """Ends and begins as often as told; the platform and the list outlive it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = DrivenClock(BEGIN)
        self.ahead = 0
        """Milliseconds by which wall time is not the true one."""
        self.synchronised = True
        self.book, self.faults = Book(lambda: None), Faults()
        users = {account.credentials: PASSWORD for account in ACCOUNTS}
        self.desk = Desk(Behaviour(users=users), self.faults, self.book)
        secrets = {account: Credentials(account.credentials, SecretStr(PASSWORD)) for account in ACCOUNTS}
        self.wire = Wire(self.desk, self.clock, secrets)
        self.known: defaultdict[str, Known] = defaultdict(Known)
        self.account = ACCOUNTS[0]
        self.meters = [
            Meter(name, name, n, (Point("value", PropertyRef(ObjectId(0, 1))),), INTERVAL, "UTC", 60)
            for n, name in enumerate(METERS)
        ]
        self.lives = self._filled = 0
        self.asked: set[int] = set()
        """Instants whose put may not be confirmed, because a kill comes between."""
        self.pruned: defaultdict[str, set[int]] = defaultdict(set)

    # a life, as `service/bridge.py` wires it

    async def begin(self) -> None:
        self.lives += 1
        self.database = MortalDatabase(self.folder / "outbox.db")
        await self.database.start()
        self.outbox = SqliteOutbox(self.database, self.clock)
        await self.outbox.start()
        self.ledger = SqliteLedger(self.database)
        self.credibility = Credibility(self.clock, ClockMode.SYSTEM, lambda: self.synchronised)
        self.due = Due(self.ledger, self.clock, self.credibility.credible)
        self.collector = Collector(Counting(), self.outbox, self.ledger, self.clock, {"default": self.account})
        self.schedule = Schedule(self.clock, self.collector.collect, self.collector.book, self._may_stamp)
        began = self.clock.boot()
        for meter in self.meters:
            self.schedule.add(meter, self.due.grid(meter), await self.ledger.accounted(meter.id), began)
        self.courier = Courier(self.outbox, self.wire, self.clock, limit=2, draw=lambda: 0.5)
        ground = Ground(self.outbox, self.clock, self.courier.operated)
        self.commands = acts(ground, lambda: {account.credentials: account for account in ACCOUNTS})
        works = (self.courier.run(), self.due.write(self.meters, began, whole=True))
        self.tasks = [asyncio.ensure_future(work) for work in works]
        await self.quiet()

    def _may_stamp(self) -> bool:
        return self.due.written and self.credibility.credible()

    async def end(self) -> None:
        """As after SIGTERM."""
        stopping = asyncio.ensure_future(self.courier.stop(5.0))
        while not stopping.done():
            await self.advance(1)
        await self.bury()

    async def kill(self) -> None:
        """As after SIGKILL: what was not handed to the disk before is not; requests under way are never answered."""
        self.database.dead = True
        self.wire.answered = lambda: None
        await self.bury()
        self._adopt()
        for meter in METERS:
            waiting = {instant for instant, (state, _) in self._file(meter).items() if state == 0}
            sent_again = len(waiting & self.book.stream(meter).stored.keys())
            assert sent_again <= 1, f"{meter}: {sent_again} packets are stored and will be sent again"
            self.known[meter].doubtful += sent_again

    def _adopt(self) -> None:
        """A put that nobody lived to confirm may have happened or not: only the file knows."""
        for meter in METERS:
            known = self.known[meter]
            for instant, (_, body) in self._file(meter).items():
                if instant in self.asked:
                    known.put.setdefault(instant, body)
        self.asked.clear()

    async def bury(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.database.close()

    async def quiet(self) -> None:
        """Nothing moves any more unless time does."""
        while True:
            await settle()
            if self.database.dead or self.database.idle.is_set():
                return
            await self.database.idle.wait()

    async def advance(self, seconds: float) -> None:
        """As `DrivenClock.advance`, and the disk keeps up."""
        await self.quiet()
        end = self.clock.monotonic() + seconds
        while (left := end - self.clock.monotonic()) > 1e-9:
            wake = self.clock.next_wake
            await self.clock.advance(left if wake is None else min(wake, left))
            await self.quiet()

    # what happens to it

    async def slot(self) -> None:
        """Time passes to the next slot, and every alarm rings."""
        now = self.clock.wall()
        await self.advance(INTERVAL - (now // 1000 - 5) % INTERVAL)
        for meter in self.meters:
            ringing = asyncio.ensure_future(self.schedule.tick(meter.id))
            await self.quiet()
            assert ringing.done()
            collected = self.collector.latest.get(meter.id)
            if collected is not None and isinstance(collected.outcome, Packet):
                self.learn(collected.outcome)
        await self.quiet()

    def learn(self, packet: Packet) -> None:
        """Its put was confirmed."""
        assert packet.instant <= self.true + 120_000, "a packet from the future"
        known = self.known[packet.queue.id].put
        assert known.setdefault(packet.instant, packet.body) == packet.body, "an instant is put once"

    @property
    def true(self) -> int:
        return self.clock.wall() - self.ahead

    def queue(self, meter: str, account: Account | None = None) -> Queue:
        return Queue(account or self.account, meter)

    def packet(self, meter: str, instant: int, value: int, account: Account) -> Packet:
        text = moment_of(instant).isoformat(timespec="milliseconds")
        body = f'{{"id":"{meter}","tsISO8601":"{text}","value":{value}.25}}'
        return Packet(self.queue(meter, account), instant, text[:10], body, Origin.HEALED)

    async def done(self, doing: Coroutine[Any, Any, T]) -> T | OutboxError:
        """An operator's act while everything runs; what it gives, or its refusal."""
        try:
            return await self.sure(doing)
        except OutboxError as error:
            return error

    async def sure(self, doing: Coroutine[Any, Any, T]) -> T:
        """The same, of what is not refused."""
        act = asyncio.ensure_future(doing)
        await self.quiet()
        assert act.done(), "an act ends without time passing"
        return act.result()

    def step(self, seconds: int) -> None:
        self.clock.step(seconds)
        self.ahead += seconds * 1000
        self.synchronised = False

    def set_right(self) -> None:
        self.clock.step(-self.ahead / 1000)
        self.ahead, self.synchronised = 0, True

    def behave(self, **changes: Any) -> None:
        self.desk.behaviour = self.desk.behaviour.model_copy(update=changes)

    def password(self, account: Account, *, right: bool) -> None:
        users = {**self.desk.behaviour.users, account.credentials: PASSWORD if right else "another"}
        self.behave(users=users)

    async def killed_at_the_next_answer(self) -> None:
        """The platform has stored it; the commit never comes."""

        def die() -> None:
            self.database.dead = True

        self.wire.answered = die
        await self._slot_begins(200)
        await self.kill()

    async def killed_in_a_slot(self, turns: int) -> None:
        """So many turns of the event loop after its alarms rang."""
        await self._slot_begins(turns)
        await self.kill()

    async def _slot_begins(self, turns: int) -> None:
        now = self.clock.wall()
        await self.clock.advance(INTERVAL - (now // 1000 - 5) % INTERVAL)
        self.asked = {self.clock.wall() // (INTERVAL * 1000) * INTERVAL * 1000}
        self.tasks += [asyncio.ensure_future(self.schedule.tick(meter.id)) for meter in self.meters]
        for _ in range(turns):
            await asyncio.sleep(0)
            if turns > 100:
                await self.quiet()
        if turns > 100 and not self.database.dead:
            await self.advance(1)

    async def act(self, command: str, **question: Any) -> Mapping[str, Any] | None:
        """An operator's command, as the control socket hands it on; it waits for attempts under way. None: refused."""
        doing = asyncio.ensure_future(self.commands[f"outbox {command}"](question))
        for _ in range(70):
            await self.quiet()
            if doing.done():
                break
            await self.advance(1)
        try:
            answer: Mapping[str, Any] = await doing
        except BridgeError:
            return None
        return answer

    async def hold(self, meter: str, lasts: int) -> None:
        for queue in await self._queues(meter):
            await self.act("hold", queue=queue, until=self.clock.wall() + lasts * 1000, why="a test")

    async def fill(self, meter: str, back: int) -> None:
        """A slot that passed without a packet, if the queue takes it."""
        state = next(iter(await self._states(meter)), None)
        if state is None or state.last_put is None:
            return
        self._filled += 1
        packet = self.packet(meter, state.last_put - back, self._filled, state.queue.account)
        if packet.instant >= BEGIN and not isinstance(await self.done(self.outbox.fill(packet)), OutboxError):
            self.learn(packet)

    async def release(self, meter: str) -> None:
        for queue in await self._queues(meter):
            await self.act("release", queue=queue)

    async def skip(self, meter: str) -> None:
        """The head is set aside, as long as it is the one that was seen."""
        for state in await self._states(meter):
            skipped = await self.act("skip", queue=state.queue, instant=state.oldest or 0, why="a test")
            if skipped is not None and state.oldest is not None:
                self.known[meter].aside.add(state.oldest)

    async def abandon(self, meter: str) -> None:
        for queue in await self._queues(meter):
            before = self._file(meter)
            gone = await self.act("abandon", queue=queue, why="a test")
            now = self._file(meter)
            aside = {instant for instant, (state, _) in now.items() if state == 2 and before[instant][0] == 0}
            assert len(aside) == (0 if gone is None else gone["aside"])
            self.known[meter].aside |= aside

    async def reassign(self, meter: str, account: Account) -> None:
        for queue in await self._queues(meter):
            if queue.account != account:
                await self.act("reassign", queue=queue, to=account.credentials)

    async def _queues(self, meter: str) -> list[Queue]:
        return [state.queue for state in await self._states(meter)]

    async def calm(self) -> None:
        """Everything outside is as it should be."""
        self.database.failing = 0
        self.faults.clear()
        self.behave(latest=True)
        for account in ACCOUNTS:
            self.password(account, right=True)
        self.wire.turn(Weather.FINE)
        self.set_right()
        await self.advance(20)

    async def heal(self) -> None:
        """And people end the holds; given time, all leaves."""
        await self.calm()
        for meter in METERS:
            await self.release(meter)
        for _ in range(24):
            if not any(state.waiting for state in await self.outbox.states()):
                return
            await self.advance(900)

    async def _states(self, meter: str) -> list[QueueState]:
        return [state for state in await self.outbox.states() if state.queue.id == meter]

    def totals(self) -> dict[str, int]:
        """For people."""
        return {
            "packets": sum(len(known.put) for known in self.known.values()),
            "attempts": self.book.attempts,
            "lives": self.lives,
            "unknown outcomes": sum(self.wire.unknown.values()) + sum(each.doubtful for each in self.known.values()),
            "duplicates": sum(self.wire.copies.values()),
            "set aside": sum(len(known.aside) for known in self.known.values()),
        }

    # the judgement

    def look(self) -> None:
        """What must hold at every moment."""
        assert self.wire.most_at_once <= 1, "two requests of one meter were under way together"
        assert not self.book.malformed, self.book.malformed
        for meter, stream in self.book.streams.items():
            known = self.known[meter]
            assert not stream.discarded, f"{meter}: discarded {stream.discarded}"
            assert stream.stored.items() <= known.put.items(), f"{meter}: stored what was never put"
            allowed = self.wire.unknown[meter] + known.doubtful
            copies = self.wire.copies[meter]
            assert copies <= allowed, f"{meter}: {copies} of {stream.duplicates} for {allowed} unknown outcomes"

    async def audit(self, *, drained: bool = False) -> None:
        """Guarantees 1 and 6: the file beside the list, and the ledger's sums beside both."""
        self.look()
        counts = {meter: await self._counted(meter) for meter in METERS}
        for meter in METERS:
            known, stored = self.known[meter], self.book.stream(meter).stored
            rows = await self._rows(meter)
            assert rows.keys() == known.put.keys(), f"{meter}: lost or invented {rows.keys() ^ known.put.keys()}"
            by_state = Counter(rows.values())
            aside = {instant for instant, state in rows.items() if state == 2}
            assert aside == known.aside, f"{meter}: set aside {aside ^ known.aside}"
            accepted = {instant for instant, state in rows.items() if state == 1}
            assert accepted <= stored.keys(), f"{meter}: accepted what the platform has not"
            assert counts[meter] == tuple(by_state[state] for state in (0, 1, 2)), meter
            if drained:
                assert by_state[0] == 0, f"{meter}: {by_state[0]} packets do not leave"
                assert known.put.keys() - known.aside <= stored.keys(), f"{meter}: lost"

    async def _rows(self, meter: str) -> dict[int, int]:
        """Instant → state, those pruned included."""

        def query(connection: sqlite3.Connection) -> dict[int, int]:
            return dict(
                connection.execute(
                    "SELECT instant, state FROM packet JOIN queue ON queue.id = packet.queue WHERE meter = ?", (meter,)
                )
            )

        found = await self.sure(self.database.read(query))
        return {**dict.fromkeys(self.pruned[meter], 1), **found}

    async def prune(self) -> None:
        """All that was accepted is forgotten."""
        rows = {meter: await self._rows(meter) for meter in METERS}
        await self.done(self.outbox.prune(self.clock.wall() + 10**12))
        for meter in METERS:
            self.pruned[meter] |= {instant for instant, state in rows[meter].items() if state == 1}

    async def _counted(self, meter: str) -> tuple[int, int, int]:
        """Waiting, accepted and set aside, over all days; each day's sum balanced."""
        accounted = next(each.accounted or 0 for each in self.schedule.snapshot() if each.meter == meter)
        last = max(accounted, *self.known[meter].put, 0)
        waiting = accepted = aside = 0
        for day in sorted({moment_of(at).date().isoformat() for at in (*self.known[meter].put, BEGIN)}):
            count = await self.sure(self.ledger.day(meter, day, last))
            assert count.due == count.accepted + count.waiting + count.set_aside + sum(count.reasons.values())
            assert min(count.due, count.holes, *count.reasons.values(), 0) == 0
            waiting, accepted = waiting + count.waiting, accepted + count.accepted
            aside += count.set_aside
            assert count.extra == 0
        return waiting, accepted, aside

    def _file(self, meter: str) -> dict[int, tuple[int, str]]:
        """Instant → state and body, read without the product, which is dead."""
        with closing(sqlite3.connect(f"file:{self.folder / 'outbox.db'}?mode=ro", uri=True)) as file:
            rows = file.execute(
                "SELECT instant, state, body FROM packet JOIN queue ON queue.id = packet.queue WHERE meter = ?",
                (meter,),
            )
            return {instant: (state, body) for instant, state, body in rows}
