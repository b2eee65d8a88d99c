"""`bacnet-bridge stop`: ends the running service in order, also where there is no SIGTERM."""

import asyncio
from typing import TYPE_CHECKING, Final

import typer

from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.state import StateFolder

_PATIENCE: Final = 60.0
"""Seconds: what runs ends within 10, a failing disk takes 5 more; the rest is for a slow one."""
_PAUSE: Final = 0.1


def stop(site: Site = None, state: State = None) -> None:
    """End the running service, as SIGTERM does, and wait until it has ended.

    No new slots, what runs ends within 10 seconds, everything is committed. Who starts it again by itself, as systemd,
    a container and a Windows service do, wants to be asked instead: `systemctl stop bacnet-bridge`.

    Exit status 0: it has ended. 1: it has not within a minute. 2: no service runs on the state folder.
    """
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.settings import load_settings
    from bacnet_bridge.state import StateFolder

    folder = StateFolder(state or load_settings(site).state)
    told = asyncio.run(_stopped(folder))
    if told is None:
        raise BridgeError(f"it was told to stop, and has not ended within {_PATIENCE:g} s; its log says why")
    typer.echo("stopped" if not told else f"stopped; {told}")


async def _stopped(folder: "StateFolder") -> str | None:
    """What it said of its end; None where it has not ended in time. Raises NoServiceError where none runs."""
    from bacnet_bridge.control.door import ask

    told: str = (await ask(folder.control, "stop"))["told"]
    try:
        async with asyncio.timeout(_PATIENCE):
            while not _is_free(folder):  # noqa: ASYNC110 another process's end
                await asyncio.sleep(_PAUSE)
    except TimeoutError:
        return None
    return told


def _is_free(folder: "StateFolder") -> bool:
    """The lock is the last that the service gives back: then everything is committed."""
    from bacnet_bridge.errors import StateError

    try:
        with folder.locked():
            return True
    except StateError:
        return False
