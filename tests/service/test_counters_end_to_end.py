"""A counter's accidents, from the simulated device to the packets at the strict platform: no phantom consumption."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from bacnet_bridge.model import Hole
from bacnet_bridge.service.bridge import Bridge, running
from bacnet_bridge.simulator.building import SimulatedBuilding, run_building
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.support.bridge import site_settings, until
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture

BUILDING = """\
name: Counters
network: 100
devices:
  - instance: 7
    name: Panel
    mac: 10
    objects:
      - {object: 'accumulator,1', name: Pulses, units: cubic-meters, integer_scale: 0, value: 5000}
"""
MAPPING = """\
meters:
  Reading: {id: reading, device: 7, value: ACC1, as: index, rollover: 9999}
  Growth: {id: growth, device: 7, value: ACC1, as: delta, rollover: 9999}
"""
STEP = 3

pytestmark = pytest.mark.crash  # a second a slot, and each accident takes several


Accident = Callable[["Site"], Awaitable[str]]


@pytest.fixture
async def building(tmp_path: Path) -> AsyncIterator[SimulatedBuilding]:
    declaration = tmp_path / "building.yaml"
    declaration.write_text(BUILDING)
    async with run_building(declaration) as started:
        yield started


@dataclass
class Site:
    building: SimulatedBuilding
    platform: StrictPlatform
    bridge: Bridge
    shown: int = 5000
    slot: int = 0
    started: int = 0
    """Where it went on after it jumped."""

    async def slots(self, count: int) -> None:
        """The counter goes on by a step for each slot that is over."""
        for _ in range(count):
            self.shown = (self.shown + STEP) % 10_000
            await self.building.set_object(7, "accumulator,1", value=self.shown)
            before = self.slot
            await until(self.bridge, lambda _: self._newest() > before)  # noqa: B023  it is awaited here
            self.slot = self._newest()

    def _newest(self) -> int:
        return min((each.slot for each in self.bridge.collector.latest.values()), default=0)

    async def until_believed(self) -> str:
        """Goes on until packets leave again; what the newest reading tells people."""
        for _ in range(8):
            await self.slots(1)
            newest = self.bridge.collector.latest["reading"]
            if not isinstance(newest.outcome, Hole):
                return newest.readings[0].notice
        pytest.fail("the counter is never believed again")

    def sent(self, meter: str) -> list[float]:
        return [json.loads(body)["value"] for body in self.platform.record.bodies.get(meter, [])]

    def refused(self) -> bool:
        outcome = self.bridge.collector.latest["reading"].outcome
        return isinstance(outcome, Hole) and outcome.reason is HoleReason.REFUSED


async def zero(site: Site) -> str:
    """As meters show it after a power cut."""
    await site.building.misbehave(7, zero=True)
    await site.slots(3)
    assert site.refused()
    await site.building.misbehave(7)
    return await site.until_believed()


def jumps_to(count: int) -> Accident:
    async def jump(site: Site) -> str:
        site.shown = site.started = count
        return await site.until_believed()

    return jump


@pytest.mark.parametrize(
    ("begin", "accident", "told", "added", "lost"),
    [
        pytest.param(5000, zero, "", 0, 0, id="zero"),
        pytest.param(9960, jumps_to(9999), "rollover", 10_000, 0, id="rollover"),
        pytest.param(5000, jumps_to(0), "reset", None, 20, id="reset"),
        pytest.param(5000, jumps_to(2000), "exchanged meter", None, 20, id="exchange"),
    ],
)
async def test_no_phantom_consumption_and_each_is_told_apart(
    tmp_path: Path,
    building: SimulatedBuilding,
    platform: StrictPlatform,
    begin: int,
    accident: Accident,
    told: str,
    added: int | None,
    lost: int,
) -> None:
    """`added` is by how much the count fell, None: as it did; of what was counted then at most `lost` is not known."""
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "meters.yaml").write_text(MAPPING)
    await building.set_object(7, "accumulator,1", value=begin)
    async with running(site_settings(tmp_path, building, platform)) as bridge:
        site = Site(building, platform, bridge, begin)
        await until(bridge, lambda _: len(bridge.collector.latest) == 2)
        await site.slots(4)
        before = site.shown
        notice = await accident(site)
        await site.slots(2)
        assert await bridge.drain(10)
        readings, growth = site.sent("reading"), site.sent("growth")
    assert told in notice
    assert bool(told) == bool(notice)
    assert 0 not in readings
    assert min(growth) >= 0
    fallen = before - site.started if added is None else added
    grown = readings[-1] + fallen - readings[0]
    assert grown - lost <= sum(growth) <= grown
