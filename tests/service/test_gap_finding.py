"""Which gaps a packet ends, and what is held for them: over a real outbox and ledger, by a driven clock."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

import pytest

from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.rule import Rule
from bacnet_bridge.bacnet.trend import LogRefusedError, Logs
from bacnet_bridge.logged import ClockMark, LogFacts
from bacnet_bridge.model import AcceptedBy, Backfill, LogColumn, Meter, Nature
from bacnet_bridge.service.clock_marks import ClockMarks
from bacnet_bridge.service.healing import Healing
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.slots import Grid
from tests.support.bacnet import meter, point
from tests.support.clock import DrivenClock
from tests.support.outbox import SqliteBackend, packet, queue

FIVE = 300_000
LOG = ObjectId(20, 1)
METER = meter(1001, point("AI1", backfill=Backfill(LogColumn(LOG))))


class Nobody:
    """Logs are not read here."""

    def logs(self, _meter: Meter) -> Logs:
        raise AssertionError("nothing is to be read")

    def rules(self, _meter: Meter) -> list[Rule | None]:
        raise AssertionError("nothing is to be read")

    async def warm(self, _meters: Iterable[Meter]) -> None: ...


class Site:
    """One meter of five minutes; slots by number, the first one read and accepted."""

    def __init__(self, folder: Path) -> None:
        self.clock = DrivenClock()
        self.backend = SqliteBackend(folder, self.clock)
        self.begin = self.clock.wall() - self.clock.wall() % FIVE
        self.marks = ClockMarks(Kept())

    def slot(self, number: int) -> int:
        return self.begin + number * FIVE

    async def open(self) -> None:
        await self.backend.open()
        await self.backend.ledger.open("m", Grid(FIVE, 0), "UTC", self.slot(0) - 1)
        await self.backend.outbox.put(packet(self.slot(0), "m"))
        await self.accept_all()
        self.restart()

    def restart(self) -> None:
        # Without a meter of its own that is mapped, nothing is read.
        parts = Nobody(), self.backend.outbox, self.backend.ledger, self.clock, self.marks
        self.healing = Healing(*parts, lambda: (), lambda: True, lambda _meter, _packets: None)

    async def accept_all(self) -> None:
        while (head := await self.backend.outbox.head(queue("m"))) is not None:
            await self.backend.outbox.accept(head, AcceptedBy.ANSWER, self.clock.wall())

    async def put(self, number: int, of: Meter = METER) -> None:
        await self.clock.advance((self.slot(number) - self.clock.wall()) / 1000 if number else 0)
        await self.healing.put(of, packet(self.slot(number), "m"), {"k": str(number)})

    async def held(self) -> list[tuple[int, int]]:
        """First and last slot of what is held, by number."""
        held = await self.backend.outbox.gaps_waited_for()
        return [((each.first - self.begin) // FIVE, (each.last - self.begin) // FIVE) for each in held]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    site = Site(tmp_path)
    await site.open()
    yield site
    await site.backend.close()


async def test_slots_that_nobody_explains_are_held_with_the_packet_after_them(site: Site) -> None:
    await site.put(4)
    assert await site.held() == [(1, 3)]
    (gap,) = await site.backend.outbox.gaps("m")
    assert gap.deadline == site.clock.wall() + 900_000
    assert (gap.resumed, gap.before, gap.after) == (site.slot(4), {}, {"k": "4"})


async def test_one_slot_is_not_worth_a_hold_nor_is_a_meter_without_a_log(site: Site) -> None:
    await site.put(2)
    await site.put(9, meter(1001, point("AI1")))
    assert await site.held() == []


async def test_only_reasons_that_a_log_heals_are_held_for(site: Site) -> None:
    ledger = site.backend.ledger
    await ledger.hole("m", site.slot(1), site.slot(2), HoleReason.SILENT)
    await ledger.hole("m", site.slot(3), site.slot(5), HoleReason.REFUSED)
    await ledger.hole("m", site.slot(6), site.slot(7), HoleReason.LATE)
    await site.put(9)
    assert await site.held() == [(1, 2), (6, 8)]


async def test_of_a_difference_s_gaps_the_last_one_is_healed(site: Site) -> None:
    await site.backend.ledger.hole("m", site.slot(3), site.slot(5), HoleReason.REFUSED)
    await site.put(9, meter(1001, point("ACC1", nature=Nature.DELTA, backfill=Backfill(LogColumn(LOG)))))
    assert await site.held() == [(6, 8)]


async def test_a_slow_log_is_waited_for_longer(site: Site) -> None:
    facts = LogFacts(LOG, (None,), 3_600_000, True, 9, 9, 9, False, ClockMark(0, 0, 0, 9))
    site.marks.keep(METER, facts)
    await site.put(4)
    (gap,) = await site.backend.outbox.gaps("m")
    assert gap.deadline == site.clock.wall() + 7_200_000


async def test_a_crash_loop_before_anything_is_sent_has_one_deadline(site: Site) -> None:
    site.marks.keep(METER, LogFacts(LOG, (None,), 900_000, True, 9, 9, 9, False, ClockMark(0, 0, 0, 9)))
    await site.put(4)
    (first,) = await site.backend.outbox.gaps("m")
    await site.backend.crash()
    site.restart()
    await site.put(7)
    await site.backend.crash()
    site.restart()
    await site.put(11)
    assert await site.held() == [(1, 3), (5, 6)], "the deadline of the first was past before the third"
    assert {each.deadline for each in await site.backend.outbox.gaps("m")} == {first.deadline}
    await site.accept_all()
    assert site.backend.outbox.horizon("m").sent == site.slot(11)
    await site.put(14)
    assert await site.held() == [(12, 13)]
    (*_, last) = await site.backend.outbox.gaps("m")
    assert last.deadline == site.clock.wall() + 1_800_000


async def test_while_the_platform_is_away_each_gap_is_waited_for(site: Site) -> None:
    """Nothing leaves for hours: what became of an earlier gap says nothing of a later one."""
    await site.put(4)
    await site.backend.outbox.give_up(queue("m"), site.slot(1), "device 1001 does not answer")
    for number in range(5, 10):
        await site.put(number)
    await site.put(20)
    assert await site.held() == [(10, 19)]
    assert site.backend.outbox.horizon("m").sent == site.slot(0)
    (_, later) = await site.backend.outbox.gaps("m")
    assert later.deadline == site.clock.wall() + 900_000


async def test_what_was_held_once_is_not_held_again(site: Site) -> None:
    await site.put(4)
    await site.backend.outbox.give_up(queue("m"), site.slot(1), "no log")
    await site.backend.crash()
    site.restart()
    await site.put(5)
    assert await site.held() == []


async def test_a_gap_takes_half_of_the_room_at_most(site: Site) -> None:
    site.backend.outbox.allot({"m": 8})
    await site.put(20)
    assert await site.held() == [(16, 19)]


async def test_an_extra_packet_ends_a_gap_as_any_other(site: Site) -> None:
    await site.clock.advance(4 * 300 + 7)
    await site.healing.put(METER, packet(site.slot(4) + 7000, "m"), {})
    assert await site.held() == [(1, 4)]


async def test_no_log_is_read_by_a_clock_that_is_not_credible(site: Site) -> None:
    """Its records' instants are known by ours alone."""
    await site.put(4)
    believed, read = False, asyncio.Event()

    class Refusing(Nobody):
        def logs(self, _meter: Meter) -> Any:
            return self

        async def read(self, *_what: object) -> None:
            assert believed
            read.set()
            raise LogRefusedError("no such log")

    parts = Refusing(), site.backend.outbox, site.backend.ledger, site.clock, site.marks
    mapped = Meter("m", "m", 1001, METER.points, 300, "UTC", 60)
    healing = Healing(*parts, lambda: (mapped,), lambda: believed, lambda _meter, _packets: None)
    running = asyncio.create_task(healing.run())
    for _ in range(5):
        await site.clock.advance(1)
    assert await site.held() == [(1, 3)]
    believed = True
    while not read.is_set():
        await site.clock.advance(1)
    while not healing.outcomes["given up"]:
        await site.clock.advance(1)
    running.cancel()
    await asyncio.wait({running})
    assert await site.held() == []
