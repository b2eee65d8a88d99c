"""`python -m benchmarks.fieldbus [--json]`: a slot on 200 slow devices, alone and with 20 dead ones. See README.md."""

import argparse
import asyncio
import json
import logging
import os
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import chain, groupby
from typing import Final

import structlog

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.plan import Gathering
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.model import Meter
from bacnet_bridge.service.interpreter import settle
from benchmarks.building import free_port
from benchmarks.devices import FIRST, fewest_requests
from benchmarks.figure import Figure, last_line, table
from benchmarks.meters import meters
from benchmarks.process import Process, running
from benchmarks.setup import HERE

LIVING: Final = 200
DEAD: Final = 20
"""Beside the living ones: at first they answer, too, then they fall silent for good."""
POINTS: Final = 50
DELAY: Final = 0.05
"""Seconds that a device takes for an answer."""
PAIRS: Final = 9
"""Of slots: one with the living devices alone, one with the dead ones due at the same moment. They take turns."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One slot: from the moment at which everything is due until the last living device's readings are built."""

    seconds: float
    cpu: float
    """Seconds of the reading process."""
    requests: float
    """Per living device."""


@dataclass(frozen=True, slots=True)
class Result:
    """All slots of one kind of meter."""

    name: str
    alone: tuple[Slot, ...]
    with_dead: tuple[Slot, ...]
    """The first is the one in which they fall silent."""

    @property
    def times_limit(self) -> float:
        return statistics.median(slot.seconds for slot in self.alone) / limit()

    @property
    def change(self) -> float:
        """What the dead ones cost the living, in percent: the median of pairs."""
        pairs = zip(self.with_dead, self.alone, strict=True)
        return 100 * (statistics.median(dead.seconds / alone.seconds for dead, alone in pairs) - 1)


def limit() -> float:
    """Seconds that a slot takes at least: the fewest requests that the devices' APDUs allow, one after the other."""
    return fewest_requests(POINTS) * DELAY


@dataclass(slots=True)
class _Site:
    """The reading layer with its devices; memory goes on from slot to slot, as the service hands it over."""

    devices: Process
    reader: Reader
    living: list[Meter]
    dead: list[Meter]
    memory: dict[str, Mapping[str, str]] = field(default_factory=dict)

    async def pair(self, *, dead_first: bool) -> tuple[Slot, Slot]:
        """A slot without the dead ones and one with them. Turns cancel what drifts on the machine meanwhile."""
        first = await self.slot(with_dead=dead_first)
        second = await self.slot(with_dead=not dead_first)
        return (second, first) if dead_first else (first, second)

    async def slot(self, *, with_dead: bool) -> Slot:
        order = {"dead": list(range(LIVING, LIVING + DEAD)) if with_dead else []}
        before = sum((await self.devices.ask(order))["asked"][:LIVING])
        others = [self.reader.read(meter, {}) for meter in self.dead * with_dead]
        began, cpu = time.perf_counter(), time.process_time()
        jobs = []
        for _, own in groupby(self.living, key=lambda meter: meter.device):
            jobs += [self.reader.read(each, self._memory(each)) for each in own]
            await asyncio.sleep(0)
        gatherings = [await job for job in jobs]
        took, used = time.perf_counter() - began, time.process_time() - cpu
        self._check(gatherings)
        if others:
            await asyncio.wait(others)
        after = sum((await self.devices.ask(order))["asked"][:LIVING])
        return Slot(took, used, (after - before) / LIVING)

    def _memory(self, meter: Meter) -> Mapping[str, str]:
        return self.memory.get(meter.id, {})

    def _check(self, gatherings: Sequence[Gathering]) -> None:
        """Raises where a living device's point has no value: the slot was not read."""
        for meter, gathering in zip(self.living, gatherings, strict=True):
            self.memory[meter.id] = gathering.memory
            if wrong := [reading.problem for reading in gathering.readings if reading.value is None]:
                raise RuntimeError(f"{len(wrong)} points of meter {meter.id} have no value, the first: {wrong[0]}")


async def measure(name: str, points_per_meter: int) -> Result:
    command = [sys.executable, "-m", "benchmarks.devices", str(LIVING + DEAD), str(DELAY)]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    async with running("the devices", command, env=environment) as devices:
        client = Client(Identity(4_000, f"127.0.0.1/32:{free_port()}"))
        await client.start()
        reader = Reader(client, SystemClock())
        each = [
            meters(FIRST + place, f"127.0.0.1:{port}", POINTS, points_per_meter)
            for place, port in enumerate(devices.ready["ports"])
        ]
        living, dead = list(chain(*each[:LIVING])), list(chain(*each[LIVING:]))
        site = _Site(devices, reader, living, dead)
        try:
            await reader.warm(living + dead)
            settle()  # as the service does
            pairs = [await site.pair(dead_first=bool(number % 2)) for number in range(PAIRS)]
        finally:
            await reader.stop()
            await client.stop()
    alone, with_dead = zip(*pairs, strict=True)
    return Result(name, alone, with_dead)


def figures(results: Sequence[Result]) -> list[Figure]:
    """Of the kind of meter that does worse, each."""
    return [
        Figure(max(each.times_limit for each in results), 1.5, "{} the limit"),
        Figure(max(each.change for each in results), 10, "{} change by 20 dead devices", unit=" %"),
    ]


def shown(results: Sequence[Result]) -> str:
    head = (
        "meters of a device",
        "slot ms",
        "x limit",
        "requests/device",
        "CPU ms",
        "+ dead ms",
        "change",
        "falling silent ms",
    )
    rows = [
        (
            each.name,
            f"{1000 * statistics.median(slot.seconds for slot in each.alone):.0f}",
            f"{each.times_limit:.2f}",
            f"{statistics.median(slot.requests for slot in each.alone):.1f}",
            f"{1000 * statistics.median(slot.cpu for slot in each.alone):.0f}",
            f"{1000 * statistics.median(slot.seconds for slot in each.with_dead):.0f}",
            f"{each.change:+.1f} %",
            f"{1000 * each.with_dead[0].seconds:.0f}",
        )
        for each in results
    ]
    least = fewest_requests(POINTS)
    note = f"limit: {least} requests (the fewest that fit) x {1000 * DELAY:.0f} ms = {1000 * limit():.0f} ms"
    return f"{table(head, rows)}\n{note}"


async def _measure_both() -> list[Result]:
    return [await measure(f"{POINTS} of 1 field", 1), await measure("3 of up to 21 fields", 21)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fieldbus", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON in place of the table")
    as_json = parser.parse_args().json
    # That devices fall silent is the point here, and no news.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    results = asyncio.run(_measure_both())
    reached = figures(results)
    print(json.dumps([asdict(each) for each in results]) if as_json else shown(results))
    print(last_line("fieldbus", reached))
    sys.exit(not all(figure.reached for figure in reached))


if __name__ == "__main__":
    main()
