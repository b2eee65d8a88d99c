"""Formulae in names: `U12`, `kWTot`, `VA`, `Ptot` → what they say, once unit and neighbours bear them out. Pure."""

import re
from itertools import pairwise
from typing import Final

from bacnet_bridge.survey.contradictions import KINDS
from bacnet_bridge.survey.phases import is_phase, symbol
from bacnet_bridge.survey.terms import QUANTITIES, SPELLED_UNITS, SYMBOLS
from bacnet_bridge.survey.terms_of_registers import BARRED, TELLING
from bacnet_bridge.survey.words import Word, meanings

_TOLD: Final = frozenset(TELLING) | {"active", "reactive", "apparent"}
_SURE_LETTERS: Final = frozenset("uvi")
"""Of formulae with a phase's letter, where no unit bears them out: `Ua`, but not `WC`."""
_ELECTRICITY: Final = frozenset({"strom", "stroom", "stroem", "el", "elk", "pel", "wel", "eel"})
"""A current in amperes, electricity in kilowatt-hours; `Pel` beside `Pth`."""
_THERMAL: Final = frozenset({"th", "pth", "wth", "eth", "qth"})
_TOTALS: Final = {"kwt": "kw", "kvart": "kvar", "kvat": "kva"}
"""Where words say that it is one of three phases: else a `kWt` is heat's, and `kVAT` phase T's."""
_QUADRANTS: Final = re.compile(r"[apresq](14|23|12|34)")
"""`A14`, of quadrants 1 and 4, where the description ends with it, too: the register's name, and no meter's."""
_DIRECTIONS: Final = {"14": {"import"}, "23": {"export"}}
_EXPLAINED: Final = frozenset(QUANTITIES) | frozenset(TELLING) | frozenset(BARRED)
_SHORTEST: Final = 3
"""Letters that an abbreviation has at least."""
_UNMARKED: Final = frozenset("q")
"""`Qn` is the reactive power of the fundamental, and no neutral's."""
_APART: Final = {"u": "voltage", "v": "voltage", "i": "current", "p": "power"}
"""`V_AN`, `fI_L1`: the letter, and behind it the phase."""


def explained(name: tuple[Word, ...], description: tuple[Word, ...]) -> tuple[Word, ...]:
    """The name's abbreviations as the description tells them: `E_ODB` with `energie odběr`, `KWT` with `trifásica`."""
    if len(name) == 1 and (match := _QUADRANTS.fullmatch(name[0].text)) and description[-1:] == name:
        return (Word(name[0].text, frozenset({"filler", *_DIRECTIONS.get(match[1], ())})),)
    three = any("total" in each.says for each in description)
    return tuple(_told(each, description, three=three) for each in name)


def _told(word: Word, description: tuple[Word, ...], *, three: bool) -> Word:
    if three and word.text in _TOTALS:
        text = _TOTALS[word.text]
        return Word(text, frozenset(SPELLED_UNITS[text][0].split()) | {"total"})
    if word.says or len(word.text) < _SHORTEST or not word.text.isalpha():
        return word
    longer = {each.says for each in description if each.text != word.text and each.text.startswith(word.text)}
    only = longer.pop() if len(longer) == 1 else frozenset()
    return Word(word.text, only) if only and only <= _EXPLAINED else word


def borne_out(said: tuple[Word, ...], measured: str) -> tuple[Word, ...]:
    """A formula whose unit bears it out says nothing else: `VA` in volts is the voltage of A, `VT` no transformer."""
    kind = measured.rpartition(" ")[2]
    return tuple(_read_as(each, kind) for each in said)


def _read_as(word: Word, kind: str) -> Word:
    if len(word.text) == 2 and kind not in word.says and (kind in formula_says(word.text) or kind not in KINDS):
        return Word(word.text, word.says - frozenset(KINDS) if kind not in formula_says(word.text) else frozenset())
    if kind in {"power", "energy"} and word.text in _ELECTRICITY:
        return Word(word.text, frozenset({"electric"}))
    if kind in {"power", "energy"} and word.text in _THERMAL:
        return Word(word.text, frozenset({"heat", "thermal", "filler"}))
    if kind == "power" and word.text == "dcw":
        return Word(word.text, frozenset({"direct", "power"}))
    if kind == "temperature" and word.text == "t":
        return Word(word.text, frozenset({"temperature", "filler"}))
    return word


def formula_says(word: str) -> frozenset[str]:
    head, tail = symbol(word)
    return frozenset(SYMBOLS.get(head, "").split()) if tail else frozenset()


def worded_as(said: tuple[Word, ...], says: frozenset[str]) -> tuple[str, str | None]:
    """The quantity by words alone, and the unit that they spell."""
    for each in said:
        head = each.text if each.text in SPELLED_UNITS else symbol(each.text)[0]
        if head in SPELLED_UNITS:
            quantity, unit = SPELLED_UNITS[head]
            return quantity, unit or None
    kinds = [kind for kind in KINDS if kind in says]
    if "energy" in kinds and len(kinds) > 1:
        kinds = ["energy"]
    if not kinds:
        kinds, says = _lettered(said)
    if len(kinds) != 1:
        return "", None
    prefix = next((each for each in ("reactive", "apparent") if each in says), "")
    return f"{prefix} {kinds[0]}" if prefix and kinds[0] in {"power", "energy"} else kinds[0], None


def _lettered(said: tuple[Word, ...]) -> tuple[list[str], frozenset[str]]:
    """By the formula's letters: U12, ILN[0], Wp, V_AN."""
    for each, after in pairwise(said):
        if each.text in _APART and _says_phase(after.text):
            return [_APART[each.text]], frozenset()
    for each in said:
        head, tail = symbol(each.text) if not each.says else ("", "")
        if head and (len(head) > 1 or (tail and (head in _SURE_LETTERS or not tail.isalpha()))):
            says = frozenset(SYMBOLS.get(head, "").split())
            return [kind for kind in KINDS if kind in says], says
    return [], frozenset()


def by_letters(said: tuple[Word, ...], measured: str, names: int) -> frozenset[str]:
    """What formulae say beside the quantity, where the unit bears them out: Ptot is a total, EPE is given."""
    found: set[str] = set()
    for at, each in enumerate(said):
        head, tail = symbol(each.text)
        says = set(SYMBOLS.get(each.text, SYMBOLS.get(head, "")).split())
        if measured.rpartition(" ")[2] in says:
            found |= says & (set(TELLING) | (set() if measured == "power" else {"reactive", "apparent"}))
            neutral = tail == "n" and head not in _UNMARKED and (at < names or at == len(said) - 1)
            found |= {"neutral"} if neutral else set()
        found |= set(meanings(tail)) & _TOLD if tail else set()
    return frozenset(found)


def _says_phase(word: str) -> bool:
    """It can be nothing else: `an`, `l1`, `l1n`."""
    return is_phase(word) and len(word) > 1 and (word.startswith("l") or (word.endswith("n") and word[0].isalpha()))
