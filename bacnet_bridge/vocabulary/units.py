"""Engineering units: BACnet's numbers and names, the symbols that people write, and exact conversions.

Source: ANSI/ASHRAE 135, clause 21, BACnetEngineeringUnits; the tables of codes are in unit_codes.py, those of factors
in conversions.py.
"""

import difflib
import re
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import Final

from bacnet_bridge.vocabulary.conversions import AMBIGUOUS, FAMILIES
from bacnet_bridge.vocabulary.unit_codes import UNIT_NAMES, UNIT_SYMBOLS


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit. `code` is BACnet's number (None where BACnet has none), `name` its standard name, `symbol` ours."""

    code: int | None
    name: str
    symbol: str

    def __str__(self) -> str:
        return self.symbol


_TWINS: Final = frozenset({203, 204, 205})
"""BACnet has reactive energy twice; these are the codes that a symbol does not mean."""

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

_FACTORS: Final = Context(prec=60)

_UNITS: Final = {code: Unit(code, name, UNIT_SYMBOLS[code]) for code, name in UNIT_NAMES.items()}


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
    """The factor that turns a number in `have` into one in `want`; None where there is none.

    Exact where it is finite, else to 60 digits: 1 J is 1/3600 Wh. Only units of one and the same quantity convert.
    """
    if have == want:
        return Decimal(1)
    for family in FAMILIES:
        if have.code in family and want.code in family:
            factor = family[have.code] / family[want.code]
            return _FACTORS.divide(Decimal(factor.numerator), Decimal(factor.denominator))
    return None


def why_not(unit: Unit) -> str:
    """What there is to add where a unit does not convert: empty, or why it cannot."""
    told = AMBIGUOUS.get(unit.code or 0)
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
        choice = " or ".join(sorted({unit.symbol for unit in candidates}, key=str.swapcase))
        return f"unit {text!r:.60} can be read in more than one way, because m is milli and M is mega; write {choice}"
    close = difflib.get_close_matches(spelled.lower(), _FOLDED, n=3, cutoff=0.7)
    choice = " or ".join(dict.fromkeys(_FOLDED[key][0][1].symbol for key in close))
    meant = f"; did you mean {choice}?" if choice else "; BACnet's name or number also works"
    return f"unit {text!r:.60} is unknown{meant}"


def _spellings() -> dict[str, Unit]:
    """Every exact spelling; what comes first wins, so symbols go before names and names before singulars."""
    known = [*_UNITS.values(), *_FOREIGN]
    symbols = sorted(UNIT_SYMBOLS.items(), key=lambda item: item[0] in _TWINS)
    pairs = [(symbol, _UNITS[code]) for code, symbol in symbols]
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
