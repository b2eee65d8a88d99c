"""A log's record, put to the rules of the point that it is a record of: as `value.measure` does with an answer. Pure.

Guarantee 4, never a wrong value: unit, scale, flags, `valid_when` and the counter's memory are the point's own. What
the log does not tell, and a reading would have told, refuses the value.
"""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from bacnet_bridge.bacnet.count_text import count_from_text
from bacnet_bridge.bacnet.counter import Count
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.log_record import datum_of
from bacnet_bridge.bacnet.rule import Rule
from bacnet_bridge.bacnet.trust import FLAGS
from bacnet_bridge.bacnet.unchanged import carry
from bacnet_bridge.bacnet.value import Measured, measure
from bacnet_bridge.logged import Recorded
from bacnet_bridge.model import RELIABILITY_FLAG, Nature, Point, Problem, PropertyRef, Reading
from bacnet_bridge.vocabulary.holes import HoleReason

_NOTHING: Final[Mapping[PropertyRef, Datum]] = {}
_STEP: Final = Decimal(1)


def measure_logged(
    rule: Rule,
    at: int,
    recorded: Recorded,
    flags: tuple[str, ...] | None,
    memory: str | None,
    *,
    carried: bool,
    condition: Recorded | None,
) -> Measured:
    """The reading of the rule's point at `at` (UTC milliseconds); `memory` is of the slot before it.

    `flags` are those raised, None where the log keeps none. `condition` is what the `valid_when` object's log says.
    A value that was `carried` on from an earlier slot is the same to the bit by nature, and not called frozen for it.
    One that readings had called frozen stays that.
    """
    point = rule.point
    present = _datum(recorded)
    why = _untold(point, recorded, present, flags)
    if why or present is None:
        return _refused(point, at, recorded, why, memory)
    beside: Mapping[PropertyRef, Datum] = _NOTHING
    if point.valid_when is not None and condition is not None and (state := _datum(condition)) is not None:
        beside = {point.valid_when.source: state}
    raised = None if flags is None else Datum(Kind.BITS, tuple(name in flags for name in FLAGS))
    if not carried or not point.frozen_after:
        return measure(rule, at, present, raised, memory, beside)
    still = carry(present, memory)
    if still.times >= point.frozen_after:
        return measure(rule, at, present, raised, memory, beside)
    unwatched = replace(rule, point=replace(point, frozen_after=0))
    measured = measure(unwatched, at, present, raised, still.to_text(), beside)
    return measured._replace(reading=measured.reading._replace(point=point))


def bridges(rule: Rule, before: str | None, ended: str | None, after: str | None) -> str:
    """Why a counter's fill does not lead from the memory before the gap to the one that the live side went on with.

    Empty where it does: `ended`, which the fill came to, goes on to what the live side read as any reading follows
    another, and nothing was believed, or told, of the counter in between that one of the two does not know.
    """
    point = rule.point
    if point.nature is Nature.INSTANT:
        return ""
    began, filled, live = count_from_text(before), count_from_text(ended), count_from_text(after)
    if began is None or filled is None or (point.nature is Nature.DELTA and began.base is None):
        return f"{point.source}: nothing is known of the counter before the gap"
    if live is None or live.at is None or began.at is None or live.at <= began.at or live.suspect is not None:
        return f"{point.source}: no count that is believed was read after the gap"
    goes_on = filled.follow(live.last, live.at, rule.limits(_STEP))
    if goes_on.suspect is not None or not (_history(began) == _history(goes_on) == _history(live)):
        told = f"from {filled.last:f}, the log's last count, to {live.last:f}, the first one read"
        return f"{point.source}: the counter does not plainly go on {told}"
    return ""


def _history(count: Count) -> tuple[object, ...]:
    """What was believed and told of a counter."""
    return count.of, count.shift, count.exchange, count.told, count.broke


def _untold(point: Point, recorded: Recorded, present: Datum | None, flags: tuple[str, ...] | None) -> str:
    """Why the record is not enough for the point's rules."""
    if present is None:
        return f"what was logged is no number: {recorded.text:.60}"
    if flags is None and not (point.backfill is not None and point.backfill.unflagged):
        return "its log keeps no status flags; say `unflagged: send` with backfill to take its records for good"
    if flags is not None and "fault" in flags and RELIABILITY_FLAG in point.skip:
        return "the device flags it: fault"
    return ""


def _datum(recorded: Recorded) -> Datum | None:
    """None for what is no number."""
    return None if recorded.number is None else datum_of(recorded)


def _refused(point: Point, at: int, recorded: Recorded, why: str, memory: str | None) -> Measured:
    problem = Problem(HoleReason.REFUSED, f"{point.source}: {why}")
    return Measured(Reading(point, at, problem=problem, raw=recorded.text), memory, memory)
