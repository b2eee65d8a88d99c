"""Reads meters: what a meter's points need of its device, asked in one gathering, becomes readings."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.device import Answers, Device, UnreadableError
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.rpm import UNKNOWN_PROPERTY
from bacnet_bridge.bacnet.value import Facts, Measured, measure, of_one_unit, scale_of
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import Meter, Point, Problem, PropertyRef, Reading
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import OBJECT_NAME, STATUS_FLAGS, UNITS, ObjectId
from bacnet_bridge.vocabulary.units import unit_by_code

_SCALE: Final = 187
_ACCUMULATOR: Final = 23
_UNITLESS: Final = frozenset({3, 4, 5, 13, 14, 19})
"""Binary and multi-state objects: they have no units property."""
_IN_FLIGHT: Final = 256
"""Requests at once, over all devices."""
_FACTS_LAST: Final = 3600.0
"""Seconds until an object is asked anew what it is: its controller may have been loaded anew between two slots."""


@dataclass(frozen=True, slots=True)
class Gathering:
    """A meter, read once: a reading per point, in the order of `Meter.points`.

    The points' memory goes with what becomes of the slot, so that a difference's base moves only with a packet that
    was really put. `memory` is to be committed in the packet's own transaction and is the meter's memory from then
    on (guarantee 4); where no packet was put, `unsent` is handed to the next `read` instead, from RAM.
    """

    readings: tuple[Reading, ...]
    memory: dict[str, str]
    unsent: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Known:
    """Facts that hold while the device has not been silent since; asked for anew from `until` on (monotonic)."""

    facts: Facts
    silences: int
    until: float


class Reader:
    """Reads any number of meters side by side; per device one request is in flight."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._directory = Directory(client)
        self._devices: dict[tuple[int, str | None], Device] = {}
        self._slots = asyncio.Semaphore(_IN_FLIGHT)
        self._facts: dict[tuple[Device, ObjectId], _Known] = {}

    async def warm(self, meters: Iterable[Meter]) -> None:
        """Bind the devices and learn the facts, so that the first slots need not. Trouble shows in `read`."""
        await asyncio.gather(*(self.read(meter, {}) for meter in meters))

    async def read(self, meter: Meter, memory: Mapping[str, str]) -> Gathering:
        """Read all points of a meter, together with whatever else is due from its device at this moment.

        Never raises for a device's trouble: it stands as a Problem in the readings. `memory` is by device and
        `Point.key`: another device's counter does not go on where the first one's ended.
        """
        device = self._device(meter)
        try:
            answers = await self._answers(meter, device)
        except ReadError as error:
            reason = HoleReason.SILENT if isinstance(error, DeviceSilentError) else HoleReason.REFUSED
            return self._nothing(meter, memory, Problem(reason, str(error)))
        at = self._clock.wall()
        self._learn(meter, device, answers)
        measured = of_one_unit(
            [self._measure(device, point, at, answers, memory.get(_key(meter, point))) for point in meter.points]
        )
        self._doubt(device, measured)
        return Gathering(
            tuple(_naming(meter.device, each.reading) for each in measured),
            _memory(memory, meter, [each.memory for each in measured]),
            _memory(memory, meter, [each.unsent for each in measured]),
        )

    async def stop(self) -> None:
        """End what is in flight. To be called before the client's stop."""
        await asyncio.gather(*(device.stop() for device in self._devices.values()))

    def _device(self, meter: Meter) -> Device:
        """By instance and address: two sites behind two addresses may have one instance (guarantee 4)."""
        at = meter.device, meter.address
        if at not in self._devices:
            self._devices[at] = Device(*at, self._client, self._directory, self._clock, self._slots)
        return self._devices[at]

    async def _answers(self, meter: Meter, device: Device) -> Answers:
        """With the facts that are not known; once more where a silence meanwhile made the known ones doubtful."""
        while True:
            silences = device.silences
            answers = await device.read_properties(self._wanted(meter, device))
            if device.silences == silences:
                return answers

    def _nothing(self, meter: Meter, memory: Mapping[str, str], problem: Problem) -> Gathering:
        at = self._clock.wall()
        return Gathering(tuple(Reading(point, at, problem=problem) for point in meter.points), {**memory}, {**memory})

    def _wanted(self, meter: Meter, device: Device) -> list[PropertyRef]:
        wanted: list[PropertyRef] = []
        for point in meter.points:
            wanted += [point.source, PropertyRef(point.source.object, STATUS_FLAGS)]
            known = self._known(device, point.source.object)
            if known is None or known.until <= self._clock.monotonic():
                wanted += _fact_refs(point.source.object)
        return wanted

    def _known(self, device: Device, wanted: ObjectId) -> _Known | None:
        known = self._facts.get((device, wanted))
        return known if known is not None and known.silences == device.silences else None

    def _learn(self, meter: Meter, device: Device, answers: Answers) -> None:
        """Keep what the objects said of themselves; whatever was refused for the moment is asked again next time."""
        until = self._clock.monotonic() + _FACTS_LAST
        for wanted in {point.source.object for point in meter.points}:
            refs = _fact_refs(wanted)
            if all(ref in answers and _settled(answers[ref]) for ref in refs):
                self._facts[device, wanted] = _Known(_facts(wanted, answers), device.silences, until)

    def _doubt(self, device: Device, measured: Iterable[Measured]) -> None:
        """Ask an object that was refused anew what it is: it may be mended meanwhile."""
        for each in measured:
            wanted = each.reading.point.source.object
            if each.reading.problem is not None and (device, wanted) in self._facts:
                self._facts[device, wanted] = replace(self._facts[device, wanted], until=0)

    def _measure(self, device: Device, point: Point, at: int, answers: Answers, memory: str | None) -> Measured:
        known = self._known(device, point.source.object)
        present, flags = answers[point.source], answers[PropertyRef(point.source.object, STATUS_FLAGS)]
        if isinstance(present, UnreadableError):
            return _refused(point, at, present, memory)
        if isinstance(flags, UnreadableError) and not _absent(flags):
            return _refused(point, at, flags, memory)
        if known is None:
            facts = [answers[ref] for ref in _fact_refs(point.source.object)]
            cause = next(fact for fact in facts if isinstance(fact, UnreadableError) and not _absent(fact))
            return _refused(point, at, cause, memory)
        return measure(point, at, present, flags if isinstance(flags, Datum) else None, known.facts, memory)


