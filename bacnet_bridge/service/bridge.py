"""The service: wires the stages and takes them through their life. `running` reads top to bottom as they start.

They stop in the reverse order: first no new slots and no new attempts, then the network, then the files.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import structlog

from bacnet_bridge import __version__
from bacnet_bridge.clock import Clock, SystemClock
from bacnet_bridge.control.door import Command, open_door
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.model import Meter
from bacnet_bridge.outbox.damage import opened_whole
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.schedule.credibility import ClockMode, Credibility, SiteClock
from bacnet_bridge.schedule.jobs import Schedule
from bacnet_bridge.schedule.kernel import kernel_synchronised
from bacnet_bridge.service.accounts import accounts_of, sessions_of
from bacnet_bridge.service.acts import acts
from bacnet_bridge.service.alarming import Alarming
from bacnet_bridge.service.answers import Answers
from bacnet_bridge.service.collect import Collector
from bacnet_bridge.service.editing import Editing
from bacnet_bridge.service.extra import Extra
from bacnet_bridge.service.ground import Ground
from bacnet_bridge.service.history import History
from bacnet_bridge.service.housekeeping import Housekeeping
from bacnet_bridge.service.intake import Intake
from bacnet_bridge.service.live import Live
from bacnet_bridge.service.mapped import begun, load_for
from bacnet_bridge.service.moving import Facts, moving
from bacnet_bridge.service.overview import Overview
from bacnet_bridge.service.push import Pusher
from bacnet_bridge.service.recall import Recall
from bacnet_bridge.service.seeing import Seeing, Stages
from bacnet_bridge.service.showing import Showing
from bacnet_bridge.service.status import status_server
from bacnet_bridge.service.stopping import stopping
from bacnet_bridge.service.timekeeper import Timekeeper
from bacnet_bridge.settings import Settings
from bacnet_bridge.state import StateFolder
from bacnet_bridge.status.server import StatusServer
from bacnet_bridge.wattics.deliver import Courier

GRACE: Final = 10.0
"""Seconds that running readings and requests have to end."""
_log = structlog.get_logger()


@asynccontextmanager
async def running(
    settings: Settings,
    clock: Clock | None = None,
    again: Callable[[], Settings] | None = None,
    finished: asyncio.Event | None = None,
    told: asyncio.Event | None = None,
) -> AsyncIterator["Bridge"]:
    """The service, from the lock on the state folder to the last commit.

    `again` reads the settings again, in a thread: a password that was corrected is tried without a restart.
    `finished` is set by whoever says that the mapping's files are: they are judged at once. `told` is set here where
    the control socket is told to stop.
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
        await bridge.read(stack, finished or asyncio.Event())
        bridge.show()
        try:
            await stack.enter_async_context(open_door(state.control, bridge.answers | stopping(told)))
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
        self._settings, self._state, self._clock, self._credibility = settings, state, clock, credibility
        self._outbox, self._ledger = outbox, ledger
        self._accounts = accounts_of(settings)
        self._mapped = begun(settings, state, self._accounts)
        self.intake = Intake(settings, state, clock, credibility, outbox, ledger, self._accounts, self._mapped.meters)
        self.editing = Editing(
            settings,
            state,
            self._accounts,
            clock,
            self._mapped,
            lambda: self.meters,
            self.intake.over,
            self.intake.may_stamp,
        )
        self._time = Timekeeper(settings, clock, credibility)
        self._started = clock.boot()
        self._housekeeping = Housekeeping(outbox, clock, credibility.credible, settings.room)
        self._pusher = Pusher(outbox, clock, self._accounts, state.pushes, credibility.credible)
        self._status: StatusServer | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def meters(self) -> tuple[Meter, ...]:
        """Those that are read."""
        return self.intake.meters

    @property
    def status_port(self) -> int:
        """Where the status page is; 0 while it is nowhere."""
        return 0 if self._status is None else self._status.port

    async def shown(self) -> int:
        """The status page's port, as soon as it listens; 0 where none is wanted."""
        if self._status is not None:
            await self._status.listening.wait()
        return self.status_port

    @property
    def _stages(self) -> Stages:
        return Stages(
            self._clock,
            self._credibility,
            self._outbox,
            self._ledger,
            self.intake,
            self.editing,
            self._time,
            self._housekeeping,
            self._courier.snapshot,
            self._also,
        )

    def _also(self) -> Iterator[str]:
        """What else is to be looked at: sentences."""
        yield from self.alarms.problems
        if self._status is not None and self._status.attention:
            yield self._status.attention

    @property
    def schedule(self) -> Schedule:
        return self.intake.schedule

    @property
    def collector(self) -> Collector:
        return self.intake.collector

    async def deliver(self, stack: AsyncExitStack, again: Callable[[], Settings] | None) -> None:
        """Start the courier: what waits from before leaves at once."""
        waiting = {state.queue.account for state in await self._outbox.states()}
        accounts = waiting.union(self._accounts.values())
        sessions = sessions_of(self._settings, accounts, again, self._time.now)
        stack.push_async_callback(sessions.close)
        self._courier = Courier(self._outbox, sessions, self._clock, limit=self._settings.platform.connections)
        self._seeing = Seeing(self._settings, self._stages, self._started)
        self.alarms = self._alarming().watch(self._state, again)
        stack.push_async_callback(self._end_tasks)
        self._start(self._courier.run(), "courier")
        self._start(self._housekeeping.run(), "housekeeping")
        if self._settings.clock != "trust":
            self._start(self._time.run(), "clock")

    async def read(self, stack: AsyncExitStack, finished: asyncio.Event) -> None:
        """Begin to read what is mapped, and to watch the mapping's files."""
        # A mapping that cannot be read takes no meter out of service: its slots stay due.
        await self.intake.open(stack, self._start, whole=not self._mapped.problem)
        self._watching = self._start(self.editing.run(finished), "edits")
        self._start(self.alarms.run(), "alarms")

    def show(self) -> None:
        """Begin to show all this to browsers and monitoring."""
        history = History()
        showing = Showing(self._stages, self._seeing, self._courier, history, self._settings.zone)
        self._status = status_server(self._settings.status, showing, self.collector)
        if self._status is not None:
            self.collector.onlooker = history
            recall = Recall(history, self._outbox, self._ledger, self._clock)
            self._start(recall.run(self.meters, self.intake.may_stamp), "recall")
            self._start(showing.rates.sample(), "rates")
            self._start(self._status.run(), "status page")

    async def quiesce(self) -> None:
        """No new slots and no new attempts; those under way end, and are committed.

        Both at once, so a stop takes 10 s at most, and 5 s more while the disk refuses to note an acceptance. What a
        last reading puts meanwhile may leave at the next start only.
        """
        self._watching.cancel()
        await asyncio.gather(self.schedule.stop(GRACE), self._courier.stop(GRACE))
        await self.editing.stop()

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
        """Everything at a glance: see `Seeing`."""
        return await self._seeing.overview()

    async def facts(self) -> Facts:
        """What tells whether the bridge moves: see `Seeing`."""
        return await self._seeing.facts()

    async def totals(self) -> dict[str, DayCount]:
        """By meter id, everything since the bridge started: see `Seeing`."""
        return await self._seeing.totals()

    def _alarming(self) -> Alarming:
        async def why_not() -> tuple[str, ...]:
            return moving(await self.facts())

        stages = self._outbox, self.intake, self.editing, self._time, self._housekeeping
        return Alarming(self._settings, self._clock, *stages, self._courier.snapshot, why_not)

    @property
    def answers(self) -> dict[str, Command]:
        """For the control socket."""
        ground = Ground(self._outbox, self._clock, self._courier.operated)
        asked = Answers(self.overview, self.intake.reader, self._courier.snapshot)
        live = Live(self.intake.beside, self._clock, lambda folder: load_for(self._settings, folder), self._remembered)
        extra = Extra(self.collector, self._outbox, lambda: self.meters, self._is_up_to_date, self._clock)
        told = {
            "exchange": self.intake.exchanges.answer,
            "push": self._pusher.answer,
            "apply": self.editing.answer,
            "live": live.answer,
            "send": extra.answer,
        }
        return asked.commands | acts(ground, lambda: self._accounts) | told

    async def _remembered(self, meter: str) -> Mapping[str, str]:
        return self.intake.exchanges.into(meter, await self.collector.remembered(meter))

    def _is_up_to_date(self, meter: Meter, instant: int) -> bool:
        """No slot up to that instant is still to be put. Raises BridgeError where no slot is read at all."""
        if not self.intake.may_stamp():
            raise BridgeError(f"nothing was sent: {self.intake.due.problem or self._time.problem}")
        return self.schedule.is_up_to_date(meter.id, instant)
