"""Engineering units: BACnet's numbers and names, the symbols that people write, and exact conversions.

Source: ANSI/ASHRAE 135, clause 21, BACnetEngineeringUnits; the table of codes is in unit_codes.py.
"""

import difflib
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bacnet_bridge.vocabulary.unit_codes import UNIT_NAMES


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit. `code` is BACnet's number (None where BACnet has none), `name` its standard name, `symbol` ours."""

    code: int | None
    name: str
    symbol: str

    def __str__(self) -> str:
        return self.symbol


_SYMBOLS: Final = {
    132: "mW", 47: "W", 48: "kW", 49: "MW", 47924: "GW",
    8: "VA", 9: "kVA", 10: "MVA",
    11: "VAr", 12: "kVAr", 13: "MVAr",
    18: "Wh", 19: "kWh", 146: "MWh", 47927: "GWh",
    242: "VArh", 243: "kVArh", 244: "MVArh",
    203: "VArh", 204: "kVArh", 205: "MVArh", 47928: "GVArh",
    239: "VAh", 240: "kVAh", 241: "MVAh",
    124: "mV", 5: "V", 6: "kV", 7: "MV",
    2: "mA", 3: "A",
    145: "mΩ", 4: "Ω", 122: "kΩ", 123: "MΩ",
    16: "J", 17: "kJ", 126: "MJ", 47925: "GJ", 47926: "TJ",
    20: "BTU", 147: "kBTU", 148: "MBTU", 50: "BTU/h", 157: "kBTU/h", 47856: "MBTU/h", 21: "therm", 22: "ton·h",
    52: "TR", 51: "hp",
    62: "°C", 63: "K", 64: "°F", 121: "ΔK", 120: "Δ°F", 47872: "Δ°C",
    80: "m³", 82: "L", 197: "mL", 79: "ft³", 83: "US gal", 81: "imp gal",
    85: "m³/s", 165: "m³/min", 135: "m³/h", 249: "m³/d", 87: "L/s", 88: "L/min", 136: "L/h", 47878: "L/d", 198: "mL/s",
    142: "ft³/s", 84: "cfm", 191: "ft³/h", 248: "ft³/d", 89: "US gal/min", 86: "imp gal/min",
    42: "kg/s", 43: "kg/min", 44: "kg/h", 154: "g/s", 195: "g", 39: "kg", 196: "mg", 47830: "t", 40: "lb",
    53: "Pa", 133: "hPa", 54: "kPa", 134: "mbar", 55: "bar", 56: "psi", 58: "inH₂O", 206: "mmH₂O",
    98: "%", 29: "%RH", 207: "‰", 96: "ppm", 97: "ppb", 95: "no-units",
    27: "Hz", 129: "kHz", 130: "MHz", 104: "rpm", 14: "°phase", 90: "°",
    159: "ms", 73: "s", 72: "min", 71: "h", 70: "d",
    194: "µm", 30: "mm", 118: "cm", 31: "m", 193: "km", 32: "in", 33: "ft", 0: "m²", 1: "ft²",
    74: "m/s", 75: "km/h", 37: "lx", 36: "lm", 35: "W/m²", 137: "kWh/m²", 251: "J/m³", 250: "Wh/m³",
    28: "g/kg dry air", 149: "kJ/kg dry air", 186: "kg/m³", 218: "mg/m³", 219: "µg/m³", 215: "mg/L",
    15: "power-factor", 234: "pH", 199: "dB", 160: "N·m",
}  # fmt: skip
"""Code → symbol, of the units met in metering; the others are shown by their standard name. Where two codes
bear one symbol they are one unit: BACnet has reactive energy twice."""

_FAMILIES: Final = (
    {132: -3, 47: 0, 48: 3, 49: 6, 47924: 9},
    {8: 0, 9: 3, 10: 6},
    {11: 0, 12: 3, 13: 6},
    {18: 0, 19: 3, 146: 6, 47927: 9},
    {242: 0, 243: 3, 244: 6, 203: 0, 204: 3, 205: 6, 47928: 9},
    {239: 0, 240: 3, 241: 6},
    {124: -3, 5: 0, 6: 3, 7: 6},
    {2: -3, 3: 0},
    {145: -3, 4: 0, 122: 3, 123: 6},
    {16: 0, 17: 3, 126: 6, 47925: 9, 47926: 12},
    {20: 0, 147: 3, 148: 6},
    {50: 0, 157: 3, 47856: 6},
    {197: -3, 82: 0},
    {198: -3, 87: 0},
    {196: -3, 195: 0, 39: 3},
    {53: 0, 133: 2, 54: 3},
    {134: -3, 55: 0},
    {27: 0, 129: 3, 130: 6},
    {47980: -9, 47979: -6, 159: -3, 73: 0},
    {194: -6, 30: -3, 118: -2, 31: 0, 193: 3},
)
"""Decimal prefixes of one and the same unit: code → power of ten."""

_AMBIGUOUS: Final = {
    21: "a therm is 105480400 J in the USA and 105505585.262 J elsewhere; say `multiplier:`, and `unit:` of the result",
}
"""Units that mean more than one thing."""

_FOREIGN: Final = (
    Unit(None, "normal-cubic-meters", "Nm³"),
    Unit(None, "normal-cubic-meters-per-hour", "Nm³/h"),
    Unit(None, "gigacalories", "Gcal"),
    Unit(None, "pulses", "pulses"),
)
"""Met on gas, heat and pulse meters; BACnet has no number for them."""

