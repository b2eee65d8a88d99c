"""The command, as a user runs it, on the demo's building."""

import asyncio
import json
import signal
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bacnet_bridge.cli import app
from bacnet_bridge.cli.discover_show import Screen, harmless
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.survey.file import read
from bacnet_bridge.survey.model import FoundDevice
from bacnet_bridge.vocabulary.objects import parse_object
from bacnet_bridge.vocabulary.units import parse_unit
from tests.support.building import building, free_port

__all__ = ["building"]


async def discover(folder: Path, *options: str) -> asyncio.subprocess.Process:
    command = [sys.executable, "-m", "bacnet_bridge", "discover", "--timeout", "0.5", *options]
    return await asyncio.create_subprocess_exec(
        *command, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


def ways(to: SimulatedBuilding) -> list[str]:
    return ["--bind", f"127.0.0.1/32:{free_port()}", "--bbmd", f"{to.address}:{to.port}", "--devices", "1000-1999"]


async def said(process: asyncio.subprocess.Process) -> tuple[int, str, str]:
    out, told = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), told.decode()


async def test_a_building_is_discovered_and_the_second_time_compared(
    building: SimulatedBuilding, tmp_path: Path
) -> None:
    status, out, told = await said(await discover(tmp_path, *ways(building)))
    assert status == 0, told
    assert "network 100: 5 devices" in out
    assert "29: 18 AI, 6 TL, 1 TLM, 3 LAV, 1 network-port" in out
    survey = read(tmp_path / "discovered")
    assert survey.finished
    assert [device.instance for device in survey.devices] == [1001, 1002, 1003, 1004, 1005]
    assert all(device.explored for device in survey.devices)
    gas, log = (survey.devices[1].object(parse_object(name)) for name in ("ACC1", "TL1"))
    assert gas is not None
    assert log is not None
    assert log.trend is not None
    assert (log.trend.object, log.trend.interval, log.trend.buffer) == (gas.id, 5, 20160)
    assert "device 1002 trend-log,1 (Gas Volume Log): accumulator,1 Gas Volume, every 5 s" in out
    assert (gas.name, gas.unit, gas.scale) == ("Gas Volume", parse_unit("m3"), "0.01")
    assert survey.devices[0].network == 100
    assert [network.number for network in survey.networks] == [100]

    strange = ("--devices", "1000-1999,7,8", "--only", "device=1001,9")
    status, out, told = await said(await discover(tmp_path, *ways(building)[:-2], *strange, "--fast"))
    assert status == 1, told
    assert "--devices: no device 7, 8 was found\n" in told
    assert "--only: no device 9 was found\n" in told
    assert "nothing changed" in out
    kept = sorted(each.name for each in (tmp_path / "discovered").iterdir())
    assert kept.pop(2).startswith("survey-20"), "the earlier one, by its time"
    assert kept == ["ede-state-texts.csv", "ede.csv", "survey.json"]


async def test_ctrl_c_keeps_what_was_found_and_resume_goes_on(building: SimulatedBuilding, tmp_path: Path) -> None:
    process = await discover(tmp_path, *ways(building), "--output", "half.json")
    assert process.stderr is not None
    while b"device 1001" not in (line := await process.stderr.readline()):
        assert line, "it ended by itself"
    process.send_signal(signal.SIGINT)
    status, _, told = await said(process)
    assert status == 130
    assert "--resume half.json" in told
    half = read(tmp_path / "half.json")
    assert not half.finished
    assert half.devices[0].explored
    status, _, told = await said(
        await discover(tmp_path, *ways(building), "--resume", "half.json", "--output", "whole.json")
    )
    assert status == 0, told
    assert all(device.explored for device in read(tmp_path / "whole.json").devices)


async def test_nobody_there_writes_nothing(tmp_path: Path) -> None:
    bind = ["--bind", f"127.0.0.1/32:{free_port()}"]
    address = f"127.0.0.1:{free_port()}"
    status, out, told = await said(await discover(tmp_path, *bind, "--address", address))
    assert status == 1
    assert f"{address}: nobody answers there" in out
    assert "Nobody answered" in told
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--devices", "9-1"), "--devices: 9-1 runs backwards"),
        (("--only", "kWh"), "--only: 'kWh' is no filter"),
        (("--only", "unit=kWh"), "names and units are known only when all was read"),
        (("--address", "a b"), "--address: 'a b' is not a host"),
        (("--bind", "10.0.0.1"), "has no prefix length"),
        (("--resume", "no.json"), "no.json is no survey"),
        (("--site", "none.yaml"), "the site file none.yaml is not there"),
    ],
)
def test_wrong_options_are_sentences(
    options: tuple[str, ...], says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("bacnet_bridge.logs.configure", lambda *_: None)
    (tmp_path / "no.json").write_text(json.dumps({"format": "another"}))
    error = CliRunner().invoke(app, ["discover", "--bind", "127.0.0.1/32:47990", *options]).exception
    assert isinstance(error, BridgeError)
    assert says in str(error)


def test_texts_of_devices_do_no_harm_to_a_terminal() -> None:
    assert harmless("a\x1b[2Jb\u202ec\n") == "a�[2Jb�c�"
    assert len(harmless("x" * 65_000)) == 60


async def test_who_chooses_a_device_that_is_not_there_is_asked_once_more(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal, by rich
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    answers = iter(("1,7", "x", "1001"))

    async def typed() -> str:
        return next(answers)

    monkeypatch.setattr("bacnet_bridge.cli.discover_show._line", typed)
    found = [FoundDevice(instance, "10.0.0.5", None) for instance in (1001, 1002)]
    assert await Screen().choose(found) == {(1001, "10.0.0.5")}
    told = capsys.readouterr().err
    assert "no device of the table is 1, 7. Once more:" in told
    assert "'x' is no device instance" in told
