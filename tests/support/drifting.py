"""A site whose machine's clock is wrong: the real schedule, outbox, ledger, timekeeper and delivery on driven time.

The true time is kept here, outside the product; the strict platform's `Date` shows it, and its record is judged by it.
Only the reading is a stand-in, because what it reads does not matter.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from bacnet_bridge.clock import moment_of
from bacnet_bridge.model import Account, Meter, Point, PropertyRef, Reading
from bacnet_bridge.packet.wire import local_day
from bacnet_bridge.schedule.alarm import start_offset
from bacnet_bridge.schedule.credibility import ClockMode, Credibility, SiteClock
from bacnet_bridge.schedule.jobs import Schedule
from bacnet_bridge.service.collect import Collector
from bacnet_bridge.service.due import Due
from bacnet_bridge.service.timekeeper import Timekeeper
from bacnet_bridge.settings import BacnetSettings, PlatformSettings, Settings
from bacnet_bridge.simulator.platform import PASSWORD, USERNAME, StrictPlatform
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.slots import due, following, grid
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.deliver import Courier
from bacnet_bridge.wattics.session import Sessions
from tests.support.clock import NOON, DrivenClock, settle
from tests.support.outbox import SqliteBackend

_ALLOWED: Final = 121_000
"""Milliseconds that a credible clock may be ahead of the platform's, whose dates have whole seconds."""
_STRIDE: Final = 900.0
"""Seconds that pass at once at most."""
_DEVICE: Final = min(range(1000), key=lambda device: start_offset(device, 60))
"""Its meters start almost at their slots."""


class Errand:
    """Delivery's clock: the site's wall time; its pauses are a thousand times shorter, because the sockets are real."""

    def __init__(self, site: SiteClock) -> None:
        self.wall, self.boot = site.wall, site.boot

    def monotonic(self) -> float:
        return time.monotonic() * 1000

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 1000)


@dataclass(frozen=True, slots=True)
class Gathering:
    readings: Sequence[Reading]
    memory: Mapping[str, str] = field(default_factory=dict)
    unsent: Mapping[str, str] = field(default_factory=dict)


class Thermometer:
    """Always answers."""

    async def read(self, meter: Meter, memory: Mapping[str, str]) -> Gathering:  # noqa: ARG002  as a Reader has it
        return Gathering([Reading(point, 0, Decimal("21.3")) for point in meter.points])


