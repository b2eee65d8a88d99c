"""Trend logs of simulated devices, over real UDP, in another process: what is read is what the simulator held."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.read_range import READ_RANGE
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.bacnet.trend import LogRefusedError
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import DeviceSilentError
from bacnet_bridge.logged import (
    ClockChanged,
    ClockMark,
    Failed,
    Happened,
    LoggedProperty,
    LogReading,
    LogRecord,
    LogStatus,
    Recorded,
)
from bacnet_bridge.model import Backfill, LogColumn, PropertyRef
from bacnet_bridge.service.log_seen import see_logs
from bacnet_bridge.simulator.building import SimulatedBuilding, run_building
from bacnet_bridge.simulator.values import Constant, Counter, Daily, States, number, state
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import client, meter, point
from tests.support.logs import building_of, logs_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

DUBLIN = ZoneInfo("Europe/Dublin")
HOUR = 3_600_000
POWER_LOG, BOTH_LOG, FAN_LOG = ObjectId(20, 1), ObjectId(27, 1), ObjectId(20, 2)
POWER: dict[str, Any] = {"object": "trend-log,1", "name": "Power log", "of": "analog-input,1", "history": 8 * 3600}
BOTH: dict[str, Any] = {
    "object": "trend-log-multiple,1", "name": "Three", "interval": 60, "history": 8 * 3600,
    "of": ["analog-input,1", "large-analog-value,1", "binary-input,1"],
}  # fmt: skip
FAN: dict[str, Any] = {
    "object": "trend-log,2", "name": "Fan log", "of": "binary-input,1", "cov_increment": 1, "interval": 60,
    "history": 86_400,
}  # fmt: skip
SMALL: dict[str, Any] = {"max_apdu": 480, "segmentation": "no-segmentation"}
DEVICES: dict[str, dict[str, Any]] = {
    "plain": {"logs": [POWER, BOTH, FAN], **SMALL},
    "elsewhere": {"logs": [POWER], "clock": {"zone": "America/New_York", "ahead": -1834}},
    "moved": {
        "logs": [POWER],
        "past": [
            {"ago": 25_000, "ahead": 3_000},
            {"ago": 20_000, "failing": 1_000},
            {"ago": 15_000, "disabled": 10},
            {"ago": 10_000, "ahead": 0},
        ],
    },
    "position": {"logs": [POWER], "behaviour": {"refuse_range": ["sequence"]}, **SMALL},
    "time": {"logs": [POWER], "behaviour": {"refuse_range": ["sequence", "position"]}, **SMALL},
    "none": {"logs": [POWER], "behaviour": {"refuse_range": ["sequence", "position", "time"]}},
    "few": {"logs": [POWER], "behaviour": {"most_records": 7}},
    "aborting": {"logs": [POWER], "behaviour": {"abort_records": 9, "refuse_rpm": True}},
    "clockless": {"logs": [POWER], "clock": {"hidden": True}},
    "around": {"logs": [{**POWER, "first": 2**32 - 40}], **SMALL},
    "restarted": {"logs": [{**POWER, "interval": 60, "history": 3600}]},
    "full": {"logs": [{**POWER, "buffer": 50}], **SMALL},
}
INSTANCE = {name: 1001 + at for at, name in enumerate(DEVICES)}


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SimulatedBuilding]:
    async with run_building(building_of(tmp_path_factory.mktemp("logs"), DEVICES)) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def bridge(building: SimulatedBuilding) -> AsyncIterator[Client]:
    async with client(timeout=2, bbmd=f"127.0.0.1:{building.port}") as made:
        yield made


async def read(bridge: Client, device: str, log: ObjectId = POWER_LOG, hours: float = 6) -> LogReading:
    """These clocks were not looked at before, and are trusted: the simulator says what they were."""
    async with logs_of(bridge, INSTANCE[device]) as logs:
        return await logs.read(log, SystemClock().wall() - round(hours * HOUR), DUBLIN, None)


def held(building: SimulatedBuilding, device: str, object_id: str, at: int) -> float | str:
    """What the object showed at that instant."""
    declared = next(each for each in building.declaration.devices if each.name == device)
    value = next(each.value for each in declared.objects if str(each.object) == object_id)
    if isinstance(value, States):
        return state(value, at, DUBLIN)
    assert isinstance(value, Constant | Daily | Counter)
    return number(value, f"{declared.instance} {object_id}", at, DUBLIN)


def check(
    building: SimulatedBuilding, device: str, records: tuple[LogRecord, ...], object_id: str = "analog-input,1"
) -> int:
    """Every value is what the simulator held, at an instant of the log's grid. How many there are."""
    values = [record for record in records if isinstance(record.content, Recorded)]
    for record in values:
        at = round(record.instant / 60_000) * 60_000
        assert abs(record.instant - at) <= record.within
        assert isinstance(record.content, Recorded)
        found, shown = record.content.number, held(building, device, object_id, at)
        assert found is not None
        assert float(found) == pytest.approx(shown) if isinstance(shown, float) else shown == _STATES[int(found)]
    instants = [record.instant for record in records]
    assert instants == sorted(instants)
    return len(values)


