"""`bacnet-bridge apply`: a person's word that an edit of the mapping is meant."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bacnet_bridge.state import StateFolder

_PATIENCE: Final = 90.0
"""Seconds: thousands of meters are parsed, and readings under way are awaited."""
_SHOWN: Final = 200


def apply(
    show: Annotated[bool, typer.Option("--show", help="Only show what the files would change.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Show what the mapping's files would change, and have the running service read by them.

    Edits that add and change take effect by themselves. One that takes something away (a meter, an id, points of a
    meter) waits for this command, because a file that was copied in part looks just like it. Where something would be
    taken away and a person is at the terminal, it asks first. What a removed meter has waiting is delivered all the
    same.

    Where no service runs it shows what the next start will change: that one takes the files as they are.

    Exit status 1: the files are wrong, or the edit is not in force yet. 2: settings or state folder cannot be used.
    """
    from bacnet_bridge.control.door import ask
    from bacnet_bridge.errors import NoServiceError
    from bacnet_bridge.settings import load_settings
    from bacnet_bridge.state import StateFolder

    folder = StateFolder(state or load_settings(site).state)
    try:
        asked = asyncio.run(ask(folder.control, "apply", patience=_PATIENCE))
    except NoServiceError:
        _tell_of_next_start(site, state)
        return
    _list(asked["sentences"])
    if show or not asked["sentences"]:
        return
    if asked["takes_away"] and not yes and sys.stdin.isatty():
        typer.confirm("Put this into force?", abort=True)
    _put_into_force(folder, asked["token"])


def _put_into_force(folder: "StateFolder", token: str) -> None:
    from bacnet_bridge.control.door import ask
    from bacnet_bridge.errors import BridgeError

    answer: dict[str, Any] = asyncio.run(ask(folder.control, "apply", patience=_PATIENCE, token=token))
    if not answer["in_force"]:
        raise BridgeError(f"accepted, but not in force yet: {answer['why_not']}")
    typer.echo("in force")


def _list(sentences: "Sequence[str]") -> None:
    for sentence in sentences[:_SHOWN]:
        typer.echo(sentence)
    if len(sentences) > _SHOWN:
        typer.echo(f"and {len(sentences) - _SHOWN} more meters")
    if not sentences:
        typer.echo("nothing to apply: the mapping in force is what the files say")


def _tell_of_next_start(site: Path | None, state: Path | None) -> None:
    """The files against the last mapping that was in force. Raises MappingError."""
    from bacnet_bridge.mapping import difference
    from bacnet_bridge.service.accounts import accounts_of
    from bacnet_bridge.service.mapped import judged, last_good
    from bacnet_bridge.settings import load_settings
    from bacnet_bridge.state import StateFolder

    settings = load_settings(site, state=state)
    accounts = accounts_of(settings)
    edit = difference(last_good(settings, StateFolder(settings.state), accounts), judged(settings, accounts).meters)
    typer.echo("no service runs on this state folder; the next start takes the files as they are")
    if edit:
        _list(edit.sentences)
    else:
        typer.echo("they say what was in force last")
