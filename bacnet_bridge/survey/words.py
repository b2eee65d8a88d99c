"""A device's texts → words and what they say. Pure.

`MDP1.points.kWTot`, `TGBT_ARR_U12`, `Wirkleistung L1` are cut where people cut them: at blanks and signs, at capitals
within a word, behind a unit. A word's meaning comes from the tables in terms.py and terms_of_buildings.py: as it
stands, or from its parts (`wirkleistung`), or, cut short by a device that has no room (`spannu`), from the only meaning
that begins so.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Final

from bacnet_bridge.survey.codes import spelled_out
from bacnet_bridge.survey.scripts import in_letters
from bacnet_bridge.survey.terms import QUANTITIES, SPELLED_UNITS
from bacnet_bridge.survey.terms_of_buildings import MEDIA, PLACES, SAID
from bacnet_bridge.survey.terms_of_points import BUILDING
from bacnet_bridge.survey.terms_of_registers import BARRED, TELLING

LONGEST: Final = 200
"""Characters that are looked at: no point needs more to say what it is."""
_JOINED: Final = 4
"""Words that may have been written apart: `facteur de puissance`, `cos phi`."""
_SHORTEST_JOINED: Final = 5
_SHORTEST_CUT: Final = 4
"""Letters that a cut word must have left."""

_PHASES: Final = frozenset("abcrstyw")
_NUMBERED: Final = frozenset({"hp", "hc"})
_BUILDINGS: Final = frozenset("abcdefg")
_PLACE: Final = frozenset({"place"})

_FOLD: Final = str.maketrans({"ß": "ss", "æ": "ae", "ø": "o", "ł": "l", "ı": "i", "đ": "d", "œ": "oe", "þ": "th"})
_UNIT_IN_FRONT: Final = re.compile(r"(?<![A-Za-z])([kM](?:Wh?+|VA(?:[rR]h?|h)?+))(?=[A-Z])")
_CAMEL: Final = re.compile(
    r"(?<=[a-z]{2})(?=[A-Z])|(?:(?<=[A-Z])|(?<=[A-Z][a-z]))(?=[A-Z](?!hr)[a-z]{2})|(?<=\d)(?=[A-Z][a-z])"
)
_SIGNED: Final = re.compile(r"(?<![A-Za-z])(A|E[Aa]?|P|W|k?Wh)([+-])(?=\s|\)|$)|(?<=\s)\(?([+-])\)?(?=\s*$)|\(([+-])\)")
_GREEK: Final = str.maketrans({"Σ": " sum ", "∑": " sum ", "φ": " phi ", "ϕ": " phi ", "Φ": " phi "})
_COUNTED: Final = re.compile(r"(l\d{1,2}n?|\d+n?)$")
_FORMULA: Final = re.compile(r"(?<![A-Za-z])([EW][APQS])([a-z]{2,4})(?![A-Za-z])")
"""`EPpob`, `WPimp`: the formula, and what is told of it."""
_LINE_TO_LINE: Final = re.compile(r"\bline[ _]?([1-3])[ _]*(?:to|-)[ _]*line[ _]?([1-3])\b", re.IGNORECASE)
_OWNED_INDEX: Final = re.compile(r"\[(\d{1,3})\](?=\.(?!val|pv|present)\w)", re.IGNORECASE)
"""`stEM[0].fU_L1`: the number of a meter in an array; `ILN[0]` is a phase."""
_TOKEN: Final = re.compile(r"\[\d{1,3}\]|~\d{1,3}(?=\s*$)|[^\W_]+")

Says = frozenset[str]
NOTHING: Final[Says] = frozenset()


@dataclass(frozen=True, slots=True)
class Word:
    """A word as it was met, in lower case without accents, and the meanings that the tables give it."""

    text: str
    says: Says = NOTHING


@lru_cache(maxsize=65536)
def words(text: str) -> tuple[Word, ...]:
    """The words of a text, in order; those that belong together are one."""
    tokens = _tokens(text[:LONGEST])
    found = []
    at = 0
    while at < len(tokens):
        length, says = next(_known_joined(tokens, at), (1, NOTHING))
        said = "".join(tokens[at : at + length])
        found.append(Word(said, says if length > 1 else _in_place(tokens, at)))
        at += length
    return tuple(found)


@lru_cache(maxsize=65536)
def meanings(word: str) -> Says:
    """What one word says."""
    if says := _EXACT.get(word):
        return says
    if says := _of_parts(word):
        return says
    letters = _COUNTED.sub("", word).lstrip("0123456789")
    if letters != word and len(letters) > 2:
        return meanings(letters)
    return _of_two(word) or _cut_short(word)


def known(word: str) -> bool:
    """It stands in the tables as it is, or is a quantity and what is told of it: `powerreac`."""
    return word in _EXACT or bool(_of_two(word))


def _tokens(text: str) -> list[str]:
    text = _SIGNED.sub(_signed, spelled_out(in_letters(text).translate(_GREEK)))
    text = _OWNED_INDEX.sub(r"\1 ", text)
    text = _LINE_TO_LINE.sub(r"L\1-L\2", text)
    text = _CAMEL.sub(" ", _UNIT_IN_FRONT.sub(r"\1 ", _FORMULA.sub(r"\1 \2", text)))
    plain = unicodedata.normalize("NFKD", text.lower().translate(_FOLD))
    return _TOKEN.findall("".join(each for each in plain if not unicodedata.combining(each)))


def _signed(match: re.Match[str]) -> str:
    """`A+`, `kWh-`, `Energie active +`."""
    what = "active energy" if match[1] == "A" else match[1] or ""
    return f" {what} {'import' if (match[2] or match[3] or match[4]) == '+' else 'export'} "


def _in_place(tokens: Sequence[str], at: int) -> Says:
    """What one word says where it stands: `HP-1` is a heat pump and no tariff, `P-3F-1` a floor's panel."""
    after = tokens[at + 1] if at + 1 < len(tokens) else ""
    if tokens[at] in _NUMBERED and after.isdigit():
        return NOTHING
    if tokens[at] == "3f" and not (at and (at + 1 == len(tokens) or meanings(tokens[at - 1]) & _MEASURED)):
        return _PLACE
    return meanings(tokens[at])


