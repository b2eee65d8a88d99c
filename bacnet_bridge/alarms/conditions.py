"""What is wrong with the bridge or its building, as a handful of conditions with a name. Pure.

There is one condition for each thing to do, however many meters it concerns, so that a switch that dies is one message
and not five thousand. `RULES` is the documented default list (docs/alarms.md; a test holds the two together).

What one condition explains of another it explains meter by meter: a queue that sends nothing since a backup was
restored says nothing of three hundred meters that fell silent. Few things explain what becomes of all meters.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bacnet_bridge.system import KEPT_BY_ROOT
from bacnet_bridge.vocabulary.sentences import gathered

_DETAILS: Final = 12
"""Lines of one condition; the others are counted."""
_AT_LEAST: Final = 3
"""Intervals without a packet after which a meter may be called silent."""


@dataclass(frozen=True, slots=True)
class Rule:
    """When a condition is told. Seconds."""

    after: float
    """It must hold for so long; and be gone for so long, and for `GONE` at least, before its end is told."""
    remedy: str
    because: frozenset[str] = frozenset()
    """Conditions that explain it: of meters that one of them concerns so, it is not told."""


GONE: Final = 300.0
"""Seconds for which anything must be gone before it counts as over: what comes and goes is one condition."""

RULES: Final[Mapping[str, Rule]] = {
    "outbox": Rule(0, "look at the disk, and at what `bacnet-bridge outbox list` says"),
    "no-room": Rule(0, "make room on the disk, or see why packets are not accepted; what waits is kept and is sent"),
    "clock": Rule(300, "look at the machine's time service (`bacnet-bridge doctor`)"),
    "no-port": Rule(300, "look at the network card, its address and other BACnet programs (`bacnet-bridge doctor`)"),
    "credentials": Rule(
        300,
        "correct username or password; it is tried without a restart, but under systemd: there correct it in "
        f"{KEPT_BY_ROOT} and give `systemctl restart bacnet-bridge`",
    ),
    "platform-away": Rule(
        900, "look at the way out (firewall, proxy, DNS): `bacnet-bridge doctor` tells which part fails"
    ),
    "refused": Rule(
        900,
        "see the platform's answers with `bacnet-bridge outbox show METER`",
        frozenset({"credentials", "platform-away"}),
    ),
    "waiting": Rule(
        300,
        "see with `bacnet-bridge status` why packets are not accepted; nothing is lost meanwhile",
        frozenset({"credentials", "platform-away", "refused", "outbox"}),
    ),
    "meters-silent": Rule(
        0,
        "look at these devices, their trunk and their power; `bacnet-bridge devices` and `status` say more",
        frozenset({"clock", "no-port", "no-room", "outbox"}),
    ),
    "fields-missing": Rule(3600, "repair the points, or take them out of the mapping", frozenset({"meters-silent"})),
    "devices": Rule(900, "see docs/operations.md, Devices that are not what they were"),
    "mapping": Rule(900, "`bacnet-bridge check` lists what is wrong; the last good mapping is in force"),
    "mapping-waits": Rule(3600, "look at the edit with `bacnet-bridge apply --show`, then apply it or take it back"),
}
"""By name, the grave ones first. Names are stored and sent: never use one again for something else."""


@dataclass(frozen=True, slots=True)
class MeterFacts:
    """A mapped meter. Instants."""

    name: str
    interval: int
    """Seconds."""
    put: int | None
    """Of its latest packet; None where there never was one."""
    readable: int
    """Since when it could be read and its packets kept, as far as this run of the bridge knows; at most now."""
    hole: str = ""
    """Why its newest slot has no packet."""
    no_room: bool | None = False
    """That is for want of room in the outbox. None: no slot was read since the start."""
    lacks: str | None = ""
    """Fields that the newest slot's packet lacks. None: there is no such packet."""


@dataclass(frozen=True, slots=True)
class QueueFacts:
    """A queue with packets, of a mapped meter or not. `oldest` is an instant."""

    name: str
    oldest: int
    still: float
    """Seconds for which none of it was accepted, as far as this run of the bridge knows."""
    refused: str = ""
    """What the platform has against this meter's packets, or who holds them."""
    under: frozenset[str] = frozenset()
    """Conditions of its account, its platform or the outbox, for which nothing of it leaves in any case."""
    heals: bool = False
    """Its packets wait for a trend log, as they are meant to."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the stages know. Sentences are empty, and sequences of them too, where all is well; instants."""

    now: int
    started: int
    silent: float
    """Seconds without a packet after which a meter is silent, three intervals at least."""
    waiting: float
    """Seconds for which packets may wait."""
    everywhere: frozenset[str] = frozenset()
    """Conditions, of the following, that keep every meter from being read or sent."""
    outbox: Sequence[str] = ()
    clock: str = ""
    port: str = ""
    credentials: Sequence[str] = ()
    away: Sequence[str] = ()
    devices: Sequence[str] = ()
    mapping: Sequence[str] = ()
    mapping_waits: Sequence[str] = ()
    meters: Sequence[MeterFacts] = ()
    queues: Sequence[QueueFacts] = ()


@dataclass(frozen=True, slots=True)
class Condition:
    """Something that is wrong: its name among `RULES`, in few words, in detail, and how many things it concerns."""

    name: str
    headline: str
    details: tuple[str, ...] = ()
    extent: int = 1


