"""`bacnet-bridge outbox export`: packets in a file, to read or to go to another outbox."""

import uuid
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bacnet_bridge.cli.outbox_acting import Acting, bar
from bacnet_bridge.cli.outbox_queues import (
    InAccount,
    MeterIds,
    Yes,
    chosen,
    confirm,
    counted,
    lines,
    names,
    now,
    reading,
    state_folder,
)
from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.outbox.carried import Part
    from bacnet_bridge.outbox.look import Line, Row
    from bacnet_bridge.state import StateFolder

_NAMED: Final = 5
Moving = Annotated[
    bool, typer.Option("--move", help="Take the packets out of this outbox, for `outbox import` into another one.")
]


def export(
    meters: MeterIds = None,
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to write; it must not exist.", show_default=False)
    ],
    moving: Moving = False,
    account: InAccount = None,
    yes: Yes = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Write what waits and what was set aside into a file of JSON lines: a copy for reading. It changes nothing.

    With --move the packets that wait are set aside here as moved, once the file is safely on disk, and the meters stay
    on hold: what they collect must not overtake what was moved. Only such a file can be imported. If it is cut
    short, the same command again goes on where it was. It cannot be taken back.
    """
    folder = state_folder(site, state)
    known = lines(folder)
    if not moving:
        _copy(folder, file, list(_wanted(known, meters or [], account)))
        return
    with Acting(folder, site) as acting:
        if not file.exists():
            _move_out(folder, acting, file, list(_wanted(known, meters or [], account)), yes=yes)
        _finish(folder, acting, file)


def _wanted(known: "list[Line]", meters: list[str], account: str | None) -> "Iterator[Line]":
    """The queues of these meters, whatever their accounts. Raises BridgeError for an unknown one."""
    from bacnet_bridge.errors import BridgeError

    ids = {line.queue.id for line in known}
    if meters and meters[0] not in ids and "." in meters[0]:
        raise BridgeError(f"{meters[0]} is no meter's id: the file's name comes last, after the meters")
    for meter in meters:
        if account is not None or not any(line.queue.id == meter for line in known):
            chosen(known, meter, account, lambda _line: True, "")
    for line in known:
        if (not meters or line.queue.id in meters) and (account is None or account in names(line.queue, known)):
            yield line


def _copy(folder: "StateFolder", path: Path, found: "list[Line]") -> None:
    from bacnet_bridge.outbox import carried, look

    with reading(folder) as connection:
        parts = [_part(line) for line in found]
        header = carried.Header("", now(), tuple(parts))
        orders = [look.every(connection, state) for state in ("waiting", "set aside")]
        rows = (chain(*(order.get(line.row, ()) for order in orders)) for line in found)
        contents = (look.packets(connection, order) for order in rows)
        with bar("written", sum(len(each) for order in orders for each in order.values())) as written:
            count = carried.write(path, header, (_watched(each, written) for each in contents))
    typer.echo(f"{path}: a copy of {counted(count)} of {counted(len(found), 'queue')}. Nothing was changed.")


def _move_out(folder: "StateFolder", acting: Acting, path: Path, found: "list[Line]", *, yes: bool) -> None:
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.outbox import carried, look
    from bacnet_bridge.service.questions import Holding

    found = [line for line in found if line.waiting]
    if not found:
        raise BridgeError("nothing waits: there is nothing to move")
    doubtful = [line.queue.id for line in found if line.unproven]
    if doubtful:
        raise BridgeError(f"not proven whole: {_several(doubtful)}. `outbox recover` or `outbox abandon` them first")
    packets = sum(line.waiting for line in found)
    confirm(
        f"Take {counted(packets)} of {counted(len(found), 'meter')} out of this outbox, into {path}? "
        "This bridge will not send them, and these meters stay on hold here.",
        yes=yes,
    )
    why = f"on hold: its packets were moved out, into {path.name}; `outbox release` if this bridge goes on with it"
    with bar("on hold", len(found)) as done:
        acting.all("outbox hold", [Holding(line.queue, None, why, keep=True) for line in found], done)
    with reading(folder) as connection:
        rows = {line.row for line in found}
        held = [line for line in look.lines(connection) if line.row in rows and line.waiting]
        header = carried.Header(uuid.uuid4().hex, now(), tuple(_part(line) for line in held))
        order = look.every(connection, "waiting")
        contents = (look.packets(connection, order[line.row]) for line in held)
        with bar("written", sum(line.waiting for line in held)) as written:
            carried.write(path, header, (_watched(each, written) for each in contents))


def _watched(rows: "Iterable[Row]", written: "Callable[[int], None]") -> "Iterator[Row]":
    for row in rows:
        yield row
        written(1)


def _finish(folder: "StateFolder", acting: Acting, path: Path) -> None:
    """The file is whole and on disk: set aside what is in it, then seal it. Also where that was cut short before."""
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.outbox import carried, look
    from bacnet_bridge.service.questions import Moved

    file = carried.Carried(path)
    move = file.header.move
    if not move or file.sealed:
        raise BridgeError(f"{path} is there already: name a file that is not")
    with reading(folder) as connection:
        done = look.moved(connection, carried.words(move))
    left = [
        Moved(part.queue, part.newest, part.packets, move)
        for part in file.header.parts
        if done.get(part.queue) != part.packets and part.newest is not None
    ]
    with bar("set aside here", len(left)) as moved:
        acting.all("outbox moved", left, moved)
    carried.seal(path, move)
    packets = sum(part.packets for part in file.header.parts)
    typer.echo(
        f"{path}: {counted(packets)} of {counted(len(file.header.parts), 'queue')} moved. Here they are recorded as "
        f"moved, and never sent. Next, where they shall be sent: `bacnet-bridge outbox import {path.name}`. These "
        "meters are on hold here; take them out of this bridge's mapping, or `outbox release` them if it goes on with "
        "them once the moved packets are accepted."
    )


def _part(line: "Line") -> "Part":
    from bacnet_bridge.outbox.carried import Part

    # Until its first attempt is known to be none, a head counts as attempted (guarantee 2).
    return Part(line.queue, line.waiting, line.oldest, line.newest, attempted=line.waiting > 0)


def _several(meters: list[str]) -> str:
    more = len(meters) - _NAMED
    return ", ".join(meters[:_NAMED]) + (f" and {more} more" if more > 0 else "")