_ALIASES: Final = {
    "C": 62, "degC": 62, "celsius": 62, "°K": 63, "kelvin": 63, "F": 64, "degF": 64, "fahrenheit": 64,
    "l": 82, "l/s": 87, "l/min": 88, "l/h": 136, "lps": 87, "lpm": 88, "cbm": 80, "cbm/h": 135, "m3ph": 135,
    "CFM": 84, "gal": 83, "gpm": 89, "pct": 98, "percent": 98, "%rF": 29, "rh": 29, "ohm": 4, "kohm": 122,
    "none": 95, "-": 95, "1/min": 104, "lux": 37, "tonne": 47830, "tonnes": 47830, "Hertz": 27,
}  # fmt: skip

_UNITS: Final = {code: Unit(code, name, _SYMBOLS.get(code, name)) for code, name in UNIT_NAMES.items()}


def unit_by_code(code: int) -> Unit:
    """The unit that a device's `units` property names. A code that is not known gets a name that shows it."""
    return _UNITS.get(code) or Unit(code, f"unit-{code}", f"unit-{code}")


def parse_unit(text: str) -> Unit:
    """`kW`, `kilowatts`, `m³`, `m3`, `48` → the unit. Raises ValueError with a suggestion.

    Upper and lower case count only where they decide: `mW` and `MW`, `mV` and `MV`. An initial m or M is the
    prefix that it says, except in a text that is all lower case and fits one unit only (`mwh`).
    """
    spelled = _spell(text)
    if re.fullmatch(r"(unit-)?\d{1,5}", spelled):
        return unit_by_code(_code(spelled, text))
    if spelled in _EXACT:
        return _EXACT[spelled]
    candidates = _FOLDED.get(spelled.lower(), ())
    fitting = [unit for key, unit in candidates if _same_prefix(spelled, key)]
    if len({unit.symbol for unit in fitting}) == 1:
        return fitting[0]
    raise ValueError(_unknown(text, spelled, [unit for _, unit in candidates]))


def conversion(have: Unit, want: Unit) -> Decimal | None:
    """The exact factor that turns a number in `have` into one in `want`; None where there is none.

    Only decimal prefixes of one and the same unit convert (kW → W, MWh → Wh, mV → V).
    """
    if have == want:
        return Decimal(1)
    for family in _FAMILIES:
        if have.code in family and want.code in family:
            return Decimal(1).scaleb(family[have.code] - family[want.code])
    return None


def why_not(unit: Unit) -> str:
    """What there is to add where a unit does not convert: empty, or why it cannot."""
    told = _AMBIGUOUS.get(unit.code or 0)
    return "" if told is None else f": {told}"


def _spell(text: str) -> str:
    """One spelling of powers, Greek letters, strokes and blanks; names lose their hyphens."""
    plain = text.strip().translate(str.maketrans("²³₂µμ·Ω\N{OHM SIGN}", "232uu*OO"))
    plain = re.sub(r"(?<=[A-Za-z])(\^|\*\*)(?=\d)", "", plain)
    plain = re.sub(r"\s*/\s*", "/", plain)
    plain = re.sub(r"/(hr|hour)$", "/h", plain)
    plain = plain.replace("litre", "liter").replace("metre", "meter")
    return plain if re.fullmatch(r"-|unit-\d+", plain) else re.sub(r"[\s_-]", "", plain)


def _code(spelled: str, text: str) -> int:
    code = int(spelled.removeprefix("unit-"))
    if code > 65535:
        raise ValueError(f"{text!r:.60} is larger than BACnet's unit codes are (65535)")
    return code


def _same_prefix(text: str, key: str) -> bool:
    """Milli is m and mega is M, unless the writer never touched the shift key. Before a digit it is a metre."""
    prefixed = text[:1].lower() == "m" and text[1:2].isalpha()
    return not prefixed or text[:1] == key[:1] or text.islower()


def _unknown(text: str, spelled: str, candidates: list[Unit]) -> str:
    if candidates:
        choice = " or ".join(dict.fromkeys(unit.symbol for unit in candidates))
        return f"unit {text!r:.60} can be read in more than one way, because m is milli and M is mega; write {choice}"
    close = difflib.get_close_matches(spelled.lower(), _FOLDED, n=3, cutoff=0.7)
    choice = " or ".join(dict.fromkeys(_FOLDED[key][0][1].symbol for key in close))
    meant = f"; did you mean {choice}?" if choice else "; BACnet's name or number also works"
    return f"unit {text!r:.60} is unknown{meant}"


def _spellings() -> dict[str, Unit]:
    """Every exact spelling; what comes first wins, so symbols go before names and names before singulars."""
    known = [*_UNITS.values(), *_FOREIGN]
    pairs = [(symbol, _UNITS[code]) for code, symbol in _SYMBOLS.items()]
    pairs += [(unit.symbol, unit) for unit in _FOREIGN]
    pairs += [(alias, _UNITS[code]) for alias, code in _ALIASES.items()]
    pairs += [(unit.name, unit) for unit in known]
    pairs += [(unit.name.removesuffix("s"), unit) for unit in known]
    spellings: dict[str, Unit] = {}
    for text, unit in pairs:
        spellings.setdefault(_spell(text), unit)
    return spellings


def _folded() -> dict[str, tuple[tuple[str, Unit], ...]]:
    folded: dict[str, tuple[tuple[str, Unit], ...]] = {}
    for key, unit in _EXACT.items():
        folded[key.lower()] = (*folded.get(key.lower(), ()), (key, unit))
    return folded


_EXACT: Final = _spellings()
_FOLDED: Final = _folded()
