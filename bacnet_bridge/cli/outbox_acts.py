"""`bacnet-bridge outbox` retry, skip, hold, release, reassign, recover, abandon, move: what is done to a queue."""

import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bacnet_bridge.cli.outbox_queues import (
    InAccount,
    MeterId,
    MeterIds,
    Why,
    Yes,
    chosen,
    confirm,
    counted,
    delivery,
    lines,
    local,
    perform,
    reading,
    several,
    state_folder,
)
from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.outbox.look import Line, Row
    from bacnet_bridge.state import StateFolder

_ASLEEP = " No bridge runs on this state folder: that happens once one does."


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
    for line in several(known, meters, account, _waits, "nothing waits", all_=every):
        _retry(folder, site, line)


def _retry(folder: "StateFolder", site: Site, line: "Line") -> None:
    from bacnet_bridge.cli import outbox_shown
    from bacnet_bridge.service.questions import Retrying

    done = perform(folder, site, "outbox retry", Retrying(line.queue))
    meter = line.queue.id
    if done.get("alone"):
        typer.echo(f"{meter}: its head is tried at once when a bridge starts on this state folder; none runs now.")
    elif done["accepted"]:
        typer.echo(f"{meter}: accepted. {counted(done['waiting'])} waiting, sent in their order.")
    else:
        known = lines(folder)
        found = next((each for each in outbox_shown.shown(known, delivery(folder), _now())
                      if (each.meter, each.account, each.address) == _named(line)), None)  # fmt: skip
        typer.echo(f"{meter}: not accepted yet: {outbox_shown.said(found) if found else 'it has left'}")


def skip(
    meter: MeterId,
    why: Why,
    head: Annotated[
        bool, typer.Option("--head", help="The meter's oldest waiting packet: no other can be skipped.")
    ] = False,
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
    _check_why(why)
    folder = state_folder(site, state)
    line = chosen(lines(folder), meter, account, _waits, "nothing waits")
    packet = _head(folder, line)
    typer.echo(f"The head of {meter}: {packet.body}", err=True)
    confirm("Set it aside for ever? The platform will not get it.", yes=yes)
    done = perform(folder, site, "outbox skip", Skip(line.queue, packet.instant, why))
    typer.echo(
        f"{meter}: the packet of {local(packet.instant, line)} is set aside, and recorded with your reason. "
        + _next(done)
    )


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
    """Let a meter collect and send nothing, until that time or until `outbox release`. `status` tells it meanwhile."""
    from bacnet_bridge.cli.outbox_times import instant_from
    from bacnet_bridge.service.questions import Holding

    folder = state_folder(site, state)
    known = lines(folder)
    now = _now()
    for line in several(
        known, meters, account, lambda line: not _is_held(line) or bool(meters), "none to hold", all_=every
    ):
        deadline = None if until is None else instant_from(until, line.zone, now)
        end = "until it is released" if deadline is None else f"until {local(deadline, line)}"
        reason = f"on hold {end}, by an operator{': ' + why if why else ''}; `outbox release` ends it"
        done = perform(folder, site, "outbox hold", Holding(line.queue, deadline, reason))
        typer.echo(
            f"{line.queue.id}: on hold {end}. {counted(done['waiting'])} waiting; new ones are collected, none is sent."
        )


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
    for line in several(lines(folder), meters, account, _is_held, "not on hold", all_=every):
        late = _overtaken(folder, line)
        done = perform(folder, site, "outbox release", Release(line.queue))
        typer.echo(f"{line.queue.id}: released. " + _next(done))
        if late:
            typer.echo(
                f"  Of these, {counted(late)} are not later than {local(line.held_after or 0, line)}, the other sender's "
                "latest: the platform may answer 200 to them and discard them."
            )


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
    for line in found:
        done = perform(folder, site, "outbox reassign", Reassign(line.queue, to))
        _say(done, f"{line.queue.id}: {counted(done['packets'])} given to account {to}, and sent with its credentials.")


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
    ] = None,  # fmt: skip
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

    _check_why(why)
    folder = state_folder(site, state)
    found = several(lines(folder), meters, account, _is_unproven, "it is proven whole: nothing to recover", all_=every)
    confirm(f"Send what is left of {counted(len(found), 'meter')}, as if nothing were missing?", yes=yes)
    for line in found:
        instant = None if latest is None else instant_from(latest, line.zone, _now())
        done = perform(folder, site, "outbox recover", Recover(line.queue, why, instant))
        aside = f"{counted(done['aside'])} up to {latest} set aside. " if latest else ""
        typer.echo(f"{line.queue.id}: recovered. {aside}" + _next(done))


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

    _check_why(why)
    folder = state_folder(site, state)
    line = chosen(lines(folder), meter, account, lambda line: line.waiting or line.unproven, "nothing waits")
    confirm(f"Set aside {counted(line.waiting)} of {meter} for ever? The platform will not get them.", yes=yes)
    done = perform(folder, site, "outbox abandon", Abandon(line.queue, why))
    held = " It stays on hold." if done["held"] else ""
    typer.echo(
        f"{meter}: {counted(done['aside'])} set aside, and recorded with your reason. What is read from now on is sent.{held}"
    )


