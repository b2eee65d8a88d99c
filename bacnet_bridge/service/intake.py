"""The reading half of the service: the BACnet port, the devices, and every mapped meter's alarm clock."""

import asyncio
import math
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack
from typing import Any, Final

import structlog

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.own_objects import OwnObjects
from bacnet_bridge.bacnet.pacing import Limits
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.errors import NetworkError
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.mapping import Difference
from bacnet_bridge.model import Account, Meter
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.schedule.credibility import Credibility, SiteClock
from bacnet_bridge.schedule.jobs import Schedule
from bacnet_bridge.service.clock_marks import ClockMarks
from bacnet_bridge.service.collect import Collector
from bacnet_bridge.service.due import Due
from bacnet_bridge.service.exchange import Exchanges
from bacnet_bridge.service.healing import Healing
from bacnet_bridge.service.switch import Switch
from bacnet_bridge.settings import BacnetSettings, Settings
from bacnet_bridge.state import StateFolder

Start = Callable[[Coroutine[Any, Any, None], str], "asyncio.Task[None]"]
"""Runs a stage beside the others, under a name."""
_FIRST_LOOK: Final = 5.0
"""Seconds that devices have to be found before slots are scheduled; later ones are found in passing."""
_PORT_AGAIN: Final = 30.0
"""Seconds between two tries to open a BACnet port that is not there yet (network card down, address not assigned), and
between two looks whether an open one's address is there still, or another one."""
_LOOK_EVERY: Final = 60.0
_AT_ONCE: Final = 250
"""Meters that are seen to in one turn of the event loop."""
_log = structlog.get_logger()


