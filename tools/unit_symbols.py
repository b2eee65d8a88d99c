# ruff: noqa: INP001 - beside a script, not a package
"""BACnet's standard unit names → the symbols that people write. Pure; used by make_unit_codes.py.

The symbols are those of the SI brochure and of NIST SP 811, and of the trade where neither has one. Where no rule
makes a symbol, the name itself is it.
"""

import re
from typing import Final

OVERRULED: Final = {
    14: "°phase", 15: "power-factor", 20: "BTU", 21: "therm", 22: "ton·h", 25: "cycles/h", 26: "cycles/min",
    28: "g/kg dry air", 29: "%RH", 41: "tons", 51: "hp", 52: "TR", 56: "psi", 57: "cmH₂O", 58: "inH₂O", 59: "mmHg",
    60: "cmHg", 61: "inHg", 84: "cfm", 90: "°", 95: "no-units", 96: "ppm", 97: "ppb", 100: "/min", 101: "/s",
    104: "rpm", 120: "Δ°F", 121: "ΔK", 122: "kΩ", 123: "MΩ", 128: "J/(kg·K)", 131: "/h", 141: "W/(m²·K)",
    142: "ft³/s", 143: "%obs/ft", 144: "%obs/m", 158: "cs", 166: "m/s²", 170: "farads", 172: "Ω·m", 199: "dB",
    200: "dBmV", 201: "dBV", 206: "mmH₂O", 207: "‰", 232: "dBA", 233: "NTU", 234: "pH", 237: "Ω·m²/m", 239: "VAh",
    240: "kVAh", 241: "MVAh", 242: "VArh", 243: "kVArh", 244: "MVArh", 245: "V²·h", 246: "A²·h", 247: "J/h",
    252: "mol%", 254: "MMSCFM", 47808: "SCFD", 47809: "MMSCFD", 47810: "MCFD", 47811: "MSCFD", 47814: "mrem",
    47815: "mrem/h", 47816: "°Lovibond", 47817: "%ABV", 47818: "IBU", 47819: "EBU", 47820: "°P", 47821: "SG",
    47822: "EBC", 47823: "/d", 47824: "/ms", 47830: "t", 47872: "Δ°C", 47884: "/million", 47885: "/billion",
    47898: "BTU/(h·W)", 47899: "SEER", 47900: "COP", 47901: "SCOP", 47902: "kW/TR", 47904: "lbf·ft", 47905: "lbf·in",
    47906: "ozf·in", 47907: "psia", 47908: "psig", 47912: "million US gal", 47913: "million imp gal",
    47918: "Wh/pulse", 47919: "VArh/pulse", 47920: "VAh/pulse", 47921: "V²·h/pulse", 47922: "A²·h/pulse",
    47923: "m³/pulse", 47928: "GVArh", 47968: "particles/ft³", 47969: "particles/m³", 47972: "gr/lb dry air",
    47970: "pCi/L",
}  # fmt: skip
"""Where the rule below makes no symbol, or not the one in use."""

PREFIXES: Final = {
    "pico": "p", "nano": "n", "micro": "µ", "milli": "m", "centi": "c", "hecto": "h", "kilo": "k", "mega": "M",
    "giga": "G", "tera": "T",
}  # fmt: skip
STEMS: Final = {
    "ampere": "A", "becquerel": "Bq", "bit": "bit", "btu": "BTU", "byte": "B", "candela": "cd", "curie": "Ci",
    "day": "d", "decibel": "dB", "degree": "°", "farad": "F", "foot": "ft", "feet": "ft", "gram": "g", "gray": "Gy",
    "henry": "H", "hertz": "Hz", "hour": "h", "inch": "in", "inches": "in", "joule": "J", "kelvin": "K", "liter": "L",
    "lumen": "lm", "luxe": "lx", "meter": "m", "mile": "mi", "mil": "mil", "minute": "min", "month": "mo",
    "newton": "N", "ohm": "Ω", "pascal": "Pa", "bar": "bar", "psi": "psi", "pulse": "pulses", "radian": "rad",
    "second": "s", "siemen": "S", "sievert": "Sv", "tesla": "T", "volt": "V", "watt": "W", "weber": "Wb",
    "week": "wk", "yard": "yd", "year": "yr", "percent": "%",
}  # fmt: skip
PHRASES: Final = {
    "delta-degrees-": "Δ°", "degrees-celsius": "°C", "degrees-fahrenheit": "°F", "degree-fahrenheit": "°F",
    "degrees-kelvin": "K", "degree-kelvin": "K", "degree-days-celsius": "°C·d", "degree-days-fahrenheit": "°F·d",
    "degree-hours-celsius": "°C·h", "degree-hours-fahrenheit": "°F·h", "degree-minutes-celsius": "°C·min",
    "degree-minutes-fahrenheit": "°F·min", "degree-seconds-celsius": "°C·s", "degree-seconds-fahrenheit": "°F·s",
    "pounds-mass": "lb", "pound-dry-air": "lb dry air", "kilogram-dry-air": "kg dry air", "foot-candles": "fc",
    "us-gallons": "US gal", "imperial-gallons": "imp gal", "short-tons": "short ton", "long-tons": "long ton",
    "metric-tonnes": "t", "tons": "ton", "nautical-miles": "NM", "pound": "lb", "million-cubic-feet": "million ft³",
    "volt-amperes-reactive": "VAr", "volt-amperes": "VA", "watt-hours-reactive": "VArh", "watt-hours": "Wh",
    "btus": "BTU", "btu": "BTU",
}  # fmt: skip


def symbol(code: int, name: str) -> str:
    """The unit's symbol, made of its standard name word by word; the name where it has none."""
    if code in OVERRULED:
        return OVERRULED[code]
    over, *under = name.split("-per-")
    parts = [_product(part) for part in (over, *under)]
    if any(part is None for part in parts):
        return name
    first, *rest = (part or "" for part in parts)
    if len(rest) > 1:
        return f"{first}/({'·'.join(rest)})"
    return f"{first}/({rest[0]})" if rest and "·" in rest[0] else "/".join([first, *rest])


def _product(text: str) -> str | None:
    """`kilowatt-hours` → kWh, `square-meters` → m²; None where a word is not known."""
    for phrase, made in PHRASES.items():
        prefix, found, rest = text.partition(phrase)
        if found and not rest and (prefix in {"", "-"} or prefix.rstrip("-") in PREFIXES):
            return PREFIXES.get(prefix.rstrip("-"), "") + made
    words = re.sub(r"(micro|kilo|mega)-(?=btu|siemen)", r"\1", text).split("-")
    made_words: list[str] = []
    power = ""
    for word in words:
        if word in {"square", "cubic"}:
            power = "²" if word == "square" else "³"
            continue
        known = _word(word)
        if known is None:
            return None
        made_words.append(known + power)
        power = ""
    return "·".join(made_words)


def _word(word: str) -> str | None:
    for stem in (word, word.removesuffix("s"), word.removesuffix("es")):
        if stem in STEMS:
            return STEMS[stem]
        for prefix, letter in PREFIXES.items():
            if stem.startswith(prefix) and stem.removeprefix(prefix) in STEMS:
                return letter + STEMS[stem.removeprefix(prefix)]
    return None
