"""What a device's answer means: (point, datum, flags, facts, memory) → (reading, memory). Pure.

Guarantee 4 (never a wrong value): what is faulty, out of service, not a number or of the wrong unit becomes a
Problem, never a value; units are converted or refused, never guessed; a count that cannot be is not believed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from typing import Final

from bacnet_bridge.bacnet.counter import Count, Limits, count_from_text
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.number import NoValueError, number, plain, resolution, shown
from bacnet_bridge.bacnet.trust import check_condition, check_flags, check_name, raised_flags
from bacnet_bridge.bacnet.unchanged import watch
from bacnet_bridge.model import AfterFall, Nature, Point, Problem, PropertyRef, Reading
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import LIKE_PRESENT_VALUE, property_name
from bacnet_bridge.vocabulary.units import Unit, conversion, parse_unit, why_not

_NO_UNITS: Final = 95
_PRECISION: Final = 400
"""Digits of the arithmetic: a Double has up to 309 before the point. Rounding happens once, at the end."""
_DIGITS: Final = {Kind.REAL: 9, Kind.DOUBLE: 15}
_DIGITS_OTHERWISE: Final = 15
_NOTHING: Final[Mapping[PropertyRef, Datum]] = {}
_SHORT: Final = Context(prec=9)


@dataclass(frozen=True, slots=True)
class Facts:
    """What an object says of itself; read once, and again when its device was silent and returned."""

    name: str | None = None
    unit: Unit | None = None
    scale: Decimal | None = Decimal(1)
    """An Accumulator's; None where what the device says cannot be understood."""
    largest: Decimal | None = None
    """An Accumulator's Max_Pres_Value, after which it starts again at 0 (clause 12.1.14); None where it says none."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A reading and the point's memory; `memory` counts once the packet is put, `unsent` where none was."""

    reading: Reading
    memory: str | None
    unsent: str | None


def measure(
    point: Point,
    at: int,
    present: Datum,
    flags: Datum | None,
    facts: Facts,
    memory: str | None,
    beside: Mapping[PropertyRef, Datum] = _NOTHING,
) -> Measured:
    """The point's reading. `at` is UTC milliseconds, `memory` what an earlier reading left, None at first.

    `beside` is what else was read: the property of the point's `valid_when`, the object's reliability.
    """
    if point.source.property not in LIKE_PRESENT_VALUE:
        facts = Facts(facts.name)
    raised = () if flags is None else raised_flags(flags)
    unit = point.unit or facts.unit
    reading = Reading(point, at, raw=shown(present), unit="" if unit is None else unit.symbol, flags=raised or ())
    with localcontext(prec=_PRECISION):
        try:
            check_name(point, facts.name)
            check_condition(point.valid_when, beside)
            if notice := check_flags(point, raised, beside):
                reading = replace(reading, notice=notice)
            count = _scaled(number(present), facts)
            factor = _factor(point, facts, count)
        except NoValueError as cause:
            return Measured(_refused(reading, str(cause)), memory, memory)
        digits = _digits(point, present.kind, factor, facts)
        if point.nature is Nature.INSTANT:
            value = (count * point.multiplier + point.offset) * factor
            return _watched(_with_value(reading, value, digits), present, memory)
        limits = _limits(point, facts, resolution(present, number(present)))
        read = Count(count, of=f"{facts.scale} {reading.unit}", at=at, moved_at=at)
        return _measure_counter(reading, read, limits, factor, digits, count_from_text(memory))


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


def _scaled(raw: Decimal, facts: Facts) -> Decimal:
    if facts.scale is None:
        raise NoValueError("the object's scale cannot be understood")
    return raw * facts.scale


def _factor(point: Point, facts: Facts, count: Decimal) -> Decimal:
    """What turns the number after multiplier and offset into the field's unit, without the ratio."""
    if point.required_unit is None:
        return Decimal(1)
    want = parse_unit(point.required_unit)
    have = point.unit or facts.unit
    if have is None or have.code == _NO_UNITS:
        what = property_name(point.source.property)
        raise NoValueError(f"the device says no unit of {what}, {point.field} is in {want}: say `unit:` in the mapping")
    factor = conversion(have, want)
    if factor is None:
        raise NoValueError(f"it is in {have} and {point.field} is in {want}, which does not convert{why_not(have)}")
    if factor != 1 and point.multiplier != 1 and point.unit is None:
        multiplied = count * point.multiplier
        raise NoValueError(
            f"multiplier {point.multiplier} stands beside the device's unit {have}: is it "
            f"{plain(_SHORT.plus(multiplied * factor))} {want} or {plain(multiplied)} {want}? "
            "Say `unit:` (what the number is after the multiplier)"
        )
    return factor


