"""What packets in waiting lack: what was not heard, a log may add; what was refused, nothing may."""

import asyncio
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.rule import Facts, Rule, rule_of
from bacnet_bridge.bacnet.trend import Logs
from bacnet_bridge.logged import ClockMark, LogFacts, LoggedProperty, LogReading, LogRecord
from bacnet_bridge.model import Backfill, LogColumn, Meter, Packet, Problem, Reading
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.packet.build import packet_of, unheard
from bacnet_bridge.packet.wire import values
from bacnet_bridge.service.clock_marks import ClockMarks
from bacnet_bridge.service.collect import Collector
from bacnet_bridge.service.healing import Healing
from bacnet_bridge.service.unheard import Unheard
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.slots import Grid
from tests.support.bacnet import meter, point
from tests.support.clock import NOON, DrivenClock
from tests.support.log_records import real
from tests.support.outbox import ACCOUNT, SqliteBackend

FIVE = 300_000
POWER = point("AI1", "aP_1", unit="W", backfill=Backfill(LogColumn(ObjectId(20, 1))))
VOLTAGE = point(
    "AI2", "v_1", unit="V", frozen_after=3, frozen_refused=True, backfill=Backfill(LogColumn(ObjectId(20, 2)))
)
CURRENT = point("AI3", "c_1", unit="A")
METER = meter(1001, POWER, VOLTAGE, CURRENT)
SILENT, REFUSED = Problem(HoleReason.SILENT, "no answer"), Problem(HoleReason.REFUSED, "fault")


def test_a_field_was_not_heard_where_none_of_its_points_was_refused() -> None:
    power, voltage = Reading(POWER, 0, Decimal(1)), Reading(VOLTAGE, 0, problem=SILENT)
    assert unheard(METER, [power, voltage, Reading(CURRENT, 0, problem=REFUSED)]) == {"v_1"}
    assert unheard(METER, [power, voltage]) == {"v_1", "c_1"}
    assert unheard(METER, [Reading(each, 0, Decimal(1)) for each in METER.points]) == frozenset()
    sums = meter(1001, point("ACC1"), point("ACC2"))
    assert (
        unheard(sums, [Reading(sums.points[0], 0, problem=SILENT), Reading(sums.points[1], 0, problem=REFUSED)])
        == set()
    )


def test_it_is_noted_of_fields_with_a_log_and_of_the_newest_packets() -> None:
    noted = Unheard()
    assert noted.of("m") == {}
    for instant in range(300):
        noted.note(METER, instant, frozenset({"v_1", "c_1"}))
    assert list(noted.of("m")) == list(range(44, 300))
    assert set(noted.of("m").values()) == {frozenset({"v_1"})}


async def test_the_collector_tells_it_with_the_packet(tmp_path: Path) -> None:
    class Answers:
        readings = (Reading(POWER, 0, Decimal(1)), Reading(VOLTAGE, 0, problem=SILENT), Reading(CURRENT, 0, Decimal(2)))
        memory: Mapping[str, str] = {}
        unsent: Mapping[str, str] = {}

    class Reader:
        async def read(self, _meter: Meter, _memory: Mapping[str, str]) -> Answers:
            return Answers()

    told: list[frozenset[str]] = []

    async def put(_meter: Meter, _packet: Packet, _memory: Mapping[str, str], fields: frozenset[str]) -> None:
        told.append(fields)

    backend = SqliteBackend(tmp_path, DrivenClock())
    collector = Collector(Reader(), await backend.open(), backend.ledger, DrivenClock(), {"default": ACCOUNT})
    collector.put = put
    await collector.collect(METER, NOON, NOON)
    assert told == [{"v_1"}]
    await backend.close()


class Logged:
    """Both logs write every five minutes, or what changes: nothing since ever."""

    def __init__(self, clock: DrivenClock, interval: int | None) -> None:
        self._clock, self._interval = clock, interval

    def logs(self, _meter: Meter) -> Logs:
        return cast("Logs", self)

    def rules(self, of: Meter) -> list[Rule | None]:
        return [rule_of(each, Facts("A")) for each in of.points]

    async def warm(self, _meters: Iterable[Meter]) -> None: ...

    async def facts(self, log: ObjectId) -> LogFacts:
        what = LoggedProperty(ObjectId(0, log.instance), 85)
        clock = ClockMark(self._clock.wall(), 0, 10, 1000)
        return LogFacts(log, (what,), self._interval, True, 9999, 1000, 1000, False, clock)

    async def read(self, log: ObjectId, *_asked: object) -> LogReading:
        instants = range(NOON - FIVE, self._clock.wall(), FIVE) if self._interval else [NOON - FIVE]
        records = [LogRecord(at, 10, number, real(230 + number), ()) for number, at in enumerate(instants, 1)]
        return LogReading(await self.facts(log), (tuple(records),), whole=True, requests=1)


