"""`bacnet-bridge accept`: an operator's word that a device, or an object of it, is right as it is now."""

import asyncio
from typing import Annotated

import typer

from bacnet_bridge.cli.run import Site, State


def accept(
    instance: Annotated[int, typer.Argument(help="The device's instance.", show_default=False)],
    wanted: Annotated[
        str | None,
        typer.Argument(metavar="[OBJECT]", help="One object of it, like AI1; all that are held where none is named."),
    ] = None,
    site: Site = None,
    state: State = None,
) -> None:
    """Accept what a device says now, where the running service holds its points or does not read it.

    A point is held where its object's name, unit or scale is not what it was when the first value was taken; a device
    is not read where another one claims its instance. `bacnet-bridge status` shows both, and what was and is said.
    What is accepted is what the service saw when it complained, and no later change.

    Exit status 1: nothing of this device is held. 2: no service runs on the state folder.
    """
    from bacnet_bridge.control.door import ask
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.settings import load_settings
    from bacnet_bridge.state import StateFolder

    folder = StateFolder(state or load_settings(site).state)
    accepted = asyncio.run(ask(folder.control, "accept", device=instance, object=wanted))
    if not accepted:
        raise BridgeError(f"nothing is held of device {instance}{f', {wanted}' if wanted else ''}: see `status`")
    typer.echo("\n".join(accepted))
