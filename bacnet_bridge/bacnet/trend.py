"""The trend logs of one device: what they are, and what they recorded, at the instants at which it was (ADR 41).

Reads only (guarantee 5), in turn with all other questions to the device. A log is read from its newest record back to
the instant that is wanted; what was read before the device fell silent need not be read again. Guarantee 4 for the
past: an instant is known from the device's clock, measured, or there is no record.
"""

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from bacnet_bridge.bacnet.answer import Answer
from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.device import Device
from bacnet_bridge.bacnet.device_clock import Looked, look
from bacnet_bridge.bacnet.line import Line
from bacnet_bridge.bacnet.log_clock import Known, Shift
from bacnet_bridge.bacnet.log_members import logged_by
from bacnet_bridge.bacnet.log_record import RawRecord
from bacnet_bridge.bacnet.log_time import offsets, shifts_of
from bacnet_bridge.bacnet.log_walk import NUMBERS, LogRefusedError, Walk
from bacnet_bridge.bacnet.logged_records import assemble
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.rpm import UNKNOWN_OBJECT
from bacnet_bridge.bacnet.tags import DecodeError
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError
from bacnet_bridge.logged import ClockMark, LogFacts, LoggedProperty, LogReading
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

T = TypeVar("T")
__all__ = ["LogRefusedError"]  # whoever reads logs catches it from here

_BUFFER, _LOGGED, _ENABLE, _INTERVAL, _STOPS, _TYPE = 126, 132, 133, 134, 144, 197
TREND_LOG: Final = 20
_POLLED: Final = 0
_MOST: Final = 200_000
"""Records that are read of a log at most."""
_RECORD: Final = 22
"""Octets of a Trend Log's record of a Real with its flags."""
_RECORD_HEAD, _COLUMN = 18, 6
"""Of a Trend Log Multiple's: without its columns, and each of those."""
_LOOK_AGAIN: Final = 16
"""Questions after which it is looked whether the clock was another one, where nothing else speaks for having enough."""
_NEAR, _FAR = 10, 2
"""A look at all records is worth it when there are a tenth more than at the last one, or half as many more."""
_FEW: Final = 300
"""Records that are looked through in a few milliseconds."""
_WEEK: Final = 7 * 86_400_000
"""Milliseconds before what is wanted in which a change to summer time may matter."""


class Logs:
    """One coroutine at a time reads a log."""

    def __init__(self, device: Device, client: Client, gate: Gate, clock: Clock) -> None:
        self._device, self._client, self._gate, self._clock = device, client, gate, clock
        self._kept: dict[ObjectId, tuple[int, Mapping[int, RawRecord]]] = {}
        """Of interrupted walks: the log's newest number, and the records."""

    async def facts(self, log: ObjectId) -> LogFacts:
        """What the log says of itself, and what its clock shows. Raises DeviceSilentError, LogRefusedError."""
        refs = [PropertyRef(log, number) for number in (_BUFFER, _LOGGED, _ENABLE, _INTERVAL, _STOPS, _TYPE)]
        said = await self._device.read_properties(refs)
        looked = await look(self._line(), self._clock, log)
        return self._facts(log, said, looked)

    async def read(
        self,
        log: ObjectId,
        since: int,
        zone: ZoneInfo,
        marks: Sequence[ClockMark] | None = (),
        seconds: float = math.inf,
    ) -> LogReading:
        """What was recorded from `since` on, and the last record before it.

        `zone` is the building's, by which clocks are put to summer time; `marks` are earlier looks at this log's clock:
        without one that is older nothing is known of a record of a log of changes. None: no value is taken from the
        log, and its clock is trusted.
        After so many `seconds` what was read until then is given, with a sentence; the next call goes on from there,
        where the log numbers its records (`cut`).
        Raises DeviceSilentError where the device does not answer (any more): the next call goes on from there.
        Raises LogRefusedError where the log, or its clock, cannot be read.
        """
        until = self._clock.boot() + seconds
        facts = await self.facts(log)
        (walk, known), line = self._walk(facts), self._line()
        marks = None if marks is None else _numbered(marks, walk.newest)
        reach = _Reach(walk, facts, since, shifts_of(zone, since - _WEEK, facts.clock.at), marks)
        short = False
        while not walk.finished and not (reach.worth_a_look() and await _beside(len(walk.records), reach.enough)):
            short = len(walk.records) >= _MOST or (walk.lowest < known and self._clock.boot() >= until)
            if short:
                break
            try:
                await walk.step(line)
            except DeviceSilentError:
                self._keep(facts, walk)
                raise
        self._kept.pop(log, None)
        reading = await _beside(len(walk.records), reach.reading)
        return self._cut(reading, walk) if short else reading

    def _cut(self, reading: LogReading, walk: Walk) -> LogReading:
        """There is more in the log."""
        facts = reading.facts
        more = facts.total is not None and len(walk.records) < _MOST
        if more:
            self._keep(facts, walk)
        why = f"{facts.log} was read back by {len(walk.records)} records only: there was no time for more"
        return replace(reading, whole=False, doubts=(*reading.doubts, why), cut=more)

    def _line(self) -> Line:
        """To where the device stands now."""
        return Line(self._client, self._gate, self._clock, self._device.profile)

    def _facts(self, log: ObjectId, said: Mapping[PropertyRef, Answer], looked: Looked) -> LogFacts:
        def value(number: int) -> object:
            answer = said[PropertyRef(log, number)]
            return answer.value if isinstance(answer, Datum) else None

        if looked.records is None:
            cause = said[PropertyRef(log, _BUFFER)]
            raise LogRefusedError(
                f"{log} does not say how many records it holds ({getattr(cause, 'cause', 'no record-count')})",
                final=getattr(cause, "code", None) == UNKNOWN_OBJECT,
            )
        if looked.offset is None:
            raise LogRefusedError(
                f"{log}: the device does not say what time its clock shows (local-date, local-time), so nobody knows "
                "when its records were made",
                final=looked.clockless,
            )
        if looked.records > NUMBERS:
            raise LogRefusedError(f"{log} says that it holds {looked.records} records, which no log can")
        total = looked.total if looked.total and looked.total <= NUMBERS else None
        clock = ClockMark(looked.at, looked.offset, looked.uncertainty, total)
        enabled, stops = value(_ENABLE), value(_STOPS)
        return LogFacts(
            log,
            self._members(log, said[PropertyRef(log, _LOGGED)]),
            _interval(value(_INTERVAL), value(_TYPE)),
            enabled if isinstance(enabled, bool) else None,
            _whole(value(_BUFFER)),
            looked.records,
            total,
            stops if isinstance(stops, bool) else None,
            clock,
            looked.utc_offset,
            looked.summer_time,
        )

    def _members(self, log: ObjectId, said: Answer) -> tuple[LoggedProperty | None, ...]:
        try:
            members = logged_by(said) if isinstance(said, Datum) else None
        except DecodeError as error:
            raise LogRefusedError(f"{log} does not say what it records: its answer makes no sense ({error})") from None
        if members is None or (log.type == TREND_LOG and len(members) != 1):
            cause = "more than one property" if isinstance(said, Datum) else said.cause
            raise LogRefusedError(f"{log} does not say what it records: {cause}")
        return members

    def _walk(self, facts: LogFacts) -> tuple[Walk, int]:
        """And the lowest number that is known before it begins: whatever the time, it comes further back."""
        newest = facts.total or facts.records
        before, kept = self._kept.pop(facts.log, (0, {}))
        columns = len(facts.members)
        octets = _RECORD if facts.log.type == TREND_LOG else _RECORD_HEAD + _COLUMN * columns
        numbered = facts.total is not None
        # A log that counts fewer than before was begun anew.
        kept = kept if numbered and newest >= before else {}
        walk = Walk(facts.log, newest, facts.records, octets, numbered=numbered, kept=kept)
        return walk, min(kept, default=newest + 1)

    def _keep(self, facts: LogFacts, walk: Walk) -> None:
        if facts.total is not None:
            self._kept[facts.log] = facts.total, walk.records


