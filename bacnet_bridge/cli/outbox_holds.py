"""`bacnet-bridge outbox hold` and `release`: a meter collects and sends nothing, or sends again."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bacnet_bridge.cli.outbox_acting import Acting
from bacnet_bridge.cli.outbox_queues import (
    InAccount,
    MeterIds,
    counted,
    for_each,
    is_held,
    lines,
    local,
    next_of,
    now,
    reading,
    several,
    state_folder,
)
from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.outbox.look import Line
    from bacnet_bridge.state import StateFolder


def hold(
    meters: MeterIds = None,
    every: Annotated[bool, typer.Option("--all", help="All meters.")] = False,
    until: Annotated[
        str | None,
        typer.Option("--until", metavar="TIME", help="`2026-07-01 06:00`, the building's time; or `2 h` from now."),
    ] = None,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, which `status` shows.")] = "",
    account: InAccount = None,
    site: Site = None,
    state: State = None,
) -> None:
    """Let a meter collect and send nothing, until that time or until `outbox release`. `status` tells it meanwhile.

    A mapped meter can be put on hold before its first packet, so that its history goes first: docs/push.md.
    """
    from bacnet_bridge.cli.outbox_times import instant_from
    from bacnet_bridge.service.questions import Holding

    folder = state_folder(site, state)
    begun = now()

    def put_on_hold(line: "Line") -> None:
        deadline = None if until is None else instant_from(until, line.zone, begun)
        end = "until it is released" if deadline is None else f"until {local(deadline, line)}"
        reason = f"an operator holds it {end}{': ' + why if why else ''}; `outbox release` ends that"
        done = acting.do("outbox hold", Holding(line.queue, deadline, reason))
        typer.echo(
            f"{line.queue.id}: on hold {end}. {counted(done['waiting'])} waiting; new ones are collected, none is sent."
        )

    known = _known(folder, site)
    found = several(known, meters, account, lambda line: meters or not is_held(line), "none to hold", all_=every)
    with Acting(folder, site) as acting:
        for_each(found, put_on_hold)


def release(
    meters: MeterIds = None,
    every: Annotated[bool, typer.Option("--all", help="All meters that are on hold.")] = False,
    account: InAccount = None,
    site: Site = None,
    state: State = None,
) -> None:
    """End a meter's hold: what was collected is sent, in order.

    Where another sender used the meter's id, end that one first; otherwise the meter is soon held again.
    """
    from bacnet_bridge.service.questions import Release

    folder = state_folder(site, state)

    def end(line: "Line") -> None:
        late = _overtaken(folder, line)
        done = acting.do("outbox release", Release(line.queue))
        typer.echo(f"{line.queue.id}: released. {next_of(done, alone=acting.alone)}")
        if late:
            typer.echo(
                f"  Of these, {counted(late)} are not later than {local(line.held_after or 0, line)}, the latest of "
                "the other sender: the platform may answer 200 to them and discard them."
            )

    found = several(lines(folder), meters, account, is_held, "not on hold", all_=every)
    with Acting(folder, site) as acting:
        for_each(found, end)


def _known(folder: "StateFolder", site: Path | None) -> "list[Line]":
    """The queues that there are, and those that mapped meters will have. Raises StateError where there is neither."""
    there = lines(folder) if folder.has_outbox else []
    known = {line.queue for line in there}
    found = [*there, *(line for line in _to_come(folder, site) if line.queue not in known)]
    return found or lines(folder)


def _to_come(folder: "StateFolder", site: Path | None) -> "Iterator[Line]":
    """As if each mapped meter had had no packet yet. None where only the state folder is known, and no site."""
    from bacnet_bridge.errors import SettingsError
    from bacnet_bridge.model import Queue, Retry
    from bacnet_bridge.outbox.look import Line
    from bacnet_bridge.service.accounts import accounts_of
    from bacnet_bridge.service.mapped import looked_up
    from bacnet_bridge.settings import load_settings

    try:
        settings = load_settings(site, state=folder.folder)
    except SettingsError:
        return
    accounts = accounts_of(settings)
    meters, _drafts = looked_up(settings, folder, accounts)
    for meter in meters:
        queue = Queue(accounts[meter.account], meter.id)
        yield Line(0, queue, 0, None, None, None, None, None, None, Retry(), "", meter.zone)


def _overtaken(folder: "StateFolder", line: "Line") -> int:
    """How many wait that are not later than what another sender sent."""
    from bacnet_bridge.outbox import look

    if line.held_after is None or line.held_after <= (line.fence or 0):
        return 0
    with reading(folder) as connection:
        return sum(row.instant <= line.held_after for row in look.waiting(connection, line.row))
