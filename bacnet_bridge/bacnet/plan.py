"""What a meter's points need in every slot, worked out once; and what a slot's readings are put together to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from bacnet_bridge.bacnet.device import Device
from bacnet_bridge.bacnet.facts import DeviceFacts, Version
from bacnet_bridge.bacnet.pins import condition_point, pin_key
from bacnet_bridge.bacnet.rule import Facts, Rule, rule_of
from bacnet_bridge.bacnet.value import Measured
from bacnet_bridge.model import Meter, Point, Problem, PropertyRef, Reading
from bacnet_bridge.vocabulary.objects import RELIABILITY, STATUS_FLAGS, ObjectId


class Gathering(NamedTuple):
    """A meter, read once: a reading per point, in the order of `Meter.points`.

    The points' memory goes with what becomes of the slot, so that a difference's base moves only with a packet that
    was really put. `memory` is to be committed in the packet's own transaction and is the meter's memory from then
    on (guarantee 4); where no packet was put, `unsent` is handed to the next `read` instead, from RAM.
    """

    readings: tuple[Reading, ...]
    memory: Mapping[str, str]
    unsent: Mapping[str, str]


@dataclass(slots=True)
class Guard:
    """The object of a point's `valid_when`: one that became another one says nothing of the point."""

    point: Point
    pin: str
    facts: Facts | None = None


@dataclass(slots=True)
class Track:
    """One point, slot after slot: where its answers stand, and what was worked out of its object's facts."""

    point: Point
    pin: str
    key: str
    """Names its memory."""
    present: int
    flags: int
    beside: tuple[tuple[PropertyRef, int], ...]
    """What else its value depends on, and where that stands."""
    guard: Guard | None = None
    facts: Facts | None = None
    rule: Rule = field(init=False)
    """There once there are facts."""
    pinned: bool = False
    """These very facts agree with its pin."""
    notice: str = ""
    """Why its newest value should be looked at, as the log was told."""


@dataclass(slots=True)
class Plan:
    """For one meter. What was worked out holds while the facts' version is `version`, and until `until` at most."""

    meter: Meter
    device: Device
    facts: DeviceFacts
    refs: tuple[PropertyRef, ...]
    objects: tuple[ObjectId, ...]
    tracks: tuple[Track, ...]
    remembering: tuple[int, ...]
    """Which of them have a memory."""
    told: tuple[PropertyRef, ...]
    """Those that the device is to tell by itself."""
    summed: bool
    """Several points make up one value."""
    version: Version | None = None
    until: float = 0.0
    plain: bool = False
    """Each of its points is its object's number, whatever was read before and beside it."""

    def settle(self) -> None:
        """Take over what is known of the objects now."""
        self.version, self.until = self.facts.version(), self.facts.until(self.objects)
        for track in self.tracks:
            if track.guard is not None:
                track.guard.facts = self.facts.of(track.guard.point.source.object)
            facts = self.facts.of(track.point.source.object)
            if facts is not track.facts:
                track.facts, track.pinned = facts, False
                if facts is not None:
                    track.rule = rule_of(track.point, facts)
        self.plain = not self.summed and all(each.facts and each.rule.plain and not each.beside for each in self.tracks)

    def gathering(self, memory: Mapping[str, str], measured: Sequence[Measured]) -> Gathering:
        """A slot's readings, their problems naming the device, and the memory that goes on from here."""
        readings = [
            each.reading if (problem := each.reading.problem) is None else self._named(each.reading, problem)
            for each in measured
        ]
        if not self.remembering:
            return Gathering(tuple(readings), memory, memory)
        kept, unsent = {**memory}, {**memory}
        for index in self.remembering:
            key, each = self.tracks[index].key, measured[index]
            if each.memory is not None:
                kept[key] = each.memory
            if each.unsent is not None:
                unsent[key] = each.unsent
        return Gathering(tuple(readings), kept, unsent)

    def _named(self, reading: Reading, problem: Problem) -> Reading:
        return reading._replace(problem=replace(problem, detail=f"device {self.meter.device}, {problem.detail}"))


def plan_of(meter: Meter, device: Device, facts: DeviceFacts) -> Plan:
    """Of a meter, its device, and what is known of the device's objects."""
    about = [(point.source, PropertyRef(point.source.object, STATUS_FLAGS), *_beside(point)) for point in meter.points]
    refs = tuple(dict.fromkeys(ref for each in about for ref in each))
    at = {ref: index for index, ref in enumerate(refs)}
    tracks = tuple(
        Track(
            point,
            pin_key(meter, point),
            memory_key(meter, point),
            at[present],
            at[flags],
            tuple((ref, at[ref]) for ref in beside),
            _guard(meter, point),
        )
        for point, (present, flags, *beside) in zip(meter.points, about, strict=True)
    )
    return Plan(
        meter,
        device,
        facts,
        refs,
        objects=tuple(
            dict.fromkeys(
                each.source.object
                for point in meter.points
                for each in (point, condition_point(point))
                if each is not None
            )
        ),
        tracks=tracks,
        remembering=tuple(index for index, point in enumerate(meter.points) if point.remembers),
        told=tuple(point.source for point in meter.points if point.cov),
        summed=meter.single and len(meter.points) > 1,
    )


def _guard(meter: Meter, point: Point) -> Guard | None:
    condition = condition_point(point)
    return None if condition is None else Guard(condition, pin_key(meter, condition))


def memory_key(meter: Meter, point: Point) -> str:
    """Names the point's memory: another device's object of the same name is another point."""
    return f"{meter.device} {point.key}"


def _beside(point: Point) -> tuple[PropertyRef, ...]:
    refs = (PropertyRef(point.source.object, RELIABILITY),) if point.asks_reliability else ()
    return refs if point.valid_when is None else (*refs, point.valid_when.source)
