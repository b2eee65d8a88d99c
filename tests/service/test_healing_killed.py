"""The service killed at each stage of healing a gap: in the end everything is there, once and in order."""

from pathlib import Path

import pytest

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.simulator.building import run_building
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.service.test_healing import HOUR, MINUTE, MINUTELY, check, sent
from tests.support.bridge import site_settings
from tests.support.healed_site import declared, left_at, mapped, read_mapping
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.site import run_service, site_environment

pytestmark = pytest.mark.crash  # starts the service several times
NAMES = ("main", "growth", "fan")
STAGES = ("a gap is held for its log", "a gap is still held for its log", "a gap was filled")


async def test_a_kill_at_each_stage_loses_nothing_and_puts_no_deadline_off(
    tmp_path: Path, platform: StrictPlatform
) -> None:
    """Its answers take long enough that the log is not read before the first kills."""
    mapped(tmp_path)
    async with run_building(declared(tmp_path)) as building:
        settings = site_settings(tmp_path, building, platform, **MINUTELY)
        stopped = await left_at(settings, building, SystemClock().wall() - 2 * HOUR)
        environment = site_environment(tmp_path, building, platform, BRIDGE_INTERVAL="60", BRIDGE_TOLERANCE="59")
        await building.misbehave(1001, delay_ms=150)
        deadlines = set()
        for stage in STAGES:
            async with run_service(environment) as service:
                await service.until_logged(stage)
                deadlines |= {
                    line["until"] for line in service.lines if "until" in line and line.get("meter") == "main"
                }
                await service.kill()
            if stage == STAGES[1]:
                await building.misbehave(1001)
        async with run_service(environment) as service:
            for name in NAMES:
                await platform.until("accepted", 120, name)
            await service.stop()
        assert len(deadlines) == 1
        meters = read_mapping(settings)
        for name in NAMES:
            came = sent(platform, name)
            assert list(came) == list(range(stopped[name] + MINUTE, max(came) + 1, MINUTE))
            check(building, meters[name], came, stopped[name] + 118 * MINUTE)
    assert not platform.counts().discarded
