# ruff: noqa: INP001 - a script, not a package
"""Writes bacnet_bridge/vocabulary/unit_codes.py: `python -m tools.make_unit_codes`.

Codes 0 to 253 come from bacpypes3's EngineeringUnits. What it lacks (252, 254 and the second ASHRAE range,
which begins at 47808) is listed here, after ANSI/ASHRAE 135-2020, clause 21, BACnetEngineeringUnits. Symbols are
made from the names (unit_symbols.py).
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from tools.unit_symbols import symbol

TARGET: Final = Path(__file__).parents[1] / "bacnet_bridge" / "vocabulary" / "unit_codes.py"

SINGLE: Final = {
    237: "ohm-meter-squared-per-meter",  # bacpypes3 has another name for it
    252: "mole-percent",
    254: "million-standard-cubic-feet-per-minute",
}

RUNS: Final = {
    47808: "standard-cubic-feet-per-day million-standard-cubic-feet-per-day thousand-cubic-feet-per-day"
    " thousand-standard-cubic-feet-per-day pounds-mass-per-day",
    47814: "millirems millirems-per-hour degrees-lovibond alcohol-by-volume international-bittering-units"
    " european-bitterness-units degrees-plato specific-gravity european-brewing-convention per-day"
    " per-millisecond yards miles nautical-miles nanograms micrograms metric-tonnes short-tons long-tons"
    " grams-per-hour grams-per-day kilograms-per-day short-tons-per-second short-tons-per-minute"
    " short-tons-per-hour short-tons-per-day metric-tonnes-per-second metric-tonnes-per-minute"
    " metric-tonnes-per-hour metric-tonnes-per-day long-tons-per-second long-tons-per-minute"
    " long-tons-per-hour long-tons-per-day btus-per-second btus-per-minute btus-per-day kilo-btus-per-second"
    " kilo-btus-per-minute kilo-btus-per-day mega-btus-per-second mega-btus-per-minute mega-btus-per-hour"
    " mega-btus-per-day joules-per-second joules-per-minute joules-per-day kilojoules-per-second"
    " kilojoules-per-minute kilojoules-per-hour kilojoules-per-day megajoules-per-second"
    " megajoules-per-minute megajoules-per-hour megajoules-per-day degrees-celsius-per-day kelvin-per-day"
    " degrees-fahrenheit-per-day delta-degrees-celsius million-cubic-feet-per-minute"
    " million-cubic-feet-per-day imperial-gallons-per-second imperial-gallons-per-hour"
    " imperial-gallons-per-day liters-per-day us-gallons-per-second us-gallons-per-day percent-per-minute"
    " percent-per-hour percent-per-day per-million per-billion micrograms-per-gram nanograms-per-gram"
    " micrograms-per-kilogram nanograms-per-kilogram milligrams-per-milliliter micrograms-per-milliliter"
    " nanograms-per-milliliter kilograms-per-liter nanograms-per-liter milligrams-per-cubic-centimeter"
    " micrograms-per-cubic-centimeter nanograms-per-cubic-centimeter btus-per-hour-per-watt"
    " btus-per-watt-hour-seasonal coefficient-of-performance coefficient-of-performance-seasonal"
    " kilowatts-per-ton-refrigeration lumens-per-watt pound-force-feet pound-force-inches"
    " ounce-force-inches pounds-force-per-square-inch-absolute pounds-force-per-square-inch-gauge"
    " microsiemens-per-centimeter millisiemens-per-centimeter millisiemens-per-meter millions-of-us-gallons"
    " millions-of-imperial-gallons milliliters-per-minute mils-per-year millimeters-per-year"
    " pulses-per-minute active-energy-pulse-value reactive-energy-pulse-value apparent-energy-pulse-value"
    " volt-squared-hour-pulse-value ampere-squared-hour-pulse-value cubic-meter-pulse-value gigawatts"
    " gigajoules terajoules gigawatt-hours gigawatt-hours-reactive bits-per-second kilobits-per-second"
    " megabits-per-second gigabits-per-second bytes-per-second kilobytes-per-second megabytes-per-second"
    " gigabytes-per-second",
    47937: " ".join(f"volume{n}" for n in range(1, 11)),
    47947: " ".join(f"volumetric-flow{n}" for n in range(1, 11)),
    47958: " ".join(f"site-unit{n}" for n in range(1, 11)),
    47968: "particles-per-cubic-foot particles-per-cubic-meter picocuries-per-liter becquerels-per-cubic-meter"
    " grains-of-water-per-pound-dry-air degree-hours-celsius degree-hours-fahrenheit degree-minutes-celsius"
    " degree-minutes-fahrenheit degree-seconds-celsius degree-seconds-fahrenheit microseconds nanoseconds"
    " picoseconds",
}

HEADER: Final = '''"""BACnet's engineering units, number → standard name, and number → symbol.

Written by tools/make_unit_codes.py: do not edit.

Source: ANSI/ASHRAE 135-2020, clause 21, BACnetEngineeringUnits; codes 0 to 253 as bacpypes3 lists them.
Symbols, by tools/unit_symbols.py: the SI brochure, NIST SP 811 and the trade's; a name that has none is its own.
Where two codes bear one symbol they are one unit: BACnet has reactive energy twice.
"""

from typing import Final

UNIT_NAMES: Final = {
'''


def names() -> dict[int, str]:
    """Every code known, with its standard name, in ascending order."""
    from bacpypes3.basetypes import EngineeringUnits

    found: dict[int, str] = dict(EngineeringUnits._asn1_map)  # noqa: SLF001 - the only list that it keeps
    found.update(SINGLE)
    for first, run in RUNS.items():
        found.update(enumerate(run.split(), first))
    return dict(sorted(found.items()))


def source() -> str:
    """The text of the generated module, before ruff's formatter."""
    known = names()
    lines = "".join(f'    {code}: "{name}",\n' for code, name in known.items())
    symbols = "".join(f'    {code}: "{symbol(code, name)}",\n' for code, name in known.items())
    return f"{HEADER}{lines}}}\n\nUNIT_SYMBOLS: Final = {{\n{symbols}}}\n"


if __name__ == "__main__":
    TARGET.write_text(source(), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "ruff", "format", str(TARGET)], check=True)  # noqa: S603 - own file
