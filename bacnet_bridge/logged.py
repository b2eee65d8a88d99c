"""What a device's trend log recorded, as the bridge knows it. Instants are UTC integer milliseconds.

Everything here is already put right: an instant is ours, whatever the device's clock showed; where that cannot be
known there is no record, and `LogReading.doubts` says so. Values are exact and still raw: a point's scale, unit and
flag rules come later. Records are tuples: a week of them is read for hundreds of meters at once.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId


class Recorded(NamedTuple):
    """A value (clause 12.25.14). `kind` is the wire's: real, unsigned, integer, enumerated, boolean, null, bit string …

    `number` is exact, a Real's the shortest decimal that reads back the same; a state's is its number, a boolean's 0 or
    1. None for what is no number, null and not finite ones among it: `text` shows it to people.
    """

    kind: str
    number: Decimal | None
    text: str


class Failed(NamedTuple):
    """The device could not read what it logs: BACnet's error class and code, and its name."""

    error_class: int
    code: int
    text: str


class LogStatus(StrEnum):
    """What happened to the log, as it wrote down itself (BACnetLogStatus, clause 21)."""

    DISABLED = "log-disabled"
    PURGED = "buffer-purged"
    INTERRUPTED = "log-interrupted"


class Happened(NamedTuple):
    """A log-status record; empty: the log was enabled."""

    status: frozenset[LogStatus]


class ClockChanged(NamedTuple):
    """The device's clock was set, by so many seconds forward; 0 where the device does not say by how many.

    The record's instant is right all the same.
    """

    seconds: Decimal


Content = Recorded | Failed | Happened | ClockChanged


class LogRecord(NamedTuple):
    """One record. Instants never fall in the log's own order, but two may be equal."""

    instant: int
    within: int
    """Milliseconds by which the instant may be wrong, to either side."""
    sequence: int
    """Counts up by one per record, from 1; 2³² − 1 is followed by 1 (clause 12.25.16). Where the device does not number
    its records, by their place in what was read: then it says nothing of another reading.
    """
    content: Content
    flags: tuple[str, ...] | None = None
    """Status flags raised when it was recorded: `fault`, `out-of-service` …; None where the log keeps none."""


@dataclass(frozen=True, slots=True)
class LoggedProperty:
    """What a log records."""

    object: ObjectId
    property: int
    index: int | None = None
    device: int | None = None
    """The object's device; None for the log's own."""

    def is_of(self, source: PropertyRef, device: int) -> bool:
        """It is this property, of the log's own `device`."""
        here = self.device in {None, device}
        return here and (self.object, self.property, self.index) == (source.object, source.property, source.index)

    def told(self, device: int) -> str:
        """For people, to whom the log's own `device` goes without saying."""
        where = "" if self.device in {None, device} else f" of device {self.device}"
        return f"{PropertyRef(self.object, self.property, self.index)}{where}"


@dataclass(frozen=True, slots=True)
class ClockMark:
    """What the device's clock was off, at one moment; kept, it tells the clock's past, which the device cannot."""

    at: int
    offset: int
    """Milliseconds that the device's local time, read as if it were UTC, is ahead of UTC: zone, summer time, error."""
    within: int
    """Milliseconds by which `offset` may be wrong, to either side: half the round trip, and how coarse the clock is."""
    sequence: int | None = None
    """The log's newest record at that moment; None where the device does not number its records."""


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What a log says of itself, and what is known of the clock that it goes by."""

    log: ObjectId
    members: tuple[LoggedProperty | None, ...]
    """What it records: one for a Trend Log, a column each for a Trend Log Multiple; None for an unused column."""
    interval: int | None
    """Milliseconds between records; None where it logs by change of value, or when it is triggered."""
    enabled: bool | None
    buffer: int | None
    """Records that it can hold."""
    records: int
    """Records that it holds."""
    total: int | None
    """Records that it ever made: the number of the newest one; None where the device does not count."""
    stops_when_full: bool | None
    clock: ClockMark
    utc_offset: int | None = None
    """Minutes that its zone is behind UTC, as it says itself (clause 12.11.26; some devices have the sign wrong)."""
    summer_time: bool | None = None
    """Whether its clock is on summer time, as it says itself."""

    @property
    def writes(self) -> bool:
        """It goes on recording, as far as it says."""
        return self.enabled is not False and not full(self.records, self.buffer, stops=self.stops_when_full)


def full(records: int, buffer: int | None, *, stops: bool | None) -> bool:
    """A log that stops when it is full has stopped."""
    return bool(stops) and buffer is not None and records >= buffer


@dataclass(frozen=True, slots=True)
class LogReading:
    """What was read of a log: one list per member, oldest first."""

    facts: LogFacts
    members: tuple[tuple[LogRecord, ...], ...]
    """As `facts.members`. Status and clock records stand in each of the lists."""
    whole: bool
    """Nothing is missing back to the instant that was asked for; False: the log does not reach so far back, or `doubts`
    says what is missing.
    """
    requests: int
    doubts: tuple[str, ...] = ()
    """Sentences: records whose instant cannot be known, and are left out; what made no sense …"""
    newest: bool = True
    """The log's newest record is among them; False: it is left out, and it may say that all is otherwise."""
    cut: bool = False
    """There was no time to read it further back. Whoever asks again is given more."""

    @property
    def upto(self) -> int:
        """When the log was read to its end; where that is left out, the newest record that is not."""
        records = self.members[0] if self.members else ()
        return self.facts.clock.at if self.newest or not records else records[-1].instant
