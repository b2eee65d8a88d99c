"""What is said of the logs that a mapping names: a table of logs, and the demo's building."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from bacnet_bridge.logged import LoggedProperty
from bacnet_bridge.mapping import Defaults, parse
from bacnet_bridge.model import Meter
from bacnet_bridge.packet.remark import Weight
from bacnet_bridge.service.bridge import running
from bacnet_bridge.service.live import live_meters, looking
from bacnet_bridge.service.live_report import LiveReport, live_report
from bacnet_bridge.service.log_report import by_log, log_lines, log_remarks
from bacnet_bridge.service.log_seen import LogSeen, Newest, log_from_document
from bacnet_bridge.service.mapped import load_for
from bacnet_bridge.settings import Settings
from bacnet_bridge.simulator.building import SimulatedBuilding, run_building
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bridge import site_settings
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.logs import building_of
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture

NOON = 1_767_268_800_000
MINUTE = 60_000
ENERGY, STATE = ObjectId(46, 1), ObjectId(3, 7)
GOOD = LogSeen(
    device=1001, address=None, log=ObjectId(20, 5), members=(LoggedProperty(ENERGY, 85),),
    newest=(Newest(NOON, True),), interval=5 * MINUTE, enabled=True, buffer=2592, records=2000,
    stops_when_full=False, at=NOON + MINUTE, ahead=-1000,
)  # fmt: skip


def meter(backfill: str = "TL5", more: str = "") -> Meter:
    text = f"M: {{id: m, device: 1001, as: index, {more} value: {{object: LAV1, backfill: {backfill}}}}}"
    found = parse([(Path("m.yaml"), f"meters: {{{text}}}".encode())], Defaults("Europe/Dublin", 300))
    return found.meters[0]


def told(log: LogSeen, backfill: str = "TL5") -> list[str]:
    remarks = log_remarks(meter(backfill), by_log([log]))
    return [f"{each.weight}: {each.sentence.removeprefix('value: backfill ')}" for each in remarks]


def test_a_good_log_has_nothing_against_it_and_its_reach_is_said() -> None:
    assert told(GOOD) == []
    (line,) = log_lines(meter(), by_log([GOOD]))
    assert (line.field, line.log, line.pace) == ("value", "trend-log,5", "every 5 min")
    assert (line.heals, line.clock) == ("gaps of up to 9 days", "right")


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ({"why": "no clock"}, ["wrong: trend-log,5: no clock"]),
        (
            {"members": (LoggedProperty(ObjectId(0, 2), 85),)},
            ["wrong: trend-log,5: it records analog-input,2 present-value, and not large-analog-value,1 present-value"],
        ),
        (
            {"members": (LoggedProperty(ENERGY, 85, None, 77),)},
            ["wrong: trend-log,5: it records large-analog-value,1 present-value of device 77, and not large-"],
        ),
        ({"enabled": False}, ["wrong: trend-log,5: it is disabled"]),
        (
            {"enabled": False, "stops_when_full": True, "records": 2592},
            ["wrong: trend-log,5: it is full, and stops when it is"],
        ),
        (
            {"enabled": None, "stops_when_full": True, "records": 2592},
            ["wrong: trend-log,5: it is full, and stops when it is"],
        ),
        ({"stops_when_full": True}, ["odd: trend-log,5: it stops when it is full, and has 2000 of 2592 records"]),
        ({"newest": (Newest(NOON, False),)}, ["wrong: trend-log,5: its records bear no status flags"]),
        ({"newest": (Newest(NOON, True, "timeout"),)}, ["odd: trend-log,5: the device could not read what it logs: t"]),
        ({"newest": (None,)}, ["note: trend-log,5: its newest records tell that it was started or interrupted; look"]),
        ({"newest": (Newest(NOON - 3_600_000, True),)}, ["wrong: trend-log,5: it does not write: its newest value is"]),
        ({"newest": (Newest(NOON + 100_000, True),)}, ["wrong: trend-log,5: its records are 100 s off the slots, and"]),
        ({"newest": (Newest(NOON + 60_000, True),)}, []),
        ({"interval": 15 * MINUTE}, ["odd: trend-log,5: it records every 15 min, and a meter of 5 min has 3 slots in"]),
        (
            {"interval": 10 * (2**32 - 1)},
            ["wrong: trend-log,5: it says that it records every 497.1 days (log-interval): no gap is waited for"],
        ),
        ({"interval": None}, []),
        ({"buffer": 1}, ["wrong: trend-log,5: it forgets after 5 min, before a gap of 2 slots is over"]),
        ({"buffer": 10}, ["odd: trend-log,5: it forgets after 50 min: longer gaps are healed in their last part"]),
        ({"doubts": ("3 records are left out",)}, ["odd: trend-log,5: 3 records are left out"]),
    ],
)
def test_what_is_wrong_with_a_log_is_a_sentence(log: dict[str, Any], said: Sequence[str]) -> None:
    found = told(replace(GOOD, **log))
    assert len(found) == len(said), found
    assert all(one.startswith(start) for one, start in zip(found, said, strict=True)), found
    (line,) = log_lines(meter(), by_log([replace(GOOD, **log)]))
    assert (line.heals == "") is any(each.startswith("wrong") for each in said)


def test_what_the_mapping_says_is_taken_into_account() -> None:
    slow, bare = replace(GOOD, interval=15 * MINUTE), replace(GOOD, newest=(Newest(NOON, False),))
    assert told(slow, "{log: TL5, interpolate: yes}") == []
    assert "age, 10 min, is less than" in told(slow, "{log: TL5, interpolate: yes, age: 10 min}")[0]
    assert told(bare, "{log: TL5, unflagged: send}") == []
    late = replace(GOOD, newest=(Newest(NOON + 30_000, True),))
    assert told(late) == []
    assert "its records are 30 s off" in told(late, "{log: TL5, tolerance: 20 s}")[0]


def test_a_column_that_is_not_there_or_is_another_s() -> None:
    several = replace(
        GOOD, log=ObjectId(27, 1), members=(None, LoggedProperty(ENERGY, 85)), newest=(None, Newest(NOON, False))
    )
    assert told(several, "{log: TLM1 column 2, unflagged: send}") == []
    assert "and not large-analog" in told(several, "{log: TLM1 column 1, unflagged: send}")[0]
    assert told(several, "{log: TLM1 column 3, unflagged: send}")[0].endswith("it has 2 columns")


def test_the_condition_s_log_is_looked_at_too_but_needs_no_flags() -> None:
    gateway = meter("{log: TL5, condition: TL6}", "valid_when: BI7 = active,")
    state = replace(GOOD, log=ObjectId(20, 6), members=(LoggedProperty(STATE, 85),), newest=(Newest(NOON, False),))
    assert list(log_remarks(gateway, by_log([GOOD, state]))) == []
    (remark,) = log_remarks(gateway, by_log([GOOD, replace(state, members=GOOD.members)]))
    assert "backfill trend-log,6: it records large-analog-value,1" in remark.sentence


@pytest.mark.parametrize(("ahead", "said"), [(95_000, "95 s fast"), (-18_047_000, "5 hours slow")])
def test_a_clock_that_is_wrong_is_told_and_harmless(ahead: int, said: str) -> None:
    log = replace(GOOD, ahead=ahead)
    assert told(log) == []
    assert log_lines(meter(), by_log([log]))[0].clock == f"{said}, which is reckoned with"


def test_a_log_goes_through_the_door_as_it_is() -> None:
    log = replace(GOOD, members=(None, LoggedProperty(ENERGY, 85, 2, 7)), newest=(None, Newest(NOON, True, "x")))
    assert log_from_document(json.loads(json.dumps(asdict(log)))) == log


LOGGED: dict[str, dict[str, Any]] = {
    "good": {"logs": [{"object": "trend-log,1", "name": "L", "of": "analog-input,1", "interval": 1, "history": 60}]},
    "clockless": {
        "logs": [{"object": "trend-log,1", "name": "L", "of": "analog-input,1", "interval": 1, "history": 60}],
        "clock": {"hidden": True},
    },
}
MAPPED = """\
meters:
  Good: {id: good, device: 1001, value: {object: AI1, backfill: TL1}}
  Clockless: {id: clockless, device: 1002, value: {object: AI1, backfill: TL1}}
  Missing: {id: missing, device: 1001, value: {object: LAV1, backfill: TL9}}
  Nobody: {id: nobody, device: 77, value: {object: AI1, backfill: TL1}}
