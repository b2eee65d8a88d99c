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
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.support.bridge import site_settings, until
from tests.support.healed_site import counted, declared, left_at, looked_at, mapped, opened, shown
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
        async with opened(settings) as ledger:
            days = {name: await counted(ledger, name, stopped[name], last) for name in stopped}
        without = days.pop("without")
        assert all(day.healed >= 359 and not day.holes for day in days.values())
        assert without.reasons == {HoleReason.STOPPED: without.holes}
        assert without.holes >= 359
        assert 0 < len(sent(platform, "without")) <= 2, "its slots stay holes"
    assert not platform.counts().discarded
    assert not platform.counts().duplicates


async def test_a_network_that_was_cut_for_two_hours_is_healed(tmp_path: Path, platform: StrictPlatform) -> None:
    """The bridge ran all the while, and booked its slots as silent; others it booked for what no log heals."""
    mapped(tmp_path)
    async with run_building(declared(tmp_path)) as building:
        settings = site_settings(tmp_path, building, platform, **MINUTELY)
        stopped = await left_at(settings, building, SystemClock().wall() - 2 * HOUR)
        cut = {name: (slot + MINUTE, slot + 2 * HOUR - 5 * MINUTE) for name, slot in stopped.items()}
        refused = cut["fan"][0] + HOUR
        async with opened(settings) as ledger:
            for name, (first, last) in cut.items():
                await ledger.hole(name, first, last, HoleReason.SILENT)
            await ledger.hole("fan", refused, refused + MINUTE, HoleReason.REFUSED)
        async with running(settings) as bridge:
            await healed(bridge, 4)  # the fan has two
            for name in ("main", "growth", "fan"):
                came = sent(platform, name)
                missing = set(range(stopped[name] + MINUTE, max(came), MINUTE)) - came.keys()
                assert missing == ({refused, refused + MINUTE} if name == "fan" else set())
                check(building, {meter.id: meter for meter in bridge.meters}[name], came, max(came) - MINUTE)
        async with opened(settings) as ledger:
            upto = max(sent(platform, "without"))
            days = {name: await counted(ledger, name, slot, upto) for name, slot in stopped.items()}
        assert {name: dict(day.reasons) for name, day in days.items() if name != "without"} == {
            "main": {},
            "growth": {},
            "fan": {HoleReason.REFUSED: 2},
        }
        first, last = cut["without"]
        silent, others = (last - first) // MINUTE + 1, days["without"].reasons[HoleReason.STOPPED]
        assert days["without"].reasons == {HoleReason.SILENT: silent, HoleReason.STOPPED: others}
        assert others == (upto - last) // MINUTE - 1, "from the end of the cut to the first slot that was read"
    assert not platform.counts().discarded
    assert not platform.counts().duplicates


@pytest.mark.parametrize("looked", [True, False], ids=["looked at before", "never looked at"])
async def test_a_device_that_restarted_with_a_wrong_clock_is_healed(
    tmp_path: Path, platform: StrictPlatform, looked: bool
) -> None:
    """It was off for ten minutes, an hour ago, and since then its clock is 50 minutes behind.

    What it did not log stays missing, and nothing else; where nobody had looked at its clock, what was before it, too.
    """
    mapped(tmp_path)
    restart = {"ago": 3600, "down": 600, "ahead": -3000, "told": False}
    async with run_building(declared(tmp_path, restart)) as building:
        settings = site_settings(tmp_path, building, platform, **MINUTELY)
        stop = SystemClock().wall() - 2 * HOUR
        stopped = await left_at(settings, building, stop)
        if looked:
            await looked_at(settings, building, stop, lost=10)
        async with running(settings) as bridge:
            await healed(bridge, 3)
            for name in ("main", "growth"):
                came = sent(platform, name)
                missing = set(range(stopped[name] + MINUTE, max(came), MINUTE)) - came.keys()
                from_on = stop + HOUR - MINUTE if looked else stop
                assert missing <= set(range(from_on - from_on % MINUTE, stop + HOUR + 11 * MINUTE, MINUTE))
                assert len(missing) in (range(9, 12) if looked else range(68, 72))
                check(building, {meter.id: meter for meter in bridge.meters}[name], came, max(came) - MINUTE)
    assert not platform.counts().discarded
