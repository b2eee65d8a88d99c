"""`python -m benchmarks.start [--json]`: a million packets wait, and the power comes back. See README.md."""

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bacnet_bridge.clock import SystemClock, moment_of
from bacnet_bridge.database import Database
from bacnet_bridge.model import Account, Packet, Queue
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.simulator.platform_process import Options
from bacnet_bridge.simulator.platform_remote import RemotePlatform, run_platform
from benchmarks.figure import Figure, last_line, table
from benchmarks.service import environment

METERS: Final = 1_000
PACKETS: Final = 1_000
"""Of each meter."""
ROUNDS: Final = 3
DELIVERED: Final = 2_000
"""Packets that are accepted before the memory is read."""
_FIRST: Final = 1_700_000_000_000
_AT_ONCE: Final = 5


@dataclass(frozen=True, slots=True)
class Start:
    """One start of the service."""

    seconds: float
    """From the start of the process, its imports included, until a POST is at the platform."""
    cpu: float
    """Seconds of it that the process computed, all its threads."""
    megabytes: float
    """Peak resident memory of the process by then and some thousand acceptances later."""


async def fill(path: Path, account: Account, meters: int, packets: int) -> None:
    """Puts, as the service does them."""
    database = Database(path, MIGRATIONS)
    await database.start()
    outbox = SqliteOutbox(database, SystemClock())
    await outbox.start()
    for first in range(0, packets, _AT_ONCE):
        slots = range(first, min(packets, first + _AT_ONCE))
        await asyncio.gather(*(outbox.put(_packet(account, meter, n)) for n in slots for meter in range(meters)))
    await database.close()


def _packet(account: Account, meter: int, number: int) -> Packet:
    instant = _FIRST + number * 300_000
    text = moment_of(instant).isoformat(timespec="milliseconds")
    body = f'{{"id":"meter-{meter}","tsISO8601":"{text}","value":{number}.5}}'
    return Packet(Queue(account, f"meter-{meter}"), instant, text[:10], body)


async def start(folder: Path, platform: RemotePlatform) -> Start:
    before = await platform.counts()
    _forget(folder / "state")
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bacnet_bridge", "run", env=environment(folder, platform),
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await platform.until("attempts", before.attempts + 1, seconds=60)
        seconds, cpu = time.perf_counter() - began, _cpu(process.pid)
        await platform.until("accepted", before.accepted + DELIVERED, seconds=60)
        return Start(seconds, cpu, _peak_megabytes(process.pid))
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def _forget(state: Path) -> None:
    """Nothing of these files stays in memory: they are read from the disk, as after a power cut."""
    for path in state.iterdir():
        if path.is_file():
            descriptor = os.open(path, os.O_RDONLY)
            os.fsync(descriptor)
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            os.close(descriptor)


def _cpu(pid: int) -> float:
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def _peak_megabytes(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


async def measure(folder: Path, meters: int = METERS, packets: int = PACKETS, rounds: int = ROUNDS) -> list[Start]:
    (folder / "state").mkdir(mode=0o700)
    async with run_platform(Options(folder=folder / "platform")) as platform:
        await fill(folder / "state" / "bridge.db", Account(platform.url, "default"), meters, packets)
        return [await start(folder, platform) for _ in range(rounds)]


def figures(starts: Sequence[Start]) -> list[Figure]:
    return [
        Figure(max(each.seconds for each in starts), 3, "first POST after {}", unit=" s"),
        Figure(max(each.megabytes for each in starts), 400, "{} at most", unit=" MB"),
    ]


def shown(starts: Sequence[Start]) -> str:
    rows = [
        (f"start {n}", f"{each.seconds:.2f}", f"{each.cpu:.2f}", f"{each.megabytes:.0f}")
        for n, each in enumerate(starts, 1)
    ]
    return table((f"{METERS * PACKETS:,} packets wait", "first POST s", "CPU s", "peak MB"), rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON in place of the table")
    as_json = parser.parse_args().json
    with tempfile.TemporaryDirectory() as name:
        starts = asyncio.run(measure(Path(name)))
    document: Mapping[str, object] = {"starts": [asdict(each) for each in starts]}
    reached = figures(starts)
    print(json.dumps(document) if as_json else shown(starts))
    print(last_line("start", reached))
    sys.exit(not all(figure.reached for figure in reached))


if __name__ == "__main__":
    main()