def _known_joined(tokens: list[str], at: int) -> Iterator[tuple[int, Says]]:
    if at == 0 and len(tokens) > 2 and tokens[0] == "bat" and tokens[1] in _BUILDINGS:
        yield 2, _PLACE  # bâtiment A, and no battery
    for length in range(min(_JOINED, len(tokens) - at), 1, -1):
        joined = "".join(tokens[at : at + length])
        if joined in _EXACT and not joined[-1].isdigit() and _joins(joined, tokens[at:], length):
            yield length, _EXACT[joined]


def _joins(joined: str, tokens: Sequence[str], length: int) -> bool:
    """No accident: it is long enough, no `1 phase` before a phase, nor a unit and a phase's letter: `kW A`."""
    if tokens[0] in SPELLED_UNITS:
        return tokens[1] not in _PHASES
    if tokens[0] == "3" or (tokens[0] == "1" and len(joined) >= _SHORTEST_JOINED):
        return len(tokens) == length or len(tokens[length]) > 1
    return len(joined) >= _SHORTEST_JOINED


def _of_parts(word: str) -> Says:
    """Of a compound: the longest parts, none of which lies within another."""
    spans = [(at, at + len(stem), says) for stem, where, says in _PARTS if (at := _found(stem, where, word)) >= 0]
    said = [
        says
        for start, end, says in spans
        if not any(s <= start and end <= e and e - s > end - start for s, e, _ in spans)
    ]
    return frozenset(chain.from_iterable(said))


def _found(stem: str, where: str, word: str) -> int:
    if where == "begins":
        return 0 if word.startswith(stem) else -1
    if where == "ends":
        return len(word) - len(stem) if word.endswith(stem) else -1
    return word.find(stem)


def _of_two(word: str) -> Says:
    """`kwtot`, `voltavg`: a quantity and what is told of it, without a gap."""
    for cut in range(2, len(word) - 1):
        back = _EXACT.get(word[cut:], NOTHING)
        front = (_EXACT.get(word[:cut]) or _of_two(word[:cut])) if back & _ATTACHED else NOTHING
        if front & _MEASURED:
            return front | back
    return NOTHING


def _cut_short(word: str) -> Says:
    if len(word) < _SHORTEST_CUT or not word.isalpha():
        return NOTHING
    longer = {says for known, says in _BY_FIRST.get(word[:_SHORTEST_CUT], ()) if known.startswith(word)}
    return longer.pop() if len(longer) == 1 and min(longer) <= _MEASURING else NOTHING


def _terms(table: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for meaning, terms in table.items():
        yield from ((term, meaning) for term in terms.split() if not term.endswith(":"))


_TABLES: Final = (QUANTITIES, TELLING, BARRED, MEDIA, PLACES, SAID, BUILDING)
_ALL: Final = [
    *chain.from_iterable(_terms(table) for table in _TABLES),
    *((unit, meaning) for unit, (says, _) in SPELLED_UNITS.items() for meaning in says.split()),
]


def _exact() -> dict[str, Says]:
    known: dict[str, set[str]] = {}
    for term, meaning in _ALL:
        known.setdefault(term.strip("*"), set()).add(meaning)
    return {term: frozenset(says) for term, says in known.items()}


def _wild() -> list[tuple[str, str, Says]]:
    known: dict[tuple[str, str], set[str]] = {}
    for term, meaning in _ALL:
        if "*" in term:
            where = {(True, True): "within", (True, False): "ends"}.get((term[0] == "*", term[-1] == "*"), "begins")
            known.setdefault((term.strip("*"), where), set()).add(meaning)
    return [(stem, where, frozenset(says)) for (stem, where), says in known.items()]


def _by_first() -> dict[str, list[tuple[str, Says]]]:
    found: dict[str, list[tuple[str, Says]]] = {}
    for term, says in _EXACT.items():
        if len(term) > _SHORTEST_CUT:
            found.setdefault(term[:_SHORTEST_CUT], []).append((term, says))
    return found


_EXACT: Final = _exact()
_PARTS: Final = _wild()
_BY_FIRST: Final = _by_first()
_MEASURED: Final = frozenset(QUANTITIES)
_MEASURING: Final = _MEASURED | frozenset(MEDIA) | {"temperature", "humidity", "pressure", "flow", "volume", "total"}
"""What a cut word may say; *Mitte* is not a cut *Mittelwert*."""
_ATTACHED: Final = frozenset(TELLING) | {
    "active",
    "reactive",
    "apparent",
    "line to line",
    "line to neutral",
    "power factor",
    "neutral",
}
