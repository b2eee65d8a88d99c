"""What a device's answer means: (point, datum, flags, facts, memory) → (reading, memory). Pure.

Guarantee 4 (never a wrong value): what is faulty, out of service, not a number or of the wrong unit becomes a
Problem, never a value; units are converted or refused, never guessed.
"""

import math
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext
from typing import Final

from bacnet_bridge.bacnet.counter import Count, count_from_text
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.model import Nature, Point, Problem, Reading
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import LIKE_PRESENT_VALUE, property_name
from bacnet_bridge.vocabulary.units import Unit, conversion, parse_unit

_FLAGS: Final = ("in-alarm", "fault", "overridden", "out-of-service")
"""StatusFlags in the order of their bits (clause 21, BACnetStatusFlags)."""
_REFUSED_FLAGS: Final = frozenset({"fault", "out-of-service"})
_NO_UNITS: Final = 95
_PRECISION: Final = 400
"""Digits of the arithmetic: a Double has up to 309 before the point. Rounding happens once, at the end."""
_LARGEST_EXPONENT: Final = 30
_DIGITS: Final = {Kind.REAL: 9, Kind.DOUBLE: 15}
_DIGITS_OTHERWISE: Final = 15


@dataclass(frozen=True, slots=True)
class Facts:
    """What an object says of itself; read once, and again when its device was silent and returned."""

    name: str | None = None
    unit: Unit | None = None
    scale: Decimal | None = Decimal(1)
    """An Accumulator's; None where what the device says cannot be understood."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A reading and the point's memory; `memory` counts once the packet is put, `unsent` where none was."""

    reading: Reading
    memory: str | None
    unsent: str | None


class _NoValueError(Exception):
    """Why there is no value; becomes the reading's Problem."""


def measure(point: Point, at: int, present: Datum, flags: Datum | None, facts: Facts, memory: str | None) -> Measured:
    """The point's reading. `at` is UTC milliseconds, `memory` what an earlier reading left, None at first."""
    if point.source.property not in LIKE_PRESENT_VALUE:
        facts = Facts(facts.name)
    raised = () if flags is None else _raised(flags)
    unit = point.unit or facts.unit
    shown = Reading(point, at, raw=_shown(present), unit="" if unit is None else unit.symbol, flags=raised or ())
    with localcontext(prec=_PRECISION):
        try:
            _trust(point, facts, raised)
            count = _scaled(number(present), facts)
            factor = _factor(point, facts, count)
        except _NoValueError as cause:
            return Measured(_refused(shown, str(cause)), memory, memory)
        digits = _digits(point, present.kind, factor, facts)
        if point.nature is Nature.INSTANT:
            value = (count * point.multiplier + point.offset) * factor
            return Measured(_with_value(shown, value, digits), memory, memory)
        last = None if memory is None else count_from_text(memory)
        return _measure_counter(shown, Count(count, of=f"{facts.scale} {shown.unit}"), factor, digits, last)


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


def number(datum: Datum) -> Decimal:
    """The number that the device meant, exactly. A Real is the shortest decimal that reads back the same.

    Raises _NoValueError, with a sentence, for what is not a finite number.
    """
    value = datum.value
    if datum.kind in {Kind.UNSIGNED, Kind.INTEGER, Kind.ENUMERATED, Kind.BOOLEAN} and isinstance(value, int):
        return Decimal(int(value))
    if datum.kind in {Kind.REAL, Kind.DOUBLE} and isinstance(value, float):
        if not math.isfinite(value):
            raise _NoValueError(f"the value is {'NaN' if math.isnan(value) else 'infinite'}")
        return Decimal(_shortest_real(value) if datum.kind is Kind.REAL else repr(value))
    raise _NoValueError(f"the value is {'' if datum.value is None else 'a '}{datum.kind}, not a number")


def scale_of(datum: Datum) -> Decimal | None:
    """An Accumulator's Scale (clause 12.1.10): a float, or a power of ten. None for anything else."""
    value = datum.value
    if datum.choice == 1 and isinstance(value, bytes):
        exponent = int.from_bytes(value, signed=True)
        return Decimal(10) ** exponent if abs(exponent) <= _LARGEST_EXPONENT else None
    if datum.choice == 0 and isinstance(value, bytes) and len(value) == 4:
        (value,) = struct.unpack(">f", value)
    if isinstance(value, float) and math.isfinite(value) and value != 0:
        return Decimal(_shortest_real(value))
    return None


def _scaled(raw: Decimal, facts: Facts) -> Decimal:
    if facts.scale is None:
        raise _NoValueError("the object's scale cannot be understood")
    return raw * facts.scale


