"""Counters over two readings: one that falls, one that does not fit its power, one that is too coarse. Pure."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Final

from bacnet_bridge.model import Meter, Nature, Point, Reading
from bacnet_bridge.packet.build import whole_fields
from bacnet_bridge.packet.remark import NEAR, Remark, Values, Weight, factor, figure
from bacnet_bridge.vocabulary.objects import PRESENT_VALUE

_REALS: Final = frozenset({0, 1, 2})
"""Analog input, output and value: their present-value is a Real of 32 bits (clauses 12.2 to 12.4)."""
_COARSE: Final = 0.01
"""Share of an interval's consumption that a counter's step may be."""
_STEPS: Final = 4
"""So many steps of its counter a comparison should have."""
_LEAST_POWER: Final = 20.0
_HOUR: Final = 3600.0


def growing(meter: Meter, first: Sequence[Reading], second: Sequence[Reading]) -> Iterator[Remark]:
    """What two readings of one meter show of its counters; each has a reading per point, in the meter's order."""
    pairs = [(old, new) for old, new in zip(first, second, strict=True) if new.point.nature is not Nature.INSTANT]
    if not pairs:
        return
    before, after = _values(meter, first), _values(meter, second)
    for old, new in pairs:
        yield from _falling(old, new)
        yield from _coarse(meter, old, new, after)
    yield from _energies((first, second), before, after)


def _falling(old: Reading, new: Reading) -> Iterator[Remark]:
    earlier, later = _raw(old), _raw(new)
    if earlier is None or later is None or later >= earlier or new.point.counting.falls:
        return
    told = f"{new.point.source} is a counter, and fell from {old.raw} to {new.raw}"
    yield Remark((new.point.field,), Weight.WRONG, f"{told}: is it a power, or does it count both ways (`falls: yes`)?")


def _coarse(meter: Meter, old: Reading, new: Reading, values: Values) -> Iterator[Remark]:
    """A Real has 24 bits: from 167,772.16 kWh on it shows no hundredths, from 16,777,216 on no single ones."""
    raw = _raw(new)
    if raw is None or not _is_real(new.point):
        return
    step, used = _real_step(raw), _used(meter, old, new, values)
    if used is None or step <= _COARSE * used:
        return
    told = (
        f"{new.point.source} is a Real, which counts in steps of {figure(step)} {new.unit} at {new.raw}; an interval's "
        f"consumption is {figure(used)}"
    )
    yield Remark(
        (new.point.field,), Weight.ODD, f"{told}: take a Double or an accumulator of the device, if it has one"
    )


def _used(meter: Meter, old: Reading, new: Reading, values: Values) -> float | None:
    """In one interval, in the counter's own unit: by the power beside it, or else by how it grew."""
    scale, power = _scale(new), values.get(f"aP_{new.point.field[-1]}", 0.0)
    if new.point.field.startswith("pC_") and scale and power >= _LEAST_POWER:
        return power * meter.interval / _HOUR / scale
    earlier, later = _raw(old), _raw(new)
    seconds = (new.at - old.at) / 1000
    if earlier is None or later is None or later <= earlier or seconds <= 0:
        return None
    return float(later - earlier) / seconds * meter.interval


def _energies(readings: tuple[Sequence[Reading], Sequence[Reading]], before: Values, after: Values) -> Iterator[Remark]:
    """The energy's step against power × time: finds factors of 10 and 1000, and transformers' ratios."""
    seconds = (readings[1][0].at - readings[0][0].at) / 1000
    if seconds < 1:
        return
    for energies, powers in _compared(after):
        if not all(key in before for key in (*energies, *powers)):
            continue
        power = sum((before[key] + after[key]) / 2 for key in powers)
        grown = sum(after[key] - before[key] for key in energies)
        step = sum(_step(*pair) for pair in zip(*readings, strict=True) if pair[0].point.field in energies)
        if power >= _LEAST_POWER and grown >= 0:
            yield from _compare(energies, powers, power, grown, step, seconds)


