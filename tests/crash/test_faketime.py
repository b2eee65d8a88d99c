"""The whole process under a wall clock that is wrong, by Debian's libfaketime: what driven clocks cannot show.

Boot and monotonic time stay the machine's own, as they do when somebody sets the clock. The platform knows the true
time. Skipped where the library is missing (`apt-get install faketime`).
"""

import asyncio
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bacnet_bridge.schedule.kernel import kernel_synchronised
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.bridge import MAPPING
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.site import command, run_service, site_environment

LIBRARY = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
YEAR = 365 * 86_400
STEPS = {"-10min": -600, "+1day": 86_400}
BOOTS = {"1970": -round(time.time()) + 300, "2036": 10 * YEAR}

pytestmark = [
    pytest.mark.crash,
    pytest.mark.timeout(240),
    pytest.mark.skipif(LIBRARY is None, reason="libfaketime is not installed: apt-get install faketime"),
    pytest.mark.skipif(kernel_synchronised(), reason="this machine's kernel vouches for its clock, faked or not"),
]


@dataclass
class Site:
    environment: Mapping[str, str]
    offset: Path
    """What the process's wall clock departs by; read at each look at the clock."""

    def depart(self, seconds: int) -> None:
        fresh = self.offset.with_suffix(".new")
        fresh.write_text(f"{seconds:+d}\n")
        fresh.replace(self.offset)

    async def problems(self) -> list[str]:
        _, out, _ = await command(self.environment, "status", "--json")
        overview: dict[str, Any] = json.loads(out)
        return list(overview["problems"])

    async def until_problem(self, words: str) -> None:
        async with asyncio.timeout(60):
            while not any(words in problem for problem in await self.problems()):  # noqa: ASYNC110  only it tells
                await asyncio.sleep(0.2)


@pytest.fixture
async def site(tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform) -> Site:
    (tmp_path / "mapping").mkdir()
    (tmp_path / "mapping" / "meters.yaml").write_text(MAPPING)
    offset = tmp_path / "departure"
    environment = site_environment(tmp_path, building, platform, BRIDGE_CLOCK="system") | {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    made = Site(environment, offset)
    made.depart(0)
    return made


def judge(platform: StrictPlatform) -> dict[str, list[int]]:
    """No instant twice, none from the future; gives what was accepted."""
    record = platform.record
    assert (record.discarded, record.duplicates, record.malformed) == ({}, {}, [])
    assert all(instants[-1] <= time.time() * 1000 for instants in record.accepted.values())
    return record.accepted


@pytest.mark.parametrize("seconds", STEPS.values(), ids=STEPS)
async def test_a_step_stops_the_stamping_until_the_clock_is_right_again(
    site: Site, platform: StrictPlatform, seconds: int
) -> None:
    async with run_service(site.environment) as service:
        await platform.until("accepted", 6, seconds=60)
        site.depart(seconds)
        await site.until_problem("the clock is not credible")
        before = platform.counts().accepted
        await asyncio.sleep(3)  # three slots by any clock
        assert platform.counts().accepted == before
        site.depart(0)
        await platform.until("accepted", before + 9, seconds=60)
        assert await service.stop() == 0
        put = {(line["meter"], line["instant"]) for line in service.logged("packet put")}
    accepted = judge(platform)
    assert {(meter, instant) for meter, instants in accepted.items() for instant in instants} <= put
    assert service.logged("a slot failed") == []


@pytest.mark.parametrize("seconds", BOOTS.values(), ids=BOOTS)
async def test_a_boot_in_another_time_stamps_nothing_until_the_clock_is_right(
    site: Site, platform: StrictPlatform, seconds: int
) -> None:
    async with run_service(site.environment) as service:
        await platform.until("accepted", 3, seconds=60)
        await service.stop()
    before = platform.counts().accepted
    site.depart(seconds)
    async with run_service(site.environment) as service:
        await service.until_logged("running", seconds=60)
        await site.until_problem("the clock is not credible")
        assert service.logged("packet put") == []
        site.depart(0)
        await platform.until("accepted", before + 6, seconds=60)
        assert await service.stop() == 0
    judge(platform)


@pytest.mark.parametrize("seconds", BOOTS.values(), ids=BOOTS)
async def test_with_the_platform_s_clock_another_time_costs_no_slot_once_it_is_learnt(
    site: Site, platform: StrictPlatform, seconds: int
) -> None:
    """No certificate is valid by the machine's clock; nobody ever sets it."""
    for_ever = {"FAKETIME": f"{seconds:+d}", "BRIDGE_CLOCK": "platform"}  # no file, whose disk may stall
    files = ("FAKETIME_TIMESTAMP_FILE", "FAKETIME_NO_CACHE")
    environment = {name: value for name, value in site.environment.items() if name not in files} | for_ever
    async with run_service(environment) as service:
        await platform.until("accepted", 30, seconds=60)
        assert await service.stop() == 0
        holes = service.logged("slots without a packet")
    for meter, instants in judge(platform).items():
        assert instants[-1] >= (time.time() - 10) * 1000
        missing = {
            slot: hole["reason"]
            for hole in holes
            if hole["meter"] == meter
            for slot in range(hole["first"], hole["last"] + 1, 1000)
        }
        known = sorted([*instants, *missing])
        assert known == list(range(known[0], known[-1] + 1, 1000))
        later = {reason for slot, reason in missing.items() if slot > instants[0]}
        assert later <= {"late", "overload", "device silent"}  # slots of a second, on a busy machine
    assert service.logged("a slot failed") == []
