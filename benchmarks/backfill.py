"""`python -m benchmarks.backfill [--json]`: a week's gaps of 100 meters, healed from their logs. See README.md."""

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from bacnet_bridge.control.door import ask
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.mapping import Defaults, load
from bacnet_bridge.model import Account
from bacnet_bridge.simulator.building import SimulatedBuilding, run_building
from bacnet_bridge.simulator.platform_process import Options
from bacnet_bridge.simulator.platform_remote import RemotePlatform, run_platform
from bacnet_bridge.state import StateFolder
from benchmarks.figure import Figure, last_line, table
from benchmarks.logged_site import LIVE, Size, declare, leave, write_mapping
from benchmarks.service import environment, service

_BOUND: Final = 300.0
"""Seconds."""
_EACH: Final = 20
"""Records a request, at least."""
_ABOUT: Final = 2
"""Requests about a log and its clock, each time it is read; they count like those for records."""
_PATIENCE: Final = 1_200.0
_HELD, _FILLED, _GIVEN_UP = "a gap is held for its log", "a gap was filled", "a gap stays holes"


@dataclass(frozen=True, slots=True)
class Healed:
    """What became of it."""

    slots: int
    """That had no packet when the first gap went on hold."""
    healed: int
    seconds: float
    """From then until the last gap was filled, or given up."""
    requests: int
    """For records, and about logs and clocks."""
    live: int
    """Slots of the meters that were only read, meanwhile."""
    late: int
    """Those of them without a packet."""
    delivered: float | None
    """Seconds from the first hold until nothing waited any more; None where it took too long to wait for."""
    discarded: int
    """Packets that the platform discarded, or had twice."""


async def measure(folder: Path, size: Size, *, delivery: float = _PATIENCE) -> Healed:
    """`delivery`: seconds that are waited for all packets to leave; they are not in the figures."""
    declaration = declare(folder / "building.yaml", size)
    async with run_building(declaration) as building, run_platform(Options(folder=folder / "platform")) as platform:
        more = {"BRIDGE_BACNET__BBMD": f"{building.address}:{building.port}", "BRIDGE_LOG_LEVEL": "info"}
        settings = environment(folder, platform, **more)
        write_mapping(folder / "mapping" / "meters.csv", size)
        meters = load(folder / "mapping", Defaults("UTC", size.step)).meters
        account = Account(platform.url, "default")
        await leave(StateFolder(folder / "state").database, building.declaration, list(meters), account, size)
        async with service(settings, folder / "service.log"):
            return await _watched(folder, building, platform, size, delivery)


async def _watched(
    folder: Path, building: SimulatedBuilding, platform: RemotePlatform, size: Size, delivery: float
) -> Healed:
    log, control = folder / "service.log", StateFolder(folder / "state").control
    await _until(log, (_HELD,), 1, size.step + 60)
    before = await _live(control)
    await _until(log, (_FILLED, _GIVEN_UP), size.logged, _PATIENCE)
    after, told = await _live(control), _told(log)
    began, ended = (_instants(told, *events) for events in ((_HELD,), (_FILLED, _GIVEN_UP)))
    asked = sum(each.get("read-range", 0) for each in (await building.requests()).values())
    seconds = max(ended) - min(began)
    gone = await _delivered(control, delivery)
    counts = await platform.counts()
    return Healed(
        slots=sum(_slots(each, size.step) for each in told if each["event"] == _HELD),
        healed=sum(each["healed"] for each in told if each["event"] == _FILLED),
        seconds=seconds,
        requests=asked + _ABOUT * size.logged,
        live=sum(after) - sum(before),
        late=after[1] - before[1],
        delivered=None if gone is None else gone - min(began),
        discarded=counts.discarded + counts.duplicates,
    )


async def _until(log: Path, events: Sequence[str], times: int, seconds: float) -> None:
    """So many of these stand in the log. Raises RuntimeError with its end, where they never come."""
    try:
        async with asyncio.timeout(seconds):
            while sum(each["event"] in events for each in _told(log)) < times:  # noqa: ASYNC110  its writer tells nobody
                await asyncio.sleep(0.5)
    except TimeoutError:
        raise RuntimeError(f"no {times} of {events}; the log ends: {log.read_text()[-2000:]}") from None


def _told(log: Path) -> list[dict[str, Any]]:
    """The log's whole lines so far."""
    lines = log.read_text(encoding="utf-8").split("\n")[:-1]
    return [json.loads(line) for line in lines if line.startswith("{")]


def _instants(told: Sequence[Mapping[str, Any]], *events: str) -> list[float]:
    return [_seconds(each["timestamp"]) for each in told if each["event"] in events]


def _slots(held: Mapping[str, Any], step: int) -> int:
    return round((_seconds(held["last"]) - _seconds(held["first"])) / step) + 1


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


async def _live(control: Path) -> tuple[int, int]:
    """Packets and holes so far of the meters that are only read."""
    while True:
        try:
            status = await ask(control, "status")
        except BridgeError:  # a busy service is asked again
            continue
        live = [each for each in status["meters"] if each["id"].startswith(LIVE)]
        return sum(each["accepted"] + each["waiting"] for each in live), sum(each["holes"] for each in live)


async def _delivered(control: Path, seconds: float) -> float | None:
    """The instant, in seconds, at which nothing waited any more."""
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while loop.time() < until:
        try:
            status = await ask(control, "status")
        except BridgeError:
            continue
        if sum(each["waiting"] for each in status["meters"]) <= len(status["meters"]) // 10:
            return datetime.now().astimezone().timestamp()
        await asyncio.sleep(1)
    return None


def figures(healed: Healed) -> list[Figure]:
    each = healed.healed / max(1, healed.requests)
    return [
        Figure(healed.seconds, _BOUND, "{} for all of it", unit=" s"),
        Figure(each, _EACH, "{} records a request", at_least=True, unit=""),
        Figure(healed.late, 0, "{} live slots late", unit=""),
        Figure(healed.slots - healed.healed, 0, "{} slots not healed", unit=""),
        Figure(healed.discarded, 0, "{} discarded or twice", unit=""),
    ]


def shown(healed: Healed, size: Size) -> str:
    delivered = "–" if healed.delivered is None else f"{healed.delivered:.0f}"
    head = ("", "meters", "slots", "healed", "s", "requests", "live slots", "late", "delivered after s")
    row = (
        "gaps", f"{size.logged:,}", f"{healed.slots:,}", f"{healed.healed:,}", f"{healed.seconds:.1f}",
        f"{healed.requests:,}", f"{healed.live:,}", str(healed.late), delivered,
    )  # fmt: skip
    return table(head, [row])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.backfill", description=__doc__)
    parser.add_argument("--json", action="store_true", help="one line of JSON in place of the table")
    as_json, size = parser.parse_args().json, Size()
    with tempfile.TemporaryDirectory() as name:
        healed = asyncio.run(measure(Path(name), size))
    reached = figures(healed)
    print(json.dumps(asdict(healed)) if as_json else shown(healed, size))
    print(last_line("backfill", reached))
    sys.exit(not all(figure.reached for figure in reached))


if __name__ == "__main__":
    main()