@dataclass(frozen=True, slots=True)
class Found:
    """What holds now, by name. `about` and `doubtful` are names of meters, of the conditions that are of meters."""

    conditions: Mapping[str, Condition]
    about: Mapping[str, frozenset[str]] = field(default_factory=dict)
    doubtful: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Of these it neither begins nor ends: another condition explains it, or nobody can say it. That may be so soon
    after a start, or by a wrong clock."""
    silent: int = 0
    """Meters that are silent for certain."""


_About = tuple[str, str | None, frozenset[str]]
"""A meter's name; why a condition holds of it, empty where it does not, None where nobody knows; what explains that."""
_NOTHING: Final = frozenset[str]()


def find(facts: Facts) -> Found:
    """All conditions that hold."""
    silent = list(_silent(facts))
    of_meters = {
        "refused": ("packets of {} are not accepted", _refused(facts)),
        "waiting": ("packets of {} wait for too long", _waiting(facts)),
        "no-room": ("new packets of {} are lost for want of room", _without_room(facts)),
        "meters-silent": ("nothing is read of {}", silent),
        "fields-missing": ("packets of {} lack fields", _lacking(facts, {name for name, why, _ in silent if why})),
    }
    holding = {each.name: each for each in _of_the_bridge(facts)}
    about, doubtful = dict[str, frozenset[str]](), dict[str, frozenset[str]]()
    for name, (headline, meters) in of_meters.items():
        certain, doubtful[name] = _parted(RULES[name], facts.everywhere, meters)
        about[name] = frozenset(meter for meter, _ in certain)
        holding |= {name: _counted(name, headline, certain)} if certain else {}
    return Found(holding, about, doubtful, sum(bool(why) for _, why, _ in silent))


def _parted(
    rule: Rule, everywhere: frozenset[str], meters: Iterable[_About]
) -> tuple[list[tuple[str, str]], frozenset[str]]:
    """The meters of which it holds for certain and unexplained, with the reason; and those of which it may hold."""
    certain, doubtful = [], set()
    for name, why, under in meters:
        if why is None or (why and rule.because & (everywhere | under)):
            doubtful.add(name)
        elif why:
            certain.append((name, why))
    return certain, frozenset(doubtful)


def _of_the_bridge(facts: Facts) -> Iterator[Condition]:
    yield from _told("outbox", "the outbox needs somebody", facts.outbox)
    yield from _told("clock", "the clock is not in order", [facts.clock])
    yield from _told("no-port", "the BACnet port cannot be opened", [facts.port])
    yield from _told("credentials", "the platform does not take our credentials", facts.credentials)
    yield from _told("platform-away", "the platform is away", facts.away)
    yield from _told("devices", "devices are not what they were", facts.devices)
    yield from _told("mapping", "the mapping's files are not in force", facts.mapping)
    yield from _told("mapping-waits", "an edit of the mapping waits for a word", facts.mapping_waits)


def _refused(facts: Facts) -> Iterator[_About]:
    """Where nothing of a queue leaves in any case, nobody knows whether the platform would take it by now."""
    for queue in facts.queues:
        unknown = None if queue.under & RULES["refused"].because else ""
        yield queue.name, queue.refused or unknown, queue.under


def _waiting(facts: Facts) -> Iterator[_About]:
    longest, young = facts.waiting, facts.now - facts.started < facts.waiting * 1000
    hours = f"has had no packet accepted for {longest / 60:g} minutes or more"
    for queue in facts.queues:
        if facts.now - queue.oldest > longest * 1000:
            why = None if young or queue.heals else ""
            if queue.still > longest and not queue.heals:
                why = hours
            yield queue.name, why, queue.under | _if("refused", queue.refused)


def _without_room(facts: Facts) -> Iterator[_About]:
    for meter in facts.meters:
        yield meter.name, None if meter.no_room is None else meter.hole * meter.no_room, _NOTHING


def _silent(facts: Facts) -> Iterator[_About]:
    for meter in facts.meters:
        patience = max(facts.silent, _AT_LEAST * meter.interval) * 1000
        why: str | None = ""
        if facts.now - max(meter.put or 0, meter.readable) > patience:
            why = meter.hole or "no slot was read"
        elif facts.now - (meter.put or 0) > patience:
            why = None
        yield meter.name, why, _if("no-room", meter.no_room)


def _lacking(facts: Facts, silent: set[str]) -> Iterator[_About]:
    for meter in facts.meters:
        yield meter.name, meter.lacks, _if("meters-silent", meter.name in silent)


def _if(condition: str, holds: object) -> frozenset[str]:
    return frozenset({condition}) if holds else _NOTHING


def _told(name: str, headline: str, sentences: Sequence[str]) -> Iterator[Condition]:
    told = tuple(filter(None, sentences))
    if told:
        yield Condition(name, headline, _few(told), len(told))


def _counted(name: str, headline: str, about: Sequence[tuple[str, str]]) -> Condition:
    meters = f"meter {about[0][0]}" if len(about) == 1 else f"{len(about)} meters"
    return Condition(name, headline.format(meters), _few(gathered(about)), len(about))


def _few(sentences: tuple[str, ...]) -> tuple[str, ...]:
    more = len(sentences) - _DETAILS
    return sentences if more <= 0 else (*sentences[:_DETAILS], f"and {more} more")
