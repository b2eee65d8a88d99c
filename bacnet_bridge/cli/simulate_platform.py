"""`bacnet-bridge simulate platform`: the strict platform by hand."""

import asyncio
import tempfile
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bacnet_bridge.errors import SettingsError

if TYPE_CHECKING:
    from rich.console import Console

    from bacnet_bridge.simulator.platform import StrictPlatform
    from bacnet_bridge.simulator.platform_record import Counts

_ON_TERMINAL = 0.5
_IN_LOG = 10.0
"""Seconds between two lines of counts."""


def platform(
    port: Annotated[int, typer.Option(help="Port of the HTTPS address that takes packets; 0 picks a free one.")] = 8443,
    control: Annotated[
        int, typer.Option(help="Port of the control address, on 127.0.0.1 only; 0 picks a free one.")
    ] = 8444,
    username: Annotated[str, typer.Option(help="User's name that packets must bring (basic authentication).")] = "demo",
    password: Annotated[
        str, typer.Option(help="And the password. It is this simulator's own: never type a real one here.")
    ] = "demo-password",  # noqa: S107 - opens nothing but a simulator
    folder: Annotated[
        Path | None,
        typer.Option(help="Where the certificate's files go; without it, a folder that is removed at the end."),
    ] = None,
) -> None:
    """Run a strict stand-in for the energy platform on this machine.

    It takes packets at https://localhost:PORT/measurements/v2/unifiedjson/,
    checks each against every rule that the platform is known to have, and
    remembers which were accepted, which were duplicates, and which came out
    of order and were discarded. Point the bridge's platform address at it,
    and name the printed CA file as the site's own.

    Over the control address it is told to misbehave, for the next requests
    or until told otherwise: any status, a delay, a cut connection, a
    redirect, a cookie to bring back, an outage. GET /record there shows
    everything.

    Ctrl-C ends it and prints the counts.
    """
    with ExitStack() as cleaned_up:
        where = folder or Path(cleaned_up.enter_context(tempfile.TemporaryDirectory(prefix="platform-")))
        asyncio.run(_run(where, username, password, port, control))


async def _run(folder: Path, username: str, password: str, port: int, control: int) -> None:
    from rich.console import Console

    from bacnet_bridge.simulator.platform import StrictPlatform
    from bacnet_bridge.system import on_stop

    strict = StrictPlatform(folder, username=username, password=password, port=port, control_port=control)
    ended = asyncio.Event()
    on_stop(ended.set)
    console = Console(highlight=False, soft_wrap=True)
    async with AsyncExitStack() as open_doors:
        try:
            await open_doors.enter_async_context(strict)
        except OSError as error:
            message = f"port {port} or {control} cannot be used ({error.strerror}): choose with --port and --control"
            raise SettingsError(message) from error
        _introduce(console, strict)
        await _watch(console, strict, ended)
    console.print(f"Ended: {_line(strict.counts())}")


def _introduce(console: "Console", strict: "StrictPlatform") -> None:
    console.print(f"Packets go to  {strict.url}  (user {strict.username})", markup=False)
    console.print(f"CA file        {strict.ca.resolve()}", markup=False)
    console.print(f"Control        {strict.control_url}", markup=False)
    console.print("\nFor example, answer the next three packets with 503, and look at the record:", markup=False)
    console.print(f"""  curl -d '{{"status": 503, "times": 3}}' {strict.control_url}/faults""", markup=False)
    console.print(f"  curl {strict.control_url}/record\n", markup=False)


async def _watch(console: "Console", strict: "StrictPlatform", ended: asyncio.Event) -> None:
    """A line that lives on a terminal; elsewhere a new line when the counts have changed."""
    with ExitStack() as shown:
        status = shown.enter_context(console.status("")) if console.is_terminal else None
        last = None
        while not ended.is_set():
            counts = strict.counts()
            if status is not None:
                status.update(_line(counts))
            elif counts != last:
                console.print(_line(counts))
            last = counts
            await _either(ended, _ON_TERMINAL if status is not None else _IN_LOG)


async def _either(ended: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await ended.wait()
    except TimeoutError:
        return


def _line(counts: "Counts") -> str:
    return (
        f"{counts.attempts} attempts, {counts.accepted} accepted, {counts.duplicates} duplicates, "
        f"{counts.discarded} discarded, {counts.malformed} malformed"
    )
