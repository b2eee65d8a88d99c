"""`backfill --dry-run`: on a building whose devices keep logs, alone and beside the service; and what it refuses."""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.cli.past_times import past
from bacnet_bridge.clock import SystemClock, instant_of, moment_of
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.logged import ClockMark, Happened, LogFacts
from bacnet_bridge.mapping import Defaults, load
from bacnet_bridge.service.clock_marks import ClockMarks
from bacnet_bridge.simulator.building import SimulatedBuilding, run_building
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.simulator.values import Counter, Daily, number
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import client
from tests.support.forked import command
from tests.support.logs import building_of, logs_of
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.site import run_service, site_environment

POWER = {"object": "trend-log,1", "name": "P", "of": "analog-input,1", "interval": 60, "history": 6 * 3600}
ENERGY = {"object": "trend-log,2", "name": "E", "of": "large-analog-value,1", "interval": 60, "history": 6 * 3600}
SEVERAL = {"object": "trend-log-multiple,1", "name": "S", "of": ["analog-input,1"], "interval": 60, "history": 3600}
DEVICES: dict[str, dict[str, Any]] = {
    "meter": {"logs": [POWER, ENERGY], "clock": {"zone": "America/New_York", "ahead": -47}},
    "torn": {"logs": [POWER, SEVERAL], "past": [{"ago": 1200, "failing": 240}]},
    "clockless": {"logs": [POWER], "clock": {"hidden": True}},
    "restarted": {"logs": [POWER], "past": [{"ago": 1800, "down": 120, "ahead": -3600}]},
}
MAPPED = """\
defaults: {interval: 1 min, tolerance: 15 s}
meters:
  Main: {id: main, device: 1001, aP_1: {object: AI1, backfill: TL1}, pC_1: {object: LAV1, backfill: TL2}, v_1: AI1}
  Growth: {id: growth, device: 1001, as: delta, value: {object: LAV1, backfill: TL2}}
  Torn: {id: torn, device: 1002, value: {object: AI1, backfill: TL1}}
  Bare: {id: bare, device: 1002, value: {object: AI1, backfill: TLM1 column 1}}
  Clockless: {id: clockless, device: 1003, value: {object: AI1, backfill: TL1}}
  Nowhere: {id: nowhere, device: 1003, value: AI1}
  Restarted: {id: restarted, device: 1004, value: {object: AI1, backfill: TL1}}
  Silent: {id: silent, device: 1099, value: {object: AI1, backfill: TL1}}
  Draft: {device: 1001, value: AI1}
"""
DUBLIN = ZoneInfo("Europe/Dublin")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def building(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SimulatedBuilding]:
    async with run_building(building_of(tmp_path_factory.mktemp("logs"), DEVICES)) as running:
        yield running


@pytest.fixture
def site(tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform) -> dict[str, str]:
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "m.yaml").write_text(MAPPED)
    return site_environment(tmp_path, building, platform)


def held(building: SimulatedBuilding, object_id: str, at: int, device: int = 1001) -> float:
    """What the object showed at that instant."""
    declared = next(each for each in building.declaration.devices if each.instance == device)
    value = next(each.value for each in declared.objects if str(each.object) == object_id)
    assert isinstance(value, Counter | Daily)
    return number(value, f"{device} {object_id}", at, DUBLIN)


async def tried(site: dict[str, str], meter: str, *words: str) -> dict[str, Any]:
    status, out, told = await command(site, "backfill", meter, *words, "--dry-run", "--json")
    assert status == 0, told
    found: dict[str, Any] = json.loads(out)
    return found