async def over(outbox: SqliteOutbox, clock: DrivenClock) -> None:
    """No gap is waited for any more."""
    for _ in range(900):
        if not await outbox.gaps_waited_for():
            return
        await clock.advance(1)
        await asyncio.sleep(0.01)  # the database's threads announce nothing
    raise AssertionError("the gap is held still")


async def healed(folder: Path, interval: int | None, lacks: frozenset[str], refused: bool = False) -> dict[int, Any]:
    """Slot 0 is put, 1 is refused or missed, 2 and 3 are missed; 4 has its power, and lacks its voltage."""
    clock = DrivenClock()
    backend = SqliteBackend(folder, clock)
    outbox, ledger = await backend.open(), backend.ledger
    await ledger.open(METER.id, Grid(FIVE, 0), "UTC", NOON - 1)
    logged, ended = Logged(clock, interval), asyncio.Event()
    healing = Healing(
        logged, outbox, ledger, clock, ClockMarks(Kept()), lambda: [METER], lambda: True, lambda *_: ended.set()
    )
    queue = Collector(cast("Any", None), outbox, ledger, clock, {"default": ACCOUNT}).queue(METER)
    await outbox.put(packet_of(METER, queue, NOON, {"aP_1": Decimal(1)}))
    if refused:
        await ledger.hole(METER.id, NOON + FIVE, NOON + FIVE, HoleReason.REFUSED, "frozen")
    await clock.advance_to(NOON + 4 * FIVE + 1000)
    await healing.put(METER, packet_of(METER, queue, NOON + 4 * FIVE, {"aP_1": Decimal(5)}), {}, lacks)
    await over(outbox, clock)
    found = {(each.instant - NOON) // FIVE: values(each.body) for each in await outbox.waiting(queue)}
    await backend.close()
    return found


@pytest.mark.parametrize(("lacks", "has"), [(frozenset({"v_1"}), {"aP_1", "v_1"}), (frozenset(), {"aP_1"})])
async def test_what_was_not_heard_is_added_and_what_was_refused_is_not(
    tmp_path: Path, lacks: frozenset[str], has: set[str]
) -> None:
    found = await healed(tmp_path, FIVE, lacks)
    assert set(found[4]) == has
    assert found[4]["aP_1"] == 5


async def test_what_stood_still_when_it_was_read_and_refused_is_not_carried_into_the_gap(tmp_path: Path) -> None:
    found = await healed(tmp_path, None, frozenset({"v_1"}), refused=True)
    assert set(found[2]) == {"aP_1"}, "the log has the power, too, and nobody called that frozen"


async def test_slots_of_a_gap_that_have_their_packets_are_no_holes(tmp_path: Path) -> None:
    """Somebody pushed one of two while they were held: the other is a hole by its reason, and this one is none."""
    clock = DrivenClock()
    backend = SqliteBackend(tmp_path, clock)
    outbox, ledger = await backend.open(), backend.ledger
    await ledger.open(METER.id, Grid(FIVE, 0), "UTC", NOON - 1)
    logged = Logged(clock, FIVE)
    healing = Healing(logged, outbox, ledger, clock, ClockMarks(Kept()), lambda: [METER], lambda: True, lambda *_: None)
    queue = Collector(cast("Any", None), outbox, ledger, clock, {"default": ACCOUNT}).queue(METER)
    await outbox.put(packet_of(METER, queue, NOON, {"aP_1": Decimal(1)}))
    await clock.advance_to(NOON + 3 * FIVE + 1000)
    await healing.put(METER, packet_of(METER, queue, NOON + 3 * FIVE, {"aP_1": Decimal(5)}), {})
    await outbox.mend(queue, [packet_of(METER, queue, NOON + FIVE, {"aP_1": Decimal(4)})], [])
    await over(outbox, clock)
    for _ in range(100):
        _, booked = await ledger.due(METER.id, NOON, NOON + 2 * FIVE)
        if booked:
            break
        await asyncio.sleep(0.01)
    assert [(each.first, each.last) for each in booked] == [(NOON + 2 * FIVE, NOON + 2 * FIVE)]
    assert "other slots of the gap had their packets" in booked[0].detail
    await backend.close()
