"""The schedule's core, rung by the tests on driven time: APScheduler is not started."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.model import Meter
from bacnet_bridge.schedule.alarm import start_offset
from bacnet_bridge.schedule.jobs import Appointment, Schedule
from bacnet_bridge.schedule.watch import Watch
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import due, grid
from tests.support.clock import NOON, DrivenClock

MINUTE = 60_000
PUNCTUAL = min(range(1000), key=lambda device: start_offset(device, 60))
"""A device whose meters start almost at their slots."""


def meter(name: str = "m", interval: int = 300, zone: str = "Europe/Dublin", device: int = PUNCTUAL) -> Meter:
    return Meter(name, name, device, (), interval, zone, min(interval / 4, 60))


@dataclass
class Site:
    """A schedule whose alarm clocks the test rings, mostly four times a second of driven time."""

    clock: DrivenClock
    takes: float = 0.2
    credible: bool = True
    fails: Exception | None = None
    books: bool = True
    read: list[tuple[str, int]] = field(default_factory=list)
    booked: list[tuple[str, int, int, HoleReason, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.schedule = Schedule(self.clock, self.work, self.book, lambda: self.credible)

    async def work(self, meter: Meter, slot: int, until: int) -> None:
        assert slot <= self.clock.wall() <= until == slot + round(meter.tolerance * 1000)
        self.read.append((meter.id, slot))
        await self.clock.sleep(self.takes)
        if self.fails:
            raise self.fails

    async def book(self, meter: Meter, first: int, last: int, reason: HoleReason, detail: str) -> None:
        if not self.books:
            raise OSError("disk full")
        self.booked.append((meter.id, first, last, reason, detail))

    def add(self, meter: Meter, accounted: int | None = None) -> None:
        self.schedule.add(meter, grid(meter.interval, meter.zone, 2027), accounted, self.clock.boot())

    @asynccontextmanager
    async def rung(self, every: float = 0.25) -> AsyncIterator[None]:
        async def ring() -> None:
            async with asyncio.TaskGroup() as ticks:
                while True:
                    await self.clock.sleep(every)
                    for appointment in self.schedule.snapshot():
                        ticks.create_task(self.schedule.tick(appointment.meter))

        ringing = asyncio.create_task(ring())
        yield
        ringing.cancel()
        await asyncio.wait({ringing})

    def slots(self, name: str = "m") -> list[int]:
        return [slot for meter, slot in self.read if meter == name]

    def holes(self) -> list[tuple[int, int, HoleReason]]:
        return [(first, last, reason) for _, first, last, reason, _ in self.booked]


@pytest.fixture
def site() -> Site:
    return Site(DrivenClock(NOON + 1_000))


async def test_every_slot_is_read_once_at_its_time(site: Site) -> None:
    site.add(meter())
    site.add(meter("quick", interval=60))
    async with site.rung():
        await site.clock.advance(3600)
    assert site.slots() == list(range(NOON + 5 * MINUTE, NOON + 61 * MINUTE, 5 * MINUTE))
    assert site.slots("quick") == list(range(NOON + MINUTE, NOON + 61 * MINUTE, MINUTE))
    assert site.booked == []


async def test_a_stall_leaves_late_slots_and_goes_on(site: Site) -> None:
    site.add(meter())
    async with site.rung():
        await site.clock.advance(6 * 60)
        site.clock.stall(12 * 60)
        await site.clock.advance(10 * 60)
    assert site.slots() == [NOON + 5 * MINUTE, NOON + 20 * MINUTE, NOON + 25 * MINUTE]
    assert site.holes() == [(NOON + 10 * MINUTE, NOON + 15 * MINUTE, HoleReason.LATE)]


async def test_a_stall_within_the_tolerance_costs_nothing(site: Site) -> None:
    site.add(meter())
    async with site.rung():
        await site.clock.advance(4 * 60)
        site.clock.stall(80)
        await site.clock.advance(60)
    assert site.slots() == [NOON + 5 * MINUTE]
    assert site.booked == []


async def test_a_suspended_night_is_one_range(site: Site) -> None:
    site.add(meter())
    async with site.rung():
        await site.clock.advance(6 * 60)
        site.clock.suspend(8 * 3600)
        await site.clock.advance(5 * 60)
    assert site.holes() == [(NOON + 10 * MINUTE, NOON + 485 * MINUTE, HoleReason.LATE)]
    assert site.slots()[-1] == NOON + 490 * MINUTE


async def test_a_step_back_repeats_no_slot(site: Site) -> None:
    site.add(meter())
    async with site.rung():
        await site.clock.advance(11 * 60)
        site.clock.step(-3600)
        await site.clock.advance(3600)
        assert site.slots() == [NOON + 5 * MINUTE, NOON + 10 * MINUTE]
        await site.clock.advance(5 * 60)
    assert site.slots() == [NOON + 5 * MINUTE, NOON + 10 * MINUTE, NOON + 15 * MINUTE]
    assert site.booked == []


async def test_a_step_forward_invents_no_slot(site: Site) -> None:
    site.add(meter())
    async with site.rung():
        await site.clock.advance(6 * 60)
        site.clock.step(3 * 3600)
        await site.clock.advance(5 * 60)
    assert site.slots() == [NOON + 5 * MINUTE, NOON + 190 * MINUTE]
    assert site.holes() == [(NOON + 10 * MINUTE, NOON + 185 * MINUTE, HoleReason.LATE)]


async def test_a_doubtful_clock_stamps_nothing_and_is_booked_when_it_is_believed_again(site: Site) -> None:
    site.add(meter())
    async with site.rung():
        await site.clock.advance(6 * 60)
        site.clock.step(365 * 86_400)
        site.credible = False
        await site.clock.advance(10 * 60)
        assert (site.booked, len(site.read)) == ([], 1)
        site.clock.step(-365 * 86_400)
        site.credible = True
        await site.clock.advance(5 * 60)
    assert site.holes() == [(NOON + 10 * MINUTE, NOON + 15 * MINUTE, HoleReason.CLOCK)]
    assert site.slots() == [NOON + 5 * MINUTE, NOON + 20 * MINUTE]


async def test_a_slow_meter_is_overload_and_holds_nobody_else_up(site: Site) -> None:
    async def work(meter: Meter, slot: int, until: int) -> None:
        site.takes = 700 if meter.id == "slow" else 0.2
        await Site.work(site, meter, slot, until)

    site.schedule = Schedule(site.clock, work, site.book, lambda: True)
    site.add(meter("slow"))
    site.add(meter())
    async with site.rung():
        await site.clock.advance(21 * 60)
    assert site.slots("slow") == [NOON + 5 * MINUTE, NOON + 20 * MINUTE]
    assert site.booked == [
        (
            "slow",
            NOON + 10 * MINUTE,
            NOON + 15 * MINUTE,
            HoleReason.OVERLAP,
            "the earlier reading was still running",
        )
    ]
    assert len(site.slots()) == 4


async def test_a_slot_that_came_due_under_a_reading_is_read_after_it_if_still_timely(site: Site) -> None:
    site.takes = 320
    site.add(meter(), accounted=NOON - 5 * MINUTE)
    ring = asyncio.create_task(site.schedule.tick("m"))
    await site.clock.advance(321)
    assert site.slots() == [NOON, NOON + 5 * MINUTE]
    site.takes = 0
    await site.clock.advance(320)
    await ring
    assert site.slots() == [NOON, NOON + 5 * MINUTE, NOON + 10 * MINUTE]
    assert site.booked == []


async def test_what_work_raises_is_booked_and_logged_once_and_the_alarm_goes_on(site: Site) -> None:
    site.fails = RuntimeError("no such table")
    site.add(meter())
    with capture_logs() as logs:
        async with site.rung():
            await site.clock.advance(11 * 60)
            site.fails = None
            await site.clock.advance(10 * 60)
    assert len(site.slots()) == 4
    assert site.booked == [
        ("m", slot, slot, HoleReason.FAILED, "RuntimeError: no such table")
        for slot in (NOON + 5 * MINUTE, NOON + 10 * MINUTE)
    ]
    assert [(log["event"], log["meter"], log["slot"]) for log in logs] == [
        ("a slot failed", "m", NOON + 5 * MINUTE),
        ("slots succeed again", "m", NOON + 15 * MINUTE),
    ]


async def test_a_reason_that_cannot_be_written_costs_no_reading(site: Site) -> None:
    site.add(meter())
    site.books = False
    with capture_logs() as logs:
        async with site.rung():
            await site.clock.advance(6 * 60)
            site.clock.stall(12 * 60)
            await site.clock.advance(3 * 60)
    assert site.slots() == [NOON + 5 * MINUTE, NOON + 20 * MINUTE]
    assert [log["event"] for log in logs] == ["a hole's reason was not written"]


async def test_reasons_that_cannot_be_written_for_long_are_one_line_and_another_at_the_end(site: Site) -> None:
    site.fails = RuntimeError("no such table")
    site.add(meter())
    site.books = False
    with capture_logs() as logs:
        async with site.rung():
            await site.clock.advance(61 * 60)
            site.books = True
            await site.clock.advance(10 * 60)
    told = [log["event"] for log in logs if "reason" in log["event"]]
    assert told == ["a hole's reason was not written", "a hole's reason is written again"]


@pytest.mark.parametrize(
    ("zone", "evening", "hours"),
    [
        ("Europe/Dublin", datetime(2027, 10, 30, 21, tzinfo=UTC), 8),
        ("Europe/Dublin", datetime(2027, 3, 27, 21, tzinfo=UTC), 8),
        ("Australia/Lord_Howe", datetime(2027, 4, 3, 11, tzinfo=UTC), 8),
        ("Australia/Lord_Howe", datetime(2027, 10, 2, 11, tzinfo=UTC), 8),
        ("America/New_York", datetime(2027, 11, 7, 1, tzinfo=UTC), 8),
    ],
)
async def test_a_night_in_which_daylight_saving_changes_is_like_any_other(
    zone: str, evening: datetime, hours: int
) -> None:
    site = Site(DrivenClock(round(evening.timestamp() * 1000) + 1))
    of_zone = meter(interval=900, zone=zone)
    site.add(of_zone)
    start = site.clock.wall()
    async with site.rung(every=5):
        await site.clock.advance(hours * 3600 + 30)
    assert site.slots() == list(due(grid(900, zone, 2027), start, start + hours * 3_600_000))
    assert len(site.slots()) == hours * 4
    assert site.booked == []


async def test_a_restart_takes_up_where_the_ledger_ends(site: Site) -> None:
    site.add(meter("soon"), accounted=NOON - 5 * MINUTE)
    site.add(meter("behind"), accounted=NOON - 500 * MINUTE)
    site.add(meter("done"), accounted=NOON)
    site.clock.step(8)
    async with site.rung():
        await site.clock.advance(10)
    assert site.read == [("soon", NOON), ("behind", NOON)]
    assert site.booked == []
    assert [a.accounted for a in site.schedule.snapshot()] == [NOON] * 3


async def test_a_start_before_what_is_accounted_for_repeats_no_slot(site: Site) -> None:
    site.add(meter(), accounted=NOON + 60 * MINUTE)
    assert site.schedule.snapshot()[0].next_slot == NOON + 65 * MINUTE


async def test_the_snapshot_tells_what_is_next_and_what_runs(site: Site) -> None:
    site.takes = 30
    site.add(meter())
    (before,) = site.schedule.snapshot()
    assert (before.meter, before.next_slot, before.accounted, before.running) == (
        "m",
        NOON + 300_000,
        NOON + 1000,
        False,
    )
    async with site.rung():
        await site.clock.advance(5 * 60 + 10)
        (during,) = site.schedule.snapshot()
        await site.clock.advance(30)
        (after,) = site.schedule.snapshot()
    assert during == Appointment("m", NOON + 10 * MINUTE, accounted=NOON + 5 * MINUTE, running=True)
    assert not after.running


async def test_a_meter_that_is_concluded_ends_its_reading_and_what_came_due_and_begins_no_other(site: Site) -> None:
    site.takes = 280
    site.add(meter())
    async with site.rung():
        await site.clock.advance(5 * 60 + 50)
        ending = asyncio.create_task(site.schedule.conclude("m"))
        await site.clock.advance(220)
        assert not ending.done()
        site.clock.stall(40)
        await site.clock.advance(300)
        assert NOON + 14 * MINUTE < (ending.result() or 0) < NOON + 15 * MINUTE
        await site.clock.advance(600)
    assert site.slots() == [NOON + 5 * MINUTE, NOON + 10 * MINUTE]
    site.schedule.remove("m")
    site.add(meter())


async def test_a_meter_is_scheduled_once(site: Site) -> None:
    site.add(meter())
    with pytest.raises(ValueError, match="scheduled already"):
        site.add(meter())


async def test_stop_lets_running_readings_end_within_the_grace(site: Site) -> None:
    site.takes = 4
    site.add(meter())
    async with site.rung():
        await site.clock.advance(5 * 60 + 3)
        stopping = asyncio.create_task(site.schedule.stop(10))
        await site.clock.advance(2)
        assert stopping.done()
        await site.clock.advance(600)
    assert site.slots() == [NOON + 5 * MINUTE]
    assert site.booked == []


async def test_stop_cancels_what_outlives_the_grace_and_books_nothing(site: Site) -> None:
    site.takes = 4000
    site.add(meter())
    async with site.rung():
        await site.clock.advance(5 * 60 + 3)
        with capture_logs() as logs:
            stopping = asyncio.create_task(site.schedule.stop(10))
            await site.clock.advance(9.9)
            assert not stopping.done()
            await site.clock.advance(0.2)
            assert stopping.done()
    assert [(log["event"], log["meters"]) for log in logs] == [("readings did not end in time", ["m"])]
    assert site.booked == []


async def test_stop_scheduling_begins_no_slot_and_ends_none(site: Site) -> None:
    site.takes = 400
    site.add(meter())
    async with site.rung():
        await site.clock.advance(5 * 60 + 10)
        site.schedule.stop_scheduling()
        await site.clock.advance(300)
        assert site.schedule.snapshot()[0].running
        await site.clock.advance(600)
        assert not site.schedule.snapshot()[0].running
    assert site.slots() == [NOON + 5 * MINUTE]


async def test_what_passes_under_a_clock_of_1970_is_the_clock_s_fault_though_nothing_rang(site: Site) -> None:
    """The next slot is decades away for such a clock: only the watch can know of the doubt."""
    site.add(meter(), accounted=NOON)
    task = asyncio.create_task(site.schedule._watch(Watch(site.clock), was_credible=True))
    site.clock.step(-NOON / 1000)
    site.credible = False
    await site.clock.advance(12 * 60)
    site.clock.step(NOON / 1000)
    site.credible = True
    task.cancel()
    ring = asyncio.create_task(site.schedule.tick("m"))
    await site.clock.advance(60)
    await ring
    assert site.holes() == [(NOON + 5 * MINUTE, NOON + 10 * MINUTE, HoleReason.CLOCK)]


async def test_a_meter_that_is_added_under_a_doubtful_clock_is_in_doubt_from_the_start(site: Site) -> None:
    site.credible = False
    site.add(meter(), accounted=NOON)
    await site.clock.advance(12 * 60)
    site.credible = True
    ring = asyncio.create_task(site.schedule.tick("m"))
    await site.clock.advance(60)
    await ring
    assert site.holes() == [(NOON + 5 * MINUTE, NOON + 10 * MINUTE, HoleReason.CLOCK)]
