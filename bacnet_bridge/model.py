"""The nouns that travel between stages. All frozen; instants are UTC integer milliseconds.

Reading is a tuple: there is one for every value that is read, and frozen dataclasses take three times as long.
"""

import dataclasses
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Final, NamedTuple

from bacnet_bridge.vocabulary.fields import FIELDS, SINGLE
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import PRESENT_VALUE, ObjectId, property_name
from bacnet_bridge.vocabulary.units import Unit


@dataclass(frozen=True, slots=True)
class Place:
    """Where a fact of the mapping stands, for messages. Lines and columns count from 1."""

    file: Path
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Account:
    """Whose packets these are: the platform's address and the name of the credentials (never the secret)."""

    address: str
    credentials: str


@dataclass(frozen=True, slots=True)
class Queue:
    """One order of packets: an account and the id that the platform registered for the meter (guarantee 2)."""

    account: Account
    id: str


@dataclass(frozen=True, slots=True)
class PropertyRef:
    """One property of one object of a device; `index` for an element of an array (BACnet clause 12, 15.5)."""

    object: ObjectId
    property: int = PRESENT_VALUE
    index: int | None = None

    def __hash__(self) -> int:
        """Cheaper than the generated one: there are two for every value that is read."""
        own = (self.object.type << 22 | self.object.instance) << 8 ^ self.property
        return own if self.index is None else own ^ self.index << 40

    def __str__(self) -> str:
        index = "" if self.index is None else f"[{self.index}]"
        return f"{self.object} {property_name(self.property)}{index}"


class Nature(StrEnum):
    """What a number is over time; decides whether it is watched as a counter."""

    INSTANT = "instant"
    INDEX = "index"
    """A counter's reading, sent as it stands."""
    DELTA = "delta"
    """A counter's growth since the last packet's slot, worked out by the bridge."""


SKIPPED_FLAGS: Final = frozenset({"fault", "out-of-service"})
"""Status flags that refuse a value where the mapping does not say otherwise."""
RELIABILITY_FLAG: Final = "reliability"
"""Stands among a point's flags for the object's reliability property, which is read only for points that name it."""


class AfterFall(StrEnum):
    """What is done with a counter that was reset or exchanged, once that is certain."""

    FOLLOW = "follow"
    """Go on from the new count: a reading is sent as it stands, a difference starts anew."""
    HOLD = "hold"
    """Send nothing until the mapping says `follow`."""


@dataclass(frozen=True, slots=True)
class Counting:
    """How a counter is watched, in its own unit: after the device's scale, before the multiplier."""

    max_rate: Decimal | None = None
    """Per hour; None: derived from the highest rate seen."""
    rollover: Decimal | None = None
    """The largest present-value before it starts again at 0, before the scale; None: what an Accumulator says."""
    falls: bool = False
    """It counts both ways."""
    after_fall: AfterFall = AfterFall.FOLLOW


@dataclass(frozen=True, slots=True)
class Condition:
    """What another property of the same device must be for a point's value to count."""

    source: PropertyRef
    value: Decimal
    text: str
    """As the mapping says it."""


USUAL_AGE: Final = 3_600_000
"""Milliseconds for which a log's last value is taken, where the mapping does not say otherwise."""


@dataclass(frozen=True, slots=True)
class LogColumn:
    """A Trend Log, or one column (from 1) of a Trend Log Multiple, of the point's own device."""

    log: ObjectId
    column: int | None = None

    def __str__(self) -> str:
        return f"{self.log}" if self.column is None else f"{self.log} column {self.column}"


@dataclass(frozen=True, slots=True)
class Backfill:
    """The device's own log of a point, from which gaps are healed. Lengths in milliseconds."""

    source: LogColumn
    tolerance: int | None = None
    """That a record may be off its slot; None: what a reading may be late."""
    age: int = USUAL_AGE
    """That a value is carried on where the log writes only what changes, and that two records may be apart."""
    interpolate: bool = False
    """A counter's value between two records is worked out."""
    unflagged: bool = False
    """Records that bear no status flags are taken for good."""
    condition: LogColumn | None = None
    """The log of the object that the point's `valid_when` names."""

    def __str__(self) -> str:
        said = [str(self.source)]
        said += [f"tolerance {self.tolerance / 1000:g} s"] if self.tolerance is not None else []
        said += [f"age {self.age / 1000:g} s"] if self.age != USUAL_AGE else []
        said += [word for word in ("interpolate", "unflagged") if getattr(self, word)]
        said += [f"condition {self.condition}"] if self.condition is not None else []
        return ", ".join(said)


