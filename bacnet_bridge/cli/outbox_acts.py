"""`bacnet-bridge outbox` retry, skip, abandon, recover: what becomes of what waits."""

from typing import TYPE_CHECKING, Annotated

import typer

from bacnet_bridge.cli.outbox_acting import Acting
from bacnet_bridge.cli.outbox_queues import (
    InAccount,
    MeterId,
    MeterIds,
    Why,
    Yes,
    check_why,
    chosen,
    confirm,
    counted,
    delivery,
    for_each,
    is_held,
    lines,
    local,
    next_of,
    now,
    reading,
    several,
    state_folder,
    waits,
)
from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.outbox.look import Line, Row
    from bacnet_bridge.state import StateFolder


Head = Annotated[bool, typer.Option("--head", help="The meter's oldest waiting packet: no other can be skipped.")]


def retry(
    meters: MeterIds = None,
    every: Annotated[bool, typer.Option("--all", help="All meters of which packets wait.")] = False,
    account: InAccount = None,
    site: Site = None,
    state: State = None,
) -> None:
    """Try a meter's head now, whatever it waits for, and say what came of it.

    Useful once the cause is mended: an id registered, a right granted. Nothing is lost by not doing it: the next
    attempt comes by itself.
    """
    folder = state_folder(site, state)
    known = lines(folder)
    found = several(known, meters, account, _may_leave if every else waits, "nothing waits", all_=every)
    with Acting(folder, site) as acting:
        for_each(found, lambda line: _retry(folder, acting, line, wait=len(found) == 1))


def _retry(folder: "StateFolder", acting: Acting, line: "Line", *, wait: bool) -> None:
    from bacnet_bridge.cli import outbox_shown
    from bacnet_bridge.service.questions import Retrying

    done = acting.do("outbox retry", Retrying(line.queue, wait))
    meter = line.queue.id
    if acting.alone:
        typer.echo(f"{meter}: its head is tried at once when a bridge starts on this state folder; none runs now.")
    elif done["accepted"]:
        rest = f"{counted(done['waiting'])} waiting, sent in their order." if done["waiting"] else "Nothing else waits."
        typer.echo(f"{meter}: accepted. {rest}")
    elif not wait:
        typer.echo(f"{meter}: tried now; `outbox list` shows what comes of it.")
    else:
        found = outbox_shown.shown(lines(folder), delivery(folder), now())
        said = next((outbox_shown.said(each) for each in found if each.is_of(line.queue)), "it has left")
        typer.echo(f"{meter}: not accepted yet: {said}")


def _may_leave(line: "Line") -> bool:
    return bool(line.waiting) and not line.unproven and not is_held(line)


def skip(
    meter: MeterId,
    why: Why,
    head: Head = False,
    account: InAccount = None,
    yes: Yes = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Set a meter's head aside, so that the packets behind it can leave. It is recorded with the reason, and kept.

    The platform never gets it: its place stays empty there. It cannot be taken back, because later packets
    follow at once. `outbox export` writes what was set aside.
    """
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.service.questions import Skip

    if not head:
        raise BridgeError("say --head: it is the oldest waiting packet that is set aside, and no other can be")
    check_why(why)
    folder = state_folder(site, state)
    line = chosen(lines(folder), meter, account, waits, "nothing waits")
    packet = _head(folder, line)
    typer.echo(f"The head of {meter}: {packet.body}", err=True)
    confirm("Set it aside for ever? The platform will not get it.", yes=yes)
    with Acting(folder, site) as acting:
        done = acting.do("outbox skip", Skip(line.queue, packet.instant, why))
    typer.echo(
        f"{meter}: the packet of {local(packet.instant, line)} is set aside, and recorded with your reason. "
        + next_of(done, alone=acting.alone)
    )


def _head(folder: "StateFolder", line: "Line") -> "Row":
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.outbox import look

    with reading(folder) as connection:
        for row in look.waiting(connection, line.row, 1):
            return row
    raise BridgeError(f"meter {line.queue.id}: its last packet has just left; nothing waits any more")


def abandon(
    meter: MeterId,
    why: Why,
    account: InAccount = None,
    yes: Yes = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Set aside all that waits of a meter; what is read from now on is sent. Recorded with the reason, and kept."""
    from bacnet_bridge.service.questions import Abandon

    check_why(why)
    folder = state_folder(site, state)
    line = chosen(lines(folder), meter, account, lambda line: line.waiting or line.unproven, "nothing waits")
    confirm(f"Set aside {counted(line.waiting)} of {meter} for ever? The platform will not get them.", yes=yes)
    with Acting(folder, site) as acting:
        done = acting.do("outbox abandon", Abandon(line.queue, why))
    held = " It stays on hold." if done["held"] else ""
    typer.echo(
        f"{meter}: {counted(done['aside'])} set aside, and recorded with your reason. What is read from now on is "
        f"sent.{held}"
    )


def recover(
    why: Why,
    meters: MeterIds = None,
    every: Annotated[bool, typer.Option("--all", help="All meters that are not proven whole.")] = False,
    latest: Annotated[
        str | None,
        typer.Option(
            "--latest",
            metavar="TIME",
            help="The platform's latest packet of the meter: what waits up to it is there already, and is set aside.",
        ),
    ] = None,
    account: InAccount = None,
    yes: Yes = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Take what is left of a meter's packets after damage to the file for whole, and send it.

    Look with `outbox show` what there is, and with the platform what it has. What was lost with the damage
    stays lost: its places are empty.
    """
    from bacnet_bridge.cli.outbox_times import instant_from
    from bacnet_bridge.service.questions import Recover

    check_why(why)
    folder = state_folder(site, state)
    found = several(
        lines(folder), meters, account, lambda line: line.unproven, "it is proven whole: nothing to recover", all_=every
    )
    confirm(f"Send what is left of {counted(len(found), 'meter')}, as if nothing were missing?", yes=yes)

    def send(line: "Line") -> None:
        instant = None if latest is None else instant_from(latest, line.zone, now())
        done = acting.do("outbox recover", Recover(line.queue, why, instant))
        aside = f"{counted(done['aside'])} up to {latest} set aside. " if latest else ""
        typer.echo(f"{line.queue.id}: recovered. {aside}{next_of(done, alone=acting.alone)}")

    with Acting(folder, site) as acting:
        for_each(found, send)
