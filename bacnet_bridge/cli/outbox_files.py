"""`bacnet-bridge outbox export` and `import`: packets in a file, to read or to go to another outbox."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bacnet_bridge.cli.outbox_queues import (
    ASLEEP,
    Acting,
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
    from bacnet_bridge.model import Packet, Queue
    from bacnet_bridge.outbox.carried import Carried, Part
    from bacnet_bridge.outbox.look import Line
    from bacnet_bridge.state import StateFolder

_AT_ONCE: Final = 500
"""Packets in one question to the service."""
_NAMED: Final = 5


def export(
    meters: MeterIds = None,
    *,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where to write; it must not exist.", show_default=False)
    ],
    moving: Annotated[
        bool, typer.Option("--move", help="Take the packets out of this outbox, for `outbox import` into another one.")
    ] = False,
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


def import_(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="What `outbox export --move` wrote.", show_default=False)
    ],
    site: Site = None,
    state: State = None,
) -> None:
    """Take packets over that were moved out of another outbox. They are sent in order, before what came later.

    Each meter is on hold while its packets come. Cut short, the same command again goes on; what is there
    already is not taken twice. Best before the service's first start: what is not later than a packet that
    was sent cannot be sent any more, and is listed. Exit status 1 where that is so.
    """
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.outbox.carried import Carried

    carried = Carried(file)
    if not carried.header.move:
        raise BridgeError(
            f"{file} is a copy for reading: its packets still belong to the outbox that it was made from. Only what "
            "`outbox export --move` wrote can be imported"
        )
    if not carried.sealed:
        raise BridgeError(
            f"{file} is not finished: its packets may still be sent by the outbox that it comes from. Give the same "
            f"`outbox export --move` there once more"
        )
    folder = state_folder(site, state)
    folder.create()
    _check_stranger(folder, file, carried)
    with Acting(folder, site) as acting:
        late = _take_in(folder, acting, carried)
    if late:
        raise BridgeError(
            f"{counted(late)} cannot be sent: they are not later than what was sent or set aside of their meters here, "
            f"and the platform would discard them. They stay in {file}"
        )


def _check_stranger(folder: "StateFolder", file: Path, carried: "Carried") -> None:
    """Raises BridgeError for a file that came out of this outbox."""
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.outbox import look
    from bacnet_bridge.outbox.carried import words

    if not folder.database.exists():
        return
    with reading(folder) as connection:
        if look.moved(connection, words(carried.header.move)):
            raise BridgeError(
                f"{file} came out of this outbox, where its packets are set aside: they cannot come back, because what "
                "follows them may have been sent. Import it into another one"
            )


def _wanted(known: "list[Line]", meters: list[str], account: str | None) -> "Iterator[Line]":
    """The queues of these meters, whatever their accounts. Raises BridgeError for an unknown one."""
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
        count = carried.write(path, header, contents)
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
    for line in found:
        acting.do("outbox hold", Holding(line.queue, None, why, keep=True))
    with reading(folder) as connection:
        rows = {line.row for line in found}
        held = [line for line in look.lines(connection) if line.row in rows and line.waiting]
        header = carried.Header(uuid.uuid4().hex, now(), tuple(_part(line) for line in held))
        order = look.every(connection, "waiting")
        carried.write(path, header, (look.packets(connection, order[line.row]) for line in held))


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
    for part in file.header.parts:
        if done.get(part.queue) != part.packets and part.newest is not None:
            acting.do("outbox moved", Moved(part.queue, part.newest, part.packets, move))
    carried.seal(path, move)
    packets = sum(part.packets for part in file.header.parts)
    typer.echo(
        f"{path}: {counted(packets)} of {counted(len(file.header.parts), 'queue')} moved. Here they are recorded as "
        f"moved, and never sent. Next, where they shall be sent: `bacnet-bridge outbox import {path.name}`. These "
        "meters are on hold here; take them out of this bridge's mapping, or `outbox release` them if it goes on with "
        "them once the moved packets are accepted."
    )


def _take_in(folder: "StateFolder", acting: Acting, carried: "Carried") -> int:
    """Every part of the file, one after the other; how many packets can never be sent from here."""
    from bacnet_bridge.service.questions import Receive, Received

    taken = []
    for index, group in groupby(carried.packets(), itemgetter(0)):
        part = carried.header.parts[index]
        acting.do("outbox receive", Receive(part.queue, part.newest or 0))
        filled, refused, damaged = _fill(acting, part, (packet for _, packet in group))
        done = acting.do("outbox received", Received(part.queue, part.oldest if part.attempted else None))
        taken.append((part, filled, refused, damaged, _after(done, alone=acting.alone)))
    here = _known_here(folder, {part.queue: refused for part, _, refused, _, _ in taken if refused})
    late = 0
    for part, filled, refused, damaged, after in taken:
        late += len(refused) - here[part.queue]
        typer.echo(_taken(part, filled, here[part.queue], len(refused) - here[part.queue], damaged) + after)
    return late


def _fill(acting: Acting, part: "Part", packets: "Iterator[Packet | None]") -> tuple[int, set[int], int]:
    """How many were taken, the instants of those that were not, and how many are damaged."""
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.service.questions import Fill

    taken, refused, damaged, batch = 0, set[int](), 0, list["Packet"]()

    def send() -> int:
        try:
            done = acting.do("outbox fill", Fill(tuple(batch)))
        except BridgeError as error:
            raise BridgeError(
                f"{error}\nmeter {part.queue.id}: {counted(taken)} imported so far; it stays on hold. Once that is "
                "mended, the same command goes on"
            ) from error
        refused.update(done["refused"])
        return len(batch) - len(done["refused"])

    for packet in packets:
        if packet is None:
            damaged += 1
            continue
        batch.append(packet)
        if len(batch) == _AT_ONCE:
            taken += send()
            batch.clear()
    return taken + send(), refused, damaged


def _known_here(folder: "StateFolder", refused: "Mapping[Queue, set[int]]") -> "Counter[Queue]":
    """Of how many of these instants this outbox has a packet: it waits, was accepted, or was set aside."""
    from bacnet_bridge.outbox import look

    if not refused:
        return Counter()
    with reading(folder) as connection:
        queue_of = {line.row: line.queue for line in look.lines(connection) if line.queue in refused}
        known = look.states(connection, {row: refused[queue] for row, queue in queue_of.items()})
    return Counter(queue_of[row] for row, _instant in known)


def _taken(part: "Part", taken: int, here: int, late: int, damaged: int) -> str:
    parts = [f"{counted(taken)} imported"]
    parts += [f"{here} here already"] * bool(here)
    parts += [f"{late} too late to be sent"] * bool(late)
    parts += [f"{damaged} damaged before, and never sent"] * bool(damaged)
    return f"{part.queue.id} (account {part.queue.account.credentials}): {', '.join(parts)}. "


def _after(done: dict[str, object], *, alone: bool) -> str:
    if done["held"]:
        return "It was on hold before, and stays so until `outbox release`."
    if done["stranger"]:
        return "This site's settings do not have that account: give them to one that they have, with `outbox reassign`."
    return "They are sent in their order." + ASLEEP * alone


def _part(line: "Line") -> "Part":
    from bacnet_bridge.outbox.carried import Part

    # Until its first attempt is known to be none, a head counts as attempted (guarantee 2).
    return Part(line.queue, line.waiting, line.oldest, line.newest, attempted=line.waiting > 0)


def _several(meters: list[str]) -> str:
    more = len(meters) - _NAMED
    return ", ".join(meters[:_NAMED]) + (f" and {more} more" if more > 0 else "")
