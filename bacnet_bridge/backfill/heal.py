"""What a log says of a gap → the packets that fill it, and those that gain by it. Pure; instants are UTC milliseconds.

Guarantee 2, nothing out of order: fills strictly rise, and are later than the fence.
Guarantee 4, never a wrong value: each value passes its point's own rules, with the memory that the point had before the
gap. A counter's fill must lead to the memory that the live side went on with, or its field stays out. What a reading
gave is never replaced by what a log says, nor is what a reading refused: a packet in waiting gains only fields that the
device did not answer for. One exception: a difference that was read after the gap counts all that grew in it, and keeps
what the fills have not.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Context, Decimal
from typing import Final, Protocol

from bacnet_bridge.backfill.gaps import Gap
from bacnet_bridge.backfill.strand import Strand
from bacnet_bridge.model import Meter, Nature, Origin, Packet, Problem, Queue, Reading
from bacnet_bridge.vocabulary.fields import SINGLE

_EXACT: Final = Context(prec=800)
_ROUNDED: Final = Decimal("1e-8")
"""Of a difference: so much may many that were rounded count more than one that was."""
_BEGUN: Final = "other slots of the gap had their packets before it was read"
Fields = Mapping[str, Decimal]


class PacketOf(Protocol):
    """`packet.build.packet_of`."""

    def __call__(self, meter: Meter, queue: Queue, slot: int, fields: Fields, origin: Origin) -> Packet: ...


@dataclass(frozen=True, slots=True)
class Packing:
    """How readings become packets: `whole_fields` and `packet_of` of packet/build.py, `values` of packet/wire.py."""

    whole_fields: Callable[[Meter, Sequence[Reading]], tuple[dict[str, Decimal], list[tuple[str, Problem]]]]
    packet_of: PacketOf
    values: Callable[[str], dict[str, Decimal]]


@dataclass(frozen=True, slots=True)
class Case:
    """A gap on hold, and what is known of both its ends."""

    meter: Meter
    queue: Queue
    gap: Gap
    resumed: int
    """The instant of the packet that ended it, the first one that was read after it."""
    fence: int | None
    waiting: Mapping[int, Packet]
    """The queue's packets that wait, from the gap on."""
    before: Mapping[str, str]
    after: Mapping[str, str]
    """The points' memory as it was before the gap, and as it committed with the packet that ended it."""
    unheard: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """By the instants of packets that wait, the fields that they lack because the device did not answer for them."""
    refused: Sequence[int] = ()
    """Slots beside the gap that were read, and have no packet because what was read was refused."""


@dataclass(frozen=True, slots=True)
class Healed:
    """What is to be committed in one transaction, or nothing of it."""

    fills: tuple[Packet, ...] = ()
    """New packets, in order."""
    completed: tuple[Packet, ...] = ()
    """Packets that wait, with fields that they gained; and a difference less what the fills have of it."""
    from_log: Mapping[int, frozenset[str]] = field(default_factory=dict)
    """By instant, the fields that come of a log."""
    left: Mapping[int, str] = field(default_factory=dict)
    """The gap's slots that stay holes, and why."""
    waits: bool = False
    """A log may still tell more, before long."""


def heal(case: Case, strands: Sequence[Strand], packing: Packing) -> Healed:
    """`strands` are the points that have a log. What no log has is left out; a whole slot of it stays a hole.

    A gap is filled once: where a slot of it has its packet, as after a crash behind the fill, nothing is added.
    """
    empty = [slot for slot in case.gap.slots if slot not in case.waiting]
    if len(empty) < len(case.gap.slots):
        return Healed(left=dict.fromkeys(empty, _BEGUN))
    strands = [_trusted(case, strand, packing) for strand in strands]
    barred = _without_remainder(case, strands)
    while True:
        run = _Run(case, strands, packing, barred)
        run.go()
        broken = {strand.point.field: why for strand, why in run.broken()}
        if not broken:
            return run.healed()
        barred = {**barred, **broken}


def _trusted(case: Case, strand: Strand, packing: Packing) -> Strand:
    """Without values of a log of changes that stood when they were read beside the gap, and were refused as frozen."""
    if not strand.point.frozen_refused:
        return strand
    lacking = [slot for slot, packet in case.waiting.items() if strand.point.field not in packing.values(packet.body)]
    refused = [slot for slot in lacking if strand.point.field not in case.unheard.get(slot, ())]
    return strand.without_standing({*case.refused, *refused})


def _without_remainder(case: Case, strands: Sequence[Strand]) -> dict[str, str]:
    """A difference is healed only together with the packet that has the gap's growth in it."""
    if case.resumed in case.waiting:
        return {}
    why = "the packet that has the gap's growth does not wait any more"
    return {strand.point.field: why for strand in strands if strand.point.nature is Nature.DELTA}