def _fact_refs(wanted: ObjectId) -> list[PropertyRef]:
    refs = [PropertyRef(wanted, OBJECT_NAME)]
    if wanted.type not in _UNITLESS:
        refs.append(PropertyRef(wanted, UNITS))
    if wanted.type == _ACCUMULATOR:
        refs.append(PropertyRef(wanted, _SCALE))
    return refs


def _facts(wanted: ObjectId, answers: Answers) -> Facts:
    name = answers[PropertyRef(wanted, OBJECT_NAME)]
    units = answers.get(PropertyRef(wanted, UNITS))
    scale = answers.get(PropertyRef(wanted, _SCALE))
    return Facts(
        str(name.value).strip(" \t\r\n\0") if isinstance(name, Datum) and name.kind is Kind.TEXT else None,
        unit_by_code(units.value) if isinstance(units, Datum) and isinstance(units.value, int) else None,
        scale_of(scale) if isinstance(scale, Datum) else Decimal(1),
    )


def _settled(answer: Datum | UnreadableError) -> bool:
    return isinstance(answer, Datum) or _absent(answer)


def _absent(error: UnreadableError) -> bool:
    """The device says that it has no such thing, as opposed to being busy."""
    return error.code == UNKNOWN_PROPERTY


def _refused(point: Point, at: int, cause: UnreadableError, memory: str | None) -> Measured:
    return Measured(Reading(point, at, problem=Problem(HoleReason.REFUSED, cause.detail)), memory, memory)


def _naming(device: int, reading: Reading) -> Reading:
    if reading.problem is None:
        return reading
    return replace(reading, problem=replace(reading.problem, detail=f"device {device}, {reading.problem.detail}"))


def _key(meter: Meter, point: Point) -> str:
    return f"{meter.device} {point.key}"


def _memory(before: Mapping[str, str], meter: Meter, texts: list[str | None]) -> dict[str, str]:
    kept = dict(before)
    kept.update({_key(meter, point): text for point, text in zip(meter.points, texts, strict=True) if text is not None})
    return kept
