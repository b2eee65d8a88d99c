"""APScheduler's part alone, on real time in short intervals."""

import asyncio
import logging

import pytest

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.model import Meter
from bacnet_bridge.schedule.jobs import Schedule
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import grid
from tests.support.clock import settle


class SteppedClock(SystemClock):
    """The machine's clock with a step of wall time in it."""

    step = 0

    def wall(self) -> int:
        return super().wall() + self.step


class Site:
    def __init__(self, clock: SystemClock) -> None:
        self.read: asyncio.Queue[tuple[str, int]] = asyncio.Queue()
        self.booked: asyncio.Queue[tuple[int, int, HoleReason]] = asyncio.Queue()
        self.takes: asyncio.Event = asyncio.Event()
        self.takes.set()
        self.is_credible = True
        self.clock = clock
        self.schedule = Schedule(clock, self.work, self.book, lambda: self.is_credible)

    async def work(self, meter: Meter, slot: int, until: int) -> None:
        assert slot <= self.clock.wall() <= until
        self.read.put_nowait((meter.id, slot))
        await self.takes.wait()

    async def book(self, meter: Meter, first: int, last: int, reason: HoleReason, detail: str) -> None:  # noqa: ARG002
        self.booked.put_nowait((first, last, reason))

    def add(self, name: str, interval: int = 1, tolerance: float = 0.8, accounted: int | None = None) -> None:
        meter = Meter(name, name, 1001, (), interval, "Europe/Dublin", tolerance)
        self.schedule.add(meter, grid(interval, meter.zone, 2027), accounted, self.clock.boot())


async def test_jobs_ring_at_every_slot_and_stop_ends_them(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    site = Site(SystemClock())
    site.add("a")
    await site.schedule.start()
    site.add("b")
    slots: dict[str, list[int]] = {"a": [], "b": []}
    while min(len(of) for of in slots.values()) < 3:
        name, slot = await site.read.get()
        slots[name].append(slot)
    await site.schedule.stop(1)
    for of in slots.values():
        assert of == list(range(of[0], of[-1] + 1, 1000))
        assert of[0] % 1000 == 0
    assert site.booked.empty()
    assert not [record for record in caplog.records if record.name.startswith("apscheduler")]
    assert not [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]


async def test_thousands_that_are_due_together_leave_the_loop_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bacnet_bridge.schedule.jobs._AT_ONCE", 10)
    site, in_a_turn, seen = Site(SystemClock()), [0], 0
    for number in range(200):
        site.add(str(number))
    await site.schedule.start()
    async with asyncio.timeout(20):
        while seen < 600:
            await asyncio.sleep(0)
            in_a_turn.append(site.read.qsize() - seen)
            seen += in_a_turn[-1]
    await site.schedule.stop(1)
    slots: dict[int, list[str]] = {}
    while not site.read.empty():
        name, slot = site.read.get_nowait()
        slots.setdefault(slot, []).append(name)
    assert sorted(slots) == list(range(min(slots), max(slots) + 1, 1000))
    assert all(sorted(names, key=int) == list(map(str, range(200))) for names in list(slots.values())[:3])
    assert max(in_a_turn) <= 10
    assert site.booked.empty()


async def test_an_overlap_is_a_hole_and_not_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    site = Site(SystemClock())
    site.takes.clear()
    site.add("a", tolerance=0.25)
    await site.schedule.start()
    _, first = await site.read.get()
    await site.clock.sleep((first + 2_500 - site.clock.wall()) / 1000)
    site.takes.set()
    assert await site.booked.get() == (first + 1000, first + 2000, HoleReason.OVERLAP)
    assert await site.read.get() == ("a", first + 3000)
    await site.schedule.stop(1)
    assert not caplog.records


async def test_a_removed_meter_rings_no_more() -> None:
    site = Site(SystemClock())
    site.add("a")
    site.add("b")
    await site.schedule.start()
    await site.schedule.conclude("a")
    site.schedule.remove("a")
    assert {(await site.read.get())[0] for _ in range(2)} == {"b"}
    await site.schedule.stop(1)


async def test_a_step_forward_rings_at_once() -> None:
    clock = SteppedClock()
    site = Site(clock)
    site.add("daily", interval=86_400, tolerance=3_600)
    await site.schedule.start()
    expected = site.schedule.snapshot()[0].next_slot
    clock.step = expected - clock.wall() + 10_000
    assert await asyncio.wait_for(site.read.get(), 5) == ("daily", expected)
    await site.schedule.stop(1)


async def test_a_clock_that_is_believed_again_rings_at_once() -> None:
    site = Site(SystemClock())
    site.is_credible = False
    clock = site.clock
    day = 86_400_000
    today = clock.wall() // day * day
    site.add("daily", interval=86_400, tolerance=86_400, accounted=today - day)
    await site.schedule.start()
    await settle()  # it has rung once, in doubt
    assert site.read.empty()
    site.is_credible = True
    assert await asyncio.wait_for(site.read.get(), 5) == ("daily", today)
    await site.schedule.stop(1)


async def test_stop_before_start_and_stop_twice_are_quiet() -> None:
    site = Site(SystemClock())
    site.add("a")
    await site.schedule.stop(1)
    await site.schedule.stop(1)