@dataclass(frozen=True, slots=True)
class Point:
    """One BACnet property that feeds one field of one meter. Several points with one field are summed.

    Order of arithmetic: raw → scale → `multiplier` → `offset` → unit conversion → `ratio`.
    `unit` names what the number is after multiplier and offset; None: what the device claims.
    `ratio` is current and voltage transformers' ratios and the sign of an inverted phase.
    """

    field: str
    source: PropertyRef
    nature: Nature = Nature.INSTANT
    name: str | None = None
    """Expected object-name; another one holds the point (guarantee 4)."""
    multiplier: Decimal = Decimal(1)
    offset: Decimal = Decimal(0)
    unit: Unit | None = None
    ratio: Decimal = Decimal(1)
    counting: Counting = dataclasses.field(default=Counting(), hash=False)
    frozen_after: int = dataclasses.field(default=0, hash=False)
    """Readings in a row, identical to the bit, after which a value is called frozen; 0: never."""
    frozen_refused: bool = dataclasses.field(default=False, hash=False)
    skip: frozenset[str] = dataclasses.field(default=SKIPPED_FLAGS, hash=False)
    """Status flags, and reliability, that refuse the value."""
    send: frozenset[str] = dataclasses.field(default=frozenset(), hash=False)
    """Those that the mapping lets pass by name."""
    valid_when: Condition | None = dataclasses.field(default=None, hash=False)
    cov: bool = dataclasses.field(default=False, hash=False)
    """The device is asked to tell the present-value's changes; what it told last stands in for reading it."""
    backfill: Backfill | None = dataclasses.field(default=None, hash=False)
    """Where its values of a gap are found; None: nowhere."""
    place: Place | None = None

    @property
    def asks_reliability(self) -> bool:
        return RELIABILITY_FLAG in self.skip or RELIABILITY_FLAG in self.send

    @property
    def remembers(self) -> bool:
        """Its next reading depends on this one: it has a memory."""
        return self.nature is not Nature.INSTANT or self.frozen_after > 0

    @property
    def key(self) -> str:
        """Names the point's memory within its meter; stable across restarts and edits of factors."""
        return f"{self.field} {self.source}"

    @property
    def required_unit(self) -> str | None:
        """The symbol of the unit that the platform demands of this field."""
        return FIELDS[self.field].unit


@dataclass(frozen=True, slots=True)
class Meter:
    """A data point registered with the platform: one scheduled job and one queue."""

    id: str
    """The platform's id: the packet's `id`."""
    name: str
    """How people call it; the id where the mapping gives none."""
    device: int
    """BACnet device instance, 0 … 4194302."""
    points: tuple[Point, ...]
    interval: int
    """Seconds between slots, as registered with the platform."""
    zone: str
    """The building's IANA zone."""
    tolerance: float
    """Seconds after its instant within which a slot's reading must begin."""
    account: str = "default"
    """Name of the account in the settings."""
    address: str | None = None
    """`host`, `host:port` or `network:mac`, where broadcast cannot reach the device."""
    require_all: bool = False
    """Send only packets in which no mapped field is missing."""
    place: Place | None = None

    @property
    def single(self) -> bool:
        """A single-value meter, as opposed to an electrical one."""
        return all(point.field == SINGLE.key for point in self.points)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a point has no value in this slot."""

    reason: HoleReason
    detail: str


class Reading(NamedTuple):
    """One point, read once. Exactly one of `value` and `problem` is set.

    `value` is in the field's required unit (any unit for `value`). `raw`, `unit` and `flags` are what the
    device said, as text for people. `notice` says why a value that is sent should be looked at.
    """

    point: Point
    at: int
    value: Decimal | None = None
    problem: Problem | None = None
    raw: str = ""
    unit: str = ""
    flags: tuple[str, ...] = ()
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Exchange:
    """An operator's word that the meter behind a counter was exchanged: when, who said it, and the figures.

    Figures are in the counter's own unit: after the object's scale, before the mapping's multiplier.
    """

    meter: str
    point: str
    """Names the point's memory."""
    old_final: Decimal
    new_start: Decimal
    continues: bool
    """An index goes on from where the old meter ended."""
    at: int
    """Readings before this instant are the old meter's."""
    told_at: int
    told_by: str
    number: int = 0
    """Counts up over all meters; 0 until it is recorded."""
    withdrawn_at: int | None = None
    """When it was taken back, or another word took its place, before a reading had taken it in."""


class Origin(StrEnum):
    """How a packet came about; the day report counts them apart."""

    LIVE = "live"
    HEALED = "healed"
    PUSHED = "pushed"


@dataclass(frozen=True, slots=True)
class Packet:
    """What is sent, once and for all: `body` is the one line of JSON, bytes on the wire after UTF-8 encoding.

    `instant` orders it; `day` is the building's local date (`2026-03-29`) that it is counted under.
    """

    queue: Queue
    instant: int
    day: str
    body: str
    origin: Origin = Origin.LIVE


class AcceptedBy(StrEnum):
    """How we know that the platform has a packet."""

    ANSWER = "answered 200"
    READ_BACK = "read back"


@dataclass(frozen=True, slots=True)
class Retry:
    """A queue's delivery state; outlives a restart. `next_attempt` is an instant, clamped by the reader."""

    attempts: int = 0
    """Failures in a row of the same kind."""
    next_attempt: int = 0
    reason: str = ""
    kind: str = ""
    """What the failures have in common, in delivery's words; another kind is counted from one."""


@dataclass(frozen=True, slots=True)
class Hole:
    """A due slot without a packet."""

    reason: HoleReason
    detail: str = ""
    readings: tuple[Reading, ...] = dataclasses.field(default=(), compare=False)
