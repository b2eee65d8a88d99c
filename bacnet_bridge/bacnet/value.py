"""What a device's answer means: (rule, datum, flags, memory) → (reading, memory). Pure.

Guarantee 4 (never a wrong value): what is faulty, out of service, not a number or of the wrong unit becomes a
Problem, never a value; units are converted or refused, never guessed; a count that cannot be is not believed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Context, Decimal, localcontext
from typing import Final, NamedTuple

from bacnet_bridge.bacnet.count_text import count_from_text, text_of
from bacnet_bridge.bacnet.counter import Count
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.doubt import Limits
from bacnet_bridge.bacnet.number import NoValueError, number, plain, resolution, shown
from bacnet_bridge.bacnet.rule import EXACT, Rule
from bacnet_bridge.bacnet.trust import check_condition, check_flags, raised_flags
from bacnet_bridge.bacnet.unchanged import watch
from bacnet_bridge.model import Nature, Problem, PropertyRef, Reading
from bacnet_bridge.vocabulary.holes import HoleReason

_REAL: Final = Kind.REAL
_NONE_RAISED: Final = (False,) * 4
_NINE, _FIFTEEN = Context(prec=9), Context(prec=15)
"""Digits to which a Real, and anything else, is rounded where a factor is no power of ten."""
_OTHER_UNIT: Final = (
    "an exchange was told in another scale and unit ({}; now {}): tell the exchange without --continue, and add the "
    "former index with `offset:` in the mapping"
)
_NOTHING: Final[Mapping[PropertyRef, Datum]] = {}


class Measured(NamedTuple):
    """A reading and the point's memory; `memory` counts once the packet is put, `unsent` where none was."""

    reading: Reading
    memory: str | None
    unsent: str | None


def measure(
    rule: Rule,
    at: int,
    present: Datum,
    flags: Datum | None,
    memory: str | None,
    beside: Mapping[PropertyRef, Datum] = _NOTHING,
) -> Measured:
    """The reading of the rule's point. `at` is UTC milliseconds, `memory` what an earlier reading left, None at first.

    `beside` is what else was read: the property of the point's `valid_when`, the object's reliability.
    """
    point = rule.point
    raised = () if flags is None or flags.value == _NONE_RAISED else raised_flags(flags)
    try:
        if rule.misnamed:
            raise NoValueError(rule.misnamed)  # noqa: TRY301 it ends as all other reasons do
        if point.valid_when is not None:
            check_condition(point.valid_when, beside)
        notice = check_flags(point, raised, beside) if raised != () or beside else ""
        exact, raw = number(present)
        if rule.refusal or rule.trap:
            rule.check(exact)
    except NoValueError as cause:
        said = Reading(point, at, raw=shown(present), unit=rule.unit, flags=raised or ())
        return Measured(_refused(said, str(cause)), memory, memory)
    if point.nature is not Nature.INSTANT:
        reading = Reading(point, at, None, None, raw, rule.unit, raised or (), notice)
        with localcontext(EXACT):
            return _measure_counter(reading, rule, present, exact, memory)
    if not rule.unmoved:
        exact = EXACT.fma(exact, rule.multiplier, point.offset)
    value = exact if rule.as_it_is else _sent(rule, present, exact)
    reading = Reading(point, at, value, None, raw, rule.unit, raised or (), notice)
    return _watched(reading, present, memory) if point.frozen_after else Measured(reading, memory, memory)


def simply(rule: Rule, at: int, present: Datum, flags: Datum) -> Reading | None:
    """What `measure` makes of a plain rule's point where nothing is wrong; None where it is to be asked."""
    if flags.value != _NONE_RAISED or not rule.plain:
        return None
    try:
        exact, raw = number(present)
    except NoValueError:
        return None
    return Reading(rule.point, at, exact, None, raw, rule.unit)


def of_one_unit(measured: Sequence[Measured]) -> list[Measured]:
    """A meter's readings, where registers of different units are not added up as if they had one.

    Electrical fields have been converted to their own unit; `value` has none, so all that feeds it must agree.
    """
    fed = [each.reading for each in measured if each.reading.point.required_unit is None and not each.reading.problem]
    units = dict.fromkeys(reading.unit or "no-units" for reading in fed)
    if len(units) < 2:
        return list(measured)
    detail = (
        f"the registers of the sum are in {' and '.join(units)}: convert with `multiplier:`, and say `unit:` with each"
    )
    return [
        each if each.reading.problem else Measured(_refused(each.reading, detail), each.unsent, each.unsent)
        for each in measured
    ]


