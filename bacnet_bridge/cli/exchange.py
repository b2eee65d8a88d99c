"""`bacnet-bridge exchange`: an operator's word that the meter behind a counter was exchanged."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.settings import Settings


def exchange(
    meter: Annotated[str, typer.Argument(help="The meter's id or name.", show_default=False)],
    old_final: Annotated[
        str | None, typer.Option(help="The old meter's last reading, as its register showed it.")
    ] = None,
    new_start: Annotated[str | None, typer.Option(help="The new meter's reading when it was put in.")] = None,
    go_on: Annotated[
        bool, typer.Option("--continue", help="An index goes on at the platform from where the old meter ended.")
    ] = False,
    field: Annotated[str | None, typer.Option(help="Which of the meter's fields, where several are counters.")] = None,
    wanted: Annotated[
        str | None, typer.Option("--object", help="Which object, where several are added up in one field.")
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(help="When it was done: 2026-03-01T10:00, the building's time unless it bears an offset."),
    ] = None,
    by: Annotated[str | None, typer.Option(help="Who says so; you, if not given.")] = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Take back what was told, while the new meter was not read yet.")
    ] = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Tell that the meter behind a counter was exchanged, with what the old register and the new one showed.

    Figures are the register's own: after the object's scale, before the mapping's multiplier. A difference (`as:
    delta`) gets the rest of the old meter and the beginning of the new one, and nothing else. An index is sent as it is
    from the new meter on; with --continue it goes on from where the old meter ended.

    The word takes effect with the first reading that is the new meter's, and commits with its packet. `report` and
    `status` show it. While the service runs it is asked; otherwise the command takes the state folder's lock.

    Exit status 1: the figures cannot be, or the index has been sent already. 2: the figures are not given, or settings
    or state folder cannot be used.
    """
    from bacnet_bridge.settings import load_settings
    from bacnet_bridge.system import user_name

    if withdraw == (old_final is not None or new_start is not None) or (old_final is None) != (new_start is None):
        raise typer.BadParameter(
            "say what both registers showed, like --old-final 81234.5 --new-start 0, or --withdraw alone",
            param_hint="'--old-final' and '--new-start'",
        )
    question = {
        "meter": meter,
        "old_final": old_final,
        "new_start": new_start,
        "continue": go_on,
        "field": field,
        "object": wanted,
        "at": at,
        "by": by or user_name(),
        "withdraw": withdraw,
    }
    answer = asyncio.run(_asked(state, lambda: load_settings(site, state=state), question))
    typer.echo("\n".join(_lines(answer)))


async def _asked(state: Path | None, load: "Callable[[], Settings]", question: dict[str, Any]) -> dict[str, Any]:
    """The running service's answer, or that of the state folder where none runs."""
    from bacnet_bridge.control.door import ask
    from bacnet_bridge.errors import StateError
    from bacnet_bridge.service.alone import alone
    from bacnet_bridge.service.exchange import Exchanges
    from bacnet_bridge.state import StateFolder

    folder = StateFolder(state or load().state)
    try:
        answer: dict[str, Any] = await ask(folder.control, "exchange", **question)
    except StateError:
        async with alone(load()) as rest:
            exchanges = Exchanges(rest.ledger, rest.clock, lambda: rest.meters, rest.outbox.memory)
            await exchanges.load()
            answer = await exchanges.answer(question)
    return answer


def _lines(answer: dict[str, Any]) -> list[str]:
    if "withdrawn" in answer:
        return ["taken back"]
    if answer["late"]:
        effect = "the new meter has been read already: what was not counted of both is added to the next difference"
        effect = "the new meter's index has been read already, and is sent on as it is" if answer["index"] else effect
    else:
        effect = f"takes effect with the new meter's first reading; the last one of the old was {answer['last']}"
        effect = f"{effect} {answer['unit']}".rstrip()
    return [answer["told"], effect, *(["it takes the place of an earlier word"] if answer["replaced"] else [])]
