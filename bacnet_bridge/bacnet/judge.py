"""What a device's answers are worth: a meter's readings, their problems, and what is pinned and told of them."""

from collections.abc import Mapping, Sequence

import structlog

from bacnet_bridge.bacnet.answer import Answer, UnheardError, UnreadableError
from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.device import Answers
from bacnet_bridge.bacnet.facts import absent, fact_refs
from bacnet_bridge.bacnet.pins import Pins
from bacnet_bridge.bacnet.plan import Gathering, Guard, Plan, Track
from bacnet_bridge.bacnet.rule import Rule
from bacnet_bridge.bacnet.value import Measured, measure, of_one_unit, simply
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import Meter, Point, Problem, Reading
from bacnet_bridge.vocabulary.holes import HoleReason

_log = structlog.get_logger()


class Judge:
    """Guarantee 4: what is not plainly the mapped object's value becomes a Problem."""

    def __init__(self, clock: Clock, pins: Pins) -> None:
        self.pins = pins
        self._clock = clock

    def gathered(self, plan: Plan, memory: Mapping[str, str], answers: Sequence[Answer], facts: Answers) -> Gathering:
        """What the answers, which are in the order of the plan's refs, are worth."""
        at = self._clock.wall()
        if plan.plain and (readings := _simply(plan.tracks, at, answers)) is not None:
            return Gathering(readings, memory, memory)
        measured = [
            measure(track.rule, at, present, flags, memory.get(track.key))
            if track.pinned
            and type(present := answers[track.present]) is Datum
            and type(flags := answers[track.flags]) is Datum
            and not track.beside
            else self._judge(track, at, answers, facts, memory.get(track.key))
            for track in plan.tracks
        ]
        if plan.summed:
            measured = of_one_unit(measured)
        for track, each in zip(plan.tracks, measured, strict=True):
            if not track.pinned or each.reading.notice != track.notice or each.reading.problem is not None:
                self._learn(plan, track, each.reading)
        return plan.gathering(memory, measured)

    def unread(self, plan: Plan, memory: Mapping[str, str], error: ReadError) -> Gathering:
        """Nothing of it was answered."""
        problem = Problem(HoleReason.SILENT if isinstance(error, DeviceSilentError) else HoleReason.REFUSED, str(error))
        at = self._clock.wall()
        return Gathering(tuple(Reading(each, at, problem=problem) for each in plan.meter.points), memory, memory)

    def rule(self, track: Track) -> Rule | None:
        """The point's, where its object is known to be the one that is mapped; and so the one that guards it."""
        for each in (track, track.guard):
            if each is not None and (each.facts is None or self.pins.held(each.pin, each.point, each.facts)):
                return None
        return track.rule

    def _learn(self, plan: Plan, track: Track, reading: Reading) -> None:
        """A good value pins its point; an object that was refused is asked anew what it is: it may be mended."""
        problem = reading.problem
        if reading.notice != track.notice and problem is None:
            _tell(plan.meter, track, reading.notice)
        good = problem is None or problem.reason is HoleReason.FIRST
        if good and not track.pinned and track.facts is not None:
            self.pins.pin(track.pin, track.facts)
            if track.guard is not None and track.guard.facts is not None:
                self.pins.pin(track.guard.pin, track.guard.facts)
            track.pinned = True
        if problem is not None:
            plan.facts.doubt(track.point.source.object)
            if track.guard is not None:
                plan.facts.doubt(track.guard.point.source.object)
            plan.until = 0.0

    def _judge(self, track: Track, at: int, answers: Sequence[Answer], facts: Answers, memory: str | None) -> Measured:
        """What `measure` makes of the answers, if they are there and the object is the one that was pinned."""
        point, present, flags = track.point, answers[track.present], answers[track.flags]
        if isinstance(present, UnreadableError):
            return _refused(point, at, present, memory)
        beside = {ref: answers[at] for ref, at in track.beside}
        for answer in (flags, *beside.values()):
            if isinstance(answer, UnreadableError) and not absent(answer):
                return _refused(point, at, answer, memory)
        for each in (track, track.guard):
            if each is not None and (cause := self._another(each, facts)) is not None:
                return _refused(point, at, cause, memory)
        known = {ref: answer for ref, answer in beside.items() if isinstance(answer, Datum)}
        return measure(track.rule, at, present, flags if isinstance(flags, Datum) else None, memory, known)

    def _another(self, tied: Track | Guard, facts: Answers) -> UnreadableError | str | None:
        """Why it may not be the object that was pinned."""
        if tied.facts is None:
            said = [facts[ref] for ref in fact_refs(tied.point.source.object)]
            return next(fact for fact in said if isinstance(fact, UnreadableError) and not absent(fact))
        held = self.pins.held(tied.pin, tied.point, tied.facts)
        return None if held is None else f"{tied.point.source}: {held}"


def _tell(meter: Meter, track: Track, notice: str) -> None:
    """A value that is sent should be looked at, or need not be any more."""
    tell = _log.warning if notice else _log.info
    event = "a value that is sent wants a look" if notice else "a value is as it should be again"
    cause = {"cause": notice} if notice else {}
    tell(event, meter=meter.id, field=track.point.field, device=meter.device, what=str(track.point.source), **cause)
    track.notice = notice


def _simply(tracks: Sequence[Track], at: int, answers: Sequence[Answer]) -> tuple[Reading, ...] | None:
    """The readings where none needs a closer look: the way of nearly all, at half the cost."""
    readings = []
    for track in tracks:
        present, flags = answers[track.present], answers[track.flags]
        if type(present) is not Datum or type(flags) is not Datum or not track.pinned or track.notice:
            return None
        reading = simply(track.rule, at, present, flags)
        if reading is None:
            return None
        readings.append(reading)
    return tuple(readings)


def _refused(point: Point, at: int, cause: UnreadableError | str, memory: str | None) -> Measured:
    reason = HoleReason.SILENT if isinstance(cause, UnheardError) else HoleReason.REFUSED
    detail = cause if isinstance(cause, str) else cause.detail
    return Measured(Reading(point, at, problem=Problem(reason, detail)), memory, memory)