async def _beside(records: int, work: Callable[..., T], *about: object) -> T:
    """What takes long where there are thousands of records: live slots need not wait for it."""
    return work(*about) if records < _FEW else await asyncio.to_thread(work, *about)


class _Reach:
    """How far back a walk came."""

    def __init__(
        self, walk: Walk, facts: LogFacts, since: int, shifts: Sequence[Shift], marks: Sequence[ClockMark] | None
    ) -> None:
        self._walk, self._facts, self._since, self._shifts, self._marks = walk, facts, since, shifts, marks
        self._looked = 0
        """Records that there were when `enough` looked at all of them."""
        self._was_near = False

    def worth_a_look(self) -> bool:
        """Whether `enough` is worth asking. It takes a while where there are thousands, so that it is not each time."""
        if not self._walk.records:
            return False
        near, was_near = self._near(), self._was_near
        self._was_near = near
        more = len(self._walk.records) - self._looked
        if near:
            return not was_near or more > self._looked // _NEAR
        return self._walk.requests >= _LOOK_AGAIN and more > self._looked // _FAR

    def enough(self) -> bool:
        """Whether nothing that is read further back can be wanted."""
        lowest = self._walk.records[self._walk.lowest]
        self._looked = len(self._walk.records)
        clock = self._offsets(sorted(self._walk.records.items()))[0]
        if clock is not None and lowest.local is not None:
            return lowest.local - clock.offset <= self._since
        # Nobody knows when it was made; what is older can only be known by an earlier look at the clock.
        return not any(mark.sequence is not None and mark.sequence < self._walk.lowest for mark in self._marks or ())

    def reading(self) -> LogReading:
        """What was read, at the instants at which it was."""
        records = sorted(self._walk.records.items())
        return assemble(self._facts, records, self._offsets(records), self._since, self._walk.requests + 2)

    def _near(self) -> bool:
        """By the clock as it is now."""
        local = self._walk.records[self._walk.lowest].local
        return local is None or local - self._facts.clock.offset <= self._since

    def _offsets(self, records: Sequence[tuple[int, RawRecord]]) -> list[Known | None]:
        return offsets(records, self._facts.clock, self._marks, self._facts.interval, self._shifts)


def _numbered(marks: Iterable[ClockMark], newest: int) -> list[ClockMark]:
    """Those that say where they belong, by numbers that count down past 1."""
    return [
        mark if mark.sequence <= newest else replace(mark, sequence=mark.sequence - NUMBERS)
        for mark in marks
        if mark.sequence is not None
    ]


def _interval(said: object, how: object) -> int | None:
    """Milliseconds, of hundredths; None where records are made for another reason than the time."""
    if not isinstance(said, int) or said <= 0 or how not in {None, _POLLED}:
        return None
    return 10 * said


def _whole(said: object) -> int | None:
    return said if type(said) is int else None
