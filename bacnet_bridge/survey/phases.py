"""Phases in names: L1, phase A, R-Y, U31, ILN[2] → the letter or number, its notation, and then the phase. Pure.

What a single object says is only a *mark*: `B` is the second phase beside A and C, the third beside R and Y, and a
panel's name beside a panel A. Marks become phases where the whole meter is seen (electrical.py).
"""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from bacnet_bridge.survey.terms import QUANTITIES, SPELLED_UNITS, SYMBOLS
from bacnet_bridge.survey.terms_of_registers import TELLING
from bacnet_bridge.survey.words import Word, known, meanings

SCHEMES: Final = ("abc", "rst", "ryb", "uvw", "rwb")
"""Phases 1, 2, 3 by letter; where letters fit two of them, the first counts."""
_LETTERS: Final = frozenset("".join(SCHEMES))
_LINE_PAIRS: Final = ("12", "23", "13")
"""An array of line voltages is in this order: 1-2, 2-3, 3-1."""

COUNTED: Final = ("[", "~")
"""An array's index, and the number by which cut names are kept apart: `ACTIV~04`."""
_BETWEEN: Final = frozenset({"to", "a", "y", "e", "und", "et", "and", "til", "till"})
OWNERS: Final = frozenset({"place", "panel", "meter"})
"""What is numbered and lettered behind these is not a phase: panel A, level L2."""
_LINES: Final = frozenset({"line", "linea", "linha", "ligne", "leiter", "lijn"})
_L: Final = re.compile(r"l(?:([1-3])(?:l?([1-3]))?|([04-9]))n?")
_NUMBERS: Final = re.compile(r"[1-3]{1,2}|[04-9]|0[1-3]|[1-9]\d")
_LETTERED_VOLTS: Final = re.compile(r"[uv][a-cr-twy][a-cnr-twy]")
"""`VAN`, `VAB`: not apparent power's `VA`."""
_COLOURS: Final = {"red": "r", "white": "w", "wht": "w", "yellow": "y", "yel": "y", "blue": "b", "blu": "b"}
"""Phases of Australia and, before 2004, of Britain."""
_SYMBOLIC: Final = frozenset(SYMBOLS) | frozenset(SPELLED_UNITS)
_FAINT: Final = frozenset("eaw")
"""`EL1` may be the first electricity meter."""
_NEVER_NEUTRAL: Final = frozenset({"q"})
"""`Qn` is the reactive power of the fundamental."""
_TELLS: Final = frozenset(QUANTITIES)
_TOLD: Final = frozenset(TELLING) | {"active", "reactive", "apparent"}


@dataclass(frozen=True, slots=True)
class Mark:
    """What may be a phase. `code` is `1`, `12`, `a`, `ab`, `n`; `notation` is L, number, letter, index or tail."""

    code: str
    notation: str
    strong: bool
    """It says that it is one: `L1`, `phase A`, `A-N`. Others need another one of their kind beside them."""
    words: tuple[int, ...]
    """Where it stands among the words."""
    head: str = ""
    """The formula's letters before it, `u` of `u12`: it is a phase only of what they stand for."""

    @property
    def pair(self) -> bool:
        return len(self.code) == 2 and self.notation != "index" and "0" not in self.code


def marks(words: Sequence[Word]) -> Iterator[Mark]:
    """All that may be a phase, in the order of the words; pairs before their parts."""
    singles = [mark for at in range(len(words)) if (mark := _single(words, at)) is not None]
    for left, right in itertools.pairwise(singles):
        if _adjacent(words, left, right):
            strong = left.notation == "L" or left.strong
            yield Mark(left.code + right.code, left.notation, strong, left.words + right.words, left.head)
    yield from singles


def scheme(codes: Sequence[str]) -> str:
    """Of which notation by letters most of a meter's marks are."""
    return max(SCHEMES, key=lambda each: sum(set(code) <= set(each) for code in codes))


def phase(mark: Mark, letters: str, *, lines: bool) -> str | None:
    """`1`, `2`, `3`, `12`, `13`, `23`; `n` for a neutral; None for what is none.

    `letters` is the meter's scheme; `lines` says that an array is one of line voltages.
    """
    code = mark.code
    if mark.notation == "index":
        at = int(code)
        return "n" if at > 2 else _LINE_PAIRS[at] if lines else str(at + 1)
    if code == "n":
        return "n"
    if mark.notation == "letter":
        if not set(code) <= set(letters):
            return None
        code = "".join(str(letters.index(each) + 1) for each in code)
    code = "".join(sorted(code.lstrip("0")))
    if code == "4":
        return "n"
    return code if code in {"1", "2", "3", *_LINE_PAIRS} else None


