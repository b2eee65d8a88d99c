"""Gaps healed in the running service, over real UDP, up to the strict platform: nothing lost, nothing discarded."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.model import Meter, Nature
from bacnet_bridge.packet.wire import values
from bacnet_bridge.service.bridge import Bridge, running
from bacnet_bridge.simulator.building import SimulatedBuilding, run_building
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import site_settings, until
from tests.support.healed_site import declared, left_at, mapped, shown
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture

HOUR, MINUTE = 3_600_000, 60_000
MINUTELY = {"interval": 60, "tolerance": 59.0}


def sent(platform: StrictPlatform, meter: str) -> dict[int, Mapping[str, Decimal]]:
    """What the platform has, by instant, in the order in which it came."""
    record = platform.record
    return dict(zip(record.accepted.get(meter, []), map(values, record.bodies.get(meter, [])), strict=True))


def check(building: SimulatedBuilding, meter: Meter, came: Mapping[int, Mapping[str, Decimal]], upto: int) -> None:
    """What came up to that instant is what the simulator showed at each slot, and a difference what it grew by."""
    for (before, _), (instant, fields) in pairwise(came.items()):
        for point in meter.points if instant <= upto else ():
            now, earlier = (shown(building, point, at).number or Decimal(0) for at in (instant, before))
            wanted = now - earlier if point.nature is Nature.DELTA else now
            factor = 1 if meter.single else 1000  # the platform takes W and Wh
            assert fields[point.field] == pytest.approx(factor * wanted), (meter.id, instant, point.field)


async def healed(bridge: Bridge, gaps: int) -> None:
    """So many gaps were filled, and nothing waits any more."""
    await until(bridge, lambda _: bridge.intake.healing.outcomes["filled"] == gaps)
    await until(bridge, lambda seen: not any(each.waiting for each in seen.meters))


async def test_a_stop_of_six_hours_is_healed(tmp_path: Path, platform: StrictPlatform) -> None:
    mapped(tmp_path)
    async with run_building(declared(tmp_path)) as building:
        settings = site_settings(tmp_path, building, platform, **MINUTELY)
        stopped = await left_at(settings, building, SystemClock().wall() - 6 * HOUR)
        async with running(settings) as bridge:
            await healed(bridge, 3)
            meters = {meter.id: meter for meter in bridge.meters}
            for name in ("main", "growth", "fan"):
                came = sent(platform, name)
                first, last = stopped[name] + MINUTE, max(came)
                assert list(came) == list(range(first, last + 1, MINUTE)), "every slot, in order"
                assert len(came) >= 360
                check(building, meters[name], came, last - MINUTE)
            totals = await bridge.totals()
            counted = {name: (each.holes > 0, each.healed > 0) for name, each in totals.items()}
            assert counted == {"main": (False, True), "growth": (False, True), "fan": (False, True)} | {
                "without": (True, False)
            }
        assert 0 < len(sent(platform, "without")) <= 2, "its slots stay holes"
    assert not platform.counts().discarded
    assert not platform.counts().duplicates
