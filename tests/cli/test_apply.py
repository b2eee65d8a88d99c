"""`bacnet-bridge apply` beside a running service, and without one."""

from pathlib import Path

import pytest

from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import MAPPING
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.forked import command
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.site import run_service, site_environment

WITHOUT_GAS = "\n".join(line for line in MAPPING.splitlines() if "Gas" not in line) + "\n"
GONE = "Gas (gas): removed; what waits is sent all the same"


@pytest.fixture
async def environment(tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform) -> dict[str, str]:
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "meters.yaml").write_text(MAPPING)
    return site_environment(tmp_path, building, platform)


async def test_a_person_s_word_on_an_edit(
    tmp_path: Path, environment: dict[str, str], platform: StrictPlatform
) -> None:
    file = tmp_path / "mapping" / "meters.yaml"
    async with run_service(environment) as service:
        await platform.until("accepted", 3, seconds=30)
        status, out, _ = await command(environment, "apply")
        assert (status, out) == (0, "nothing to apply: the mapping in force is what the files say\n")
        file.write_text(WITHOUT_GAS)
        service.reload()
        await service.until_logged("an edit of the mapping waits for `bacnet-bridge apply`")
        _, out, _ = await command(environment, "status")
        assert "an edit waits for `bacnet-bridge apply`" in " ".join(out.split())
        assert (await command(environment, "apply", "--show"))[:2] == (0, f"{GONE}\n")
        assert (await command(environment, "apply"))[:2] == (0, f"{GONE}\nin force\n")
        file.write_text("meters: [\n")
        status, _, complaint = await command(environment, "apply")
        assert status == 1
        assert "meters.yaml:" in complaint
        assert await service.stop() == 0
    assert (platform.record.discarded, platform.record.duplicates) == ({}, {})


async def test_without_a_service_it_shows_what_the_next_start_will_change(
    tmp_path: Path, environment: dict[str, str], platform: StrictPlatform
) -> None:
    file = tmp_path / "mapping" / "meters.yaml"
    async with run_service(environment) as service:
        await platform.until("accepted", 3, seconds=30)
        await service.stop()
    said = "no service runs on this state folder; the next start takes the files as they are\n"
    assert (await command(environment, "apply"))[:2] == (0, f"{said}they say what was in force last\n")
    file.write_text(WITHOUT_GAS)
    assert (await command(environment, "apply"))[:2] == (0, f"{said}{GONE}\n")
    file.write_text("meters: [\n")
    status, _, complaint = await command(environment, "apply")
    assert status == 1
    assert "meters.yaml:" in complaint
