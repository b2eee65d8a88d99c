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
        bool, typer.Option("--check", help="Print problems only; exit status 1 where there are any. For health checks.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print what the service says, as JSON.")] = False,
) -> None:
    """Show every meter of the running service: last value, packets accepted and waiting, holes, and why.

    Counts are today's, in the building's own time. Exit status 0: the service answers (with --check: and all is
    well). 1: it has problems (with --check). 2: no service runs on the state folder.
    """
    from bacnet_bridge.control.door import ask
    from bacnet_bridge.settings import load_settings
    from bacnet_bridge.state import StateFolder

    folder = StateFolder(state or load_settings(site).state)
    overview = asyncio.run(ask(folder.control, "status"))
    if as_json:
        typer.echo(json.dumps(overview, indent=2, ensure_ascii=False))
    elif check:
        typer.echo("\n".join(overview["problems"]) or "all is well")
    else:
        _show(overview, folder.folder)
    if check and overview["problems"]:
        raise typer.Exit(1)


def _show(overview: dict[str, Any], folder: Path) -> None:
    from rich.console import Console

    from bacnet_bridge.cli.table import meters_table

    console = Console()
    console.print(f"BACnet Bridge {overview['version']} on {folder}, running since {overview['started']}")
    console.print(meters_table(overview["meters"]))
    for line in overview["other_queues"]:
        console.print(f"also: {line}")
    console.print("\n".join(f"• {problem}" for problem in overview["problems"]) or "All is well.", markup=False)
