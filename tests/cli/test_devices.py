"""`bacnet-bridge devices`: from the running service, else from what it kept."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bacnet_bridge.bacnet.profile import (
    Profile,
    after_answer,
    after_dumb,
    after_gathering,
    after_multiple_refused,
    after_refusal,
    after_silence,
    after_spoiling,
    after_too_much,
    document,
    found,
)
from bacnet_bridge.cli import app
from bacnet_bridge.cli.devices import cells, troubles
from bacnet_bridge.control.door import open_door
from bacnet_bridge.service.bridge import running
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.state import StateFolder, write_table
from bacnet_bridge.vocabulary.objects import parse_object
from tests.support.bridge import site_settings, until
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture

NOW = datetime(2026, 3, 29, 12, 0, 0, tzinfo=UTC)
AT = round(NOW.timestamp() * 1000)
MET = after_gathering(after_answer(found(Profile(1001), "100:10", 480), 20, 12.4), 3)


def local(at: datetime) -> str:
    return at.astimezone().strftime("%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize(
    ("profile", "row"),
    [
        (Profile(7), ("7", "–", "–", "–", "–", "1", "–", "–")),
        (MET, ("1001", "100:10", "480", "yes", "20", "1", "12 ms", "3")),
        (after_too_much(MET, 10, AT), ("1001", "100:10", "480", "yes", "≤ 10", "1", "12 ms", "3")),
        (after_multiple_refused(MET, AT), ("1001", "100:10", "480", "no", "1", "1", "12 ms", "3")),
    ],
)
def test_a_row_says_what_was_learned(profile: Profile, row: tuple[str, ...]) -> None:
    assert cells(profile, NOW) == row


REFUSING = after_refusal(MET, "9 properties together: abort other", AT)


@pytest.mark.parametrize(
    ("profile", "sentences"),
    [
        (MET, []),
        (after_silence(MET, AT), [f"silent since {local(NOW)}"]),
        (REFUSING, [f"refused last, {local(NOW)}: 9 properties together: abort other"]),
        (
            after_dumb(after_spoiling(MET, parse_object("AI5"), AT), parse_object("AV1")),
            ["analog-input,5 spoils requests and is asked for alone", "analog-value,1 is never answered"],
        ),
    ],
)
def test_trouble_is_told_in_sentences(profile: Profile, sentences: list[str]) -> None:
    assert troubles(profile, NOW) == sentences


def test_in_80_columns_all_can_be_read(tmp_path: Path) -> None:
    far = replace(after_silence(REFUSING, AT), instance=4_194_302, address="192.168.100.200:47809", round_trip=11_999.0)
    write_table(StateFolder(tmp_path).profiles, {"4194302": document(far)})
    shown = run(tmp_path, columns=80)
    assert "…" not in shown
    assert "4194302  192.168.100.200:47809   480  yes" in shown
    assert "device 4194302: silent since" in shown
    assert "9 properties together: abort other" in shown.replace("\n", " ").replace("  ", " ")


def run(folder: Path, *options: str, columns: int = 200) -> str:
    result = CliRunner().invoke(app, ["devices", "--state", str(folder), *options], env={"COLUMNS": str(columns)})
    assert result.exit_code == 0, result.output
    return result.output


def test_without_a_service_what_was_kept_is_shown(tmp_path: Path) -> None:
    write_table(StateFolder(tmp_path).profiles, {"1001": document(MET), "broken": {"instance": "x"}})
    shown = run(tmp_path)
    assert "What it knew when it ended" in shown
    assert "100:10" in shown
    assert [each["instance"] for each in json.loads(run(tmp_path, "--json"))] == [1001, "x"]


def test_a_table_without_rows_says_so(tmp_path: Path) -> None:
    write_table(StateFolder(tmp_path).profiles, {})
    assert "No device was asked for anything yet" in run(tmp_path)


async def test_a_running_service_is_asked(tmp_path: Path) -> None:
    async def devices(_question: object) -> list[object]:
        return [document(MET)]

    async with open_door(StateFolder(tmp_path).control, {"devices": devices}):
        shown = await asyncio.to_thread(run, tmp_path)
        assert json.loads(await asyncio.to_thread(run, tmp_path, "--json")) == [json.loads(json.dumps(document(MET)))]
    assert "No bridge runs" not in shown
    assert "100:10" in shown


def test_where_there_is_nothing_that_is_said(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["devices", "--state", str(tmp_path)])
    assert "no bridge runs on the state folder" in str(result.exception)
    (tmp_path / "profiles.json").write_text("damaged")
    result = CliRunner().invoke(app, ["devices", "--state", str(tmp_path)])
    assert "no bridge runs on the state folder" in str(result.exception)
    assert (tmp_path / "profiles.json").read_text() == "damaged", "a command that reads changes nothing"


async def test_a_service_tells_and_keeps_what_it_learned(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    async with running(settings) as bridge:
        await until(bridge, lambda overview: all(meter.accepted for meter in overview.meters))
        told = json.loads(await asyncio.to_thread(run, settings.state, "--json"))
    assert [each["instance"] for each in told] == [1001, 1002, 1003]
    assert all(each["worked"] and each["address"].startswith("100:") and not each["silent_since"] for each in told)
    kept = json.loads(await asyncio.to_thread(run, settings.state, "--json"))
    assert sorted(each["instance"] for each in kept) == [1001, 1002, 1003]
    assert {each["address"] for each in kept} == {each["address"] for each in told}
