"""An hour of 5,000 meters while devices die and the platform fails at random: nothing grows, nothing is lost.

The service, its devices and the platform are processes of their own. Judged by the platform's record and by the state
folder's file, read without the product; the day report must agree with both. SOAK_MINUTES says how long (default 60),
SOAK_SEED which hour it is, SOAK_FOLDER where samples (CSV), log and summary stay. CI runs a short form.
"""

import asyncio
import json
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from bacnet_bridge.simulator.platform_process import Options
from bacnet_bridge.simulator.platform_record import Record
from bacnet_bridge.simulator.platform_remote import RemotePlatform, run_platform
from benchmarks.samples import Sample, SampleFile, Watch
from benchmarks.service import devices, environment, free_tcp_port, service, write_mapping
from tests.support.drama import Drama
from tests.support.logged import LOGGED
from tests.support.site import command
from tests.support.soaked import blocks_kept, rows, shown_fates, shown_holes, shown_resources

MINUTES = float(os.environ.get("SOAK_MINUTES", "60"))
SEED = int(os.environ.get("SOAK_SEED", str(random.randrange(2**32))))
KEPT = 1.03
"""What the blocks of memory in use may be at the end, by what they were at half-time."""
MOST = 250
"""Megabytes that 5,000 meters may take, as docs/operations.md says."""
MORE_DESCRIPTORS = 4
DESCRIPTORS = 60
"""As docs/operations.md says."""
UNANSWERED = 0.01
"""Of the looks: where the machine has other things to do."""
PATIENCE = 300
"""Seconds for the start, and for the backlog to leave at the end."""


@dataclass(frozen=True, slots=True)
class Size:
    devices: int
    meters: int
    """Of each device."""
    interval: int
    seconds: float
    pace: float
    """Of the troubles."""
    every: float
    """Seconds between samples."""
    settings: Mapping[str, str]


SHORT = Size(20, 10, 2, 25, 0.1, 1, {"BRIDGE_TOLERANCE": "1.8", "BRIDGE_BACNET__TIMEOUT": "0.5"})
FULL = Size(200, 25, 60, 60 * MINUTES, 1, 5, {})