_STATES = ("inactive", "active")


@pytest.mark.parametrize("device", ["plain", "elsewhere", "position", "time", "few", "aborting", "around", "moved"])
async def test_six_hours_are_what_the_simulator_held(building: SimulatedBuilding, bridge: Client, device: str) -> None:
    """Whatever the device's clock, and whatever ways to ask it understands."""
    reading = await read(bridge, device)
    assert reading.whole
    assert not reading.doubts
    (records,) = reading.members
    expected = 72 if device != "moved" else 69
    assert check(building, device, records) in {expected, expected + 1, expected + 2}
    clock = reading.facts.clock.within  # once in a hundred looks it shows a whole second, and may show no others
    assert {record.within for record in records} <= {clock + 10, clock + 1000}


async def test_answers_are_as_long_as_they_can_be(bridge: Client) -> None:
    """20 records in 480 octets; the rest of the requests are about the log and its clock."""
    assert (await read(bridge, "plain")).requests <= 2 + 4
    assert (await read(bridge, "elsewhere")).requests <= 2 + 2


async def test_a_log_of_several(building: SimulatedBuilding, bridge: Client) -> None:
    reading = await read(bridge, "plain", BOTH_LOG, hours=2)
    assert reading.whole
    assert [str(each and each.object) for each in reading.facts.members] == BOTH["of"]
    for records, source in zip(reading.members, BOTH["of"], strict=True):
        assert check(building, "plain", records, source) in {120, 121, 122}


async def test_a_log_by_change(building: SimulatedBuilding, bridge: Client) -> None:
    """The last record before what is wanted says what held then."""
    reading = await read(bridge, "plain", FAN_LOG, hours=1)
    assert reading.facts.interval is None
    assert reading.whole
    (records,) = reading.members
    assert check(building, "plain", records, "binary-input,1") in {1, 2}
    async with logs_of(bridge, INSTANCE["plain"]) as logs:
        alone = await logs.read(FAN_LOG, SystemClock().wall() - HOUR, DUBLIN)
    assert (alone.members, alone.whole) == (((),), False), "nobody had looked at its clock before"
    assert "or before: a log of changes does not show that" in alone.doubts[0]


async def test_a_log_by_change_is_seen_where_nothing_is_taken_from_it(bridge: Client) -> None:
    """As `check --live` does, which never looked at the device's clock before."""
    reader = Reader(bridge, SystemClock())
    try:
        fan = meter(INSTANCE["plain"], point("BI1", backfill=Backfill(LogColumn(FAN_LOG))))
        (seen,) = await see_logs(reader, SystemClock(), [fan])
    finally:
        await reader.stop()
    assert seen.newest[0] is not None
    assert seen.doubts == ()


async def test_what_befell_the_device_stands_in_the_log(bridge: Client) -> None:
    reading = await read(bridge, "moved", hours=7.5)
    said = [record.content for record in reading.members[0]]
    assert [each.seconds for each in said if isinstance(each, ClockChanged)] == [3000, -3000]
    assert {each.text for each in said if isinstance(each, Failed)} == {"operational-problem"}
    assert [each.status for each in said if isinstance(each, Happened)] == [{LogStatus.DISABLED}, frozenset()]


async def test_a_log_that_does_not_reach_so_far(building: SimulatedBuilding, bridge: Client) -> None:
    reading = await read(bridge, "full")
    assert not reading.whole
    assert not reading.doubts
    assert check(building, "full", reading.members[0]) == 50
    assert reading.facts.total is not None
    assert reading.facts.total > reading.facts.records == reading.facts.buffer == 50