@lru_cache(maxsize=65536)
def symbol(word: str) -> tuple[str, str]:
    """`u12`, `iln`, `kwl1`, `ptot` → the formula's letters and what follows them; two empty texts for what is none."""
    if len(word) == 2 and word[0] in SYMBOLS and _code(word[1]) is not None:
        return word[0], word[1]
    if _LETTERED_VOLTS.fullmatch(word) and _code(word[1:]) is not None:
        return word[0], word[1:]
    if known(word) and word not in _SYMBOLIC:
        return "", ""
    for cut in range(min(len(word), 5), 0, -1):
        head, tail = word[:cut], word[cut:]
        told = meanings(tail) & _TOLD and (len(tail) > 2 or tail[0] == "3")
        if head in _SYMBOLIC and (not tail or _code(tail) is not None or told):
            return head, tail
    for cut in range(max(len(word) - 4, 2), len(word)):
        head, tail = word[:cut], word[cut:]
        if _code(tail) is not None and known(head) and meanings(head) & (_TELLS | {"phase"}):
            return head, tail
    return "", ""


def is_phase(word: str) -> bool:
    """It may be one by itself: `rs`, `l2`, `bn`."""
    return _code(word) is not None or _L.fullmatch(word) is not None


def _code(tail: str) -> tuple[str, str] | None:
    """The code and the notation of what stands behind a formula's letters."""
    if tail == "n":
        return "n", "letter"
    if match := _L.fullmatch(tail):
        return (match[1] or match[3]) + (match[2] or ""), "L"
    plain = tail.removesuffix("n") if len(tail) > 1 else tail
    if _NUMBERS.fullmatch(plain):
        return plain, "number"
    if 0 < len(plain) <= 2 and any(set(plain) <= set(each) for each in SCHEMES) and len(set(plain)) == len(plain):
        return plain, "letter"
    return None


def _single(words: Sequence[Word], at: int) -> Mark | None:
    text, before = words[at].text, words[at - 1] if at else Word("")
    after = words[at + 1] if at + 1 < len(words) else Word("")
    named = "phase" in before.says or ("phase" in after.says and not _named_behind(words, at + 1))
    if text.startswith(COUNTED):
        return Mark(text.strip("[]~"), "index" if text.startswith("[") else "tail", strong=False, words=(at,))
    if text in _COLOURS:
        return Mark(_COLOURS[text], "letter", strong=named, words=(at,))
    if match := _L.fullmatch(text):
        code = (match[1] or match[3]) + (match[2] or "")
        return Mark(code, "L", strong=named or not before.says & OWNERS, words=(at,))
    if found := _code(text):
        return _bare(found, words, at, named)
    return _in_formula(text, at)


def _named_behind(words: Sequence[Word], at: int) -> bool:
    """The word `phase` names what follows: `Meter 3 Phase 1`."""
    return at + 1 < len(words) and is_phase(words[at + 1].text)


def _in_formula(text: str, at: int) -> Mark | None:
    """`u12`, `kwl1`, `ibn`: letters that say what is measured, and the phase behind them."""
    head, tail = symbol(text)
    found = _code(tail) if tail else None
    if found is None:
        return None
    code, notation = found
    if notation == "number" and len(head) == 2 and head.endswith("l") and head in SYMBOLS:
        notation = "L"
    paired = len(code) == 2 and "0" not in code and notation == "number" and SYMBOLS.get(head) == "voltage"
    if code == "n" and head in _NEVER_NEUTRAL:
        return None
    strong = (
        (notation == "L" and head not in _FAINT)
        or paired
        or "phase" in meanings(head)
        or (tail.endswith("n") and code != "n" and not known(text))
    )
    return Mark(code, notation, strong=strong, words=(at,), head=head if head in SYMBOLS else "")


def _bare(found: tuple[str, str], words: Sequence[Word], at: int, named: bool) -> Mark | None:
    """A letter or a number that stands alone: what stands before it decides whether it may count phases."""
    code, notation = found
    before = words[at - 1] if at else Word("")
    if before.says & OWNERS and not named:
        return None
    to_neutral = at + 1 < len(words) and words[at + 1].text == "n" and notation == "letter"
    if named or to_neutral or words[at].text in {f"{code}n"} - {"n"}:
        return Mark(code, notation, strong=code != "n", words=(at, at + 1) if to_neutral else (at,))
    earlier = words[at - 2] if at > 1 and before.text in _LINES else before
    counted = earlier.says & (_TELLS | {"total", "line to line", "line to neutral"}) or before.text in _SYMBOLIC
    if notation == "number" and not counted:
        follows = _code(before.text) if before.text else None
        if follows is None or follows[1] != "number" or len(code) != 1:
            return None
    return Mark(code, notation, strong=False, words=(at,))


def _adjacent(words: Sequence[Word], left: Mark, right: Mark) -> bool:
    """`L1 L2`, `A B`, `L1 to L2`: two phases of one notation, one beside the other."""
    if left.notation != right.notation or {len(left.code), len(right.code)} != {1} or left.code == right.code:
        return False
    if "n" in {left.code, right.code} or left.notation == "index":
        return False
    gap = words[left.words[-1] + 1 : right.words[0]]
    return all(each.text in _BETWEEN for each in gap) and len(gap) <= 1