@pytest.mark.parametrize(
    "size",
    [
        pytest.param(SHORT, id="short", marks=[pytest.mark.crash, pytest.mark.timeout(180)]),
        pytest.param(FULL, id="full", marks=[pytest.mark.soak, pytest.mark.timeout(60 * MINUTES + 1200)]),
    ],
)
async def test_nothing_grows_and_nothing_is_lost(
    tmp_path: Path, size: Size, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = Path(os.environ.get("SOAK_FOLDER") or tmp_path)
    kept.mkdir(exist_ok=True)
    log, port = kept / "bridge.log", free_tcp_port()
    async with run_platform(Options(folder=tmp_path / "platform")) as platform, devices(size.devices, 0.05) as row:
        settings = environment(
            tmp_path, platform, BRIDGE_INTERVAL=str(size.interval), BRIDGE_STATUS__PORT=str(port),
            BRIDGE_LOG_LEVEL="info", **size.settings,
        )  # fmt: skip
        meters = write_mapping(tmp_path / "mapping" / "meters.csv", row.ready["ports"], size.meters)
        drama = Drama(SEED, row, platform, size.devices, size.pace)
        async with service(settings, log) as process, aiohttp.ClientSession() as session:
            watch = Watch(session, process.pid, tmp_path / "state", port)
            began = await started(watch, size)
            samples, unanswered = await lived(watch, drama, size, kept / "samples.csv")
            await drained(watch, platform, size)
            process.terminate()
            assert await process.wait() == 0
        ended = time.time_ns() // 1_000_000
        LOGGED.append(log.read_text())
        record = await platform.record()
        status, told, problems = await command(settings, "report", "--json")
        assert status == 0, problems
    file = tmp_path / "state" / "bridge.db"
    summary = [
        f"seed {SEED}, {len(meters)} meters of {size.devices} devices at {size.interval} s, {size.seconds / 60:g} min",
        *shown_resources(samples),
        *shown_fates(record, json.loads(told)["total"], drama),
        shown_holes(file, drama, 1000 * size.interval),
        f"looks without an answer: {len(unanswered)} {unanswered[:5]}",
    ]
    (kept / "summary.txt").write_text("\n".join(summary) + "\n")
    with capsys.disabled():
        print("\n" + "\n".join(summary))
    judge_record(record)
    judge_slots(file, record, meters, (began, ended), size.interval * 1000)
    judge_report(file, record, json.loads(told), meters)
    judge_log(log)
    judge_resources(samples, exact=size is FULL)
    assert len(unanswered) <= UNANSWERED * len(samples)
    with capsys.disabled():
        print("soak: passed")


async def started(watch: Watch, size: Size) -> int:
    """The instant by which all meters are read."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(aiohttp.ClientError):
                if (await watch.metrics())["bacnet_bridge_meters"] == size.devices * size.meters:
                    return time.time_ns() // 1_000_000
            await asyncio.sleep(0.2)  # nothing announces it


async def lived(watch: Watch, drama: Drama, size: Size, file: Path) -> tuple[list[Sample], list[str]]:
    """What the samples were while all of it happened, and when none could be had, before the end."""
    samples: list[Sample] = []
    unanswered: list[str] = []
    until = time.monotonic() + size.seconds
    troubles = asyncio.create_task(drama.run())
    try:
        with file.open("w") as written:
            rows = SampleFile(written)
            while time.monotonic() < until:
                try:
                    samples.append(await watch.sample())
                    rows.write(samples[-1])
                except (aiohttp.ClientError, TimeoutError) as error:
                    unanswered.append(f"{time.monotonic() - until:.0f} s: {error!r}")
                await asyncio.wait({troubles}, timeout=size.every)
                if troubles.done():
                    troubles.result()
    finally:
        troubles.cancel()
        with suppress(asyncio.CancelledError):
            await troubles
    await drama.calm()
    return samples, unanswered


async def drained(watch: Watch, platform: RemotePlatform, size: Size) -> None:
    """Return in the middle of a slot, once nothing waits and nothing is under way."""
    async with asyncio.timeout(PATIENCE):
        while True:
            passed = time.time() % size.interval / size.interval
            await asyncio.sleep(((0.7 - passed) % 1) * size.interval)
            quiet = not (await platform.counts()).in_flight
            if quiet and not (await watch.metrics())["bacnet_bridge_waiting_packets"]:
                return
            await asyncio.sleep(0.05 * size.interval)


def judge_record(record: Record) -> None:
    """The platform saw every rule kept, every meter's packets in order, and never two of one at once."""
    assert (record.discarded, record.malformed, record.overlaps) == ({}, [], {})
    assert all(instants == sorted(set(instants)) for instants in record.accepted.values())


def judge_slots(file: Path, record: Record, meters: Sequence[str], span: tuple[int, int], interval: int) -> None:
    """Every slot of every meter is at the platform, waits, or is a hole with a reason: one of these, and only one."""
    waiting, holes = rows(file)
    first, last = -(-span[0] // interval) * interval, span[1] // interval * interval - interval
    for meter in meters:
        fates = [*record.accepted.get(meter, []), *waiting[meter]]
        for begin, end, reason, detail in holes[meter]:
            assert reason
            assert detail
            fates += range(begin, end + 1, interval)
        assert len(fates) == len(set(fates)), f"{meter}: a slot has two fates"
        assert set(range(first, last + 1, interval)) <= set(fates), f"{meter}: a slot is lost"
        assert all(instant % interval == 0 for instant in fates)


def judge_report(
    file: Path, record: Record, told: Mapping[str, list[dict[str, object]]], meters: Sequence[str]
) -> None:
    """due = accepted + waiting + set aside + holes, and what it says was accepted is what the platform has."""
    waiting, _ = rows(file)
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for day in told["days"]:
        reasons = day["reasons"]
        assert isinstance(reasons, dict)
        of_meter = sums[str(day["meter"])]
        of_meter["holes by reason"] += sum(reasons.values())
        of_meter["internal errors"] += reasons.get("internal error", 0)
        for key in ("due", "accepted", "waiting", "set_aside", "holes", "beyond_due"):
            number = day[key]
            assert isinstance(number, int)
            of_meter[key] += number
    assert set(sums) == set(meters)
    for meter, each in sums.items():
        assert each["due"] == each["accepted"] + each["waiting"] + each["set_aside"] + each["holes by reason"], meter
        assert each["accepted"] == len(set(record.accepted.get(meter, [])) - set(waiting[meter])), meter
        assert each["waiting"] == len(waiting[meter]), meter
        assert not each["set_aside"] + each["beyond_due"] + each["internal errors"], meter
    assert len({each["due"] for each in sums.values()}) == 1, "all have the same interval"


def judge_log(log: Path) -> None:
    """No line is an error of the bridge's own."""
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert [line for line in lines if "exception" in line or line.get("level") == "critical"] == []


def judge_resources(samples: Sequence[Sample], *, exact: bool) -> None:
    """Nothing piles up after the first half; a short form is too short to tell."""
    half = len(samples) // 2
    most = [max(each.descriptors for each in part) for part in (samples[:half], samples[half:])]
    if exact:
        assert blocks_kept(samples) <= KEPT
        assert most[1] <= most[0] + MORE_DESCRIPTORS
    assert max(most) <= DESCRIPTORS
    assert max(each.resident_mb for each in samples) <= MOST
