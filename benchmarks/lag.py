"""`python -m benchmarks.lag [--json]`: 10,000 meters a minute, and how late the loop is. See README.md."""

import argparse
import asyncio
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

import aiohttp

from bacnet_bridge.simulator.platform_process import Options
from bacnet_bridge.simulator.platform_remote import run_platform
from benchmarks.figure import Figure, last_line, table
from benchmarks.samples import Watch
from benchmarks.service import devices, environment, free_tcp_port, service, write_mapping

DEVICES: Final = 200
POINTS: Final = 50
DELAY: Final = 0.05
"""Seconds that a device takes for an answer."""
SLOTS: Final = 3
"""That are watched between start and reload."""
EVERY: Final = 0.02
"""Seconds between an answer of `/healthz` and the next question."""
SCRAPED: Final = 15.0
"""Seconds between two looks of monitoring at `/metrics`, and of a browser at all meters."""
BOUND: Final = 200
"""Milliseconds."""
_LAG: Final = "bacnet_bridge_loop_lag_seconds"
_PATIENCE: Final = 180.0
_SLOT: Final = 60.0
_QUIET: Final = 45.0
"""Seconds from a slot's first packet until all is quiet."""


@dataclass(frozen=True, slots=True)
class Phase:
    """What was seen of one part of the service's life. Milliseconds."""

    name: str
    answers: int
    median: float
    worst: float
    """The longest that `/healthz` took."""
    own: float
    """The longest that this process's own timer was late meanwhile: the machine was busy, not the bridge."""
    looks: int
    """How often the bridge measured its loop's lag."""
    late: dict[str, int]
    """Of these, how many were later than each bound of the histogram, in seconds."""
    holes: int


@dataclass(slots=True)
class Poll:
    """Asks for `/healthz` again and again, beside all else."""

    watch: Watch
    answers: list[float] = field(default_factory=list)
    own: float = 0.0

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            with suppress(aiohttp.ClientConnectionError):
                self.answers.append(1000 * await self.watch.healthz())
            due = loop.time() + EVERY
            await asyncio.sleep(EVERY)
            self.own = max(self.own, 1000 * (loop.time() - due))


async def measure(folder: Path) -> list[Phase]:
    port = free_tcp_port()
    async with run_platform(Options(folder=folder / "platform")) as platform, devices(DEVICES, DELAY) as row:
        settings = environment(folder, platform, BRIDGE_INTERVAL="60", BRIDGE_STATUS__PORT=str(port))
        mapping = folder / "mapping" / "meters.csv"
        write_mapping(mapping, row.ready["ports"], POINTS)
        async with service(settings, folder / "log") as process, aiohttp.ClientSession() as session:
            watch = Watch(session, process.pid, folder / "state", port)
            phases: list[Phase] = []
            async with _watched("start and first slot", watch, phases):
                await platform.until("accepted", 1, seconds=_PATIENCE)
                await asyncio.sleep(_QUIET)
            async with _watched(f"{SLOTS} slots", watch, phases), _looked_at(session, port):
                await asyncio.sleep(_SLOT * SLOTS)
            async with _watched("a meter more, two slots", watch, phases):
                _add_meter(mapping)
                os.kill(process.pid, signal.SIGHUP)
                await asyncio.sleep(_SLOT * 2)
            if not (await platform.counts("one-more")).accepted:
                raise RuntimeError("the edit of the mapping did not come into force")
            return phases


@asynccontextmanager
async def _watched(name: str, watch: Watch, phases: list[Phase]) -> AsyncIterator[None]:
    """Add what was seen until the end of the block. `/metrics` is read before and after, not beside it."""
    before = {} if not phases else await _metrics(watch)
    poll = Poll(watch)
    polling = asyncio.create_task(poll.run())
    try:
        yield
    finally:
        polling.cancel()
        await asyncio.gather(polling, return_exceptions=True)
    after = await _metrics(watch)
    gone = {key: after[key] - before.get(key, 0) for key in after if key.startswith(_LAG)}
    looks = int(gone[f"{_LAG}_count"])
    late = {key.split('"')[1]: looks - int(value) for key, value in gone.items() if "_bucket" in key}
    holes = _holes(after) - _holes(before)
    answers = poll.answers
    phases.append(Phase(name, len(answers), statistics.median(answers), max(answers), poll.own, looks, late, holes))


async def _metrics(watch: Watch) -> dict[str, float]:
    """As soon as they are to be had: a machine that cannot keep up answers 504 in a busy slot."""
    async with asyncio.timeout(_PATIENCE):
        while True:
            with suppress(aiohttp.ClientResponseError):
                return await watch.metrics()


def _holes(metrics: Mapping[str, float]) -> int:
    return int(sum(value for name, value in metrics.items() if name.startswith("bacnet_bridge_slots_missed_total")))


@asynccontextmanager
async def _looked_at(session: aiohttp.ClientSession, port: int) -> AsyncIterator[None]:
    """By monitoring, and by a browser that lists all meters."""

    async def look() -> None:
        while True:
            for page in ("metrics", "api/meters"):
                async with session.get(f"http://127.0.0.1:{port}/{page}") as answer:
                    await answer.read()
            await asyncio.sleep(SCRAPED)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)


def _add_meter(mapping: Path) -> None:
    """The first meter's point once more under another id."""
    first = mapping.read_text().splitlines()[1].split(",")
    with mapping.open("a") as file:
        file.write(",".join(["One more", "one-more", *first[2:]]) + "\n")


def figures(phases: Sequence[Phase]) -> list[Figure]:
    late = sum(each.late["0.2"] for each in phases)
    return [
        Figure(max(each.worst for each in phases), BOUND, "{} at most from outside", unit=" ms"),
        Figure(late, 0, "{} measures above 200 ms from inside", unit=""),
    ]


def shown(phases: Sequence[Phase]) -> str:
    head = (
        "phase",
        "answers",
        "median ms",
        "worst ms",
        "own late ms",
        "looks",
        "> 50 ms",
        "> 100 ms",
        "> 200 ms",
        "holes",
    )
    rows = [
        (
            each.name,
            str(each.answers),
            f"{each.median:.1f}",
            f"{each.worst:.0f}",
            f"{each.own:.0f}",
            str(each.looks),
            *(str(each.late[bound]) for bound in ("0.05", "0.1", "0.2")),
            str(each.holes),
        )
        for each in phases
    ]
    return table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.lag", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON in place of the table")
    as_json = parser.parse_args().json
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        phases = asyncio.run(measure(Path(name)))
    reached = figures(phases)
    print(json.dumps([asdict(each) for each in phases]) if as_json else shown(phases))
    print(f"{DEVICES * POINTS:,} meters at 60 s, in {time.monotonic() - began:.0f} s", file=sys.stderr)
    print(last_line("lag", reached))
    sys.exit(not all(figure.reached for figure in reached))


if __name__ == "__main__":
    main()