def _compare(
    energies: tuple[str, ...], powers: tuple[str, ...], power: float, grown: float, step: float, seconds: float
) -> Iterator[Remark]:
    expected = power * seconds / _HOUR
    fields = (*energies, *powers)
    needed = _STEPS * step * _HOUR / power
    said = f"{' + '.join(energies)} grew by {figure(grown, 'Wh')} in {figure(seconds)} s"
    by_power = f"by {' + '.join(powers)} ({figure(power, 'W')}) it would be {figure(expected, 'Wh')}"
    if grown - step > NEAR * expected:
        yield Remark(fields, Weight.WRONG, f"{said}, {by_power}: {factor(grown / expected)}?")
    elif expected < _STEPS * step:
        told = f"{said}, in steps of {figure(step, 'Wh')}: too little to compare it with power"
        yield Remark(fields, Weight.NOTE, f"{told}; look again with --over {_spoken(needed)}")
    elif not grown:
        told = f"{' + '.join(energies)} stood still for {figure(seconds)} s; {by_power}"
        yield Remark(fields, Weight.ODD, f"{told}. Some meters renew it seldom: look again with --over '15 min'")
    elif (grown + step) * NEAR < expected:
        yield Remark(fields, Weight.WRONG, f"{said}, {by_power}: {factor(grown / expected)}?")


def _compared(values: Values) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Energies with the powers that they come of: phase by phase, or total with total."""
    energies = [key for key in values if key.startswith("pC_")]
    powers = [key for key in values if key.startswith("aP_")]
    if not energies or not powers:
        return []
    if len(energies) == len(powers) or min(len(energies), len(powers)) > 1:
        return [((key,), (f"aP_{key[-1]}",)) for key in energies if f"aP_{key[-1]}" in powers]
    return [(tuple(energies), tuple(powers))]


def _values(meter: Meter, readings: Sequence[Reading]) -> dict[str, float]:
    return {key: float(value) for key, value in whole_fields(meter, readings)[0].items()}


def _raw(reading: Reading) -> Decimal | None:
    try:
        return Decimal(reading.raw)
    except InvalidOperation:
        return None


def _scale(reading: Reading) -> float | None:
    """What one of the counter's own is worth in the packet."""
    raw, point = _raw(reading), reading.point
    if raw is None or reading.value is None or not raw or point.nature is Nature.DELTA:
        return None
    return abs(float((reading.value - point.offset) / raw))


def _step(old: Reading, new: Reading) -> float:
    """In the packet's unit, the smallest step that the counter is known to make: of its last digit and last bit.

    The finer of both counts: one of them may end in a nought by chance, which is not written.
    """
    raw, scale = _raw(new), _scale(new)
    if raw is None or scale is None:
        return 0.0
    digit = min(_digit(each) for each in (_raw(old), raw) if each is not None)
    return scale * max(digit, _real_step(raw) if _is_real(new.point) else 0.0)


def _digit(raw: Decimal) -> float:
    exponent = raw.as_tuple().exponent
    return 10.0 ** min(0, exponent if isinstance(exponent, int) else 0)


def _is_real(point: Point) -> bool:
    return point.source.object.type in _REALS and point.source.property == PRESENT_VALUE


def _real_step(raw: Decimal) -> float:
    """Between two neighbouring Reals of this size (IEEE 754, 24 bits)."""
    _, power = math.frexp(float(raw))
    return math.ldexp(1.0, power - 24)


def _spoken(seconds: float) -> str:
    """A length of time as the option takes it, not shorter."""
    if seconds <= 100:
        return f"{math.ceil(seconds / 10) * 10}"
    if seconds <= 100 * 60:
        return f"'{math.ceil(seconds / 60)} min'"
    return f"'{math.ceil(seconds / _HOUR)} h'"
