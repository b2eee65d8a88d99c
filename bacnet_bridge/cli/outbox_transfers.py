"""`bacnet-bridge outbox reassign` and `move`: what waits goes to another account, or to another id."""

from typing import TYPE_CHECKING, Annotated

import typer

from bacnet_bridge.cli.outbox_acting import Acting
from bacnet_bridge.cli.outbox_queues import (
    ASLEEP,
    InAccount,
    MeterIds,
    Yes,
    chosen,
    confirm,
    counted,
    for_each,
    lines,
    local,
    several,
    state_folder,
    waits,
)
from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.outbox.look import Line


def reassign(
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="NAME", help="The account that gets them, as in the settings.", show_default=False
        ),
    ],
    meters: MeterIds = None,
    every: Annotated[bool, typer.Option("--all", help="All meters of the account that --account names.")] = False,
    account: InAccount = None,
    yes: Yes = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Give the packets that wait for one account to another.

    A changed account is used for new packets only; those that wait go to their own until this is done.
    """
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.service.questions import Reassign

    if every and account is None:
        raise BridgeError("say with --account whose packets shall go to another account")
    folder = state_folder(site, state)
    found = several(
        lines(folder), meters, account,
        lambda line: line.waiting and (account is not None or line.queue.account.credentials != to),
        "nothing waits for another account", all_=every,
    )  # fmt: skip
    packets = sum(line.waiting for line in found)
    confirm(f"Give {counted(packets)} of {counted(len(found), 'meter')} to account {to}?", yes=yes)

    def give(line: "Line") -> None:
        done = acting.do("outbox reassign", Reassign(line.queue, to))
        sentence = f"{line.queue.id}: {counted(done['packets'])} given to account {to}, and sent with its credentials."
        typer.echo(sentence + ASLEEP * acting.alone)

    with Acting(folder, site) as acting:
        for_each(found, give)


def move(
    old: Annotated[str, typer.Argument(metavar="OLD-ID", help="The id that was mistyped.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW-ID", help="The one that it should be.", show_default=False)],
    account: InAccount = None,
    yes: Yes = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Give the packets that wait for a mistyped id to the right one. Nothing may ever have been accepted for it.

    Best with the service stopped and the mapping put right: stop, mend, move, start. A running service gives new
    packets the old id until then.
    """
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.service.questions import Move

    folder = state_folder(site, state)
    line = chosen(lines(folder), old, account, waits, "nothing waits")
    if line.last_accepted is not None:
        raise BridgeError(
            f"meter {old}: the platform accepted packets for this id, the last of {local(line.last_accepted, line)}; "
            "so it is none that was mistyped. Its packets stay"
        )
    confirm(f"Give {counted(line.waiting)} of {old} the id {new}?", yes=yes)
    with Acting(folder, site) as acting:
        done = acting.do("outbox move", Move(line.queue, new))
    if acting.alone:
        then = f" No bridge runs: they are sent once one does. See that its mapping says {new}."
    else:
        then = (
            f" The running service still gives new packets the id {old}: stop it, put its mapping right, move once "
            "more what came meanwhile, start it."
        )
    typer.echo(f"{old}: {counted(done['packets'])} moved to {new}, and sent for that id.{then}")
