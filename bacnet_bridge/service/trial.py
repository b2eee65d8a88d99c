"""What a meter's logs would make of some slots, for `backfill --dry-run`: read now, put nowhere.

The rules are those of healing, slot by slot. Only what joins a gap's ends is not tried: that needs the memory of the
live side before and after a gap that was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from bacnet_bridge.backfill.place import Value
from bacnet_bridge.backfill.strand import Measured, Strand
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import moment_of
from bacnet_bridge.errors import BridgeError, DeviceSilentError, ReadError
from bacnet_bridge.logged import LogReading
from bacnet_bridge.model import Account, LogColumn, Meter, Point, Queue
from bacnet_bridge.packet.build import packet_of, whole_fields
from bacnet_bridge.packet.wire import number
from bacnet_bridge.service.clock_marks import ClockMarks, logs_of
from bacnet_bridge.service.log_strands import Readings, strands_of
from bacnet_bridge.vocabulary.objects import ObjectId
from bacnet_bridge.vocabulary.slots import due, grid

MOST: Final = 50_000
"""Slots that are tried at once: half a year at five minutes."""


@dataclass(frozen=True, slots=True)
class FieldTried:
    """One field in one slot. Either a value, from the record of `recorded`, or why there is none."""

    field: str
    log: str
    recorded: int | None
    """The record's instant; of the earlier one where it lies between two."""
    how: str
    """By which rule."""
    raw: str
    value: str | None
    unit: str
    why: str


@dataclass(frozen=True, slots=True)
class SlotTried:
    """Either the line that would be sent, or why the slot stays a hole."""

    slot: int
    body: str
    why: str
    fields: tuple[FieldTried, ...]


@dataclass(frozen=True, slots=True)
class LogTried:
    """One log: what it cost, and what is to be known of it."""

    log: str
    requests: int
    records: int
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trial:
    """In the order of time; `unlogged` are the meter's fields without a log."""

    slots: tuple[SlotTried, ...]
    logs: tuple[LogTried, ...]
    unlogged: tuple[str, ...]


async def try_backfill(reader: Reader, meter: Meter, first: int, last: int, marks: ClockMarks) -> Trial:
    """The meter's slots from `first` to `last`, both included; `marks` are earlier looks at the logs' clocks.

    Raises BridgeError where it has no log or no slot; DeviceSilentError.
    """
    slots = slots_of(meter, first, last)
    readings, told = await _read(reader, meter, slots, marks)
    await reader.read(meter, {})  # what its objects are
    rules = reader.rules(meter)
    begun = [slots[0] - 1000 * meter.interval, *slots]  # a difference begins with the slot before
    strands = strands_of(meter, rules, begun, readings)
    unknown = [point.source for point, rule in zip(meter.points, rules, strict=True) if point.backfill and rule is None]
    if unknown:
        raise BridgeError(
            f"device {meter.device} does not say what {unknown[0].object} is now: `check --live` says more"
        )
    fields = dict.fromkeys(point.field for point in meter.points)
    logged = {strand.point.field for strand in strands}
    unlogged = tuple(field for field in fields if field not in logged)
    return Trial(tuple(_walked(meter, strands, begun)[1:]), told, unlogged)


def marks_from(table: Mapping[str, Mapping[str, Any]]) -> ClockMarks:
    """Of the state folder's file, as a command read it; nothing is written."""
    kept = Kept()
    for key, entry in table.items():
        kept.put(key, entry)
    return ClockMarks(kept)


def document(trial: Trial) -> dict[str, Any]:
    """For the control door, and for other programs."""
    return asdict(trial)


def slots_of(meter: Meter, first: int, last: int) -> range:
    """The meter's, both ends included. Raises BridgeError where nothing can be tried."""
    if not any(point.backfill for point in meter.points):
        raise BridgeError(
            f"{meter.name!r} has no backfill: name its objects' trend logs in the mapping (docs/backfill.md)"
        )
    slots = due(grid(meter.interval, meter.zone, moment_of(first).year), first - 1, last)
    if not slots:
        raise BridgeError(f"{meter.name!r} has no slot in that time: its interval is {meter.interval} s")
    if len(slots) > MOST:
        raise BridgeError(f"that are {len(slots)} slots: name a time with {MOST} at most")
    return slots


async def _read(reader: Reader, meter: Meter, slots: range, marks: ClockMarks) -> tuple[Readings, tuple[LogTried, ...]]:
    """Each log once, from before the first slot on."""
    since = slots[0] - 2000 * meter.interval  # the last record before that comes along
    logs, readings = reader.logs(meter), dict[ObjectId, LogReading | str]()
    for log in logs_of(meter):
        try:
            readings[log] = await logs.read(log, since, ZoneInfo(meter.zone), marks.of(meter, log))
        except DeviceSilentError:
            raise
        except ReadError as error:
            readings[log] = str(error)
    return readings, tuple(_log_tried(log, reading) for log, reading in readings.items())


def _log_tried(log: ObjectId, reading: LogReading | str) -> LogTried:
    if isinstance(reading, str):
        return LogTried(str(log), 0, 0, (reading,))
    return LogTried(str(log), reading.requests, max(map(len, reading.members), default=0), reading.doubts)


def _walked(meter: Meter, strands: Sequence[Strand], slots: Sequence[int]) -> list[SlotTried]:
    """Slot after slot, as if each had its packet; counters go on from what the slot before left."""
    queue = Queue(Account("", meter.account), meter.id)
    memory: dict[str, str | None] = {}
    found = []
    for slot in slots:
        steps = [strand.step(slot, memory.get(strand.key)) for strand in strands]
        memory = {strand.key: step.memory for strand, step in zip(strands, steps, strict=True)}
        found.append(_slot_tried(meter, queue, slot, strands, steps))
    return found


def _slot_tried(
    meter: Meter, queue: Queue, slot: int, strands: Sequence[Strand], steps: Sequence[Measured]
) -> SlotTried:
    fields, problems = whole_fields(meter, [step.reading for step in steps])
    told = tuple(_field_tried(strand, step, slot) for strand, step in zip(strands, steps, strict=True))
    if not fields or (meter.require_all and problems):
        logged = {strand.point.field for strand in strands}
        said = [problem.detail for key, problem in problems if key in logged]
        said += [f"{key} has no log, and all fields are demanded" for key, _ in problems if key not in logged]
        return SlotTried(slot, "", said[0], told)
    return SlotTried(slot, packet_of(meter, queue, slot, fields).body, "", told)


def _field_tried(strand: Strand, step: Measured, slot: int) -> FieldTried:
    reading, placed = step.reading, strand.placed.get(slot)
    at, how = (placed.at, placed.how.value) if isinstance(placed, Value) else (None, "")
    value = None if reading.value is None else number(reading.value)
    why = "" if reading.problem is None else reading.problem.detail
    unit = strand.point.required_unit or reading.unit
    return FieldTried(strand.point.field, _source(strand.point), at, how, reading.raw, value, unit, why)


def _source(point: Point) -> str:
    column: LogColumn | None = None if point.backfill is None else point.backfill.source
    return str(column or "")
