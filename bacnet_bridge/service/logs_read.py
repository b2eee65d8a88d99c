"""What one device's logs say in a round of healing: each is read once for all gaps that need it, and not for ever."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from bacnet_bridge.bacnet.rule import Rule
from bacnet_bridge.bacnet.trend import LogRefusedError, Logs
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.logged import LogReading
from bacnet_bridge.model import Meter
from bacnet_bridge.outbox.contract import StoredGap
from bacnet_bridge.service.clock_marks import ClockMarks, logs_of
from bacnet_bridge.service.gap_waits import LAST_CHANCE, GapWaits
from bacnet_bridge.service.log_strands import Readings
from bacnet_bridge.vocabulary.objects import ObjectId

_TURN: Final = 120.0
"""Seconds for which a device's logs are read in one round; then another device's are, where so many are to be read."""


class LogReader(Protocol):
    """What healing needs of `bacnet.reader.Reader`."""

    def logs(self, meter: Meter) -> Logs: ...
    def rules(self, meter: Meter) -> list[Rule | None]: ...
    async def warm(self, meters: Iterable[Meter]) -> None: ...


class LogsRead:
    """`begin` a round, then ask `of` each gap's meter."""

    def __init__(self, reader: LogReader, clock: Clock, marks: ClockMarks, waits: GapWaits) -> None:
        self._reader, self._clock, self._marks, self._waits = reader, clock, marks, waits
        self.silent = ""
        """Why the last round was not gone on with."""
        self._logs: Logs | None = None
        self._read: dict[ObjectId, tuple[int, LogReading | str]] = {}
        """Since when, and what this round read; or the one before, where the device fell silent in it."""
        self._busy: set[ObjectId] = set()
        """Of these, those that were refused, and may be had before long."""
        self._since: dict[ObjectId, int] = {}
        self._turn_ends = 0.0
        """Boot time."""

    def begin(self, held: Sequence[tuple[Meter, StoredGap]]) -> None:
        if not self.silent:
            self._read.clear()
        for log in self._busy:
            self._read.pop(log, None)
        self._busy.clear()
        self.silent, self._turn_ends = "", self._clock.boot() + _TURN
        self._since = {}
        for meter, gap in held:
            for log in logs_of(meter):
                self._since[log] = min(self._since.get(log, gap.first), gap.first - meter.interval * 1000)

    async def of(self, meter: Meter, gap: StoredGap) -> Readings | None:
        """Of the meter's logs; None where the device fell silent."""
        try:
            return {log: await self._reading(meter, gap, log) for log in logs_of(meter)}
        except DeviceSilentError as error:
            self.silent = str(error)
            return None

    def busy(self, meter: Meter) -> bool:
        """One of the meter's logs was refused in this round, and is to be asked again."""
        return not self._busy.isdisjoint(logs_of(meter))

    def forget(self) -> None:
        """What was read is not good enough."""
        self._read.clear()

    async def _reading(self, meter: Meter, gap: StoredGap, log: ObjectId) -> LogReading | str:
        """Raises DeviceSilentError."""
        since = self._since[log]
        begun, reading = self._read.get(log, (since + 1, ""))
        if begun <= since and (isinstance(reading, str) or reading.facts.clock.at >= gap.found):
            return reading
        self._busy.discard(log)
        if self._logs is None:
            self._logs = self._reader.logs(meter)
        try:
            marks, seconds = self._marks.of(meter, log), self._time_for(gap)
            reading = await self._logs.read(log, since, ZoneInfo(meter.zone), marks, seconds)
            self._marks.keep(meter, reading.facts)
        except DeviceSilentError:
            raise
        except ReadError as error:
            reading = str(error)
            if not (isinstance(error, LogRefusedError) and error.final):
                self._busy.add(log)
        if isinstance(reading, str) or not reading.cut:
            self._read[log] = since, reading
        return reading

    def _time_for(self, gap: StoredGap) -> float:
        """Seconds that a log may be read for it: in this round, and before its last chance."""
        return max(0.0, min(self._turn_ends - self._clock.boot(), self._waits.left(gap) - LAST_CHANCE))
