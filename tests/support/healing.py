"""A meter that is read, then is not, and is read again; and what a log makes of the gap."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from bacnet_bridge.backfill.gaps import Gap
from bacnet_bridge.backfill.heal import Case, Healed, Packing, heal
from bacnet_bridge.backfill.place import Rule, place
from bacnet_bridge.backfill.strand import Strand
from bacnet_bridge.bacnet.from_log import bridges, measure_logged
from bacnet_bridge.bacnet.plan import memory_key
from bacnet_bridge.bacnet.rule import Facts, rule_of
from bacnet_bridge.logged import LogRecord, Recorded
from bacnet_bridge.model import Account, Meter, Packet, Point, Queue
from bacnet_bridge.packet.build import build, packet_of, unheard, whole_fields
from bacnet_bridge.packet.wire import values
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.support.log_records import FIVE, HIGHEST, MINUTE

QUEUE = Queue(Account("https://x", "a"), "m")
PACKING = Packing(whole_fields, packet_of, values)
Says = Callable[[Point, int], Recorded | None]
"""What a point's object shows at an instant; None where the device does not answer for it."""


@dataclass
class Site:
    """One meter; every object is called A and has no scale."""

    meter: Meter
    says: Says
    memory: dict[str, str] = field(default_factory=dict)
    """Committed with packets."""
    unsent: dict[str, str] = field(default_factory=dict)
    """As the next reading is given it."""
    unheard: dict[int, frozenset[str]] = field(default_factory=dict)
    """By slot, the fields that packets lack because the device did not answer for them."""

    refused: set[int] = field(default_factory=set)
    """Slots that were read and have no packet."""

    def read(self, slots: Iterable[int]) -> dict[int, Packet]:
        """The live side: packets by slot."""
        packets = {}
        for slot in slots:
            readings, sent, unsent = [], dict(self.unsent), dict(self.unsent)
            for point in self.meter.points:
                shown, key = self.says(point, slot), memory_key(self.meter, point)
                if shown is None:
                    continue
                rule = rule_of(point, Facts("A"))
                measured = measure_logged(rule, slot, shown, (), self.unsent.get(key), carried=False, condition=shown)
                readings.append(measured.reading)
                sent |= {key: measured.memory} if measured.memory is not None else {}
                unsent |= {key: measured.unsent} if measured.unsent is not None else {}
            outcome = build(self.meter, QUEUE, slot, readings)
            if isinstance(outcome, Packet):
                packets[slot] = outcome
                self.unheard[slot] = unheard(self.meter, readings)
                self.memory = self.unsent = sent
            else:
                self.unsent = unsent
                self.refused |= {slot} if outcome.reason is HoleReason.REFUSED else set()
        return packets


@dataclass
class Outcome:
    """A gap, before and after it was healed."""

    healed: Healed
    waiting: Mapping[int, Packet]
    """As the live side put them."""

    @property
    def sent(self) -> dict[int, Mapping[str, object]]:
        """By minute, what leaves in the end."""
        packets = {packet.instant: packet for packet in (*self.waiting.values(), *self.healed.completed)}
        packets |= {packet.instant: packet for packet in self.healed.fills}
        return {instant // MINUTE: values(packets[instant].body) for instant in sorted(packets)}

    @property
    def filled(self) -> dict[int, Mapping[str, object]]:
        return {packet.instant // MINUTE: values(packet.body) for packet in self.healed.fills}


def outage(
    site: Site,
    logs: Mapping[str, list[LogRecord]],
    gap: tuple[int, int],
    upto: int,
    *,
    interval: int | None = FIVE,
    conditions: Mapping[str, list[LogRecord]] | None = None,
    fence: int | None = None,
    interpolate: bool = False,
    read_at: int | None = None,
    tolerance: int = MINUTE,
    start: int = 0,
) -> Outcome:
    """The site is read from minute 0 up to the gap's first slot, and from its last up to `upto`; the log fills it.

    `gap` is its first and last slot in minutes, both included; `logs` are by the points' sources. `start` is the
    instant of minute 0, for records and slots alike.
    """
    first, last, end = (start + minute * MINUTE for minute in (*gap, upto))
    site.read(range(start, first, FIVE))
    before = dict(site.memory)
    site.unsent = dict(before)
    waiting, after, resumed = _read_on(site, range(last + FIVE, end + 1, FIVE))
    read_by = (end if read_at is None else start + read_at * MINUTE) + 2 * FIVE
    shifted = [
        {key: [each._replace(instant=each.instant + start) for each in records] for key, records in made.items()}
        for made in (logs, conditions or {})
    ]
    rule = Rule(FIVE, tolerance, 60 * MINUTE, interval, interpolate)
    strands = strands_of(site.meter, shifted[0], shifted[1], range(first - FIVE, end + 1, FIVE), rule, read_by)
    passed = first - FIVE if fence is None else start + fence * MINUTE
    whole, refused = Gap(range(first, last + 1, FIVE)), sorted(site.refused & {first - FIVE, last + FIVE})
    case = Case(site.meter, QUEUE, whole, resumed, passed, waiting, before, after, site.unheard, refused)
    return Outcome(heal(case, strands, PACKING), waiting)


def strands_of(
    meter: Meter,
    logs: Mapping[str, list[LogRecord]],
    conditions: Mapping[str, list[LogRecord]],
    slots: Sequence[int],
    rule: Rule,
    read_at: int,
) -> list[Strand]:
    """Of the points that have a log, by their objects' names."""
    return [
        Strand(
            point,
            memory_key(meter, point),
            place(logs[name], slots, rule, read_at),
            partial(measure_logged, rule_of(point, Facts("A"))),
            partial(bridges, rule_of(point, Facts("A"))),
            place(conditions[name], slots, rule, read_at) if name in conditions else None,
        )
        for point in meter.points
        if (name := str(point.source.object)) in logs
    ]


def _read_on(site: Site, slots: Iterable[int]) -> tuple[dict[int, Packet], dict[str, str], int]:
    """What waits, the memory of the first packet of it, and its instant; without one, the end of time."""
    waiting: dict[int, Packet] = {}
    after: dict[str, str] = {}
    for slot in slots:
        packets = site.read([slot])
        if packets and not waiting:
            after = dict(site.memory)
        waiting |= packets
    return waiting, after, next(iter(waiting), HIGHEST << 20)