def move(
    old: Annotated[str, typer.Argument(metavar="OLD-ID", help="The id that was mistyped.", show_default=False)],
    new: Annotated[str, typer.Argument(metavar="NEW-ID", help="The one that it should be.", show_default=False)],
    account: InAccount = None,
    yes: Yes = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Give the packets that wait for a mistyped id to the right one. Nothing may ever have been accepted for it.

    Put the id right in the mapping and restart the service first: until then new packets still get the old one.
    """
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.service.questions import Move

    folder = state_folder(site, state)
    line = chosen(lines(folder), old, account, _waits, "nothing waits")
    if line.last_accepted is not None:
        raise BridgeError(
            f"meter {old}: the platform accepted packets for this id, the last of {local(line.last_accepted, line)}; so "
            "it is none that was mistyped. Its packets stay"
        )
    confirm(f"Give {counted(line.waiting)} of {old} the id {new}?", yes=yes)
    done = perform(folder, site, "outbox move", Move(line.queue, new))
    _say(
        done,
        f"{old}: {counted(done['packets'])} moved to {new}, and sent for that id. If the mapping still says {old}, put "
        "it right and restart the service, then move once more what came meanwhile.",
    )


def _waits(line: "Line") -> bool:
    return bool(line.waiting)


def _is_held(line: "Line") -> bool:
    return line.held_until is not None and line.held_until > _now()


def _is_unproven(line: "Line") -> bool:
    return bool(line.unproven)


def _check_why(why: str) -> None:
    from bacnet_bridge.errors import BridgeError

    if not why.strip():
        raise BridgeError("say with --why for what reason: it is all that tells later why packets are missing")


def _head(folder: "StateFolder", line: "Line") -> "Row":
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.outbox import look

    with reading(folder) as connection:
        for row in look.waiting(connection, line.row, 1):
            return row
    raise BridgeError(f"meter {line.queue.id}: its last packet has just left; nothing waits any more")


def _overtaken(folder: "StateFolder", line: "Line") -> int:
    """How many wait that are not later than what another sender sent."""
    from bacnet_bridge.outbox import look

    if line.held_after is None or line.held_after <= (line.fence or 0):
        return 0
    with reading(folder) as connection:
        return sum(row.instant <= line.held_after for row in look.waiting(connection, line.row))


def _next(done: dict[str, Any]) -> str:
    waiting = counted(done["waiting"])
    if done.get("unproven"):
        return f"{waiting} waiting; not proven whole, so nothing is sent until `outbox recover` or `outbox abandon`."
    if done.get("held"):
        return f"{waiting} waiting; it stays on hold until `outbox release`."
    if not done["waiting"]:
        return "Nothing else waits; new packets are sent as they come."
    return f"{waiting} waiting, sent in their order." + (_ASLEEP if done.get("alone") else "")


def _say(done: dict[str, Any], sentence: str) -> None:
    typer.echo(sentence + (_ASLEEP if done.get("alone") else ""))


def _named(line: "Line") -> tuple[str, str, str]:
    return line.queue.id, line.queue.account.credentials, line.queue.account.address


def _now() -> int:
    return time.time_ns() // 1_000_000
