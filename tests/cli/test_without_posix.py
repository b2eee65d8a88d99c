"""The commands in processes from which what Windows lacks was taken away (docs/windows.md)."""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import MAPPING
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.site import command, run_service, site_environment

ROOT = Path(__file__).parents[2]
AMPUTATED = {"PYTHONPATH": os.pathsep.join((str(ROOT / "tests" / "support" / "amputated"), str(ROOT)))}


pytestmark = pytest.mark.timeout(180)


@pytest.fixture
async def environment(tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform) -> dict[str, str]:
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "meters.yaml").write_text(MAPPING)
    return site_environment(tmp_path, building, platform, **AMPUTATED)


async def test_what_windows_lacks_is_lacking(environment: dict[str, str]) -> None:
    code = "import sys; from bacnet_bridge.system import IS_POSIX; sys.exit(7 if IS_POSIX else 0)"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", code, env=environment)
    assert await process.wait() == 0


@pytest.mark.package
async def test_check_reads_every_meter(environment: dict[str, str]) -> None:
    status, out, told = await command(environment, "check", "--live")
    assert status == 0, out + told
    assert "Traceback" not in told


@pytest.mark.package
async def test_doctor_says_what_it_can_see(environment: dict[str, str]) -> None:
    _, out, told = await command(environment, "doctor", "--json")
    assert "Traceback" not in told, told
    judged = {each["check"]: each["state"] for each in json.loads(out)["findings"]}
    assert (judged["interface"], judged["devices"], judged["user"]) == ("ok", "ok", "not applicable"), judged


@pytest.mark.package
async def test_a_building_is_discovered(environment: dict[str, str], tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    status, out, told = await command(
        environment, "discover", "--timeout", "0.5", "--devices", "1001-1003", "--output", str(found), "--fast",
        "--bind", "127.0.0.1/32:" + environment["BRIDGE_BACNET__ADDRESS"].rpartition(":")[2],
        "--bbmd", environment["BRIDGE_BACNET__BBMD"],
    )  # fmt: skip
    assert (status, found.exists()) == (0, True), out + told


async def test_the_service_runs_answers_by_its_port_and_stops_without_a_signal(
    environment: dict[str, str], platform: StrictPlatform
) -> None:
    state = Path(environment["BRIDGE_STATE"])
    async with run_service(environment) as service:
        await platform.until("accepted", 3, seconds=60)
        assert json.loads((state / "control.sock").read_text()).keys() == {"port", "token"}
        status, out, told = await command(environment, "status", "--json")
        assert (status, len(json.loads(out)["meters"])) == (0, 3), told
        second, _, complaint = await command(environment, "run")
        assert (second, "in use by the bridge with process id" in complaint) == (2, True)
        assert await command(environment, "stop") == (0, "stopped\n", "")
        assert await service.ended() == 0
        assert service.lines[-1]["event"] == "stopped"
    confirmed = {(line["meter"], line["instant"]) for line in service.logged("packet put")}
    accepted = {(name, instant) for name, instants in platform.record.accepted.items() for instant in instants}
    assert accepted <= confirmed, "what a last reading put may leave at the next start"
