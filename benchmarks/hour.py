"""`python -m benchmarks.hour [--json]`: 10,000 points every minute for an hour, as fast as they come. See README.md."""

import argparse
import asyncio
import gc
import json
import logging
import os
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Final

import structlog

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import SystemClock
from bacnet_bridge.model import Meter
from bacnet_bridge.service.interpreter import settle
from benchmarks.building import free_port
from benchmarks.devices import FIRST
from benchmarks.figure import Figure, last_line, table
from benchmarks.meters import meters
from benchmarks.process import Process, running
from benchmarks.setup import HERE

DEVICES: Final = 200
POINTS: Final = 50
SLOTS: Final = 60
SILENT: Final = 2
"""Devices that say nothing in a slot; others in each. Memory that trouble leaves behind would show."""
SETTLED: Final = 10
"""Slots after which everything that is kept has been made."""
TIMEOUT: Final = 1.0
"""Seconds that a device has for an answer."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The process after a slot."""

    megabytes: float
    """Resident."""
    descriptors: int
    tasks: int
    cpu: float
    """Seconds that the slot took of it."""
    read: int
    """Points with a value."""


async def measure() -> list[Slot]:
    command = [sys.executable, "-m", "benchmarks.devices", str(DEVICES), "0"]
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    async with running("the devices", command, env=environment) as devices:
        client = Client(Identity(4_000, f"127.0.0.1/32:{free_port()}"), TIMEOUT)
        await client.start()
        reader = Reader(client, SystemClock())
        mapped = list(
            chain.from_iterable(
                meters(FIRST + place, f"127.0.0.1:{port}", POINTS, 21 if place % 2 else 1)
                for place, port in enumerate(devices.ready["ports"])
            )
        )
        memory: dict[str, Mapping[str, str]] = {}
        try:
            await reader.warm(mapped)
            settle()  # as the service does
            return [await _slot(number, devices, reader, mapped, memory) for number in range(SLOTS)]
        finally:
            await reader.stop()
            await client.stop()


async def _slot(
    number: int, devices: Process, reader: Reader, mapped: Sequence[Meter], memory: dict[str, Mapping[str, str]]
) -> Slot:
    first = number * SILENT % DEVICES
    await devices.ask({"dead": list(range(first, first + SILENT))})
    began = time.process_time()
    gatherings = await asyncio.gather(*(reader.read(meter, memory.get(meter.id, {})) for meter in mapped))
    used = time.process_time() - began
    read = 0
    for meter, gathering in zip(mapped, gatherings, strict=True):
        memory[meter.id] = gathering.memory
        read += sum(reading.value is not None for reading in gathering.readings)
    del gatherings
    gc.collect()
    return Slot(_resident(), sum(1 for _ in Path("/proc/self/fd").iterdir()), len(asyncio.all_tasks()), used, read)


def _resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / (1 << 20)


def figures(slots: Sequence[Slot]) -> list[Figure]:
    settled, last = slots[SETTLED], slots[-1]
    more = (last.descriptors - settled.descriptors) + (last.tasks - settled.tasks)
    return [
        Figure(max(each.megabytes for each in slots), 150, "{} resident at most", unit=" MB"),
        Figure(last.megabytes - settled.megabytes, 2, "{} more at the end", unit=" MB"),
        Figure(more, 0, "{} more descriptors and tasks", unit=""),
        Figure(100 * min(each.read for each in slots[1:]) / (DEVICES * POINTS), 97, "{} of the points", True, " %"),
    ]


def shown(slots: Sequence[Slot]) -> str:
    head = ("minute", "resident MB", "descriptors", "tasks", "CPU s", "points with a value")
    rows = [
        (
            str(number),
            f"{each.megabytes:.1f}",
            str(each.descriptors),
            str(each.tasks),
            f"{each.cpu:.2f}",
            f"{each.read:,}",
        )
        for number, each in enumerate(slots)
        if number % SETTLED in {0, SETTLED - 1}
    ]
    return table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hour", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON in place of the table")
    as_json = parser.parse_args().json
    # Devices fall silent in every slot, and that is no news.
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    slots = asyncio.run(measure())
    reached = figures(slots)
    print(json.dumps([asdict(each) for each in slots]) if as_json else shown(slots))
    print(last_line("hour", reached))
    sys.exit(not all(figure.reached for figure in reached))


if __name__ == "__main__":
    main()
