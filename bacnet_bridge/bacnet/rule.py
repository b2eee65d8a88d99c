"""What is worked out once of a point and of what its object says of itself: unit, factors, limits. Pure."""

from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Final

from bacnet_bridge.bacnet.doubt import Limits
from bacnet_bridge.bacnet.number import NoValueError, plain
from bacnet_bridge.model import AfterFall, Point
from bacnet_bridge.vocabulary.objects import LIKE_PRESENT_VALUE, property_name
from bacnet_bridge.vocabulary.units import Unit, conversion, parse_unit, why_not

EXACT: Final = Context(prec=400)
"""A Double has up to 309 digits before the point. Rounding happens once, at the end."""

_NO_UNITS: Final = 95
_SHORT: Final = Context(prec=9)
_ONE: Final = Decimal(1)


@dataclass(frozen=True, slots=True)
class Facts:
    """What an object says of itself; read once, and again when its device was silent and returned."""

    name: str | None = None
    unit: Unit | None = None
    scale: Decimal | None = Decimal(1)
    """An Accumulator's; None where what the device says cannot be understood."""
    largest: Decimal | None = None
    """An Accumulator's Max_Pres_Value, after which it starts again at 0 (clause 12.1); None where it says none."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one point's numbers become what is sent."""

    point: Point
    misnamed: str
    """Why the object is not the one that the mapping means; empty where it is."""
    unit: str
    """The symbol, for people."""
    scale: Decimal
    multiplier: Decimal
    """All that multiplies before the offset: the object's scale and the mapping's multiplier."""
    factor: Decimal
    """All that multiplies after it: the unit's conversion and the transformers' ratio."""
    unmoved: bool
    """Nothing is multiplied before the offset, and nothing added."""
    as_it_is: bool
    """Nothing is multiplied and nothing added."""
    rounded: bool
    """A factor is more than a shift of the decimal point."""
    modulus: Decimal | None
    """What a counter loses where it rolls over, after the scale."""
    of: str
    """What one count is, for a counter's memory."""
    refusal: str = ""
    """Why no number of this point can be sent."""
    trap: tuple[Decimal, Unit, Unit] | None = None
    """A multiplier beside a conversion, where nobody said what the product's unit is."""
    plain: bool = False
    """The number is the value, whatever was read before and beside it."""
    kept: dict[Decimal, Limits] = field(default_factory=dict, compare=False)
    """Limits by step: there are as many as a number has digits after its point."""

    def check(self, exact: Decimal) -> None:
        """Raises NoValueError where no value can be made of the number."""
        if self.refusal:
            raise NoValueError(self.refusal)
        if self.trap is None:
            return
        factor, have, want = self.trap
        multiplied = EXACT.multiply(exact, self.multiplier)
        raise NoValueError(
            f"multiplier {self.point.multiplier} stands beside the device's unit {have}: is it "
            f"{plain(_SHORT.multiply(multiplied, factor))} {want} or {plain(multiplied)} {want}? "
            "Say `unit:` (what the number is after the multiplier)"
        )

    def limits(self, step: Decimal) -> Limits:
        """What the counter can do; `step` is the smallest that its number can show, before the scale."""
        limits = self.kept.get(step)
        if limits is None:
            said = self.point.counting
            hold = said.after_fall is AfterFall.HOLD
            resolution = EXACT.multiply(step, abs(self.scale))
            limits = self.kept[step] = Limits(said.max_rate, self.modulus, said.falls, hold, resolution)
        return limits


def rule_of(point: Point, facts: Facts) -> Rule:
    """To be worked out once, and again when the object says something else of itself."""
    if point.source.property not in LIKE_PRESENT_VALUE:
        facts = Facts(facts.name)
    unit = point.unit or facts.unit
    scale = _ONE if facts.scale is None else facts.scale
    factor, refusal = _factor(point, facts)
    factors = (scale, point.multiplier, factor, point.ratio)
    as_it_is = all(each == 1 for each in factors) and point.offset == 0
    misnamed, trap = _misnamed(point, facts.name), _trap(point, unit, factor)
    return Rule(
        point,
        misnamed,
        "" if unit is None else unit.symbol,
        scale,
        EXACT.multiply(scale, point.multiplier),
        EXACT.multiply(factor, point.ratio),
        unmoved=scale * point.multiplier == 1 and point.offset == 0,
        as_it_is=as_it_is,
        rounded=any(abs(each).normalize().as_tuple().digits != (1,) for each in factors),
        modulus=_modulus(point, facts, abs(scale)),
        of=f"{facts.scale} {'' if unit is None else unit.symbol}",
        refusal=refusal,
        trap=trap,
        plain=as_it_is and not (misnamed or refusal or trap or point.remembers or point.valid_when),
    )


def _misnamed(point: Point, name: str | None) -> str:
    if point.name is None or name == point.name:
        return ""
    calls = "does not say its name" if name is None else f"is called {name!r}"
    return (
        f"the object {calls}, the mapping expects {point.name!r}: was the controller re-loaded? "
        "Correct the mapping's object or name"
    )


def _factor(point: Point, facts: Facts) -> tuple[Decimal, str]:
    """What turns the number after multiplier and offset into the field's unit; or why nothing does."""
    if facts.scale is None:
        return _ONE, "the object's scale cannot be understood"
    if point.required_unit is None:
        return _ONE, ""
    want, have = parse_unit(point.required_unit), point.unit or facts.unit
    if have is None or have.code == _NO_UNITS:
        what = property_name(point.source.property)
        return _ONE, f"the device says no unit of {what}, {point.field} is in {want}: say `unit:` in the mapping"
    factor = conversion(have, want)
    if factor is None:
        return _ONE, f"it is in {have} and {point.field} is in {want}, which does not convert{why_not(have)}"
    return factor, ""


def _trap(point: Point, have: Unit | None, factor: Decimal) -> tuple[Decimal, Unit, Unit] | None:
    if factor == 1 or point.multiplier == 1 or point.unit is not None or have is None or point.required_unit is None:
        return None
    return factor, have, parse_unit(point.required_unit)


def _modulus(point: Point, facts: Facts, scale: Decimal) -> Decimal | None:
    """99999999 is followed by 0, and so is 99999.9 after one more step of its last digit."""
    largest = facts.largest if point.counting.rollover is None else point.counting.rollover
    if largest is None or largest <= 0:
        return None
    exponent = largest.as_tuple().exponent
    step = _ONE.scaleb(exponent) if isinstance(exponent, int) and exponent < 0 else _ONE
    return EXACT.multiply(EXACT.add(largest, step), scale)
