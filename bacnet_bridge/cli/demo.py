"""`bacnet-bridge demo`: building, platform and bridge on this machine, each talking to the next over real sockets."""

import asyncio
import re
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bacnet_bridge.cli.run import told_or_failed

if TYPE_CHECKING:
    from rich.console import Console

    from bacnet_bridge.cli.demo_actors import Actors
    from bacnet_bridge.service.bridge import Bridge
    from bacnet_bridge.service.overview import MeterStatus
    from bacnet_bridge.simulator.platform_remote import RemotePlatform

INTERVAL: Final = 5
"""Seconds between slots; the example's own is 300."""
_DRAIN: Final = 5.0
_SHOWN: Final = 10.0
"""Seconds that the status page has to listen."""
_DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(s|m|min|h)?")
_SECONDS: Final = {None: 1, "s": 1, "m": 60, "min": 60, "h": 3600}


def demo(
    duration: Annotated[
        str | None,
        typer.Option("--for", metavar="TIME", help="Run so long (30s, 2m), drain, print a summary, judge it, and end."),
    ] = None,
) -> None:
    """Watch a simulated building's meters being read and their packets accepted.

    Starts five simulated BACnet/IP devices, a strict stand-in for the platform, and the bridge between them, with
    the worked example in point_mappings/ at a 5-second interval. Nothing leaves this machine, and nothing is left
    on it. Three meters are sick on purpose (a fault flag, an object out of service, a value that is not a number):
    their slots are holes, with the reason beside them.

    Ctrl-C ends it, with a summary. With --for the exit status is 0 only if every healthy meter's packets were
    accepted in order, none was discarded, and the holes are exactly those that the building's declaration makes.
    """
    from rich.console import Console

    seconds = None if duration is None else _seconds(duration)
    if not asyncio.run(_demo(Console(highlight=False), seconds)):
        raise typer.Exit(1)


def _seconds(text: str) -> float:
    match = _DURATION.fullmatch(text.strip())
    if match is None or not float(match[1]):
        raise typer.BadParameter(f"{text!r} is not a time; write 30s, 2m or 1h", param_hint="--for")
    return float(match[1]) * _SECONDS[match[2]]


async def _demo(console: "Console", seconds: float | None) -> bool:
    from bacnet_bridge.cli.demo_actors import acting
    from bacnet_bridge.system import on_stop

    began = time.monotonic()
    told = asyncio.Event()
    on_stop(told.set)
    with tempfile.TemporaryDirectory(prefix="bacnet-bridge-demo-") as folder:
        console.print("Starting a simulated building, the strict platform and the bridge …")
        async with acting(Path(folder), INTERVAL) as actors:
            await _introduce(console, actors)
            start = time.monotonic()
            first = asyncio.create_task(_first_accepted(actors.platform, began))
            watching = asyncio.create_task(_watch(console, actors.bridge))
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await told_or_failed(told, actors.bridge.failed())
            ran = time.monotonic() - start
            await actors.bridge.drain(_DRAIN)
            for task in (first, watching):
                task.cancel()
            _, after = await asyncio.gather(watching, first, return_exceptions=True)
            await _summary(console, actors, ran, after if isinstance(after, float) else None)
            # Whoever watches may have broken what they liked: only a run of a set length promises something.
            return seconds is None or await _as_promised(console, actors, ran)


async def _first_accepted(platform: "RemotePlatform", began: float) -> float:
    """Seconds from the command's start to the first packet that the platform took."""
    await platform.until("accepted", 1, seconds=3600)
    return time.monotonic() - began


async def _introduce(console: "Console", actors: "Actors") -> None:
    building, platform = actors.building, actors.platform
    console.print(
        f"building   {len(building.declaration.devices)} BACnet/IP devices at {building.address}:{building.port}"
    )
    console.print(f"platform   {platform.url}")
    with suppress(TimeoutError):  # its port was taken meanwhile; nothing else needs it
        port = await asyncio.wait_for(actors.bridge.shown(), _SHOWN)
        console.print(f"status     http://127.0.0.1:{port}/  (the status page: open it in a browser)")
    console.print("Break something from another terminal, and watch what the bridge makes of it:")
    for example in (
        f'curl -X PUT -d \'{{"silent": true, "seconds": 20}}\' {building.control_url}/devices/1002',
        f'curl -d \'{{"status": 503, "times": 20}}\' {platform.control_url}/faults',
    ):
        console.print(f"  {example}", soft_wrap=True, markup=False)


async def _watch(console: "Console", bridge: "Bridge") -> None:
    """A table that lives on a terminal; elsewhere a line every interval."""
    from rich.live import Live

    from bacnet_bridge.cli.table import meters_table

    if not console.is_terminal:
        while True:
            await asyncio.sleep(INTERVAL)
            meters = (await bridge.overview()).meters
            accepted, waiting, holes = (sum(counts) for counts in zip(*map(_counted, meters), strict=True))
            console.print(f"{accepted} accepted, {waiting} waiting, {holes} holes")
    with Live(console=console, refresh_per_second=4, transient=True) as live:
        while True:
            live.update(meters_table((await bridge.overview()).document()["meters"]))
            await asyncio.sleep(0.5)


def _counted(meter: "MeterStatus") -> tuple[int, int, int]:
    return meter.accepted, meter.waiting, meter.holes


async def _summary(console: "Console", actors: "Actors", ran: float, first_accepted: float | None) -> None:
    """Print what became of it."""
    from bacnet_bridge.cli.table import meters_table

    console.print(meters_table((await actors.bridge.overview()).document()["meters"]))
    record = await actors.platform.record()
    counts = (await actors.bridge.totals()).values()
    discarded, duplicates = (sum(map(len, each.values())) for each in (record.discarded, record.duplicates))
    first = "" if first_accepted is None else f", the first {first_accepted:.1f} s after the start"
    console.print(
        f"{ran:.0f} s: {sum(map(len, record.accepted.values()))} packets accepted{first}; {duplicates} duplicates, "
        f"{discarded} discarded; {sum(count.waiting for count in counts)} waiting; "
        f"{sum(count.holes for count in counts)} holes"
    )


async def _as_promised(console: "Console", actors: "Actors", ran: float) -> bool:
    """Print what is not as promised, or that all is."""
    from bacnet_bridge.cli.judge import judge

    record = await actors.platform.record()
    sick = actors.building.declaration.sick_objects()
    failures = judge(actors.bridge.meters, sick, await actors.bridge.totals(), record.accepted, ran)
    discarded = sum(map(len, record.discarded.values()))
    if discarded or record.malformed:
        failures.append(f"the platform discarded {discarded} packets and refused {len(record.malformed)}")
    for failure in failures:
        console.print(f"not as promised: {failure}", markup=False)
    if not failures:
        console.print("Every packet accepted in order, and every hole as the building declares it.")
    return not failures