"""


async def report(settings: Settings) -> LiveReport:
    meters = live_meters(load_for(settings, None))
    async with looking(settings, None) as look:
        first = await look(meters, again=False)
        second = await look(meters, again=True)
    assert first.logs == ()
    return live_report(meters, (), first, second)


@pytest.mark.parametrize("beside", [False, True])
async def test_logs_are_looked_at_alone_and_beside_the_service(
    tmp_path: Path, platform: StrictPlatform, beside: bool
) -> None:
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "m.yaml").write_text(MAPPED)
    async with run_building(building_of(tmp_path, LOGGED)) as logged:
        settings = site_settings(tmp_path, logged, platform)
        if beside:
            async with running(settings):
                found = await report(settings)
        else:
            found = await report(settings)
    lines = {seen.meter.id: [line.heals for line in seen.logs] for seen in found.meters}
    assert lines == {"good": ["gaps of up to 33.6 min"], "clockless": [""], "missing": [""], "nobody": [""]}
    wrong = {
        seen.meter.id: [each.sentence for each in seen.remarks if each.weight is Weight.WRONG] for seen in found.meters
    }
    assert wrong["good"] == []
    assert "does not say what time its clock shows" in wrong["clockless"][0]
    assert wrong["missing"][0].startswith("value: backfill trend-log,9: ")
    assert "unknown-object" in wrong["missing"][0]
    assert any("backfill trend-log,1: " in each for each in wrong["nobody"])


async def test_the_worked_example_s_logs_heal_a_day(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    mapping = Path(__file__).parents[2] / "point_mappings"
    found = await report(site_settings(tmp_path, building, platform, interval=5, tolerance=4, mapping=mapping))
    lines = [line for seen in found.meters for line in seen.logs]
    assert len(lines) == 17
    assert {line.heals for line in lines} == {"gaps of up to 28 hours", "gaps as far back as its changes reach"}
    assert {line.clock for line in lines} == {"right", "5 hours slow, which is reckoned with"}
