"""Codes of registers → the words that they stand for: OBIS (IEC 62056-61), French meters', SunSpec's labels. Pure.

`S01:32.7.0` is the voltage of phase 1, whether a word stands beside it or not; `1.8.0` the energy that is taken,
`1.8.1` a tariff of it, `1.8.0*99` what it was at an earlier billing. `EAST`, `IRMS1` and
`PAPP` are a Linky's, `PPVphAB` an inverter's.
"""

import re
from typing import Final

_MEDIA: Final = {
    "4": "obisheat", "5": "obiscold", "6": "obisheat", "7": "obisgas", "8": "obiswater",
    "9": "obiswater",
}  # fmt: skip
"""The code's first number. Of these, the rest is said by the unit."""
_ACTIVE: Final = {1: "import", 2: "export", 15: "", 16: ""}
_SUMS: Final = frozenset({15, 16})
_NOT_COUNTED: Final = frozenset({11, 12, 13, 14})
_A_PHASE: Final = 20
_REACTIVE: Final = {3: "import", 4: "export"}
_APPARENT: Final = {9: "import", 10: "export"}
_ELECTRICAL: Final = {
    **{number: f"active {{}} {told}" for number, told in _ACTIVE.items()},
    **{number: f"reactive {{}} {told}" for number, told in _REACTIVE.items()},
    **dict.fromkeys((5, 6, 7, 8), "reactive {} inductive"),
    **{number: f"apparent {{}} {told}" for number, told in _APPARENT.items()},
    11: "current",
    12: "voltage",
    13: "powerfactor",
    14: "frequency",
    **dict.fromkeys((17, 18, 19, 20), "active {} partial"),
}
"""The third number, of all phases; 20, 40 and 60 more are those of phases 1, 2 and 3."""
_OTHERS: Final = {81: "angle", 91: "neutral current", 92: "neutral voltage"}
_MAXIMA, _AVERAGES, _NOW, _COUNTED = frozenset({2, 3, 6, 16, 26}), frozenset({4, 5, 14, 15, 24, 25, 27}), 7, 8
_PERIODS: Final = frozenset({9, 10, 19, 20, 29, 30})
"""The fourth number: what is told of the quantity."""
_CURRENT: Final = frozenset({None, "255"})
"""The sixth number of what is not an earlier period's."""

_OBIS: Final = re.compile(
    r"(?<![\d.])(?:(?P<a>\d)-(?P<b>\d{1,3}):)?(?P<c>\d{1,3})\.(?P<d>\d{1,2})\.(?P<e>\d{1,3})(?:[*&](?P<f>\d{1,3}))?(?![\d.])"
)
_LOOSE: Final = re.compile(r"(?<![\d.\-])(?P<c>\d{1,2})([._-])(?P<d>[78])(?:\2(?P<e>\d))?(?![\d.\-_]|[A-Za-z])")
"""`32.7`, `1-8-0`, `1_8_0`: anything may be numbered so, hence only where the unit says the same."""

_QUADRANTS: Final = re.compile(
    r"\b(?:quadrants?|quadranten|quad|cuadrantes|quadranti)\s*([1-4])\s*(?:&|\+|/|,|and|und|et|y|e)\s*([1-4])\b",
    re.IGNORECASE,
)

_TARIFFS: Final = "active energy tariff"
_LABELS: Final = tuple(
    (re.compile(rf"(?<![A-Za-z0-9])(?:{label})(?![A-Za-z0-9])", re.IGNORECASE), said)
    for label, said in (
        (r"EASF\d\d|EASD\d\d|HCH[CP]|EJPH(?:N|PM)|BBRH[CP]J[BWR]", _TARIFFS),
        (r"EAIT", "active energy export total"),
        (r"ERQ[1-4]", "reactive energy"),
        (r"[IU]RMS([1-3])", r" l\1 "),
        (r"UMOY\d?|CCA[SI]N(?:-1)?", "average"),
        (r"SINSTS([1-3])", r"apparent power import l\1"),
        (r"SINSTS", "apparent power import"),
        (r"SINSTI", "apparent power export"),
        (r"SMAX[SI]N?[1-3]?(?:-1)?|IMAX[1-3]?|PMAX", "maximum"),
        (r"PAPP", "apparent power"),
        (r"PPVph(AB|BC|CA)", r"voltage \1"),
        (r"Tmp(?:Cab|Snk|Trns|Ot)", "internal temperature"),
        (r"IINST([1-3])", r"current l\1"),
        (r"IINST", "current"),
        (r"ISOUSC|PREF|PCOUP", "subscribed"),
    )
)
_OF_THE_LABELS: Final = re.compile(r"(?<![A-Za-z])(?:TIC\d*|Linky|T[ée]l[ée]-?info)(?![A-Za-z])", re.IGNORECASE)
_AMBIGUOUS: Final = re.compile(r"(?<![A-Za-z0-9])(EAST|BASE)(?![A-Za-z0-9])", re.IGNORECASE)
"""Labels that are words elsewhere, too: only beside the interface's name."""


def spelled_out(text: str, measured: str = "") -> str:
    """The text with its codes replaced by words; loose spellings only where the object's unit is one of `measured`."""
    text = _QUADRANTS.sub(_of_quadrants, _OBIS.sub(_register, text))
    if measured:
        text = _LOOSE.sub(lambda match: _borne_out(match, measured), text)
    if _OF_THE_LABELS.search(text):
        text = _AMBIGUOUS.sub(" active energy import total ", text)
    for label, said in _LABELS:
        text = label.sub(f" {said} ", text)
    return text


def _of_quadrants(match: re.Match[str]) -> str:
    """Energy of both quadrants in which it is taken, or given, is no partial register."""
    return {"14": " import ", "23": " export "}.get("".join(sorted(match[1] + match[2])), match[0])


def _register(match: re.Match[str]) -> str:
    if medium := _MEDIA.get(match["a"] or ""):
        return f" {medium} "
    said = _said(int(match["c"]), int(match["d"]), match["e"])
    frozen = "" if match["f"] in _CURRENT else "previous"
    return f" {said} {frozen} " if said else match[0]


def _borne_out(match: re.Match[str], measured: str) -> str:
    said = _said(int(match["c"]), int(match["d"]), match["e"] or "0")
    kind = measured if set(measured.split()) & {"reactive", "apparent"} or measured in {"voltage", "current"} else ""
    wanted = kind or f"active {measured}"
    return f" {said} " if said.startswith(wanted) else match[0]


def _said(quantity: int, kind: int, detail: str) -> str:
    """`voltage l1`, `active energy import tariff`; empty for what is no electrical register."""
    if quantity in _OTHERS:
        return _OTHERS[quantity]
    phase, number = divmod(quantity - 1, _A_PHASE)
    what = _ELECTRICAL.get(number + 1, "") if 0 <= phase <= 3 else ""
    told = _told(kind, detail, number + 1)
    if not what or told is None:
        return ""
    energy = kind == _COUNTED or kind in _PERIODS
    if number + 1 in _SUMS:
        told += " net" if energy else "" if phase else " total"
    return f"{what.format('energy' if energy else 'power')} {f'l{phase}' if phase else ''} {told}"


def _told(kind: int, detail: str, number: int) -> str | None:
    """Tariff, maximum, average, harmonic: what the fourth and the fifth number say; None for no register at all."""
    if kind == _NOW:
        return "" if detail == "0" else "harmonic"
    if kind == _COUNTED:
        return None if number in _NOT_COUNTED else "" if detail == "0" else "tariff"
    if kind in _PERIODS:
        return "interval"
    return "maximum" if kind in _MAXIMA else "average" if kind in _AVERAGES else None
