"""What the mapped trend logs say of themselves now, and their newest record: for `check --live`, through the door too.

Each log is asked once, whoever names it: a few questions, in turn with all others to its device. Nothing is kept.
"""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.bacnet.trend import Logs
from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.errors import ReadError
from bacnet_bridge.logged import Failed, LoggedProperty, LogReading, LogRecord, Recorded
from bacnet_bridge.model import Meter
from bacnet_bridge.service.clock_marks import logs_of
from bacnet_bridge.vocabulary.objects import ObjectId

_LATELY: Final = 120_000
"""Milliseconds of which records are read; the last one before them comes along."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The newest record of a column that tells of the logged object. `instant` is ours."""

    instant: int
    flagged: bool
    """It bears status flags, raised or not."""
    failed: str = ""
    """Why the device could not read what it logs."""


@dataclass(frozen=True, slots=True)
class LogSeen:
    """One log of one device. With `why` nothing else is known. Lengths and instants in milliseconds."""

    device: int
    address: str | None
    """As the mapping says it."""
    log: ObjectId
    why: str = ""
    """The log cannot be had, or its clock cannot be known: a sentence."""
    members: tuple[LoggedProperty | None, ...] = ()
    newest: tuple[Newest | None, ...] = ()
    """By member."""
    interval: int | None = None
    enabled: bool | None = None
    buffer: int | None = None
    records: int = 0
    stops_when_full: bool | None = None
    at: int = 0
    """When its clock was looked at,"""
    ahead: int = 0
    """and what it was ahead of the building's local time."""
    doubts: tuple[str, ...] = ()


async def see_logs(reader: Reader, clock: Clock, meters: Sequence[Meter]) -> tuple[LogSeen, ...]:
    """Every log that the meters name, by device. Never raises for a device's trouble."""
    devices = {(meter.device, meter.address): meter for meter in meters}
    wanted: dict[tuple[int, str | None], dict[ObjectId, None]] = {}
    for meter in meters:
        wanted.setdefault((meter.device, meter.address), {}).update(dict.fromkeys(logs_of(meter)))
    seen = await asyncio.gather(
        *(_of_device(reader.logs(devices[at]), clock, devices[at], logs) for at, logs in wanted.items())
    )
    return tuple(log for device in seen for log in device)


async def _of_device(logs: Logs, clock: Clock, meter: Meter, wanted: Iterable[ObjectId]) -> list[LogSeen]:
    """One after the other: a device has one question at a time anyway."""
    seen = []
    for log in wanted:
        try:
            reading = await logs.read(log, clock.wall() - _LATELY, ZoneInfo(meter.zone), None)
        except ReadError as error:
            seen.append(LogSeen(meter.device, meter.address, log, str(error)))
        else:
            seen.append(_seen(meter, reading))
    return seen


def _seen(meter: Meter, reading: LogReading) -> LogSeen:
    facts, zone = reading.facts, ZoneInfo(meter.zone)
    return LogSeen(
        meter.device,
        meter.address,
        facts.log,
        "",
        facts.members,
        tuple(_newest(records) for records in reading.members),
        facts.interval,
        facts.enabled,
        facts.buffer,
        facts.records,
        facts.stops_when_full,
        facts.clock.at,
        facts.clock.offset - _offset(zone, facts.clock.at),
        reading.doubts,
    )


def _newest(records: Sequence[LogRecord]) -> Newest | None:
    for record in reversed(records):
        if isinstance(record.content, Recorded):
            return Newest(record.instant, record.flags is not None)
        if isinstance(record.content, Failed):
            return Newest(record.instant, True, record.content.text)
    return None


def log_from_document(said: Mapping[str, Any]) -> LogSeen:
    """From what `asdict` made of it, by way of the control door."""
    members = tuple(
        None if each is None else LoggedProperty(**{**each, "object": ObjectId(**each["object"])})
        for each in said["members"]
    )
    newest = tuple(None if each is None else Newest(**each) for each in said["newest"])
    log, doubts = ObjectId(**said["log"]), tuple(said["doubts"])
    return LogSeen(**{**said, "log": log, "members": members, "newest": newest, "doubts": doubts})


def _offset(zone: ZoneInfo, instant: int) -> int:
    """Milliseconds that the zone is ahead of UTC."""
    offset = moment_of(instant).astimezone(zone).utcoffset()
    return 0 if offset is None else round(offset.total_seconds() * 1000)