class DriftingSite:
    """One meter. `rate` is the machine's seconds per true second; its kernel is `synchronised` or not."""

    def __init__(
        self,
        folder: Path,
        platform: StrictPlatform,
        mode: ClockMode,
        *,
        interval: int = 3600,
        zone: str = "Europe/Dublin",
        begin: int = NOON + 600_000,
        rate: float = 1.0,
        synchronised: bool = False,
    ) -> None:
        self.folder, self.platform, self.mode = folder, platform, mode
        self.meter = Meter(
            "m", "m", _DEVICE, (Point("value", PropertyRef(ObjectId(0, 1))),), interval, zone, min(interval / 4, 60)
        )
        self.begin = self.true = begin
        self.rate, self.synchronised = rate, synchronised
        self.machine = DrivenClock(begin)
        self._grid = grid(interval, zone, moment_of(begin).year)
        self._stepped = False
        self._allowed = _ALLOWED + round(abs(rate - 1) * 3_600_000)
        """It is compared every hour."""
        self.put = 0
        """Packets, in all runs."""

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """One life of the service, as `service/bridge.py` wires it."""
        self.credibility = Credibility(self.machine, self.mode, lambda: self.synchronised)
        self.clock = SiteClock(self.machine, self.credibility)
        backend = SqliteBackend(self.folder, self.clock)
        self.outbox, self.ledger = await backend.open(), backend.ledger
        accounts = {"default": Account(self.platform.url, "default")}
        sessions = Sessions(
            {accounts["default"]: Credentials(USERNAME, SecretStr(PASSWORD))}, site_ca=self.platform.ca, time_out=5
        )
        courier = Courier(self.outbox, sessions, Errand(self.clock))
        collector = Collector(Thermometer(), self.outbox, self.ledger, self.clock, accounts)
        due = Due(self.ledger, self.clock, self.credibility.credible)
        self.schedule = Schedule(
            self.clock, collector.collect, collector.book, lambda: due.written and self.credibility.credible()
        )
        keeper = Timekeeper(self._settings(), self.clock, self.credibility)
        began = self.machine.boot()
        self.schedule.add(self.meter, due.grid(self.meter), await self.ledger.accounted("m"), began)
        self._tell_time()
        works = (courier.run(), due.write([self.meter], began, whole=True), keeper.run())
        tasks = [asyncio.create_task(work) for work in works]
        self._sleeping = [tasks[1], tasks[2]]
        try:
            await self._quiet()
            yield
            await self.delivered()
            await courier.stop()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await sessions.close()
            await backend.close()

    async def lasts(self, seconds: float) -> None:
        """So much true time passes; every slot's alarm rings once its time has come by the site's clock."""
        until = self.true + round(seconds * 1000)
        while self.true < until:
            await self._pass(min(self._stride(), (until - self.true) / 1000))
            await self._ring()

    def _stride(self) -> float:
        """Until the next slot's time, or until the timekeeper looks at the clocks again."""
        if self.credibility.undecided or self._stepped:
            self._stepped = False
            return 1.0
        if not self.credibility.credible():
            return _STRIDE
        (alarm,) = self.schedule.snapshot()
        slot = alarm.next_slot if alarm.accounted is None else following(self._grid, alarm.accounted)
        return min(max((slot + 1_000 - self.clock.wall()) / 1000 / self.rate, 1.0), _STRIDE)

    def step(self, seconds: float) -> None:
        """Somebody sets the machine's clock: the kernel knows that nothing has confirmed it since."""
        self.machine.step(seconds)
        self.synchronised, self._stepped = False, True

    def set_right(self, *, by_server: bool = True) -> None:
        self.machine.step((self.true - self.machine.wall()) / 1000)
        self.synchronised, self._stepped = by_server, True

    def suspend(self, seconds: float) -> None:
        self.true += round(seconds * 1000)
        self.machine.suspend(seconds)
        self._tell_time()

    def off(self, seconds: float, wakes_at: int | None = None) -> None:
        """Between two runs: the machine is switched off, and its clock shows `wakes_at`, or the time, afterwards."""
        self.true += round(seconds * 1000)
        self.machine = DrivenClock(self.true if wakes_at is None else wakes_at)
        self._tell_time()

    async def delivered(self) -> None:
        """All that was put is accepted, and nothing of it lies in the platform's future."""
        await self.platform.until("accepted", self.put)
        stream = self.platform._book.stream("m")  # its record would be copied for every slot
        if stream.last is not None:
            assert stream.last.instant <= self.true + self._allowed, "a packet from the future"

    async def _pass(self, seconds: float) -> None:
        self.true += round(seconds * 1000)
        self.machine.stall(seconds * self.rate)
        self._tell_time()
        await self._quiet()

    async def _ring(self) -> None:
        before = self.schedule.snapshot()[0].accounted
        await self.schedule.tick("m")
        if self.schedule.snapshot()[0].accounted != before:
            self.put = sum(state.waiting for state in await self.outbox.states()) + self.platform.counts().accepted
            await self.delivered()

    async def _quiet(self) -> None:
        """The timekeeper and the schedule's history have done what the time asks for, and sleep."""
        await self.machine.advance(0)
        while self.machine.sleeping < sum(not task.done() for task in self._sleeping):  # noqa: ASYNC110  sockets move
            await asyncio.sleep(0.0005)
        await settle()

    def _tell_time(self) -> None:
        self.platform.behave(ahead=self.true / 1000 - time.time())

    def _settings(self) -> Settings:
        return Settings(
            zone=self.meter.zone,
            state=self.folder,
            bacnet=BacnetSettings(instance=1, address="127.0.0.1/8:47808"),
            platform=PlatformSettings(
                address=self.platform.url, username=USERNAME, password=SecretStr(PASSWORD), ca=self.platform.ca
            ),
        )


@dataclass(frozen=True, slots=True)
class Judged:
    """What the outside knows of a site's life: how many slots were due, what became of them."""

    due: int
    accepted: int
    holes: dict[HoleReason, int]


async def judge(site: DriftingSite) -> Judged:
    """Every slot of the true grid is accepted once or a hole of the ledger, day by day; nothing is repeated.

    The site has just ended, with a credible clock; its departure decides only which slot is the last.
    """
    record = site.platform.record
    assert record.discarded == {}
    assert record.duplicates == {}
    assert record.malformed == []
    sent = record.accepted.get("m", [])
    assert sent == sorted(set(sent))
    last = site.schedule.snapshot()[0].accounted or 0
    slots = list(due(grid(site.meter.interval, site.meter.zone, moment_of(site.begin).year), site.begin, last))
    assert set(sent) <= set(slots)
    backend = SqliteBackend(site.folder, site.machine)
    await backend.open()
    holes: dict[HoleReason, int] = {}
    for day in sorted({local_day(slot, site.meter.zone) for slot in slots}):
        of_day = [slot for slot in slots if local_day(slot, site.meter.zone) == day]
        count = await backend.ledger.day("m", day, last)
        assert (count.due, count.accepted) == (len(of_day), len(set(of_day) & set(sent))), day
        assert sum(count.reasons.values()) == count.holes == len(set(of_day) - set(sent)), day
        for reason, number in count.reasons.items():
            holes[reason] = holes.get(reason, 0) + number
    await backend.close()
    assert explained(site.folder / "outbox.db").isdisjoint(sent)
    return Judged(len(slots), len(sent), holes)


def explained(path: Path) -> set[int]:
    """Every instant at the end of a range of holes, read without the product."""
    with closing(sqlite3.connect(path)) as file:
        return {end for row in file.execute("SELECT first, last FROM hole") for end in row}
