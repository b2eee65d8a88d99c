"""`python -m benchmarks.delivery [--json]`: the outbox beside two others, and the whole way out beside two clients."""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from benchmarks.figure import Figure, last_line, table
from benchmarks.process import Process, running

ROUNDS: Final = 3
JUDGED_ROUNDS: Final = 5
DELAYS: Final = (0.0, 0.05)
CONNECTIONS: Final = (1, 8, 32, 128)
JUDGED: Final = (0.05, 32)
"""The figures are those of 32 connections and 50 ms."""
SENDERS: Final = {"bridge": "this bridge, committed", "bare": "aiohttp alone", "anew": "a TLS connection a packet"}
PUTTERS: Final = {"bridge": "this bridge", "aiosqlite": "aiosqlite", "sqlalchemy": "async SQLAlchemy session"}
CALLERS: Final = 256
PUTS: Final = {"bridge": 20_000, "aiosqlite": 2_000, "sqlalchemy": 1_000}


@dataclass(frozen=True, slots=True)
class Sent:
    """One client at one delay and number of connections; per round."""

    kind: str
    delay: float
    connections: int
    rates: tuple[float, ...]
    """Packets a second."""
    cpu: tuple[float, ...]
    """Milliseconds a thousand packets."""


def figures(sent: Sequence[Sent], puts: Mapping[str, tuple[float, ...]]) -> list[Figure]:
    judged = {each.kind: each for each in sent if (each.delay, each.connections) == JUDGED}
    ours = judged["bridge"]
    return [
        Figure(100 * _ratio(ours.rates, judged["bare"].rates), 80, "{} of aiohttp's rate", at_least=True, unit=" %"),
        Figure(_ratio(judged["anew"].cpu, ours.cpu), 5, "{} less CPU than a connection a packet", at_least=True),
        Figure(_ratio(puts["bridge"], puts["aiosqlite"]), 1, "{} aiosqlite's puts", at_least=True),
    ]


def _ratio(over: Sequence[float], under: Sequence[float]) -> float:
    return statistics.median(a / b for a, b in zip(over, under, strict=True))


def shown(sent: Sequence[Sent], puts: Mapping[str, tuple[float, ...]]) -> str:
    rows = [
        (
            SENDERS[each.kind],
            f"{each.delay * 1000:.0f}",
            f"{each.connections}",
            f"{statistics.median(each.rates):,.0f}",
            f"({min(each.rates):,.0f} … {max(each.rates):,.0f})",
            f"{statistics.median(each.cpu):,.0f}",
        )
        for each in sent
    ]
    putters = [
        (PUTTERS[kind], f"{statistics.median(rates):,.0f}", f"({min(rates):,.0f} … {max(rates):,.0f})")
        for kind, rates in puts.items()
    ]
    head = ("client", "ms", "connections", "packets/s", "(least … most)", "CPU ms per 1,000")
    return f"{table(('durable puts', 'puts/s', '(least … most)'), putters)}\n\n{table(head, rows)}"


def packets_of(kind: str, delay: float, connections: int) -> int:
    """Enough for a second or two; for twice as long where it counts."""
    most, seconds = 300 if kind == "anew" else 2000, 2
    if (delay, connections) == JUDGED:
        most, seconds = 2 * most, 2 * seconds
    return max(20, min(most, round(seconds * connections / delay))) if delay else most


async def measure_puts(folder: Path) -> dict[str, tuple[float, ...]]:
    rates: dict[str, list[float]] = {kind: [] for kind in PUTTERS}
    async with AsyncExitStack() as stack:
        clients = {kind: await _child(stack, "puts", kind, folder / f"puts-{kind}") for kind in PUTTERS}
        for _ in range(ROUNDS):
            for kind, client in clients.items():
                seconds = await client.ask({"packets": PUTS[kind], "callers": CALLERS})
                rates[kind].append(PUTS[kind] / seconds)
    return {kind: tuple(each) for kind, each in rates.items()}


async def measure_sending(folder: Path) -> list[Sent]:
    async with AsyncExitStack() as stack:
        command = [sys.executable, "-m", "benchmarks.https", str(folder / "https")]
        server = await stack.enter_async_context(running("the server", command))
        clients = {
            kind: await _child(stack, "senders", kind, folder / f"send-{kind}", **server.ready) for kind in SENDERS
        }
        return [
            each
            for delay in DELAYS
            for connections in CONNECTIONS
            for each in await _side_by_side(server, clients, delay, connections)
        ]


async def _side_by_side(server: Process, clients: dict[str, Process], delay: float, connections: int) -> list[Sent]:
    turns: dict[str, list[tuple[float, float]]] = {kind: [] for kind in clients}
    answered = await server.ask({"delay": delay})
    for _ in range(JUDGED_ROUNDS if (delay, connections) == JUDGED else ROUNDS):
        for kind, client in clients.items():
            count = packets_of(kind, delay, connections)
            seconds, cpu = await client.ask({"packets": count, "connections": connections})
            before, answered = answered, await server.ask({"delay": delay})
            if answered - before != count:
                raise RuntimeError(f"{client.name}: {answered - before} requests for {count} packets")
            turns[kind].append((count / seconds, 1e6 * cpu / count))
    return [
        Sent(kind, delay, connections, tuple(rate for rate, _ in own), tuple(cpu for _, cpu in own))
        for kind, own in turns.items()
    ]


async def _child(stack: AsyncExitStack, module: str, kind: str, folder: Path, **task: str) -> Process:
    folder.mkdir()
    arguments = json.dumps({"kind": kind, "folder": str(folder), **task})
    command = [sys.executable, "-m", f"benchmarks.clients.{module}", arguments]
    return await stack.enter_async_context(running(kind, command))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON in place of the tables")
    as_json = parser.parse_args().json
    with tempfile.TemporaryDirectory() as name:
        puts = asyncio.run(measure_puts(Path(name)))
        sent = asyncio.run(measure_sending(Path(name)))
    reached = figures(sent, puts)
    print(json.dumps({"puts": puts, "sent": [asdict(each) for each in sent]}) if as_json else shown(sent, puts))
    print(last_line("delivery", reached))
    sys.exit(not all(figure.reached for figure in reached))


if __name__ == "__main__":
    main()