def by_slot(found: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Packets' fields by instant; holes have none."""
    return {
        instant_of(datetime.fromisoformat(slot["slot"])): json.loads(slot["packet"] or "{}") for slot in found["slots"]
    }


@pytest.mark.parametrize("beside", [False, True])
async def test_it_shows_what_the_simulator_held(
    site: dict[str, str], building: SimulatedBuilding, platform: StrictPlatform, beside: bool, tmp_path: Path
) -> None:
    if beside:
        async with run_service(site) as service:
            await service.until_logged("running")
            found = await tried(site, "Main", "--from", "2 h", "--to", "1 h")
    else:
        found = await tried(site, "main", "--from", "2 h", "--to", "1 h")
        assert not (tmp_path / "state").exists(), "it makes nothing"
    slots = by_slot(found)
    assert len(slots) in {60, 61}
    for at, packet in slots.items():
        assert packet["aP_1"] == pytest.approx(1000 * held(building, "analog-input,1", at))
        assert packet["pC_1"] == pytest.approx(1000 * held(building, "large-analog-value,1", at))
    assert found["unlogged"] == ["v_1"]
    assert {log["requests"] <= 8 and log["told"] == [] for log in found["logs"]} == {True}
    assert not any(slot["passed"] for slot in found["slots"]) or beside
    assert platform.counts("main").discarded == 0


async def test_a_difference_s_sum_is_the_counter_s_growth(site: dict[str, str], building: SimulatedBuilding) -> None:
    slots = by_slot(await tried(site, "Growth", "--from", "3 h", "--to", "1 h"))
    first, last = min(slots), max(slots)
    grown = held(building, "large-analog-value,1", last) - held(building, "large-analog-value,1", first - 60_000)
    assert sum(packet["value"] for packet in slots.values()) == pytest.approx(grown)


async def test_each_hole_has_its_reason_and_each_value_its_record(site: dict[str, str]) -> None:
    status, out, told = await command(site, "backfill", "Torn", "--from", "30 min", "--dry-run")
    assert status == 0, told
    holes = [line for line in out.splitlines() if "the device could not read what it logs" in line]
    assert len(holes) in {3, 4, 5}
    row = re.compile(r"\S+ \S+  value  \S+ kW +\S+ +[-\d]+ [:.\d]+ +the record nearest *")
    shown = [line for line in out.splitlines() if row.fullmatch(line)]
    assert len(shown) > 20
    assert re.search(r"\d+ slots: the logs have \d+, [345] holes would be left. Nothing was sent.", out)
    bare = await tried(site, "Bare", "--from", "10 min")
    assert {slot["packet"] for slot in bare["slots"]} == {None}
    assert "keeps no status flags; say `unflagged: send`" in bare["slots"][0]["hole"]
    refused = await tried(site, "Clockless", "--from", "10 min")
    assert "does not say what time its clock shows" in refused["slots"][0]["hole"]
    assert "does not say what time its clock shows" in refused["logs"][0]["told"][0]


async def earlier_look(building: SimulatedBuilding) -> LogFacts:
    """At the clock of the device that was restarted half an hour ago, two hours ago, when it was right."""
    at, log = SystemClock().wall() - 2 * 3_600_000, ObjectId(20, 1)
    async with client(bbmd=f"{building.address}:{building.port}") as bridge, logs_of(bridge, 1004) as logs:
        reading = await logs.read(log, at, DUBLIN)
    (records,) = reading.members
    back = next(record for record in records if isinstance(record.content, Happened))
    ticks = (back.instant - 120_000) // 60_000 - at // 60_000  # of its minutes, up to where it went off
    offset = moment_of(at).astimezone(DUBLIN).utcoffset()
    assert offset is not None
    mark = ClockMark(at, round(offset.total_seconds() * 1000), 10, back.sequence - 1 - ticks)
    return replace(reading.facts, clock=mark)


@pytest.mark.parametrize("beside", [False, True])
async def test_a_clock_s_past_is_known_by_what_the_service_had_seen_of_it(
    site: dict[str, str], building: SimulatedBuilding, tmp_path: Path, beside: bool
) -> None:
    stretch = ("--from", "3 h", "--to", "2 h")
    unknown = await tried(site, "Restarted", *stretch)
    assert {slot["packet"] for slot in unknown["slots"]} == {None}
    assert "what the device's clock showed when they were made is not known" in unknown["logs"][0]["told"][0]
    (tmp_path / "state").mkdir(mode=0o700, exist_ok=True)
    meters = {meter.id: meter for meter in load(tmp_path / "mapping", Defaults("Europe/Dublin", 60)).meters}
    marks = ClockMarks(Kept(tmp_path / "state" / "clocks.json"))
    marks.keep(meters["restarted"], await earlier_look(building))
    await marks.flush()
    if beside:
        async with run_service(site) as service:
            await service.until_logged("running")
            known = by_slot(await tried(site, "Restarted", *stretch))
    else:
        known = by_slot(await tried(site, "Restarted", *stretch))
    assert len(known) in {60, 61}
    for at, packet in known.items():
        assert packet["value"] == pytest.approx(held(building, "analog-input,1", at, 1004))


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("Mian", "--from", "1 h", "--dry-run"), "no mapped meter has the id or name 'Mian'; did you mean 'Main'?"),
        (("Draft", "--from", "1 h", "--dry-run"), "'Draft' is a draft"),
        (("Nowhere", "--from", "1 h", "--dry-run"), "'Nowhere' has no backfill: name its objects' trend logs"),
        (("Main", "--from", "1 h", "--to", "2 h", "--dry-run"), "--from '1 h' is not before --to '2 h'"),
        (("Main", "--from", "1 h", "--to", "2999-01-01", "--dry-run"), "--to '2999-01-01' is yet to come"),
        (("Main", "--from", "yesterday", "--dry-run"), "--from 'yesterday' is no time: write 2026-07-01 06:00, or 6 h"),
        (("Main", "--from", "2020-01-01", "--dry-run"), "slots: name a time with 50000 at most"),
        (("Silent", "--from", "1 h", "--dry-run"), "device 1099: no answer to Who-Is"),
        (("Main", "--from", "1 h"), "nothing is filled by hand: the service heals gaps by itself"),
    ],
)
async def test_what_cannot_be_is_a_sentence(site: dict[str, str], words: tuple[str, ...], says: str) -> None:
    status, out, told = await command(site, "backfill", *words)
    assert (status, out) == (1, "")
    assert says in told
    assert len(told.splitlines()) == 1


NOW = instant_of(datetime(2026, 11, 23, 12, tzinfo=UTC))


@pytest.mark.parametrize(
    ("from_", "to", "zone", "expected"),
    [
        ("2026-11-23 06:00", None, "Europe/Dublin", ("06:00", "12:00")),
        ("2026-11-23 06:00", "2026-11-23 07:00", "Asia/Kolkata", ("00:30", "01:30")),
        ("2026-11-23T06:00+02:00", "2026-11-23T06:00Z", "Europe/Dublin", ("04:00", "06:00")),
        ("2 h", "30 min", "Europe/Dublin", ("10:00", "11:30")),
        ("2026-11-23", "90", "Europe/Dublin", ("00:00", "11:58")),
    ],
)
def test_times_are_the_meter_s_or_have_an_offset(
    from_: str, to: str | None, zone: str, expected: tuple[str, str]
) -> None:
    found = past(from_, to, zone, NOW)
    assert tuple(moment_of(each).strftime("%H:%M") for each in found) == expected


@pytest.mark.parametrize("text", ["", "9999999999-01-01", "0 h", "2026-13-01"])
def test_a_time_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(BridgeError, match="is no time: write"):
        past(text, "0001-01-02", "Pacific/Kiritimati", SystemClock().wall())