@pytest.mark.parametrize(
    ("device", "sentence"),
    [("none", "trend-log,1 cannot be read: reject"), ("clockless", "does not say what time its clock shows")],
)
async def test_a_log_that_cannot_be_had_is_refused_with_a_sentence(bridge: Client, device: str, sentence: str) -> None:
    with pytest.raises(LogRefusedError, match=sentence):
        await read(bridge, device)


async def test_the_reader_of_meters_hands_them_out(bridge: Client) -> None:
    reader = Reader(bridge, SystemClock())
    facts = await reader.logs(meter(INSTANCE["elsewhere"], point("AI1"))).facts(POWER_LOG)
    await reader.stop()
    assert facts.interval == 300_000
    assert facts.members[0] == LoggedProperty(ObjectId(0, 1), 85)
    in_new_york = SystemClock().wall() + facts.clock.offset + 1_834_000
    shown = datetime.now(ZoneInfo("America/New_York")).replace(tzinfo=UTC).timestamp() * 1000
    assert abs(in_new_york - shown) < 5_000


async def test_no_such_log(bridge: Client) -> None:
    with pytest.raises(LogRefusedError, match="trend-log,9 does not say how many records it holds") as refused:
        await read(bridge, "plain", ObjectId(20, 9))
    assert refused.value.final


async def test_a_device_that_falls_silent_is_gone_on_with(
    building: SimulatedBuilding, bridge: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read before is not read again."""
    whole = await read(bridge, "plain", hours=7.5)
    ask, asked = bridge.ask, list[int]()

    async def silent_from_the_fourth_on(address: str, service: int, *said: Any, **how: Any) -> bytes:
        if service == 26:
            asked.append(service)
            if len(asked) == 4:
                raise DeviceSilentError("no answer")
        return await ask(address, service, *said, **how)

    monkeypatch.setattr(bridge, "ask", silent_from_the_fourth_on)
    since = SystemClock().wall() - round(7.5 * HOUR)
    async with logs_of(bridge, INSTANCE["plain"]) as logs:
        with pytest.raises(DeviceSilentError):
            await logs.read(POWER_LOG, since, DUBLIN)
        reading = await logs.read(POWER_LOG, since, DUBLIN)
    assert reading.whole
    assert reading.requests <= whole.requests - 2
    assert check(building, "plain", reading.members[0]) >= 90


async def test_a_slot_goes_between_two_questions_for_records(bridge: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """One request is in flight; who wants a value waits for one answer of the log's, not for the log."""
    ask, services = bridge.ask, list[int]()
    begun = asyncio.Event()

    async def noted(address: str, service: int, *said: Any, **how: Any) -> bytes:
        services.append(service)
        if service == READ_RANGE:
            begun.set()
        return await ask(address, service, *said, **how)

    async with logs_of(bridge, INSTANCE["few"]) as logs:
        monkeypatch.setattr(bridge, "ask", noted)
        reading = asyncio.create_task(logs.read(POWER_LOG, SystemClock().wall() - 6 * HOUR, DUBLIN))
        await begun.wait()
        before = services.count(READ_RANGE)
        await logs._device.read_properties([PropertyRef(ObjectId(0, 1)), PropertyRef(ObjectId(0, 1), 111)])
        assert services.count(READ_RANGE) - before <= 2
        assert not reading.done()
        assert (await reading).whole


async def test_a_restart_with_a_wrong_clock(building: SimulatedBuilding, bridge: Client) -> None:
    """What was before is known by an earlier look at the clock, and by nothing else."""
    async with logs_of(bridge, INSTANCE["restarted"]) as logs:
        mark: ClockMark = (await logs.facts(POWER_LOG)).clock
        await building.happen(INSTANCE["restarted"], down=0.01, ahead=-7200)
        since = SystemClock().wall() - HOUR // 2
        while not (alone := await logs.read(POWER_LOG, since, DUBLIN)).members[0] or not alone.doubts:
            assert alone.whole or alone.doubts, "its clock is wrong a moment before its log says that it was off"
        marked = await logs.read(POWER_LOG, since, DUBLIN, [mark])
    assert not alone.whole
    assert [record.content for record in alone.members[0]][:1] == [Happened(frozenset({LogStatus.INTERRUPTED}))]
    assert "are left out" in alone.doubts[0]
    assert marked.whole
    assert check(building, "restarted", marked.members[0]) >= 29
