"""`bacnet-bridge run` and `status` as processes: what an operator and a container see."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from bacnet_bridge.service.stopping import stopping
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import MAPPING
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.recorded import waiting
from tests.support.site import command, run_service, site_environment


@pytest.fixture
async def environment(tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform) -> dict[str, str]:
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "meters.yaml").write_text(MAPPING)
    return site_environment(tmp_path, building, platform)


async def test_the_life_of_a_service(environment: dict[str, str], platform: StrictPlatform) -> None:
    state = environment["BRIDGE_STATE"]
    async with run_service(environment) as service:
        await platform.until("accepted", 6, seconds=30)
        status, out, _ = await command(environment, "status", "--json", "--state", state)
        overview = json.loads(out)
        assert (status, overview["healthy"], len(overview["meters"])) == (0, True, 3)
        assert (await command(environment, "status", "--check"))[:2] == (0, "all is well\n")
        elsewhere = {name: value for name, value in environment.items() if not name.startswith("BRIDGE_")}
        assert (await command(elsewhere, "status", "--check", "--state", state))[:2] == (0, "all is well\n")
        status, out, _ = await command(environment, "status")
        assert status == 0
        assert "Supply air" in out

        second, _, complaint = await command(environment, "run")
        assert second == 2
        assert "in use by the bridge with process id" in complaint

        assert await service.stop() == 0
        assert service.lines[-1]["event"] == "stopped"
    confirmed = {(line["meter"], line["instant"]) for line in service.logged("packet put")}
    accepted = {(name, instant) for name, instants in platform.record.accepted.items() for instant in instants}
    left = {(name, instant) for name, instant, _ in waiting(Path(state) / "bridge.db")}
    assert confirmed == accepted | left, "what a last reading put may leave at the next start"
    assert not accepted & left
    assert (platform.record.discarded, platform.record.duplicates) == ({}, {})
    status, _, complaint = await command(environment, "status", "--check")
    assert status == 2
    assert "no bridge runs" in complaint


async def test_stop_ends_it_as_sigterm_does_and_returns_when_all_is_committed(
    environment: dict[str, str], platform: StrictPlatform
) -> None:
    state = environment["BRIDGE_STATE"]
    async with run_service(environment) as service:
        await platform.until("accepted", 3)
        assert await command(environment, "stop", "--state", state) == (0, "stopped\n", "")
        assert await service.process.wait() == 0
        assert [line["event"] for line in service.lines if "stop" in line["event"]][-3:] == [
            "told to stop",
            "stopping",
            "stopped",
        ]
    confirmed = {(line["meter"], line["instant"]) for line in service.logged("packet put")}
    accepted = {(name, instant) for name, instants in platform.record.accepted.items() for instant in instants}
    assert accepted <= confirmed, "what a last reading put may leave at the next start"
    status, _, complaint = await command(environment, "stop", "--state", state)
    assert status == 2
    assert "no bridge runs" in complaint


async def test_stop_says_who_starts_it_again() -> None:
    for environment, said in (({"SYSTEMD_EXEC_PID": str(os.getpid())}, "systemd starts it again"), ({}, "")):
        told = asyncio.Event()
        answer = await stopping(told, environment)["stop"]({})
        assert told.is_set()
        assert answer["told"].startswith(said)
        assert bool(answer["told"]) == bool(said)
    assert stopping(None) == {}


async def test_status_check_tells_a_sick_point_from_a_sick_bridge(
    environment: dict[str, str], building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    await building.set_object(1003, "analog-input,1", fault=True)
    async with run_service(environment):
        await platform.until("accepted", 2, seconds=30)
        status, out, _ = await command(environment, "status", "--check")
        assert status == 0
        assert "look at Supply air: value refused" in out
        platform.fail(401, times=None)
        await platform.until("attempts", platform.counts().attempts + 2)
        async with asyncio.timeout(30):
            while "problem: account default: " not in out:  # the second answer is not judged yet
                status, out, _ = await command(environment, "status", "--check")
        assert status == 1


async def test_secrets_are_in_no_line_that_it_logs(environment: dict[str, str], platform: StrictPlatform) -> None:
    platform.fail(500)
    platform.fail(401, times=None)
    leftover = Path(environment["BRIDGE_SECRETS_DIR"]) / "bridge_platform__password~"
    leftover.write_text(platform.password)
    async with run_service(environment) as service:
        await platform.until("attempts", 3, seconds=30)
        await service.stop()
    everything = json.dumps(service.lines)
    assert f"{leftover} is no setting and is left alone" in everything
    assert platform.password not in everything
    assert "Basic " not in everything


async def test_status_without_a_site_says_how_to_ask_all_the_same() -> None:
    status, _, complaint = await command({"PATH": str(Path(sys.executable).parent)}, "status")
    assert status == 2
    assert "there is no site.yaml in " in complaint
    assert "name its state folder with --state" in complaint


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"BRIDGE_ZONE": "Europe/Dublni"}, "did you mean Europe/Dublin?"),
        ({"BRIDGE_BACNET__INSTANCE": "x"}, "bacnet.instance (or BRIDGE_BACNET__INSTANCE) is not a whole number"),
        ({"BRIDGE_PLATFORM__ADDRESS": "http://localhost/"}, "write https:// instead of http://"),
        ({"BRIDGE_PLATFORM__CA": "/nowhere.pem"}, "/nowhere.pem"),
        ({"BRIDGE_BACNET__ADDRESS": "192.168.1.10"}, "write it like 192.168.1.10/24"),
        ({"BRIDGE_STATE": "/dev/null/state"}, "choose another with BRIDGE_STATE"),
        ({"BRIDGE_LOG_LEVEL": "loud"}, "log_level (or BRIDGE_LOG_LEVEL) is wrong"),
    ],
)
async def test_a_wrong_setting_is_one_sentence_and_exit_2(
    tmp_path: Path, changes: dict[str, str], sentence: str
) -> None:
    right = {
        "PATH": str(Path(sys.executable).parent),
        "BRIDGE_ZONE": "Europe/Dublin",
        "BRIDGE_BACNET__INSTANCE": "1",
        "BRIDGE_BACNET__ADDRESS": "127.0.0.1/8:47999",
        "BRIDGE_PLATFORM__USERNAME": "u",
        "BRIDGE_PLATFORM__PASSWORD": "hunter2",
        "BRIDGE_STATE": str(tmp_path / "state"),
        "BRIDGE_MAPPING": str(tmp_path),
        "BRIDGE_LOG_LEVEL": "error",
    }
    status, out, complaint = await command(right | changes, "run")
    assert (status, out) == (2, "")
    assert sentence in complaint
    assert "Traceback" not in complaint
    assert "hunter2" not in complaint
