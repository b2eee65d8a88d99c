"""`python -m benchmarks.discovery [--json]`: a building discovered, beside BAC0's own discovery. See README.md."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from benchmarks.building import free_port
from benchmarks.estate import FIRST, name_of, objects_of
from benchmarks.figure import Figure, last_line, table
from benchmarks.process import Process, running
from benchmarks.setup import HERE

DEVICES: Final = 100
OBJECTS: Final = 400
PEERS: Final = 2
"""Devices that BAC0 discovers, one after the other: it takes most of a minute for each."""
DELAY: Final = 0.002
"""Seconds that a device takes for an answer: few, so that BAC0 is not judged by waiting."""
WHOLE: Final = "this bridge, whole building"
BRIDGE: Final = "this bridge, device by device"
FAST: Final = "this bridge, device by device, --fast"
BAC0: Final = "BAC0.device, device by device"


@dataclass(frozen=True, slots=True)
class Result:
    """One discovery of so many devices."""

    name: str
    devices: int
    segmented: bool
    """The devices answer in segments, if asked to."""
    requests: int
    seconds: float
    cpu: float

    @property
    def per_object(self) -> float:
        return self.requests / (self.devices * OBJECTS)

    @property
    def per_device(self) -> float:
        """Seconds; not of the whole building, whose devices are discovered side by side."""
        return self.seconds / self.devices


async def measure(devices: int = DEVICES, peers: int = PEERS) -> list[Result]:
    return [*await _estate(devices, peers, segmented=False), *await _estate(peers, peers, segmented=True)]


async def _estate(devices: int, peers: int, *, segmented: bool) -> list[Result]:
    """All clients on one building; those that go device by device on its first devices."""
    what = "segments" if segmented else "plain"
    command = [sys.executable, "-m", "benchmarks.estate", str(devices), str(OBJECTS), str(DELAY), what]
    results = []
    async with running("the devices", command, env=_environment()) as estate, _clients() as (bridge, bac0):
        addresses = [f"127.0.0.1:{port}" for port in estate.ready["ports"]]
        one_by_one = [addresses[at : at + 1] for at in range(peers)]
        if not segmented:
            results.append(await _measured(WHOLE, estate, bridge, [{"addresses": addresses, "fast": False}], segmented))
        for name, fast in ((BRIDGE, False), (FAST, True)):
            orders = [{"addresses": each, "fast": fast} for each in one_by_one]
            results.append(await _measured(name, estate, bridge, orders, segmented))
        results.append(await _measured(BAC0, estate, bac0, [addresses[:peers]], segmented))
    return results


async def _measured(name: str, estate: Process, client: Process, orders: Sequence[Any], segmented: bool) -> Result:
    """Raises where not every object was found by its name: nothing would be worth comparing."""
    before = sum((await estate.ask("?"))["asked"])
    said = []
    for order in orders:
        answer = await client.ask(order)
        said += answer if isinstance(answer, list) else [answer]
    requests = sum((await estate.ask("?"))["asked"]) - before
    names = sorted(each for one in said for each in one["names"])
    devices = len(names) // OBJECTS
    shown = [name_of(FIRST + at, *each) for at in range(devices) for each in objects_of(OBJECTS)]
    if names != sorted(shown) or any(one.get("unread") for one in said):
        raise RuntimeError(f"{name} found {len(names)} objects, and not all that there are")
    seconds, cpu = (sum(one[what] for one in said) for what in ("seconds", "cpu"))
    return Result(name, devices, segmented, requests, seconds, cpu)


@asynccontextmanager
async def _clients() -> AsyncIterator[tuple[Process, Process]]:
    """BAC0 with a home and a folder of its own: it reads and writes there."""
    head = [sys.executable, "-m"]
    ours = [*head, "benchmarks.clients.discover_bridge", str(free_port())]
    with tempfile.TemporaryDirectory() as home:
        async with running("this bridge", ours, env=_environment()) as bridge:
            theirs = [*head, "benchmarks.clients.discover_bac0", str(free_port()), str(FIRST)]
            async with running("BAC0", theirs, cwd=Path(home), env={**_environment(), "HOME": home}) as bac0:
                yield bridge, bac0


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HERE.parent)}


def figures(results: Sequence[Result]) -> list[Figure]:
    """Of the kind of device, in one piece or segmented, beside which the bridge does worse, each."""
    kinds = [{each.name: each for each in results if each.segmented is segmented} for segmented in (False, True)]
    return [
        Figure(
            min(kind[BAC0].per_object / kind.get(WHOLE, kind[BRIDGE]).per_object for kind in kinds),
            10,
            "{} fewer requests per object than BAC0",
            at_least=True,
        ),
        Figure(max(kind[BRIDGE].per_device / kind[BAC0].per_device for kind in kinds), 1, "{} its time, with pacing"),
    ]


def shown(results: Sequence[Result]) -> str:
    head = ("discovery", "answers", "devices", "objects", "requests", "requests/object", "s", "s/device", "CPU s")
    rows = [
        (
            each.name,
            "segmented" if each.segmented else "in one piece",
            str(each.devices),
            f"{each.devices * OBJECTS:,}",
            f"{each.requests:,}",
            f"{each.per_object:.4f}",
            f"{each.seconds:.1f}",
            "" if each.name == WHOLE else f"{each.per_device:.1f}",
            f"{each.cpu:.1f}",
        )
        for each in results
    ]
    return table(head, rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.discovery", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON in place of the table")
    as_json = parser.parse_args().json
    results = asyncio.run(measure())
    reached = figures(results)
    print(json.dumps([asdict(each) for each in results]) if as_json else shown(results))
    print(last_line("discovery", reached))
    sys.exit(not all(figure.reached for figure in reached))


if __name__ == "__main__":
    main()
