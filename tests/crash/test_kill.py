"""`kill -9` at random moments under load, judged by lists kept outside the product.

What was confirmed is what the service logged after each commit, read from a pipe; what arrived is the platform's own
record. CRASH_KILLS says how often (default 25); CI runs a short form.
"""

import asyncio
import os
import random
import sqlite3
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from bacnet_bridge.simulator.building import SimulatedBuilding, run_building
from bacnet_bridge.simulator.platform_faults import Fault
from bacnet_bridge.simulator.platform_process import Options
from bacnet_bridge.simulator.platform_record import Record
from bacnet_bridge.simulator.platform_remote import RemotePlatform, run_platform
from tests.support.site import Service, run_service, site_environment

KILLS = int(os.environ.get("CRASH_KILLS", "25"))
METERS = 80
DELAY = 0.08
CONNECTIONS = 8
"""80 packets a second, 8 at a time, 0.08 s each: requests are in flight for 0.8 s of each second or more."""

pytestmark = [pytest.mark.crash, pytest.mark.timeout(60 + 20 * KILLS)]


@pytest.fixture
async def building(tmp_path: Path) -> AsyncIterator[SimulatedBuilding]:
    objects = "\n".join(
        f"      - {{object: 'analog-input,{n}', name: P{n}, units: kilowatts, value: {n}.5}}"
        for n in range(1, METERS + 1)
    )
    declaration = tmp_path / "building.yaml"
    declaration.write_text(
        f"name: Load\nnetwork: 100\ndevices:\n  - instance: 77\n    name: Load\n    mac: 10\n    objects:\n{objects}\n"
    )
    async with run_building(declaration) as running:
        yield running


def write_mapping(folder: Path) -> None:
    folder.mkdir()
    rows = "\n".join(f"m{n},id-{n},77,value,AI{n},P{n}" for n in range(1, METERS + 1))
    (folder / "load.csv").write_text(f"meter,id,device,field,object,name\n{rows}\n")


async def test_nothing_is_lost_and_nothing_disordered(
    tmp_path: Path, building: SimulatedBuilding, capsys: pytest.CaptureFixture[str]
) -> None:
    write_mapping(tmp_path / "mapping")
    confirmed: set[tuple[str, int]] = set()
    in_flight, rates, record = 0, [], None
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    async with run_platform(Options(folder=tmp_path / "platform")) as platform:
        await platform.misbehave(
            Fault(delay=DELAY, times=None, probability=0.5, seed=seed),
            Fault(delay=DELAY, times=None, after_storing=True),
        )
        environment = site_environment(
            tmp_path, building, platform, BRIDGE_PLATFORM__CONNECTIONS=str(CONNECTIONS)
        )  # fmt: skip
        for _ in range(KILLS):
            async with run_service(environment) as service:
                rate, flying = await killed_at_random(service, platform, chance)
            rates.append(rate)
            in_flight += flying
            confirmed |= puts(service)
            record = await judged(platform, record)
        await platform.clear_faults()  # what many lives left behind leaves at full speed
        await delivered(environment, platform, confirmed)
        record = await judged(platform, record)
    with capsys.disabled():
        print(
            f"\n{KILLS} kills (seed {seed}), {in_flight} with a request in flight, {len(confirmed)} packets confirmed, "
            f"{sum(map(len, record.accepted.values()))} accepted at {min(rates):.0f} to {max(rates):.0f} a second, "
            f"{sum(map(len, record.duplicates.values()))} duplicates, 0 lost, 0 discarded"
        )
    assert in_flight >= (0.6 * KILLS if KILLS >= 25 else 1), "of a few kills most may miss"
    assert sorted(rates)[len(rates) // 2] >= 50


async def killed_at_random(service: Service, platform: RemotePlatform, chance: random.Random) -> tuple[float, bool]:
    """Accepted packets a second, and whether a request was in flight."""
    await service.until_logged("packet put")
    before, began = (await platform.counts()).accepted, time.monotonic()
    await asyncio.sleep(1 + 2 * chance.random())  # the random moment that this is about
    counts = await platform.counts()
    await service.kill()
    return (counts.accepted - before) / (time.monotonic() - began), counts.in_flight > 0


def puts(service: Service) -> set[tuple[str, int]]:
    return {(line["meter"], line["instant"]) for line in service.logged("packet put")}


async def judged(platform: RemotePlatform, before: Record | None) -> Record:
    """Nothing discarded, never two in flight, and at most one more duplicate per queue than before the kill."""
    record = await platform.record()
    assert record.discarded == {}
    assert record.malformed == []
    assert record.overlaps == {}
    for name, duplicates in record.duplicates.items():
        assert len(duplicates) - len(before.duplicates.get(name, []) if before else []) <= 1, name
    return record


async def delivered(environment: Mapping[str, str], platform: RemotePlatform, confirmed: set[tuple[str, int]]) -> None:
    """Start it a last time and wait until the platform has everything that was ever confirmed; nothing is lost."""
    async with run_service(environment) as service:
        async with asyncio.timeout(60 + KILLS):
            while confirmed - stored(await platform.record()):
                await platform.until("accepted", (await platform.counts()).accepted + 1)
        assert await service.stop() == 0
    assert puts(service) <= stored(await platform.record()) | waiting(Path(environment["BRIDGE_STATE"]))


def stored(record: Record) -> set[tuple[str, int]]:
    return {(name, instant) for name, instants in record.accepted.items() for instant in instants}


def waiting(state: Path) -> set[tuple[str, int]]:
    """What the file holds for the next start, read without the product."""
    with closing(sqlite3.connect(f"file:{state / 'bridge.db'}?mode=ro", uri=True)) as file:
        rows = file.execute("SELECT meter, instant FROM packet JOIN queue ON queue.id = packet.queue WHERE state = 0")
        return set(rows)
