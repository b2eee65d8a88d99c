"""Reads meters: what a meter's points need of its device, asked in one gathering, becomes readings."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bacnet_bridge.bacnet.answer import Answer
from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.device import Answers, Device, UnheardError, UnreadableError
from bacnet_bridge.bacnet.discover import Directory
from bacnet_bridge.bacnet.facts import FactBook, absent, fact_refs
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.pacing import Gate, Limits
from bacnet_bridge.bacnet.pins import Pins, pin_key
from bacnet_bridge.bacnet.profile import Profile, document, from_document
from bacnet_bridge.bacnet.value import Measured, measure, of_one_unit
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import Meter, Point, Problem, PropertyRef, Reading
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import RELIABILITY, STATUS_FLAGS, ObjectId


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
class _Plan:
    """What a meter's points need in every slot."""

    meter: Meter
    device: Device
    refs: tuple[PropertyRef, ...]
    objects: tuple[ObjectId, ...]
    pins: tuple[str, ...]
    memories: tuple[str, ...]
    flags: tuple[PropertyRef, ...]


class Reader:
    """Reads any number of meters side by side; per device one request is in flight."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        bindings: Kept | None = None,
        pins: Kept | None = None,
        profiles: Kept | None = None,
        limits: Limits | None = None,
    ) -> None:
        """What is kept from an earlier run: where the devices were, what their objects were, what they could do."""
        self._client = client
        self._clock = clock
        self._kept = [kept for kept in (bindings, pins, profiles) if kept is not None]
        self._profiles = profiles or Kept()
        self._directory = Directory(client, clock, bindings)
        self._directory.on_restart(self._restarted)
        self._devices: dict[tuple[int, str | None], Device] = {}
        self._by_instance: dict[int, list[Device]] = {}
        self._gate = Gate(limits)
        client.on_i_am(lambda i_am: self._heard(i_am.instance))
        self._plans: dict[str, _Plan] = {}
        self._facts = FactBook(clock)
        self._pins = Pins(pins or Kept())

    @property
    def attention(self) -> tuple[str, ...]:
        """What an operator should know of devices, beside what stands in the readings: sentences."""
        return self._directory.attention

    async def warm(self, meters: Iterable[Meter]) -> None:
        """Bind the devices of the whole mapping and learn the facts, so that the first slots need not.

        Trouble shows in `read`. Pins of points that are mapped no longer, or otherwise, are forgotten.
        """
        mapped = list(meters)
        if mapped:
            self._pins.only(mapped)
        await asyncio.gather(*(self.read(meter, {}) for meter in mapped))

    async def read(self, meter: Meter, memory: Mapping[str, str]) -> Gathering:
        """Read all points of a meter, together with whatever else is due from its device at this moment.

        Never raises for a device's trouble: it stands as a Problem in the readings. `memory` is by device and
        `Point.key`: another device's counter does not go on where the first one's ended.
        """
        plan = self._plan(meter)
        try:
            answers = await self._answers(plan)
        except ReadError as error:
            reason = HoleReason.SILENT if isinstance(error, DeviceSilentError) else HoleReason.REFUSED
            return self._nothing(meter, memory, Problem(reason, str(error)))
        at = self._clock.wall()
        if len(answers) > len(plan.refs):
            self._facts.learn(plan.device, plan.objects, answers)
        measured = of_one_unit(
            [
                self._measure(plan.device, point, pin, at, answers, answers[flags], memory.get(key))
                for point, pin, flags, key in zip(meter.points, plan.pins, plan.flags, plan.memories, strict=True)
            ]
        )
        self._settle(plan, measured)
        return Gathering(
            tuple(_naming(meter.device, each.reading) for each in measured),
            _memory(memory, plan.memories, [each.memory for each in measured]),
            _memory(memory, plan.memories, [each.unsent for each in measured]),
        )

    async def accept(self, instance: int, wanted: ObjectId | None = None) -> tuple[str, ...]:
        """An operator's word: what is held of the device, or of one object of it, is right as it is now.

        Without `wanted`, another device that claims the instance is taken for it, too. What was accepted, as
        sentences, once it is on disk; none where nothing was held.
        """
        accepted = self._pins.accept(instance, wanted)
        if wanted is None:
            accepted += self._directory.accept(instance)
        await self._flush()
        return tuple(accepted)

    async def stop(self) -> None:
        """End what is in flight. To be called before the client's stop."""
        await self._directory.stop()
        await asyncio.gather(*(device.stop() for device in self._devices.values()))
        await self._flush()

    @property
    def profiles(self) -> list[Profile]:
        """What was learned of each device that is read, by instance."""
        return sorted((device.profile for device in self._devices.values()), key=lambda each: each.instance)

    def try_silent(self) -> None:
        """To be called every minute or so: silent devices of which nothing is due are tried all the same."""
        for device in self._devices.values():
            device.try_if_due()

    def keep_profiles(self) -> None:
        """Have what was learned of the devices written soon."""
        for device in self._devices.values():
            self._profiles.put(device.key, document(device.profile))

    async def _flush(self) -> None:
        self.keep_profiles()
        for kept in self._kept:
            await kept.flush()

    def _heard(self, instance: int) -> None:
        for device in self._by_instance.get(instance, ()):
            device.heard()

    def _restarted(self, instance: int) -> None:
        for device in self._devices.values():
            if device.instance == instance:
                self._facts.heard(device)

    def _plan(self, meter: Meter) -> _Plan:
        plan = self._plans.get(meter.id)
        if plan is None or plan.meter is not meter:
            refs = [
                (point.source, PropertyRef(point.source.object, STATUS_FLAGS), *_beside(point))
                for point in meter.points
            ]
            plan = self._plans[meter.id] = _Plan(
                meter,
                self._device(meter),
                tuple(dict.fromkeys(ref for each in refs for ref in each)),
                tuple(dict.fromkeys(point.source.object for point in meter.points)),
                tuple(pin_key(meter, point) for point in meter.points),
                tuple(f"{meter.device} {point.key}" for point in meter.points),
                tuple(each[1] for each in refs),
            )
        return plan

    def _device(self, meter: Meter) -> Device:
        """By instance and address: two sites behind two addresses may have one instance (guarantee 4)."""
        at = meter.device, meter.address
        if at not in self._devices:
            device = Device(*at, self._client, self._directory, self._clock, self._gate)
            device.profile = from_document(self._profiles.get(device.key) or {}) or device.profile
            self._devices[at] = device
            self._by_instance.setdefault(meter.device, []).append(device)
        return self._devices[at]

    async def _answers(self, plan: _Plan) -> Answers:
        """With the facts that are not known; once more where the known ones became doubtful meanwhile."""
        while True:
            age = self._facts.renewed(plan.device)
            wanted = self._facts.wanted(plan.device, plan.objects)
            answers = await self._read(plan, wanted)
            self._facts.check_revision(plan.device, answers)
            if self._facts.renewed(plan.device) == age:
                return answers

    async def _read(self, plan: _Plan, more: Sequence[PropertyRef]) -> Answers:
        refs = (*plan.refs, *more) if more else plan.refs  # the very same ones: what was worked out for them is kept
        return dict(zip(refs, await plan.device.read(refs, plan.meter.tolerance), strict=True))

    def _nothing(self, meter: Meter, memory: Mapping[str, str], problem: Problem) -> Gathering:
        at = self._clock.wall()
        return Gathering(tuple(Reading(point, at, problem=problem) for point in meter.points), {**memory}, {**memory})

    def _settle(self, plan: _Plan, measured: Sequence[Measured]) -> None:
        """A good value pins its point; an object that was refused is asked anew what it is: it may be mended."""
        for point, pin, each in zip(plan.meter.points, plan.pins, measured, strict=True):
            problem = each.reading.problem
            facts = self._facts.of(plan.device, point.source.object)
            if facts is not None and (problem is None or problem.reason is HoleReason.FIRST):
                self._pins.pin(pin, facts)
            if problem is not None:
                self._facts.doubt(plan.device, point.source.object)

    def _measure(
        self, device: Device, point: Point, pin: str, at: int, answers: Answers, flags: Answer, memory: str | None
    ) -> Measured:
        facts = self._facts.of(device, point.source.object)
        present = answers[point.source]
        if isinstance(present, UnreadableError):
            return _refused(point, at, present, memory)
        if isinstance(flags, UnreadableError) and not absent(flags):
            return _refused(point, at, flags, memory)
        beside = {ref: answers[ref] for ref in _beside(point)}
        for answer in beside.values():
            if isinstance(answer, UnreadableError) and not absent(answer):
                return _refused(point, at, answer, memory)
        if facts is None:
            said = [answers[ref] for ref in fact_refs(point.source.object)]
            cause = next(fact for fact in said if isinstance(fact, UnreadableError) and not absent(fact))
            return _refused(point, at, cause, memory)
        if held := self._pins.held(pin, point, facts):
            return _refused(point, at, f"{point.source}: {held}", memory)
        known = {ref: answer for ref, answer in beside.items() if isinstance(answer, Datum)}
        return measure(point, at, present, flags if isinstance(flags, Datum) else None, facts, memory, known)


def _beside(point: Point) -> tuple[PropertyRef, ...]:
    """What else the point's value depends on."""
    refs = (PropertyRef(point.source.object, RELIABILITY),) if point.asks_reliability else ()
    return refs if point.valid_when is None else (*refs, point.valid_when.source)


def _refused(point: Point, at: int, cause: UnreadableError | str, memory: str | None) -> Measured:
    reason = HoleReason.SILENT if isinstance(cause, UnheardError) else HoleReason.REFUSED
    detail = cause if isinstance(cause, str) else cause.detail
    return Measured(Reading(point, at, problem=Problem(reason, detail)), memory, memory)


def _naming(device: int, reading: Reading) -> Reading:
    if reading.problem is None:
        return reading
    return replace(reading, problem=replace(reading.problem, detail=f"device {device}, {reading.problem.detail}"))


def _memory(before: Mapping[str, str], keys: Sequence[str], texts: Sequence[str | None]) -> dict[str, str]:
    kept = dict(before)
    kept.update({key: text for key, text in zip(keys, texts, strict=True) if text is not None})
    return kept
