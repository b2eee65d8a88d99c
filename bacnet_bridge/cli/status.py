"""`bacnet-bridge status`: the running service, at a glance."""

import asyncio
import json
from pathlib import Path
from typing import Annotated, Any

import typer

from bacnet_bridge.cli.run import Site, State


def status(
    site: Site = None,
    state: State = None,
    check: Annotated[
        bool, typer.Option("--check", help="Print what is wrong only, and end with 1 where the bridge is unhealthy.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the service says, as JSON.")] = False,
) -> None:
    """Show every meter of the running service: last value, packets accepted and waiting, holes, and why.

    Counts are today's, in the building's own time. Where nothing is mapped yet, it says what to do.

    Exit status 0: the service answers. 1, with --check only, for health checks: the bridge does not do its work.
    A point or a device that does not do its own is told, but does not make the bridge unhealthy. 2: no service
    runs on the state folder.
    """
    from bacnet_bridge.control.door import ask
    from bacnet_bridge.state import StateFolder

    folder = StateFolder(state or site_s_state(site))
    overview = asyncio.run(ask(folder.control, "status"))
    if as_json:
        typer.echo(json.dumps(overview, indent=2, ensure_ascii=False))
    elif check:
        typer.echo("\n".join(_wrong(overview)) or "all is well")
    else:
        _show(overview, folder.folder)
    if check and overview["problems"]:
        raise typer.Exit(1)


def site_s_state(site: Path | None) -> Path:
    """The state folder that the site's settings name. Raises SettingsError."""
    from bacnet_bridge.errors import SettingsError
    from bacnet_bridge.settings import load_settings

    try:
        return load_settings(site).state
    except SettingsError as error:
        raise SettingsError(f"{error}\n(to ask without a site, name its state folder with --state)") from None


def _wrong(overview: dict[str, Any]) -> list[str]:
    return [
        *(f"problem: {each}" for each in overview["problems"]),
        *(f"look at {each}" for each in overview["attention"]),
    ]


def _show(overview: dict[str, Any], folder: Path) -> None:
    from rich.console import Console

    from bacnet_bridge.cli.table import meters_table

    console = Console()
    console.print(f"BACnet Bridge {overview['version']} on {folder}, running since {overview['started']}", markup=False)
    console.print(meters_table(overview["meters"]))
    for line in overview["other_queues"]:
        console.print(f"also: {line}", markup=False)
    for line in overview["exchanges"]:
        console.print(f"exchange: {line}", markup=False)
    console.print("\n".join(_wrong(overview)) or "All is well.", markup=False)
