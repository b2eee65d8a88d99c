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
from bacnet_bridge.bacnet.value import Facts, Measured, measure, scale_of
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


class Reader:
    """Reads any number of meters side by side; per device one request is in flight."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._directory = Directory(client)
        self._devices: dict[int, Device] = {}
        self._slots = asyncio.Semaphore(_IN_FLIGHT)
        self._facts: dict[tuple[int, ObjectId], tuple[int, Facts]] = {}

    async def warm(self, meters: Iterable[Meter]) -> None:
        """Bind the devices and learn the facts, so that the first slots need not. Trouble shows in `read`."""
        await asyncio.gather(*(self.read(meter, {}) for meter in meters))

    async def read(self, meter: Meter, memory: Mapping[str, str]) -> Gathering:
        """Read all points of a meter, together with whatever else is due from its device at this moment.

        Never raises for a device's trouble: it stands as a Problem in the readings. `memory` is by `Point.key`.
        """
        device = self._device(meter.device)
        try:
            answers = await self._answers(meter, device)
        except ReadError as error:
            reason = HoleReason.SILENT if isinstance(error, DeviceSilentError) else HoleReason.REFUSED
            return self._nothing(meter, memory, Problem(reason, str(error)))
        at = self._clock.wall()
        self._learn(meter, device, answers)
        measured = [self._measure(meter, point, at, answers, memory.get(point.key)) for point in meter.points]
        return Gathering(
            tuple(each.reading for each in measured),
            _memory(memory, meter, [each.memory for each in measured]),
            _memory(memory, meter, [each.unsent for each in measured]),
        )

    async def stop(self) -> None:
        """End what is in flight. To be called before the client's stop."""
        await asyncio.gather(*(device.stop() for device in self._devices.values()))

    def _device(self, instance: int) -> Device:
        if instance not in self._devices:
            self._devices[instance] = Device(instance, self._client, self._directory, self._clock, self._slots)
        return self._devices[instance]

    async def _answers(self, meter: Meter, device: Device) -> Answers:
        """With the facts that are not known; once more where a silence meanwhile made the known ones doubtful."""
        while True:
            silences = device.silences
            answers = await device.read_properties(self._wanted(meter, device), meter.address)
            if device.silences == silences:
                return answers

    def _nothing(self, meter: Meter, memory: Mapping[str, str], problem: Problem) -> Gathering:
        at = self._clock.wall()
        return Gathering(tuple(Reading(point, at, problem=problem) for point in meter.points), {**memory}, {**memory})

    def _wanted(self, meter: Meter, device: Device) -> list[PropertyRef]:
        wanted: list[PropertyRef] = []
        for point in meter.points:
            wanted += [point.source, PropertyRef(point.source.object, STATUS_FLAGS)]
            if self._known(device, point.source.object) is None:
                wanted += _fact_refs(point.source.object)
        return wanted

    def _known(self, device: Device, wanted: ObjectId) -> Facts | None:
        silences, facts = self._facts.get((device.instance, wanted), (-1, None))
        return facts if silences == device.silences else None

    def _learn(self, meter: Meter, device: Device, answers: Answers) -> None:
        """Keep what the objects said of themselves; whatever was refused for the moment is asked again next time."""
        for wanted in {point.source.object for point in meter.points}:
            refs = _fact_refs(wanted)
            if all(ref in answers and _settled(answers[ref]) for ref in refs):
                self._facts[device.instance, wanted] = (device.silences, _facts(wanted, answers))

    def _measure(self, meter: Meter, point: Point, at: int, answers: Answers, memory: str | None) -> Measured:
        facts = self._known(self._device(meter.device), point.source.object)
        present, flags = answers[point.source], answers[PropertyRef(point.source.object, STATUS_FLAGS)]
        if isinstance(present, ReadError):
            return _refused(point, at, present, memory)
        if isinstance(flags, ReadError) and not _absent(flags):
            return _refused(point, at, flags, memory)
        if facts is None:
            causes = [answers[ref] for ref in _fact_refs(point.source.object) if ref in answers]
            return _refused(point, at, next(cause for cause in causes if not _settled(cause)), memory)
        measured = measure(point, at, present, flags if isinstance(flags, Datum) else None, facts, memory)
        return replace(measured, reading=_naming(meter.device, measured.reading))


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
        str(name.value) if isinstance(name, Datum) and name.kind is Kind.TEXT else None,
        unit_by_code(units.value) if isinstance(units, Datum) and isinstance(units.value, int) else None,
        scale_of(scale) if isinstance(scale, Datum) else Decimal(1),
    )


def _settled(answer: Datum | ReadError) -> bool:
    return isinstance(answer, Datum) or _absent(answer)


def _absent(error: ReadError) -> bool:
    """The device says that it has no such thing, as opposed to being busy."""
    return isinstance(error, UnreadableError) and error.code == UNKNOWN_PROPERTY


def _refused(point: Point, at: int, cause: Datum | ReadError, memory: str | None) -> Measured:
    return Measured(Reading(point, at, problem=Problem(HoleReason.REFUSED, str(cause))), memory, memory)


def _naming(device: int, reading: Reading) -> Reading:
    if reading.problem is None:
        return reading
    return replace(reading, problem=replace(reading.problem, detail=f"device {device}, {reading.problem.detail}"))


def _memory(before: Mapping[str, str], meter: Meter, texts: list[str | None]) -> dict[str, str]:
    kept = dict(before)
    kept.update({point.key: text for point, text in zip(meter.points, texts, strict=True) if text is not None})
    return kept
