"""`python -m benchmarks.reading [--json]`: the reading layer beside four peers, against one server. See README.md."""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.building import DEVICE, free_port, value_of
from benchmarks.clients.channel import Task, Turn
from benchmarks.figure import Figure, last_line, table
from benchmarks.process import Process, running
from benchmarks.setup import HERE, require_peers

OBJECTS: Final = 500
PER_REQUEST: Final = 50
ROUNDS: Final = 7
SECONDS: Final = 0.5
"""Of reading in one client's turn in a round."""
FEWEST, MOST = 3, 60
"""Passes in a turn."""

_REAL: Final = 1e-6
"""To what part of itself a number survives as a Real."""
_FURTHEST: Final = 1_000_000
"""Moves of the server's values in a run, at most."""

BRIDGE: Final = ("this bridge, 500 meters of 1 field", "this bridge, 24 meters of up to 21 fields")
BACPYPES3: Final = "bacpypes3 read_property_multiple"
BAC0: Final = "BAC0 readMultiple"
RUSTY: Final = "rusty-bacnet"
JS: Final = "@bacnet-js/client"


@dataclass(frozen=True, slots=True)
class Entry:
    """A row of the table: who, by which program, and how its task differs from the others'."""

    name: str
    module: str
    points_per_meter: int = 1
    flags: bool = True

    @property
    def what(self) -> str:
        return "value, flags" if self.flags else "value only"


ENTRIES: Final = (
    Entry(BRIDGE[0], "bridge", points_per_meter=1),
    Entry(BRIDGE[1], "bridge", points_per_meter=21),
    Entry(BACPYPES3, "bacpypes3_rpm"),
    Entry(BAC0, "bac0"),
    Entry(f"{BAC0}, value only", "bac0", flags=False),
    Entry(RUSTY, "rusty"),
    Entry(JS, "bacnet_js"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """A client over all rounds. `cpu` per round is what ratios are made of."""

    name: str
    what: str
    points_per_second: float
    cpu_per_1000: float
    """Milliseconds of CPU, user and system, of the whole process; median."""
    requests_per_point: float
    megabytes: float
    """Peak resident memory of the process, from its start."""
    cpu: tuple[float, ...]
    """Milliseconds per 1,000 points, by round."""


def result(entry: Entry, turns: Sequence[Turn], megabytes: float) -> Result:
    """Of a client's turns, one a round."""
    points = [OBJECTS * len(turn["values"]) for turn in turns]
    cpu = tuple(1e6 * turn["cpu"] / read for turn, read in zip(turns, points, strict=True))
    return Result(
        entry.name,
        entry.what,
        statistics.median(read / turn["seconds"] for turn, read in zip(turns, points, strict=True)),
        statistics.median(cpu),
        turns[-1]["requests"] / OBJECTS,
        megabytes,
        cpu,
    )


def figures(results: Sequence[Result]) -> list[Figure]:
    """By the dearer of the bridge's two rows; ratios are of one round each, and the median of them counts."""
    by_name = {each.name: each for each in results}
    ours = max((by_name[name] for name in BRIDGE), key=lambda each: each.cpu_per_1000)
    return [
        Figure(_ratio(by_name[BACPYPES3], ours), 20, "{} less CPU than bacpypes3", at_least=True),
        Figure(_ratio(by_name[BAC0], ours), 20, "{} less than BAC0", at_least=True),
        Figure(_ratio(ours, by_name[RUSTY]), 3, "{} rusty-bacnet"),
    ]


def _ratio(over: Result, under: Result) -> float:
    return statistics.median(a / b for a, b in zip(over.cpu, under.cpu, strict=True))


def shown(results: Sequence[Result]) -> str:
    head = ("client", "read", "points/s", "CPU ms per 1,000 points", "(least … most)", "requests/point", "peak MB")
    rows = [
        (
            each.name,
            each.what,
            f"{each.points_per_second:,.0f}",
            f"{each.cpu_per_1000:.1f}",
            f"({min(each.cpu):.1f} … {max(each.cpu):.1f})",
            f"{each.requests_per_point:.3f}",
            f"{each.megabytes:.0f}",
        )
        for each in results
    ]
    return table(head, rows)


async def measure() -> list[Result]:
    """All clients stay up, each in a process of its own; in every round each has its turn, alone."""
    port = free_port()
    async with AsyncExitStack() as stack:
        command = [sys.executable, "-m", "benchmarks.building", str(port), str(OBJECTS)]
        await stack.enter_async_context(running("the server", command))
        clients = [await stack.enter_async_context(_client(entry, f"127.0.0.1:{port}")) for entry in ENTRIES]
        turns: list[list[Turn]] = [[await _turn(client, FEWEST)] for client in clients]  # to warm up
        for _ in range(ROUNDS):
            for client, own in zip(clients, turns, strict=True):
                own.append(await _turn(client, _passes(own[-1])))
        return [
            result(entry, own[1:], client.peak_megabytes())
            for entry, own, client in zip(ENTRIES, turns, clients, strict=True)
        ]


def _passes(before: Turn) -> int:
    """How many take as long as a turn is to last, by the client's turn before."""
    return max(FEWEST, min(MOST, round(SECONDS * len(before["values"]) / before["seconds"])))


async def _turn(client: Process, passes: int) -> Turn:
    """Raises where a pass did not read what the server showed in it: its figures would mean nothing."""
    turn: Turn = await client.ask({"passes": passes})
    moves = 0
    for got in turn["values"]:
        moves = next((each for each in range(moves + 1, moves + _FURTHEST) if _close(got[0], value_of(1, each))), 0)
        shown = [value_of(instance, moves) for instance in range(1, OBJECTS + 1)]
        if not moves or len(got) != OBJECTS or not all(map(_close, got, shown)):
            raise RuntimeError(f"{client.name} did not read what the server shows")
    return turn


def _close(got: float, shown: float) -> bool:
    return abs(got / shown - 1) < _REAL


@asynccontextmanager
async def _client(entry: Entry, server: str) -> AsyncIterator[Process]:
    task = Task(DEVICE, server, free_port(), OBJECTS, PER_REQUEST, entry.flags, entry.points_per_meter)
    if entry.module == "bacnet_js":
        command = ["node", str(HERE / "clients" / "bacnet_js.cjs")]
    else:
        command = [sys.executable, "-m", f"benchmarks.clients.{entry.module}"]
    # A home and a folder of its own: BAC0 reads and writes there, and all are treated alike.
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "HOME": home, "PYTHONPATH": str(HERE.parent)}
        arguments = [json.dumps(asdict(task))]
        async with running(entry.name, command + arguments, cwd=Path(home), env=environment) as process:
            yield process


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON in place of the table")
    as_json = parser.parse_args().json
    require_peers()
    results = asyncio.run(measure())
    reached = figures(results)
    print(json.dumps([asdict(each) for each in results]) if as_json else shown(results))
    print(last_line("reading", reached))
    sys.exit(not all(figure.reached for figure in reached))


if __name__ == "__main__":
    main()
