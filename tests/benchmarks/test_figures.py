"""What the benchmarks print and decide, on made-up measurements: speed itself is measured by hand."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import pytest

from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.mapping import Defaults, load
from benchmarks import backfill, delivery, devices, fieldbus, lag, reading, setup, start
from benchmarks.clients.channel import Task, Turn
from benchmarks.figure import Figure, last_line, table
from benchmarks.logged_site import Size
from benchmarks.meters import meters
from benchmarks.process import running
from benchmarks.service import write_mapping
from tests.support.bacnet import client

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("value", "bound", "at_least", "reached", "text"),
    [
        (20.0, 20, True, True, "20 x"),
        (19.96, 20, True, False, "19.9 x"),
        (3.0, 3, False, True, "3 x"),
        (3.04, 3, False, False, "3.1 x"),
        (-0.28, 10, False, True, "-0.2 x"),
    ],
)
def test_a_figure_never_looks_better_than_it_is(
    value: float, bound: float, at_least: bool, reached: bool, text: str
) -> None:
    figure = Figure(value, bound, "{}", at_least=at_least)
    assert (figure.reached, str(figure)) == (reached, text)


def test_the_last_line_names_figures_and_bounds() -> None:
    line = last_line("reading", [Figure(24, 20, "{} less", at_least=True), Figure(2.6, 3, "{} rusty")])
    assert line == "reading: 24 x less, 2.6 x rusty (to reach: 20 x, at most 3 x)"


def test_a_table_lines_up() -> None:
    assert table(("who", "ms"), [("a longer name", "1")]).split("\n") == [
        "who            ms",
        "-------------  --",
        "a longer name   1",
    ]


def _turn(cpu: float) -> Turn:
    """Two passes, so 1,000 points."""
    return Turn(seconds=0.5, cpu=cpu, requests=10, values=[[], []])


def _results(**cpu: list[float]) -> list[reading.Result]:
    milliseconds = {
        "bridge": [9, 10, 50],
        "bacpypes3_rpm": [210, 200, 190],
        "bac0": [300, 300, 300],
        "rusty": [5, 4, 4],
    }
    return [
        reading.result(
            entry,
            [_turn(each / 1000) for each in cpu.get(entry.module, milliseconds.get(entry.module, [2, 2, 2]))],
            40,
        )
        for entry in reading.ENTRIES
    ]


def test_reading_takes_the_median_of_ratios_of_one_round_each() -> None:
    figures = reading.figures(_results())
    assert [figure.value for figure in figures] == [pytest.approx(20), pytest.approx(30), pytest.approx(2.5)]
    assert [figure.reached for figure in figures] == [True, True, True]


def test_reading_falls_short_where_one_ratio_does() -> None:
    assert [figure.reached for figure in reading.figures(_results(rusty=[3, 3, 3]))] == [True, True, False]


def test_reading_shows_every_client() -> None:
    text = reading.shown(_results())
    assert all(entry.name in text for entry in reading.ENTRIES)
    assert "0.020" in text


def test_a_task_is_cut_into_requests() -> None:
    task = Task(1, "127.0.0.1:1", 2, objects=120, per_request=50)
    assert [(batch[0], batch[-1]) for batch in task.batches()] == [(1, 50), (51, 100), (101, 120)]


def test_meters_hold_every_object_once() -> None:
    for points_per_meter, count in ((1, 50), (21, 3)):
        made = meters(1, "127.0.0.1:1", 50, points_per_meter)
        assert len(made) == count
        assert [point.source.object.instance for meter in made for point in meter.points] == list(range(1, 51))


def test_fieldbus_is_measured_against_the_fewest_requests_that_fit() -> None:
    assert devices.fewest_requests(50) == 7  # 206 octets hold 8 objects of 23, after a head of 3
    slots = tuple(fieldbus.Slot(seconds, 0.1, 7) for seconds in (0.42, 0.40, 0.44))
    dead = tuple(fieldbus.Slot(seconds, 0.1, 7) for seconds in (0.84, 0.42, 0.44))
    figures = fieldbus.figures([fieldbus.Result("made up", slots, dead)])
    assert [figure.value for figure in figures] == [pytest.approx(1.2), pytest.approx(5)]
    assert "limit: 7 requests" in fieldbus.shown([fieldbus.Result("made up", slots, dead)])


async def test_slow_devices_are_read_and_fall_silent_when_told() -> None:
    command = [sys.executable, "-m", "benchmarks.devices", "2", "0.001"]
    async with running("devices", command, cwd=ROOT) as row, client(timeout=0.3) as bridge:
        reader = Reader(bridge, SystemClock())
        first, second = (
            meters(devices.FIRST + place, f"127.0.0.1:{port}", 21, 21)[0]
            for place, port in enumerate(row.ready["ports"])
        )
        gatherings = await asyncio.gather(reader.read(first, {}), reader.read(second, {}))
        assert all(reading.value is not None for each in gatherings for reading in each.readings)
        asked = (await row.ask({"dead": [1]}))["asked"]
        assert all(asked)
        gatherings = await asyncio.gather(reader.read(first, {}), reader.read(second, {}))
        await reader.stop()
    assert [each.readings[0].value is None for each in gatherings] == [False, True]


async def test_a_process_that_fails_says_why() -> None:
    with pytest.raises(RuntimeError, match=r"(?s)the devices does not answer; it said: .*ValueError"):
        async with running("the devices", [sys.executable, "-m", "benchmarks.devices", "many", "0"], cwd=ROOT):
            pass


def test_a_missing_peer_is_named_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(setup, "PEERS", tmp_path)
    with pytest.raises(SystemExit) as ended:
        setup.require_peers()
    assert ended.value.code == 2
    assert "@bacnet-js/client is missing: python -m benchmarks.setup" in capsys.readouterr().err


def test_the_npm_peer_is_pinned_by_hash_and_names_no_registry() -> None:
    locked = json.loads((ROOT / "benchmarks/peers/package-lock.json").read_text())
    packages = {name: about for name, about in locked["packages"].items() if name}
    assert f"node_modules/{setup.NPM_PEER}" in packages
    assert all(about["integrity"].startswith("sha512-") and "resolved" not in about for about in packages.values())


@pytest.mark.parametrize("name", ["reading", "fieldbus", "hour"])
def test_benchmarks_explain_themselves(name: str) -> None:
    said = subprocess.run(
        [sys.executable, "-m", f"benchmarks.{name}", "--help"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    assert "--json" in said.stdout


def test_delivery_is_judged_at_32_connections_and_50_ms() -> None:
    rates = {"bridge": (400.0, 500.0, 90.0), "bare": (500.0, 500.0, 100.0), "anew": (1.0, 1.0, 1.0)}
    cpu = {"bridge": (300.0, 200.0, 100.0), "bare": (1.0, 1.0, 1.0), "anew": (1500.0, 1400.0, 200.0)}
    judged = [delivery.Sent(kind, *delivery.JUDGED, rates[kind], cpu[kind]) for kind in delivery.SENDERS]
    other = [delivery.Sent(kind, 0.0, 1, (1.0,) * 3, (1.0,) * 3) for kind in delivery.SENDERS]
    puts = {"bridge": (30.0, 20.0, 40.0), "aiosqlite": (10.0, 10.0, 10.0), "sqlalchemy": (1.0, 1.0, 1.0)}

    figures = delivery.figures([*other, *judged], puts)

    assert [figure.value for figure in figures] == [90, 5, 3]
    assert last_line("delivery", figures) == (
        "delivery: 90 % of aiohttp's rate, 5 x less CPU than a connection a packet, 3 x aiosqlite's puts "
        "(to reach: 80 %, 5 x, 1 x)"
    )
    assert "async SQLAlchemy session" in delivery.shown([*other, *judged], puts)


def test_start_takes_the_worst_of_all() -> None:
    figures = start.figures([start.Start(1.0, 0.9, 90.0), start.Start(3.1, 1.0, 80.0)])
    assert [(figure.value, figure.reached) for figure in figures] == [(3.1, False), (90.0, True)]
    assert "3.10" in start.shown([start.Start(3.1, 1.0, 80.0)])


def test_the_lag_is_that_of_the_worst_phase() -> None:
    late = {"0.05": 9, "0.1": 2, "0.2": 0}
    phases = [lag.Phase("start", 100, 1, 120, 5, 300, late, 0), lag.Phase("slots", 100, 1, 250, 5, 300, late, 0)]
    late_again = [*phases[:1], lag.Phase("slots", 100, 1, 90, 5, 300, {**late, "0.2": 1}, 0)]
    assert [each.reached for each in lag.figures(phases)] == [False, True]
    assert [each.reached for each in lag.figures(late_again)] == [True, False]
    assert "250" in lag.shown(phases)


def test_a_mapping_has_a_meter_for_each_point_of_each_device(tmp_path: Path) -> None:
    ids = write_mapping(tmp_path / "meters.csv", [40_001, 40_002], 3)
    found = load(tmp_path, Defaults("UTC", 60, "default", None), accounts={"default"}).meters
    assert [meter.id for meter in found] == ids
    assert [(meter.device, meter.address) for meter in found[::3]] == [
        (devices.FIRST, "127.0.0.1:40001"),
        (devices.FIRST + 1, "127.0.0.1:40002"),
    ]


def test_backfill_counts_every_request_and_every_slot() -> None:
    healed = backfill.Healed(201_600, 201_600, 106.4, 8_000, 220, 0, 237.0, 0)
    assert [each.reached for each in backfill.figures(healed)] == [True] * 5
    worse = backfill.Healed(201_600, 201_599, 300.2, 10_081, 220, 1, None, 1)
    assert [each.reached for each in backfill.figures(worse)] == [False] * 5
    assert "201,599" in backfill.shown(worse, Size())


@pytest.mark.timeout(120)
async def test_backfill_heals_the_running_service_s_gaps(tmp_path: Path) -> None:
    """The benchmark itself, with a gap of ten minutes: its building, its state folder, its service, its platform."""
    size = Size(devices=2, meters=2, step=4, slots=150, live=2)
    healed = await backfill.measure(tmp_path, size, delivery=60)
    assert healed.slots == healed.healed
    assert healed.healed in range(4 * 145, 4 * 170)
    assert 4 * 5 <= healed.requests < 4 * 20
    assert healed.delivered is not None
    assert healed.discarded == 0