@dataclass(slots=True)
class _Run:
    """Slot by slot through the gap, and on through what waits; fields that are `barred` are left out."""

    case: Case
    strands: Sequence[Strand]
    packing: Packing
    barred: Mapping[str, str]
    memory: dict[str, str | None] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    """Keys of the points of which something was sent."""
    over: set[str] = field(default_factory=set)
    """Fields of counters that the live side has taken up again: the log has nothing more to say of them."""
    filled: dict[int, Packet] = field(default_factory=dict)
    completed: dict[int, Packet] = field(default_factory=dict)
    from_log: dict[int, frozenset[str]] = field(default_factory=dict)
    left: dict[int, str] = field(default_factory=dict)
    grown: Decimal = Decimal(0)
    """The sum of a difference's fills."""
    exceeded: bool = False
    """It is more than what was read after the gap."""

    def go(self) -> None:
        self.memory = {strand.key: self.case.before.get(strand.key) for strand in self.strands}
        gap, waiting = self.case.gap, self.case.waiting
        for slot in sorted({*gap.slots, *(instant for instant in waiting if instant >= gap.first)}):
            self._slot(slot)

    def broken(self) -> list[tuple[Strand, str]]:
        """Counters whose fill does not lead to where the live side went on."""
        found = []
        for strand in self.strands:
            if strand.key in self.used:
                ends = (each.get(strand.key) for each in (self.case.before, self.memory, self.case.after))
                if why := strand.bridges(*ends):
                    found.append((strand, why))
        if not found and self._difference is not None and self.exceeded:
            found.append((self._difference, "the log counts more in the gap than was read after it"))
        return found

    def healed(self) -> Healed:
        waits = any(strand.open(slot) for strand in self.strands for slot in self.case.gap.slots)
        fills = tuple(self.filled[slot] for slot in sorted(self.filled))
        completed = tuple(self.completed[slot] for slot in sorted(self.completed))
        return Healed(fills, completed, self.from_log, self.left, waits)

    def _slot(self, slot: int) -> None:
        steps = {strand.key: strand.step(slot, self.memory[strand.key]) for strand in self.strands}
        read = {strand.point: steps[strand.key].reading for strand in self.strands}
        fields, problems = self.packing.whole_fields(self.case.meter, _of_one_unit(list(read.values())))
        there = self.case.waiting.get(slot)
        live = {} if there is None else self.packing.values(there.body)
        gained = {key: value for key, value in fields.items() if key not in live and self._may(key, slot)}
        if there is not None:
            self._complete(there, live, gained)
        else:
            gained = self._fill(slot, gained, problems)
        for strand in self.strands:
            self._go_on(strand, steps[strand.key].memory, steps[strand.key].unsent, gained, live)

    def _may(self, key: str, slot: int) -> bool:
        """The field may be taken from the log: it was not read, or not heard, and joins what was."""
        seen = slot in self.case.waiting and key not in self.case.unheard.get(slot, ())
        return not seen and key not in self.barred and key not in self.over

    def _fill(self, slot: int, gained: Fields, problems: Sequence[tuple[str, Problem]]) -> dict[str, Decimal]:
        """Gives the fields that were sent."""
        case = self.case
        missing = len({point.field for point in case.meter.points}) - len(gained)
        if case.fence is not None and slot <= case.fence:
            self.left[slot] = "not later than what was sent"
        elif not gained or (case.meter.require_all and missing):
            barred = [why for key, why in self.barred.items() if key not in gained]
            self.left[slot] = next(iter([*barred, *(problem.detail for _, problem in problems)]), "no log of it")
        else:
            self.filled[slot] = self.packing.packet_of(case.meter, case.queue, slot, gained, Origin.HEALED)
            self.from_log[slot] = frozenset(gained)
            if self._difference is not None:
                self.grown = _EXACT.add(self.grown, gained[SINGLE.key])
            return dict(gained)
        return {}

    def _complete(self, there: Packet, live: Fields, gained: Fields) -> None:
        slot = there.instant
        fields = {**gained, **live}
        if slot == self.case.resumed and self._difference is not None and self.filled and SINGLE.key in live:
            fields = {SINGLE.key: self._remainder(live[SINGLE.key])}
        if fields != live and (self.case.fence is None or slot > self.case.fence):
            made = self.packing.packet_of(self.case.meter, self.case.queue, slot, fields, there.origin)
            self.completed[slot] = replace(there, body=made.body)
            if gained:
                self.from_log[slot] = frozenset(gained)

    def _go_on(self, strand: Strand, sent: str | None, unsent: str | None, gained: Fields, live: Fields) -> None:
        key, counter = strand.point.field, strand.point.nature is not Nature.INSTANT
        if counter and key in live:
            self.over.add(key)
        if key in gained:
            self.used.add(strand.key)
        if not (counter and key in self.over):
            self.memory[strand.key] = sent if key in gained else unsent

    @property
    def _difference(self) -> Strand | None:
        """A meter that sends a counter's growth sends nothing else."""
        return next((strand for strand in self.strands if strand.point.nature is Nature.DELTA), None)

    def _remainder(self, read: Decimal) -> Decimal:
        """What was read after the gap, less what the fills have of it: the sum of all stays what was read."""
        left = _EXACT.subtract(read, self.grown)
        if not _other_way(left, self.strands):
            return left
        self.exceeded = abs(left) > _EXACT.multiply(_ROUNDED, abs(self.grown))
        return Decimal(0)


def _other_way(growth: Decimal, strands: Sequence[Strand]) -> bool:
    """No counters grow like that: neither do they count both ways, nor are some added and others taken off."""
    grows = {each.point.multiplier * each.point.ratio > 0 for each in strands}
    both = len(grows) > 1 or any(each.point.counting.falls for each in strands)
    return not both and (growth < 0 if True in grows else growth > 0)


def _of_one_unit(readings: Sequence[Reading]) -> Sequence[Reading]:
    """Registers of different units are not added up as if they had one; electrical fields are in their own."""
    units = {each.unit for each in readings if each.point.field == SINGLE.key and each.value is not None}
    return readings if len(units) < 2 else []
