"""`bacnet-bridge outbox import`: packets from a file that another outbox moved out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice, zip_longest
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bacnet_bridge.cli.outbox_acting import Acting, bar
from bacnet_bridge.cli.outbox_queues import ASLEEP, counted, reading, state_folder
from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.model import Packet, Queue
    from bacnet_bridge.outbox.carried import Carried, Part
    from bacnet_bridge.state import StateFolder

_AT_ONCE: Final = 500
"""Packets in one question to the service."""
_PARTS: Final = 100
"""Meters of the file that are on hold together."""
_IN_MEMORY: Final = 20_000
"""Packets that are read before they are put."""
_NAMED: Final = 5
"""Meters that a refusal names."""


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

    if not folder.has_outbox:
        return
    with reading(folder) as connection:
        if look.moved(connection, words(carried.header.move)):
            raise BridgeError(
                f"{file} came out of this outbox, where its packets are set aside: they cannot come back, because what "
                "follows them may have been sent. Import it into another one"
            )


def _take_in(folder: "StateFolder", acting: Acting, carried: "Carried") -> int:
    """Every part of the file, some side by side; how many packets can never be sent from here."""
    parts = carried.header.parts
    taken = []
    packets = groupby(carried.packets(), lambda each: each[0] // _PARTS)
    with bar("imported", sum(part.packets for part in parts)) as done:
        for _, group in packets:
            taken += _take_some(acting, parts, group, done)
    here = _known_here(folder, {each.part.queue: each.refused for each in taken if each.refused})
    late = 0
    for each in taken:
        known = here[each.part.queue]
        late += len(each.refused) - known
        typer.echo(_said(each, known, len(each.refused) - known) + _after(each.ended, alone=acting.alone))
    return late


@dataclass(slots=True)
class _Taken:
    """What came of one part."""

    part: "Part"
    filled: int = 0
    refused: set[int] = field(default_factory=set)
    """Instants that are there already, or too late."""
    damaged: int = 0
    ended: dict[str, object] = field(default_factory=dict)


def _take_some(
    acting: Acting,
    parts: "Sequence[Part]",
    packets: "Iterator[tuple[int, Packet | None]]",
    done: "Callable[[int], None]",
) -> list[_Taken]:
    """Some consecutive parts: all on hold, all filled, all released."""
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.service.questions import Receive, Received

    taken: dict[int, _Taken] = {}
    try:
        while several := list(islice(packets, _IN_MEMORY)):
            new = {index: _Taken(parts[index]) for index, _ in several if index not in taken}
            receiving = [Receive(each.part.queue, each.part.newest or 0) for each in new.values()]
            acting.all("outbox receive", receiving)
            taken |= new
            _fill(acting, taken, several, done)
        ending = [
            Received(each.part.queue, each.part.oldest if each.part.attempted else None) for each in taken.values()
        ]
        begun = list(taken.values())
        for place, ended in acting.each("outbox received", ending):
            begun[place].ended = ended
    except BridgeError as error:
        raise BridgeError(f"{error}\n{_cut_short([each for each in taken.values() if not each.ended])}") from error
    return begun


def _cut_short(held: "Sequence[_Taken]") -> str:
    """What there is of the meters that are on hold, and how it goes on."""
    said = [
        f"meter {each.part.queue.id}: {counted(each.filled)} imported so far; it stays on hold"
        for each in held[:_NAMED]
    ]
    more = held[_NAMED:]
    packets = counted(sum(each.filled for each in more))
    said += [f"{counted(len(more), 'more meter')}: {packets} imported so far; on hold likewise"] * bool(more)
    return "\n".join([*said, "What is on hold is not sent. Once that is mended, the same command goes on"])


def _fill(
    acting: Acting,
    taken: dict[int, _Taken],
    packets: "list[tuple[int, Packet | None]]",
    done: "Callable[[int], None]",
) -> None:
    """Put them: meters side by side, each meter's in their order, so that nothing is put behind what failed."""
    from bacnet_bridge.service.questions import Fill

    batches = []
    for index, group in groupby(packets, itemgetter(0)):
        whole = [packet for _, packet in group]
        good = [packet for packet in whole if packet is not None]
        taken[index].damaged += len(whole) - len(good)
        batches.append([(index, good[first : first + _AT_ONCE]) for first in range(0, len(good), _AT_ONCE)])
        done(len(whole) - len(good))
    for together in zip_longest(*batches):
        asked = [batch for batch in together if batch]
        for place, answer in acting.each("outbox fill", [Fill(tuple(some)) for _, some in asked]):
            index, some = asked[place]
            taken[index].refused.update(answer["refused"])
            taken[index].filled += len(some) - len(answer["refused"])
            done(len(some))


def _known_here(folder: "StateFolder", refused: "Mapping[Queue, set[int]]") -> "Counter[Queue]":
    """Of how many of these instants this outbox has a packet: it waits, was accepted, or was set aside."""
    from bacnet_bridge.outbox import look

    if not refused:
        return Counter()
    with reading(folder) as connection:
        queue_of = {line.row: line.queue for line in look.lines(connection) if line.queue in refused}
        known = look.states(connection, {row: refused[queue] for row, queue in queue_of.items()})
    return Counter(queue_of[row] for row, _instant in known)


def _said(taken: _Taken, here: int, late: int) -> str:
    queue, parts = taken.part.queue, [f"{counted(taken.filled)} imported"]
    parts += [f"{here} here already"] * bool(here)
    parts += [f"{late} too late to be sent"] * bool(late)
    parts += [f"{taken.damaged} damaged before, and never sent"] * bool(taken.damaged)
    return f"{queue.id} (account {queue.account.credentials}): {', '.join(parts)}. "


def _after(done: dict[str, object], *, alone: bool) -> str:
    if done["held"]:
        return "It was on hold before, and stays so until `outbox release`."
    if done["stranger"]:
        return "This site's settings do not have that account: give them to one that they have, with `outbox reassign`."
    return "They are sent in their order." + ASLEEP * alone