def _watched(reading: Reading, present: Datum, memory: str | None) -> Measured:
    """A measurement that is identical to the bit too often is told, or refused, as the point says."""
    point = reading.point
    if point.frozen_after == 0:
        return Measured(reading, memory, memory)
    still = watch(present, memory, point.frozen_after)
    if still.times >= point.frozen_after:
        told = f"identical to the bit for {point.frozen_after} readings or more: is its gateway still in touch with it?"
        refused = _refused(reading, told) if point.frozen_refused else reading
        reading = replace(refused, notice="" if point.frozen_refused else _joined(reading.notice, told))
    return Measured(reading, still.to_text(), still.to_text())


def _limits(point: Point, facts: Facts, step: Decimal) -> Limits:
    """What the counter can do, in its own unit."""
    rule, scale = point.counting, abs(facts.scale or Decimal(1))
    largest = facts.largest if rule.rollover is None else rule.rollover
    modulus = None
    if largest is not None and largest > 0:
        exponent = largest.as_tuple().exponent
        modulus = (largest + Decimal(1).scaleb(min(int(exponent), 0))) * scale
    return Limits(rule.max_rate, modulus, rule.falls, rule.after_fall is AfterFall.HOLD, step * scale)


def _measure_counter(
    reading: Reading, read: Count, limits: Limits, factor: Decimal, digits: int | None, last: Count | None
) -> Measured:
    point, now = reading.point, read.last
    changed = last is not None and last.of != read.of
    before = read if last is None or changed else last
    count = before.follow(now, reading.at, limits)
    if count.suspect is not None:
        doubt = _refused(reading, _doubt(before, count, now, limits, reading.at))
        return Measured(doubt, count.to_text(), count.to_text())
    if notice := count.notice(reading.at):
        reading = replace(reading, notice=_joined(reading.notice, notice))
    if point.nature is Nature.INDEX:
        kept = count.to_text()
        value = (now * point.multiplier + point.offset) * factor
        return Measured(_with_value(reading, value, digits), kept, kept)
    sent = replace(count, base=now).to_text()
    if count.base is None:
        since = " since its unit or scale changed" if changed else " above zero" if before.base is not None else ""
        detail = f"{point.source}: the first reading{since}; from the next one on there is growth"
        return Measured(replace(reading, problem=Problem(HoleReason.FIRST, detail)), sent, sent)
    growth = (now - count.base) * point.multiplier * factor
    return Measured(_with_value(reading, growth, digits), sent, count.to_text())


def _doubt(before: Count, count: Count, now: Decimal, limits: Limits, at: int) -> str:
    """The sentence of a count that is not believed."""
    why = before.doubt(now, at, limits) or "went on"
    told = f"the counter {why} from {plain(before.last)} to {plain(now)}"
    if count.held(limits) and count.suspect is not None:
        what = before.surprise(count.suspect, limits)
        return f"{told}: held as {what}; say `after_fall: follow` to go on from here"
    seen = 0 if count.suspect is None else count.suspect.seen
    return f"{told}: believed once three readings in a row go on from there, this is number {seen}"


def _joined(*notices: str) -> str:
    return "; ".join(notice for notice in notices if notice)


def _digits(point: Point, kind: Kind, factor: Decimal, facts: Facts) -> int | None:
    """To how many significant digits the value is rounded; None where every factor only shifts the point."""
    factors = (facts.scale or Decimal(1), point.multiplier, factor, point.ratio)
    if all(abs(each).normalize().as_tuple().digits == (1,) for each in factors):
        return None
    return _DIGITS.get(kind, _DIGITS_OTHERWISE)


def _with_value(reading: Reading, value: Decimal, digits: int | None) -> Reading:
    value *= reading.point.ratio
    if digits is not None:
        with localcontext(prec=digits):
            value = +value
    return replace(reading, value=Decimal(plain(value)))


def _refused(reading: Reading, detail: str) -> Reading:
    problem = Problem(HoleReason.REFUSED, f"{reading.point.source}: {detail}")
    return replace(reading, value=None, problem=problem, notice="")