def _watched(reading: Reading, present: Datum, memory: str | None) -> Measured:
    """A measurement that is identical to the bit too often is told, or refused, as the point says."""
    point = reading.point
    still = watch(present, memory, point.frozen_after)
    if still.times >= point.frozen_after:
        told = f"identical to the bit for {point.frozen_after} readings or more: is its gateway still in touch with it?"
        refused = _refused(reading, told) if point.frozen_refused else reading
        reading = refused._replace(notice="" if point.frozen_refused else _joined(reading.notice, told))
    return Measured(reading, still.to_text(), still.to_text())


def _measure_counter(reading: Reading, rule: Rule, present: Datum, exact: Decimal, memory: str | None) -> Measured:
    point, at = reading.point, reading.at
    now, limits, last = exact * rule.scale, rule.limits(resolution(present, exact)), count_from_text(memory)
    changed = last is not None and last.of != rule.of
    ended = last is not None and last.told is not None and not last.told.continues and at >= last.told.at
    if last is not None and changed and not ended and (last.shift or last.told is not None):
        return Measured(_refused(reading, _OTHER_UNIT.format(last.of, rule.of)), memory, memory)
    taken = 0 if last is None else last.exchange if last.told is None else last.told.number
    before = Count(now, of=rule.of, at=at, moved_at=at, exchange=taken) if last is None or changed else last
    count = before.follow(now, at, limits)
    if count.suspect is not None:
        doubt = _refused(reading, _doubt(before, count, now, limits, at))
        return Measured(doubt, text_of(count), text_of(count))
    if notice := count.notice(at):
        reading = reading._replace(notice=_joined(reading.notice, notice))
    if point.nature is Nature.INDEX:
        kept = text_of(count)
        return Measured(
            reading._replace(value=_sent(rule, present, (now + count.shift) * point.multiplier + point.offset)),
            kept,
            kept,
        )
    sent = text_of(replace(count, base=now))
    if count.base is None:
        since = " since its unit or scale changed" if changed else " above zero" if before.base is not None else ""
        detail = f"{point.source}: the first reading{since}; from the next one on there is growth"
        return Measured(reading._replace(problem=Problem(HoleReason.FIRST, detail)), sent, sent)
    growth = (now - count.base) * point.multiplier
    return Measured(reading._replace(value=_sent(rule, present, growth)), sent, text_of(count))


def _doubt(before: Count, count: Count, now: Decimal, limits: Limits, at: int) -> str:
    """The sentence of a count that is not believed."""
    told = f"the counter {before.doubt(now, at, limits) or 'went on'} from {plain(before.last)} to {plain(now)}"
    if count.told is not None and at >= count.told.at:
        on = ", and is held until the figures are right" if count.told.continues else ""
        return f"{told}, which fits neither the old meter nor what was told{on}: {count.told}"
    if count.held(limits) and count.suspect is not None:
        what = before.surprise(count.suspect, limits)
        if count.shift:
            return f"{told}: held as {what}; tell it with `exchange --continue`: its index goes on from a former meter"
        return f"{told}: held as {what}; say `after_fall: follow` to go on from here"
    if before.suspect is not None and now < before.suspect.latest < before.last:
        return f"{told}, and it goes on falling: where it counts both ways, say `falls: yes`"
    seen = 1 if count.suspect is None else count.suspect.seen
    return (
        f"{told}: believed once three readings in a row go on from there (twelve, where it stands still), "
        f"this is number {seen}"
    )


def _joined(*notices: str) -> str:
    return "; ".join(notice for notice in notices if notice)


def _sent(rule: Rule, present: Datum, value: Decimal) -> Decimal:
    """In the field's unit, rounded where that does not come out even."""
    value = EXACT.multiply(value, rule.factor)
    if rule.rounded:
        value = (_NINE if present.kind is _REAL else _FIFTEEN).plus(value)
    return value


def _refused(reading: Reading, detail: str) -> Reading:
    problem = Problem(HoleReason.REFUSED, f"{reading.point.source}: {detail}")
    return reading._replace(value=None, problem=problem, notice="")
