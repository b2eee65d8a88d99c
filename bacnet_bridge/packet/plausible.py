"""Whether a meter's values can be true: beside each other, and over two readings. Pure.

What is found is most often a unit, a multiplier, a transformer's ratio, or wires that were mixed up.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Final

from bacnet_bridge.model import Meter, Reading
from bacnet_bridge.packet.build import whole_fields
from bacnet_bridge.packet.growth import growing
from bacnet_bridge.packet.remark import NEAR, Remark, Values, Weight, factor, figure

_PHASES: Final = "123"
_LEAST: Final = 20.0
"""Watts, volt-amperes: below this a phase carries nothing that could be compared."""
_LOWEST_MAINS: Final = 50.0
_PHASE_TO_PHASE: Final = (1.6, 1.85)
"""√3, with the asymmetry that mains have."""
_SPLIT: Final = (1.9, 2.1)
"""Two phases of a transformer's middle tap (North America): twice."""
_UNEVEN: Final = 1.15
_LEAST_POWER_FACTOR: Final = 0.02
_LOW_POWER_FACTOR: Final = 0.15


def implausible(meter: Meter, first: Sequence[Reading], second: Sequence[Reading]) -> list[Remark]:
    """What is wrong, odd or could not be compared in two readings of a meter; the second is the later one.

    Fields without a value are left to whoever shows the readings.
    """
    values = {key: float(value) for key, value in whole_fields(meter, second)[0].items()}
    rules = (_voltages, _between_phases, _apparent, _active, _reactive, _negative)
    found = [remark for rule in rules for remark in rule(values)]
    return found + list(growing(meter, first, second))


def _voltages(values: Values) -> Iterator[Remark]:
    """No mains has so few volts; phases of one mains are alike."""
    for key, volts in values.items():
        if key.startswith("v_") and 0 < volts < _LOWEST_MAINS:
            yield Remark(
                (key,), Weight.WRONG, f"{key} is {figure(volts, 'V')}: in kV, or before the transformer (`vt`)"
            )
    there = {key: values[key] for key in ("v_1", "v_2", "v_3") if values.get(key, 0) > 0}
    if there and max(there.values()) > _UNEVEN * min(there.values()):
        low, high = min(there, key=there.__getitem__), max(there, key=there.__getitem__)
        told = f"{low} is {figure(there[low], 'V')} and {high} is {figure(there[high], 'V')}"
        yield Remark((low, high), Weight.ODD, f"{told}: phases of one mains are alike")


def _between_phases(values: Values) -> Iterator[Remark]:
    for key in ("v_12", "v_13", "v_23"):
        phases = [f"v_{key[-2]}", f"v_{key[-1]}"]
        if not all(values.get(each, 0) >= _LOWEST_MAINS for each in (key, *phases)):
            continue
        ratio = values[key] / (sum(values[each] for each in phases) / 2)
        if _PHASE_TO_PHASE[0] <= ratio <= _PHASE_TO_PHASE[1]:
            continue
        told = f"{key} is {figure(values[key], 'V')}, {figure(ratio)} times {' and '.join(phases)}"
        if _SPLIT[0] <= ratio <= _SPLIT[1]:
            yield Remark((key, *phases), Weight.ODD, f"{told}: right only for two phases of a middle tap")
        elif NEAR > ratio > 1 / NEAR:
            yield Remark(
                (key, *phases), Weight.WRONG, f"{told}, and not 1.73 times: both are phase to phase, or both to neutral"
            )
        else:
            yield Remark((key, *phases), Weight.WRONG, f"{told}, and not 1.73 times: {factor(ratio / math.sqrt(3))}?")


def _apparent(values: Values) -> Iterator[Remark]:
    """Apparent power is voltage times current."""
    for phase in _PHASES:
        keys = f"apP_{phase}", f"v_{phase}", f"c_{phase}"
        power, product = abs(values.get(keys[0], 0)), _product(values, phase)
        if keys[0] not in values or product is None or max(power, product) < _LEAST:
            continue
        told = f"{keys[0]} is {figure(power, 'VA')}, and {keys[1]} times {keys[2]} is {figure(product, 'VA')}"
        if min(power, product) == 0:
            yield Remark(keys, Weight.WRONG, f"{told}: one of them is not of this phase")
        elif not 1 / NEAR <= power / product <= NEAR:
            yield Remark(keys, Weight.WRONG, f"{told}: {factor(power / product)}?")


def _active(values: Values) -> Iterator[Remark]:
    """Active power is no more than apparent power, and mostly not much less: what finds kW that are sent as W."""
    for phase in _PHASES:
        key = f"aP_{phase}"
        name, apparent = _apparent_of(values, phase)
        if key not in values or apparent < _LEAST:
            continue
        ratio = abs(values[key]) / apparent
        told = f"{key} is {figure(values[key], 'W')}, and {name} is {figure(apparent, 'VA')}"
        if ratio > NEAR or 0 < ratio < _LEAST_POWER_FACTOR:
            yield Remark((key,), Weight.WRONG, f"{told}: {factor(ratio)}?")
        elif ratio < _LOW_POWER_FACTOR:
            yield Remark((key,), Weight.ODD, f"{told}: a power factor of {ratio:.2f} is rare")


def _reactive(values: Values) -> Iterator[Remark]:
    """The three powers make a right-angled triangle."""
    for phase in _PHASES:
        keys = f"aP_{phase}", f"rP_{phase}", f"apP_{phase}"
        if not all(key in values for key in keys) or abs(values[keys[2]]) < _LEAST:
            continue
        active, reactive, apparent = (abs(values[key]) for key in keys)
        if reactive > NEAR * apparent:
            told = f"{keys[1]} is {figure(reactive, 'VAr')}, and {keys[2]} {figure(apparent, 'VA')}"
            yield Remark(keys[1:], Weight.WRONG, f"{told}: {factor(reactive / apparent)}?")
        elif 0 < math.hypot(active, reactive) < apparent / NEAR and active > _LEAST_POWER_FACTOR * apparent:
            told = f"aP_{phase} and rP_{phase} make {figure(math.hypot(active, reactive), 'VA')}"
            yield Remark(keys, Weight.ODD, f"{told}, and {keys[2]} is {figure(apparent, 'VA')}")


def _negative(values: Values) -> Iterator[Remark]:
    """A transformer that is mounted backwards, or a plant that generates."""
    powers = {key: value for key, value in values.items() if key.startswith("aP_") and abs(value) >= _LEAST}
    negative = tuple(key for key, value in powers.items() if value < 0)
    if not negative:
        return
    named = ", ".join(f"{key} ({figure(values[key], 'W')})" for key in negative)
    phases = ", ".join(key[-1] for key in negative)
    if len(negative) == len(powers):
        told = f"{named}: negative. The building generates, or all transformers are mounted backwards"
    else:
        told = f"{named}: negative, the other phases are not. Is the transformer mounted backwards"
    yield Remark(negative, Weight.ODD, f"{told} (`invert: [{phases}]`)?")


def _apparent_of(values: Values, phase: str) -> tuple[str, float]:
    if f"apP_{phase}" in values:
        return f"apP_{phase}", abs(values[f"apP_{phase}"])
    return f"v_{phase} times c_{phase}", _product(values, phase) or 0.0


def _product(values: Values, phase: str) -> float | None:
    volts, amperes = values.get(f"v_{phase}"), values.get(f"c_{phase}")
    return None if volts is None or amperes is None else abs(volts * amperes)
