"""BACnet's units → what is measured in them. Pure."""

import re
from functools import lru_cache
from typing import Final

from bacnet_bridge.vocabulary.units import Unit

_RULES: Final = tuple(
    (re.compile(pattern), measure)
    for pattern, measure in (
        (r"(kilo|mega)?-?volt-ampere(-hours-reactive|-reactive-hours)|.*watt-hours-reactive", "reactive energy"),
        (r"(kilo|mega)?-?volt-ampere-hours?", "apparent energy"),
        (r"(kilo|mega)?-?volt-amperes?-reactive", "reactive power"),
        (r"(kilo|mega)?-?volt-amperes?", "apparent power"),
        (r"(kilo|mega|milli)?volts", "voltage"),
        (r"(milli|kilo)?amperes", "current"),
        (r"(kilo|mega|milli|giga)?watts|horsepower", "power"),
        (r"(kilo|mega|giga)?watt-hours", "energy"),
        (r"(kilo|mega|giga)?joules", "energy"),
        (r"(kilo-|mega-)?btus|therms|ton-hours|gigacalories", "heat energy"),
        (r"(kilo-|mega-)?btus-per-hour|tons-refrigeration|(kilo|mega)?joules-per-hour|watts-thermal.*", "heat power"),
        (r"delta-degrees-.*", "difference"),
        (r"degrees-(celsius|fahrenheit|kelvin)", "temperature"),
        (r"percent(-relative-humidity)", "humidity"),
        (r"(normal-)?(cubic-(meters|feet)|liters|us-gallons|imperial-gallons|milliliters)(-normal)?", "volume"),
        (r"(kilograms|pounds-mass|tons)", "mass"),
        (r".*(cubic-(meters|feet)|liters|gallons|kilograms|pounds-mass|tons|grams|milliliters)-per-.*", "flow"),
        (r"(hecto|kilo|mega|milli)?(pascals|bars)|pounds-force-per-square-inch|.*-of-(water|mercury)", "pressure"),
        (r"parts-per-(million|billion)|micrograms-per-cubic-meter|milligrams-per-cubic-meter|luxes", "air quality"),
        (r"revolutions-per-minute", "speed"),
        (r"(milli|centi)?meters|feet|inches", "level"),
        (r"(meters|feet)-per-(second|minute)", "velocity"),
        (r"percent", "percent"),
        (r"hertz|kilohertz", "frequency"),
        (r"power-factor", "power factor"),
        (r"degrees-(angular|phase)|radians", "angle"),
        (r"no-units|unit-\d+", ""),
    )
)


@lru_cache(maxsize=1024)
def measure(unit: Unit | None) -> str:
    """What is measured in the unit: `voltage`, `reactive energy`, `temperature` …; empty where the unit says nothing,
    `other` for what no rule needs.
    """
    if unit is None:
        return ""
    return next((measured for pattern, measured in _RULES if pattern.fullmatch(unit.name)), "other")