class Intake:
    """Reads what is mapped. `over` takes it from one mapping to the next while slots go on."""

    def __init__(
        self,
        settings: Settings,
        state: StateFolder,
        clock: SiteClock,
        credibility: Credibility,
        outbox: SqliteOutbox,
        ledger: SqliteLedger,
        accounts: Mapping[str, Account],
        meters: Iterable[Meter],
    ) -> None:
        self._settings, self._clock, self._credibility = settings, clock, credibility
        self._outbox, self._ledger = outbox, ledger
        self._meters = {meter.id: meter for meter in meters}
        self.own_objects = OwnObjects()
        self._client = Client(_identity(settings.bacnet), settings.bacnet.timeout, own=self.own_objects)
        self.reader = _reader(self._client, clock, state, settings.bacnet)
        self.beside = self.reader.beside()
        self.collector = Collector(self.reader, outbox, ledger, clock, accounts)
        self.exchanges = Exchanges(ledger, clock, lambda: self.meters, self.collector.remembered)
        self.collector.told = self.exchanges.into
        self.healing = Healing(
            self.reader,
            outbox,
            ledger,
            clock,
            ClockMarks(Kept(state.clocks)),
            lambda: self.meters,
            self.may_stamp,
            self.collector.healed,
            round(settings.heal_wait * 1000),
        )
        self.collector.put = self.healing.put
        self.due = Due(ledger, clock, credibility.credible)
        self.schedule = Schedule(clock, self.collector.collect, self.collector.book, self.may_stamp)
        self._switch = Switch(self._meters, self.schedule, ledger, self.collector, clock, self.due.grid)
        self.port_problem = ""
        self._opened = asyncio.Event()
        self._read_before: dict[str, int | None] = {}
        """By meter id, as the ledger said at the start."""

    @property
    def meters(self) -> tuple[Meter, ...]:
        """Those that are read, in the mapping's order."""
        return tuple(self._meters.values())

    def read_last(self, meter: str) -> int | None:
        """The meter's newest slot that was read, be it before the start, if only to become a hole; None: none was."""
        latest = self.collector.latest.get(meter)
        return self._read_before.get(meter) if latest is None else latest.slot

    def may_stamp(self) -> bool:
        """Whether the clock is credible and the ledger knows what is due: before, no slot is read."""
        return self.due.written and self._credibility.credible()

    async def open(self, stack: AsyncExitStack, start: Start, *, whole: bool) -> None:
        """Open the port, find the devices, and set every meter's alarm clock. The stack closes them.

        `whole`: the meters are all that is mapped, so that no others are due any more.
        """
        stack.push_async_callback(self._client.stop)
        stack.push_async_callback(self.reader.stop)
        stack.push_async_callback(self.beside.stop)
        await self.exchanges.load()
        start(self._look_after_devices(), "devices")
        connecting = start(self._connect(), "bacnet")
        start(self._watch_address(), "own address")
        await asyncio.wait({connecting}, timeout=_FIRST_LOOK)
        began = await self._set_alarms()
        written = start(self.due.write(self.meters, began, whole=whole), "schedule history")
        if self._credibility.credible():
            await asyncio.wait({written}, timeout=_FIRST_LOOK)
        start(self.healing.run(), "healing")
        start(_end_with(await self.schedule.start()), "clock watch")

    async def over(self, edit: Difference, order: Iterable[Meter]) -> None:
        """Put an edit into force, as far as that can be done now; `order` is that of the mapping.

        Devices that come with it are looked for first, so that their first slots need not. Raises OutboxError.
        """
        new = (*edit.added, *(change.new for change in edit.changed))
        finding = asyncio.create_task(self.reader.warm(new), name="new devices")
        await asyncio.wait({finding}, timeout=_FIRST_LOOK)
        self._allot((*self.meters, *new))
        try:
            await self._switch.over(edit)
        finally:
            for meter in order:
                if meter.id in self._meters:
                    self._meters[meter.id] = self._meters.pop(meter.id)  # to the end: so they come into this order
            self._allot(self.meters)
            self.healing.remapped()
        await self.reader.only(self.meters)

    async def _look_after_devices(self) -> None:
        """Now and then: try silent devices of which nothing is due, and keep what was learned of all."""
        while True:
            await self._clock.sleep(_LOOK_EVERY)
            self.reader.try_silent()
            self.reader.keep_profiles()

    async def _connect(self) -> None:
        """Open the port, waiting for it if need be, and find the devices."""
        await self._open_port()
        self._opened.set()
        await self.reader.only(self.meters)
        await self.reader.warm(self.meters)

    async def _open_port(self) -> None:
        """A port that is not there may come: the card is down, or has no address yet."""
        while True:
            try:
                await self._client.start()
                break
            except (NetworkError, OSError) as error:
                if str(error) != self.port_problem:
                    _log.error("no BACnet port yet", error=str(error), again_in_seconds=_PORT_AGAIN)
                self.port_problem = str(error)
                await self._clock.sleep(_PORT_AGAIN)
        self.port_problem = ""
        _log.info("the BACnet port is open", address=str(self._client.interface))

    async def _watch_address(self) -> None:
        """A card that loses its address is told: else it would be all devices that are silent. One that is named, and
        has another address, is followed.
        """
        await self._opened.wait()
        while True:
            await self._clock.sleep(_PORT_AGAIN)
            try:
                elsewhere = self._client.is_elsewhere()
            except NetworkError as error:
                if not self.port_problem:
                    _log.error("the BACnet address is gone", error=str(error))
                self.port_problem = str(error)
                continue
            except OSError as error:  # no descriptor is free: it says nothing of the address
                _log.warning("the machine's addresses cannot be seen", error=str(error))
                continue
            if elsewhere:
                _log.warning("the BACnet address is another one", was=str(self._client.interface))
                await self._client.stop()
                await self._open_port()
            elif self.port_problem:
                _log.info("the BACnet address is there again")
            else:
                continue
            self.port_problem = ""
            self.reader.moved()
            self.beside.moved()

    async def _set_alarms(self) -> float:
        """Gives the boot time from which the meters are due."""
        meters, accounted = self.meters, []
        for first in range(0, len(meters), _AT_ONCE):
            part = meters[first : first + _AT_ONCE]
            accounted += await asyncio.gather(*(self._ledger.accounted(meter.id) for meter in part))
        began = self._clock.boot()
        self._read_before = {meter.id: latest for meter, latest in zip(meters, accounted, strict=True)}
        self._allot(meters)
        for number, (meter, latest) in enumerate(zip(meters, accounted, strict=True)):
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)  # what waits from before is being delivered
            self.schedule.add(meter, self.due.grid(meter), latest, began)
        return began

    def _allot(self, meters: Iterable[Meter]) -> None:
        self._outbox.allot({meter.id: math.ceil(self._settings.room / meter.interval) for meter in meters})


def _identity(bacnet: BacnetSettings) -> Identity:
    return Identity(bacnet.instance, bacnet.address, bacnet.name, bacnet.vendor_id, bacnet.bbmd, bacnet.bbmd_ttl)


def _reader(client: Client, clock: SiteClock, state: StateFolder, bacnet: BacnetSettings) -> Reader:
    return Reader(
        client,
        clock,
        bindings=Kept(state.bindings),
        pins=Kept(state.pins),
        profiles=Kept(state.profiles),
        limits=Limits(bacnet.in_flight, bacnet.per_device, bacnet.per_router, bacnet.gap),
    )


async def _end_with(task: "asyncio.Task[None]") -> None:
    await task