def _shortest_real(value: float) -> str:
    if abs(value) >= 2**24:
        return str(int(value))
    exact = struct.pack(">f", value)
    # Six digits always survive a normal Real, so that the text of six is also the shortest of fewer.
    fewest = 6 if abs(value) >= 2**-126 else 1
    for digits in range(fewest, 9):
        text = f"{value:.{digits}g}"
        if struct.pack(">f", float(text)) == exact:
            return text
    return f"{value:.9g}"


def _shown(datum: Datum) -> str:
    if datum.kind is Kind.REAL and isinstance(datum.value, float) and math.isfinite(datum.value):
        return _plain(Decimal(_shortest_real(datum.value)))
    return str(datum)


def _trust(point: Point, facts: Facts, raised: tuple[str, ...] | None) -> None:
    if point.name is not None and facts.name != point.name:
        calls = "does not say its name" if facts.name is None else f"is called {facts.name!r}"
        raise _NoValueError(
            f"the object {calls}, the mapping expects {point.name!r}: was the controller re-loaded? "
            "Correct the mapping's object or name"
        )
    if raised is None:
        raise _NoValueError("its status-flags cannot be understood")
    for flag in raised:
        if flag in _REFUSED_FLAGS:
            raise _NoValueError(f"the device flags it: {flag}")


def _factor(point: Point, facts: Facts, count: Decimal) -> Decimal:
    """What turns the number after multiplier and offset into the field's unit, without the ratio."""
    if point.required_unit is None:
        return Decimal(1)
    want = parse_unit(point.required_unit)
    have = point.unit or facts.unit
    if have is None or have.code == _NO_UNITS:
        what = property_name(point.source.property)
        raise _NoValueError(
            f"the device says no unit of {what}, {point.field} is in {want}: say `unit:` in the mapping"
        )
    factor = conversion(have, want)
    if factor is None:
        raise _NoValueError(f"it is in {have} and {point.field} is in {want}, which does not convert")
    if factor != 1 and point.multiplier != 1 and point.unit is None:
        multiplied = count * point.multiplier
        raise _NoValueError(
            f"multiplier {point.multiplier} stands beside the device's unit {have}: is it "
            f"{_plain(multiplied * factor)} {want} or {_plain(multiplied)} {want}? "
            "Say `unit:` (what the number is after the multiplier)"
        )
    return factor


def _measure_counter(shown: Reading, read: Count, factor: Decimal, digits: int | None, last: Count | None) -> Measured:
    point, now = shown.point, read.last
    changed = last is not None and last.of != read.of
    before = read if last is None or changed else last
    count = before.follow(now)
    if count.suspect is not None:
        fell = f"the counter fell from {_plain(before.last)} to {_plain(now)}"
        doubt = _refused(shown, f"{fell}: believed at the third such reading, this is number {count.suspect.seen}")
        return Measured(doubt, count.to_text(), count.to_text())
    if point.nature is Nature.INDEX:
        kept = read.to_text()
        value = (now * point.multiplier + point.offset) * factor
        return Measured(_with_value(shown, value, digits), kept, kept)
    sent = replace(read, base=now).to_text()
    if count.base is None:
        since = " since its unit or scale changed" if changed else ""
        detail = f"{point.source}: the first reading{since}; from the next one on there is growth"
        return Measured(replace(shown, problem=Problem(HoleReason.FIRST, detail)), sent, sent)
    growth = (now - count.base) * point.multiplier * factor
    return Measured(_with_value(shown, growth, digits), sent, count.to_text())


def _digits(point: Point, kind: Kind, factor: Decimal, facts: Facts) -> int | None:
    """To how many significant digits the value is rounded; None where every factor only shifts the point."""
    factors = (facts.scale or Decimal(1), point.multiplier, factor, point.ratio)
    if all(abs(each).normalize().as_tuple().digits == (1,) for each in factors):
        return None
    return _DIGITS.get(kind, _DIGITS_OTHERWISE)


def _with_value(shown: Reading, value: Decimal, digits: int | None) -> Reading:
    value *= shown.point.ratio
    if digits is not None:
        with localcontext(prec=digits):
            value = +value
    return replace(shown, value=Decimal(_plain(value)))


def _refused(shown: Reading, detail: str) -> Reading:
    return replace(shown, value=None, problem=Problem(HoleReason.REFUSED, f"{shown.point.source}: {detail}"))


def _raised(flags: Datum) -> tuple[str, ...] | None:
    """The flags that are set; None where these are no status flags."""
    if not isinstance(flags.value, tuple) or len(flags.value) < len(_FLAGS):
        return None
    return tuple(name for name, bit in zip(_FLAGS, flags.value, strict=False) if bit)


def _plain(value: Decimal) -> str:
    """Without exponent, without trailing zeros, without a negative zero."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
