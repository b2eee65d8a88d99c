"""The service: wires the stages and takes them through their life. `running` reads top to bottom as they start.

They stop in the reverse order: first no new slots and no new attempts, then the network, then the files.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import structlog

from bacnet_bridge import __version__
from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.pacing import Limits
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import Clock, SystemClock
from bacnet_bridge.control.door import Command, open_door
from bacnet_bridge.errors import BridgeError, NetworkError
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.model import Meter
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.outbox.damage import opened_whole
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.packet.wire import local_day, timestamp
from bacnet_bridge.schedule.credibility import ClockMode, Credibility, SiteClock
from bacnet_bridge.schedule.jobs import Schedule
from bacnet_bridge.schedule.kernel import kernel_synchronised
from bacnet_bridge.service.accounts import accounts_of, sessions_of
from bacnet_bridge.service.acts import acts
from bacnet_bridge.service.answers import Answers
from bacnet_bridge.service.collect import Collector
from bacnet_bridge.service.due import Due, wall_at
from bacnet_bridge.service.exchange import Exchanges
from bacnet_bridge.service.extra import Extra
from bacnet_bridge.service.ground import Ground
from bacnet_bridge.service.housekeeping import Housekeeping
from bacnet_bridge.service.live import Live
from bacnet_bridge.service.mapped import load_for, mapped
from bacnet_bridge.service.overview import (
    MeterStatus,
    Overview,
    Seen,
    abandoned,
    delivery_problems,
    gathered,
    meter_status,
)
from bacnet_bridge.service.push import Pusher
from bacnet_bridge.service.timekeeper import Timekeeper
from bacnet_bridge.settings import Settings
from bacnet_bridge.state import StateFolder
from bacnet_bridge.wattics.deliver import Courier, Snapshot, first_of_each_id

GRACE: Final = 10.0
"""Seconds that running readings and requests have to end."""
_FIRST_LOOK: Final = 5.0
"""Seconds that the devices have to be found before the first slots are scheduled; later ones are found in passing."""
_PORT_AGAIN: Final = 30.0
"""Seconds between two tries to open a BACnet port that is not there yet (network card down, address not assigned)."""
_LOOK_EVERY: Final = 60.0
_log = structlog.get_logger()


@asynccontextmanager
async def running(
    settings: Settings, clock: Clock | None = None, again: Callable[[], Settings] | None = None
) -> AsyncIterator["Bridge"]:
    """The service, from the lock on the state folder to the last commit.

    `again` reads the settings again, in a thread: a password that was corrected is tried without a restart.
    Raises SettingsError, StateError and NetworkError (an address that cannot be one) for what cannot heal. A wrong
    mapping, a network card that is down, silent devices and a platform that is away do not stop it: what waits is
    delivered meanwhile.
    """
    state = StateFolder(settings.state)
    state.create()
    async with AsyncExitStack() as stack:
        stack.enter_context(state.locked())
        machine = clock or SystemClock()
        credibility = Credibility(machine, ClockMode(settings.clock), kernel_synchronised)
        site_clock = SiteClock(machine, credibility)

        database, outbox = await opened_whole(state.database, site_clock)
        stack.push_async_callback(database.close)

        bridge = Bridge(settings, state, site_clock, credibility, outbox, SqliteLedger(database))
        await bridge.deliver(stack, again)
        await bridge.read(stack)
        try:
            await stack.enter_async_context(open_door(state.control, bridge.answers))
            _log.info("running", version=__version__, meters=len(bridge.meters), state=str(state.folder))
            yield bridge
        finally:
            _log.info("stopping")
            await bridge.quiesce()
    _log.info("stopped")


class Bridge:
    """The running stages, and what can be asked of them all."""

    def __init__(
        self,
        settings: Settings,
        state: StateFolder,
        clock: SiteClock,
        credibility: Credibility,
        outbox: SqliteOutbox,
        ledger: SqliteLedger,
    ) -> None:
        self._settings, self._clock, self._credibility = settings, clock, credibility
        self._state = state
        self._outbox, self._ledger = outbox, ledger
        self._accounts = accounts_of(settings)
        self._mapped = mapped(settings, state, self._accounts)
        self._port_problem = ""
        self._time = Timekeeper(settings, clock, credibility)
        self._started = self._alarms_set = clock.boot()
        self._housekeeping = Housekeeping(outbox, clock, credibility.credible, settings.room)
        self._due = Due(ledger, clock, credibility.credible)
        self._pusher = Pusher(outbox, clock, self._accounts, state.pushes, credibility.credible)
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def meters(self) -> tuple[Meter, ...]:
        """Those that are read."""
        return self._mapped.meters

    async def deliver(self, stack: AsyncExitStack, again: Callable[[], Settings] | None) -> None:
        """Start the courier: what waits from before leaves at once."""
        waiting = {state.queue.account for state in await self._outbox.states()}
        sessions = sessions_of(self._settings, waiting.union(self._accounts.values()), again)
        stack.push_async_callback(sessions.close)
        self._courier = Courier(self._outbox, sessions, self._clock, limit=self._settings.platform.connections)
        stack.push_async_callback(self._end_tasks)
        self._start(self._courier.run(), "courier")
        self._start(self._housekeeping.run(), "housekeeping")
        if self._settings.clock != "trust":
            self._start(self._time.run(), "clock")

    async def read(self, stack: AsyncExitStack) -> None:
        """Open the BACnet port, find the devices, and set every meter's alarm clock."""
        bacnet = self._settings.bacnet
        identity = Identity(
            bacnet.instance, bacnet.address, bacnet.name, bacnet.vendor_id, bacnet.bbmd, bacnet.bbmd_ttl
        )
        client = Client(identity, bacnet.timeout)
        stack.push_async_callback(client.stop)
        reader = Reader(
            client,
            self._clock,
            bindings=Kept(self._state.bindings),
            pins=Kept(self._state.pins),
            profiles=Kept(self._state.profiles),
            limits=Limits(bacnet.in_flight, bacnet.per_device, bacnet.per_router, bacnet.gap),
        )
        stack.push_async_callback(reader.stop)
        self._reader, self._beside = reader, reader.beside()
        stack.push_async_callback(self._beside.stop)
        self.collector = Collector(reader, self._outbox, self._ledger, self._clock, self._accounts)
        self._exchanges = Exchanges(self._ledger, self._clock, lambda: self.meters, self.collector.remembered)
        await self._exchanges.load()
        self.collector.told = self._exchanges.into
        self.schedule = Schedule(self._clock, self.collector.collect, self.collector.book, self._may_stamp)

        self._start(self._look_after(reader), "devices")
        connecting = self._start(self._connect(client, reader), "bacnet")
        await asyncio.wait({connecting}, timeout=_FIRST_LOOK)
        await self._set_alarms()
        # A mapping that cannot be read takes no meter out of service: its slots stay due.
        writing = self._due.write(self.meters, self._alarms_set, whole=not self._mapped.problem)
        written = self._start(writing, "schedule history")
        if self._credibility.credible():
            await asyncio.wait({written}, timeout=_FIRST_LOOK)
        self._tasks.add(await self.schedule.start())

    async def quiesce(self) -> None:
        """No new slots and no new attempts; those under way end, and are committed."""
        await asyncio.gather(self.schedule.stop(GRACE), self._courier.stop(GRACE))

    async def failed(self) -> None:
        """Wait for a stage to end that never should, and raise why: better to be started anew than to stand still."""
        while True:
            done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                self._tasks.discard(task)
                task.result()

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> "asyncio.Task[None]":
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        return task

    async def _end_tasks(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look_after(self, reader: Reader) -> None:
        """Now and then: try silent devices of which nothing is due, and keep what was learned of all."""
        while True:
            await self._clock.sleep(_LOOK_EVERY)
            reader.try_silent()
            reader.keep_profiles()

    async def _connect(self, client: Client, reader: Reader) -> None:
        """Open the port, waiting for it if need be, and find the devices. A port that is not there may come."""
        while True:
            try:
                await client.start()
                break
            except NetworkError as error:
                if str(error) != self._port_problem:
                    _log.error("no BACnet port yet", error=str(error), again_in_seconds=_PORT_AGAIN)
                self._port_problem = str(error)
                await self._clock.sleep(_PORT_AGAIN)
        self._port_problem = ""
        await reader.warm(self.meters)

    async def _set_alarms(self) -> None:
        accounted = {meter.id: await self._ledger.accounted(meter.id) for meter in self.meters}
        self._alarms_set = self._clock.boot()
        self._outbox.allot({meter.id: math.ceil(self._settings.room / meter.interval) for meter in self.meters})
        for meter in self.meters:
            self.schedule.add(meter, self._due.grid(meter), accounted[meter.id], self._alarms_set)

    def _may_stamp(self) -> bool:
        return self._due.written and self._credibility.credible()

    async def drain(self, seconds: float) -> bool:
        """Begin no new slot; whether all that waits is accepted within so many seconds. For a run that ends itself."""
        self.schedule.stop_scheduling()
        until = self._clock.monotonic() + seconds
        while self._clock.monotonic() < until:
            idle = not any(appointment.running for appointment in self.schedule.snapshot())
            if idle and not any(state.waiting for state in await self._outbox.states()):
                return True
            await self._clock.sleep(0.05)
        return False

    async def overview(self) -> Overview:
        """Everything at a glance. Problems come first in it and are sentences."""
        now = self._clock.wall()
        queues = {state.queue: state for state in await self._outbox.states()}
        started = wall_at(self._clock, self._started)
        delivery = self._courier.snapshot()
        first = first_of_each_id(queues.values())
        mapped = {self.collector.queue(meter): meter for meter in self.meters}
        accounted = {each.meter: each.accounted for each in self.schedule.snapshot()}
        today = await self.count(now)
        meters = tuple(
            meter_status(
                meter,
                Seen(
                    today[meter.id],
                    self.collector.latest.get(meter.id),
                    self.collector.missing[meter.id],
                    queues.get(queue),
                    first.get((queue.account.address, queue.id)),
                    delivery,
                    accounted[meter.id],
                    started,
                    now,
                ),
            )
            for queue, meter in mapped.items()
        )
        return Overview(
            version=__version__,
            now=timestamp(now, self._settings.zone),
            started=timestamp(started, self._settings.zone),
            problems=self._problems(delivery, meters, tuple(queues.values())),
            attention=(*self._reader.attention, *gathered((meter.name, meter.attention) for meter in meters)),
            meters=meters,
            other_queues=abandoned(tuple(queues.values()), mapped),
            exchanges=await self._exchanges.sentences(),
        )

    async def count(self, at: int) -> dict[str, DayCount]:
        """By meter id, the account of its local day that `at` falls on, up to its latest slot that is over."""
        counts = {}
        appointments = {each.meter: each for each in self.schedule.snapshot()}
        for meter in self.meters:
            each = appointments[meter.id]
            upto = 0 if each.accounted is None else each.accounted - each.running
            counts[meter.id] = await self._ledger.day(meter.id, local_day(at, meter.zone), upto)
        return counts

    async def totals(self) -> dict[str, DayCount]:
        """By meter id, everything since the bridge started: for a run of hours that may cross midnight."""
        now = self._clock.wall()
        first, last = await self.count(wall_at(self._clock, self._started)), await self.count(now)
        return {
            meter: count if count.day == first[meter].day else first[meter] + count for meter, count in last.items()
        }

    @property
    def answers(self) -> dict[str, Command]:
        """For the control socket."""
        ground = Ground(self._outbox, self._clock, self._courier.operated)
        asked = Answers(self.overview, self._reader, self._courier.snapshot)
        live = Live(self._beside, self._clock, lambda folder: load_for(self._settings, folder), self._remembered)
        extra = Extra(self.collector, self._outbox, lambda: self.meters, self._is_up_to_date, self._clock)
        told = {"exchange": self._exchanges.answer, "push": self._pusher.answer}
        told |= {"live": live.answer, "send": extra.answer}
        return asked.commands | acts(ground, lambda: self._accounts) | told

    async def _remembered(self, meter: str) -> Mapping[str, str]:
        return self._exchanges.into(meter, await self.collector.remembered(meter))

    def _is_up_to_date(self, meter: Meter, instant: int) -> bool:
        """No slot up to that instant is still to be put. Raises BridgeError where no slot is read at all."""
        if not self._may_stamp():
            raise BridgeError(f"nothing was sent: {self._due.problem or self._time.problem}")
        return self.schedule.is_up_to_date(meter.id, instant)

    def _problems(
        self, delivery: Snapshot, meters: Sequence[MeterStatus], queues: Sequence[QueueState]
    ) -> tuple[str, ...]:
        return tuple(
            filter(
                None,
                (
                    self._mapped.problem,
                    self._port_problem,
                    *self._housekeeping.problems(queues),
                    self._due.problem,
                    self._time.problem,
                    *delivery_problems(delivery, meters),
                ),
            )
        )
