"""Gaps that come about while everything runs: a cut network, a device that restarts with a wrong clock."""

from pathlib import Path

import pytest

from bacnet_bridge.service.bridge import Bridge, running
from bacnet_bridge.simulator.building import run_building
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.service.test_healing import sent
from tests.support.bridge import site_settings, until
from tests.support.healed_site import declared, mapped
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture

pytestmark = pytest.mark.crash  # four seconds a slot, and each trouble takes several
STEP = 4_000
MAPPING = """\
meters:
  Main: {id: main, device: 1001, aP_1: {object: AI1, backfill: TL1}, pC_1: {object: LAV1, backfill: TL2}}
  Growth: {id: growth, device: 1001, as: delta, value: {object: LAV1, backfill: TL2}}
  Without: {id: without, device: 1001, value: AI1}
"""


async def slots(bridge: Bridge, count: int) -> None:
    """So many more packets of each meter."""
    before = bridge.collector.packed
    await until(bridge, lambda _: bridge.collector.packed >= before + 3 * count)


async def over(bridge: Bridge, gaps: int) -> None:
    """So many gaps are over, and their packets have left."""
    await until(bridge, lambda _: bridge.intake.healing.outcomes.total() >= gaps)
    await until(bridge, lambda seen: not any(each.waiting for each in seen.meters))


@pytest.mark.timeout(180)
async def test_what_is_missed_while_it_runs_heals(tmp_path: Path, platform: StrictPlatform) -> None:
    """A machine under load may miss more slots than meant; they heal like the others."""
    mapped(tmp_path, MAPPING)
    async with run_building(declared(tmp_path, interval=STEP / 1000)) as building:
        settings = site_settings(tmp_path, building, platform, interval=STEP // 1000, tolerance=1.9)
        settings = settings.model_copy(update={"bacnet": settings.bacnet.model_copy(update={"timeout": 0.4})})
        async with running(settings) as bridge:
            await slots(bridge, 2)
            await building.misbehave(1001, silent=True, seconds=11)
            await over(bridge, 2)
            assert bridge.intake.healing.healed >= 4
            await building.happen(1001, down=STEP / 1000, ahead=-3600, told=False)
            await building.misbehave(1001, silent=True, seconds=15)
            await over(bridge, 4)
            assert bridge.intake.healing.healed >= 8
            await slots(bridge, 1)
        for name in ("main", "growth"):
            came = sent(platform, name)
            assert list(came) == sorted(came)
            missing = set(range(min(came), max(came), STEP)) - came.keys()
            assert len(missing) <= 3, "what the device did not log while it was off, and a single slot"
        without = sent(platform, "without")
        assert len(set(range(min(without), max(without), STEP)) - without.keys()) >= 4
    assert not platform.counts().discarded
    assert not platform.counts().duplicates
