"""From one mapping to the next on driven time: the schedule's core, the real ledger and outbox, and no service."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from bacnet_bridge.errors import OutboxError
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.mapping import difference
from bacnet_bridge.model import Account, Meter, Nature
from bacnet_bridge.schedule.alarm import start_offset
from bacnet_bridge.schedule.jobs import Schedule
from bacnet_bridge.service.switch import Switch
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import grid
from tests.support.bacnet import point
from tests.support.clock import NOON, DrivenClock
from tests.support.outbox import ACCOUNT, SqliteBackend, packet

MINUTE = 60_000
PUNCTUAL = min(range(1000), key=lambda device: start_offset(device, 60))
DAWDLING = max(range(1000), key=lambda device: start_offset(device, 60))
"""Devices whose meters start almost at their slots, and almost 5 s later."""
OTHER = Account(ACCOUNT.address, "tenant")


def meter(name: str = "m", interval: int = 300, device: int = PUNCTUAL, **more: Any) -> Meter:
    points = more.pop("points", (point("AI1"),))
    return Meter(name, name, device, points, interval, "UTC", min(interval / 4, 60), **more)


class Counted:
    """Counts the calls that are under way in another thread, so that time stands still meanwhile."""

    def __init__(self, calls: object) -> None:
        self._calls, self.under_way = calls, 0

    def __getattr__(self, name: str) -> Any:
        async def call(*given: Any, **named: Any) -> Any:
            self.under_way += 1
            try:
                return await getattr(self._calls, name)(*given, **named)
            finally:
                self.under_way -= 1

        return call


@dataclass
class Site:
    """Meters that take some driven time to be read, and whose packets wait in a real outbox."""

    clock: DrivenClock
    backend: SqliteBackend
    takes: float = 0.2
    read: list[tuple[Meter, int]] = field(default_factory=list)
    forgotten: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.meters: dict[str, Meter] = {}
        self.ringing = asyncio.TaskGroup()
        self.ledger, self.outbox = Counted(self.backend.ledger), Counted(self.backend.outbox)
        self.schedule = Schedule(self.clock, self.work, self.book, lambda: True)
        ledger: Any = self.ledger
        self.switch = Switch(
            self.meters, self.schedule, ledger, self, self.clock, lambda meter: grid(meter.interval, meter.zone, 2027)
        )

    def forget(self, meter: str) -> None:
        self.forgotten.append(meter)

    async def work(self, meter: Meter, slot: int, until: int) -> None:
        assert slot <= self.clock.wall() <= until
        self.read.append((meter, slot))
        await self.clock.sleep(self.takes)
        await self.outbox.put(packet(slot, meter.id, account=OTHER if meter.account == "tenant" else ACCOUNT))

    async def book(self, meter: Meter, first: int, last: int, reason: HoleReason, detail: str) -> None:
        await self.ledger.hole(meter.id, first, last, reason, detail)

    async def edit(self, *meters: Meter) -> None:
        """These are the mapping from now on; time goes on until that is so."""
        switching = asyncio.create_task(self.switch.over(difference(self.meters.values(), meters)))
        while not switching.done():
            await self.passes(0.25)
        await switching

    async def passes(self, seconds: float) -> None:
        """Time goes on in seconds or less, in each of which all alarm clocks ring."""
        end = self.clock.wall() + round(seconds * 1000)
        while self.clock.wall() < end:
            for appointment in self.schedule.snapshot():
                self.ringing.create_task(self.schedule.tick(appointment.meter))
            await self.clock.advance(min(1, (end - self.clock.wall()) / 1000))
            while self.ledger.under_way or self.outbox.under_way:  # noqa: ASYNC110  threads, which announce nothing
                await asyncio.sleep(0.0002)

    async def until(self, minutes: float) -> None:
        """Until so many minutes after noon."""
        await self.passes((NOON - self.clock.wall()) / 1000 + 60 * minutes)

    def slots(self, name: str = "m") -> list[float]:
        """Minutes after noon."""
        return [(slot - NOON) / MINUTE for each, slot in self.read if each.id == name]

    async def count(self, name: str = "m") -> DayCount:
        return await self.backend.ledger.day(name, "2027-01-15", self.clock.wall())

    async def is_whole(self, *names: str) -> None:
        """Guarantee 6, and nothing lost or repeated: what is due was read once, nothing else was, no hole is there."""
        for name in names:
            slots, count = self.slots(name), await self.count(name)
            assert slots == sorted(set(slots)), name
            assert (count.waiting, count.extra, count.holes) == (len(slots), 0, 0), (name, count)


@asynccontextmanager
async def site(folder: Path, *meters: Meter) -> AsyncIterator[Site]:
    """Begun a second after noon."""
    clock = DrivenClock(NOON + 1_000)
    backend = SqliteBackend(folder, clock)
    await backend.open()
    made = Site(clock, backend)
    async with made.ringing:
        await made.edit(*meters)
        yield made
        stopping = asyncio.create_task(made.schedule.stop(0))
        await clock.advance(1)
        await stopping
    await backend.close()


VOLTAGE = (point("AI1", "aP_1"), point("AI2", "v_1"))


@pytest.mark.parametrize(
    ("before", "after", "at", "expected"),
    [
        ([], [meter()], 6.5, [10, 15, 20]),
        ([], [meter()], 5, [10, 15, 20]),
        ([meter()], [], 6.5, [5]),
        ([meter()], [], 5, [5]),
        ([meter()], [meter(interval=60)], 6.5, [5, *range(7, 23)]),
        ([meter()], [meter(interval=60)], 5, [5, *range(6, 23)]),
        ([meter()], [meter(interval=60)], 4.999, [*range(5, 23)]),
        ([meter(interval=60)], [meter()], 6.5, [1, 2, 3, 4, 5, 6, 10, 15, 20]),
        ([meter(interval=60)], [meter()], 5, [1, 2, 3, 4, 5, 10, 15, 20]),
        ([meter()], [meter(interval=420)], 6.5, [5, 10, 17]),
        ([meter()], [meter(interval=420)], 16.5, [5, 10, 15, 17]),
        ([meter()], [meter(device=DAWDLING)], 6.5, [5, 10, 15, 20]),
        ([meter(device=DAWDLING)], [meter()], 5.03, [5, 10, 15, 20]),
        ([meter()], [meter(device=DAWDLING)], 5.03, [5, 10, 15, 20]),
        ([meter()], [meter(points=VOLTAGE)], 10, [5, 10, 15, 20]),
        ([meter()], [meter(points=(point("AI1", nature=Nature.DELTA),))], 10, [5, 10, 15, 20]),
        ([meter()], [meter(account="tenant")], 10, [5, 10, 15, 20]),
        ([meter(points=VOLTAGE)], [meter(points=VOLTAGE, require_all=True)], 14.9, [5, 10, 15, 20]),
    ],
    ids=[
        "added", "added at a slot", "removed", "removed at a slot", "shorter", "shorter at a slot",
        "shorter just before a slot", "longer", "longer at a slot", "a grid of its own", "a grid of its own, late",
        "device", "device, with a slot that waits for its turn", "device, after its slot", "kind", "nature", "account",
        "a rule",
    ],
)  # fmt: skip
async def test_no_slot_is_lost_or_repeated(
    tmp_path: Path, before: list[Meter], after: list[Meter], at: float, expected: Sequence[float]
) -> None:
    async with site(tmp_path, *before) as made:
        await made.until(at)
        await made.edit(*after)
        await made.until(22.5)
        assert made.slots() == [slot for slot in expected if slot <= 22]
        assert all((each in after) == (slot > NOON + at * MINUTE) for each, slot in made.read)
        await made.is_whole("m")
        assert made.forgotten == [each.id for each in before if not after]


async def test_a_meter_that_comes_back_is_due_again_from_then_on_and_never_for_the_time_between(tmp_path: Path) -> None:
    async with site(tmp_path, meter(), meter("other")) as made:
        await made.until(7)
        await made.edit(meter("other"))
        await made.until(17)
        await made.edit(meter(interval=240), meter("other"))
        await made.until(31)
        await made.edit(meter("other"))
        await made.edit(meter("other"), meter())
        await made.until(46)
        assert made.slots() == [5, 20, 24, 28, 35, 40, 45]
        await made.is_whole("m", "other")


async def test_a_running_reading_is_awaited_and_what_it_made_late_is_read_after_it(tmp_path: Path) -> None:
    async with site(tmp_path, meter(), meter("other")) as made:
        await made.until(5.1)
        made.takes = 290
        await made.until(10.2)
        await made.edit(meter(interval=60), meter("other"))
        made.takes = 0.2
        assert made.clock.wall() > NOON + 14.8 * MINUTE
        await made.until(20.5)
        assert made.slots() == [5, 10, *range(15, 21)]
        assert made.slots("other") == [5, 10, 15, 20]
        await made.is_whole("m", "other")


async def test_a_meter_that_never_catches_up_is_changed_all_the_same(tmp_path: Path) -> None:
    async with site(tmp_path, meter(interval=60)) as made:
        made.takes = 150
        await made.until(10)
        await made.edit(meter())
        made.takes = 0.2
        await made.until(31)
        count = await made.count()
        assert (count.extra, count.waiting) == (0, len(made.slots()))
        assert count.due == count.waiting + count.holes
        assert set(count.reasons) == {HoleReason.OVERLAP}
        assert made.slots()[-2:] == [25, 30]


async def test_an_edit_after_the_clock_was_set_back_repeats_no_slot(tmp_path: Path) -> None:
    async with site(tmp_path, meter()) as made:
        await made.until(31)
        made.clock.step(-1200)
        await made.edit(meter(interval=60))
        await made.until(33.5)
        assert made.slots() == [5, 10, 15, 20, 25, 30, 31, 32, 33]
        await made.is_whole("m")


async def test_where_the_ledger_takes_no_change_the_old_goes_on_and_the_next_try_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise OutboxError("no room")

    async with site(tmp_path, meter(), meter("gone"), meter("same")) as made:
        await made.until(6)
        with monkeypatch.context() as disk:
            for change in ("open", "close"):
                disk.setattr(made.backend.ledger, change, full)
            with pytest.raises(OutboxError):
                await made.edit(meter(interval=60), meter("new"), meter("same"))
            assert [each.interval for each in made.meters.values()] == [300, 300, 300]
            await made.until(11)
        await made.edit(meter(interval=60), meter("new"), meter("same"))
        await made.until(15.5)
        assert made.slots() == [5, 10, *range(12, 16)]
        assert (made.slots("gone"), made.slots("new")) == ([5, 10], [15])
        await made.is_whole("m", "gone", "new", "same")


async def test_meters_left_open_by_a_start_without_its_mapping_are_due_no_more(tmp_path: Path) -> None:
    async with site(tmp_path, meter()) as made:
        forgotten = meter("forgotten")
        await made.backend.ledger.open("forgotten", made.schedule._alarms["m"].grid, forgotten.zone, NOON)
        await made.until(6)
        await made.edit(meter())
        await made.until(16)
        assert (await made.count("forgotten")).due == 1


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_edited_whenever_the_account_is_whole(tmp_path: Path, seed: int) -> None:
    choose = random.Random(seed)
    names = ["a", "b", "c"]

    def some() -> list[Meter]:
        wanted = choose.sample(names, choose.randint(1, 3))
        return [
            replace(
                meter(name, choose.choice([60, 120, 300, 420])),
                device=choose.choice([PUNCTUAL, DAWDLING]),
                points=choose.choice([(point("AI1"),), VOLTAGE]),
            )
            for name in wanted
        ]

    async with site(tmp_path, *some()) as made:
        for _ in range(12):
            made.takes = choose.choice([0, 0.2, 3, 50])
            await made.passes(choose.choice([0.25, 20, 61, 119.75, 400]))
            await made.edit(*some())
        made.takes = 0
        await made.passes(120)
        for name in names:
            slots, count = made.slots(name), await made.count(name)
            assert slots == sorted(set(slots))
            assert (count.waiting, count.extra) == (len(slots), 0), (name, count)
            assert set(count.reasons) <= {HoleReason.OVERLAP, HoleReason.LATE}, (name, count)
