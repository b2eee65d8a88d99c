"""One object → what its unit, its name and its description say of it, before its neighbours are asked. Pure."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import chain, pairwise
from typing import Final

from bacnet_bridge.survey.codes import spelled_out
from bacnet_bridge.survey.contradictions import contradiction
from bacnet_bridge.survey.formulae import borne_out, by_letters, explained, formula_says, worded_as
from bacnet_bridge.survey.measures import measure
from bacnet_bridge.survey.model import FoundDevice, FoundObject
from bacnet_bridge.survey.phases import COUNTED, OWNERS, Mark, is_phase, marks, symbol
from bacnet_bridge.survey.terms import QUANTITIES, SPELLED_UNITS, SYMBOLS
from bacnet_bridge.survey.terms_of_buildings import PLACES
from bacnet_bridge.survey.terms_of_registers import BARRED, TELLING
from bacnet_bridge.survey.variables import untyped
from bacnet_bridge.survey.words import Word, known, meanings, words

ELECTRICAL: Final = {
    "power": "aP",
    "reactive power": "rP",
    "apparent power": "apP",
    "voltage": "v",
    "current": "c",
    "energy": "pC",
}
"""What is measured → the stem of the field's key."""

_TOLD: Final = frozenset(TELLING) | {"active", "reactive", "apparent"}
_ANALOG_INPUT, _ANALOG_VALUE = 0, 2
_FILLED: Final = 3
"""So many names of the greatest length are no accident."""
_SHORTEST_ROOM: Final = 8
_QUANTITY_WORDS: Final = frozenset(QUANTITIES)
_THREE: Final = frozenset({"total"})
_THREE_PHASE: Final = frozenset(
    {"3phase", "3ph", "3p", "threephase", "3phasen", "3phases", "3f", "3fase", "3fases", "driefasig", "dreiphasig"}
)
"""Said of a feeder, `Rack R07A 3ph`, it makes no current the sum of three."""
_NAMED: Final = re.compile(r"(kwh|mwh|kw|mtr|meter|zahler|zaehler|teller|cpt|compteur|contador|contatore|licznik)\d+")
"""A meter's name, though it says what is measured: `KWH01`, `Meter9`."""
_STRIPPED: Final = (
    frozenset(QUANTITIES) | frozenset(TELLING) | frozenset(BARRED)
    | {"filler", "meter", "phase", "line to neutral", "line to line", "communication", "electric", "alarm", "running"}
    | {"temperature", "flow", "volume", "hours", "difference", "setpoint", "limit"}
)  # fmt: skip
"""Words that say what a point is, not whose: they are no part of a meter's name."""


@dataclass(frozen=True, slots=True)
class Sense:
    """What one object says of itself."""

    device: FoundDevice
    object: FoundObject
    measured: str
    """By its unit; empty where it has none."""
    name: tuple[Word, ...]
    description: tuple[Word, ...]
    says: frozenset[str]
    """What its words mean, together."""
    quantity: str
    """`power`, `reactive power`, `energy` …: by its unit, else by its words, else empty."""
    spelled: str | None
    """The unit that its words spell where the object has none: `kW`."""
    contradicted: str
    """What the unit says against the words, as a sentence; empty where they agree."""
    filled: bool = False
    """Its name takes all the room that the device has for names."""
    beside_inputs: bool = False
    """An analog value in a device that shows most of what it measures as analog inputs: likely a setting."""
    cut: bool = False
    """Its name ends within a word, for want of room, and no description tells the rest."""
    marks: tuple[Mark, ...] = field(default=(), compare=False)
    """Phases in the name, then those in the description (whose places count from 100)."""

    @property
    def key(self) -> str:
        return ELECTRICAL.get(self.quantity, "")

    @property
    def number(self) -> Decimal | None:
        return None if self.object.value is None else self.object.value.number

    def because(self, meaning: Iterable[str]) -> str:
        """The words that say so, as they stand."""
        wanted = set(meaning)
        found = (each.text for each in (*self.name, *self.description) if each.says & wanted)
        return ", ".join(dict.fromkeys(found))


def room(device: FoundDevice) -> int:
    """The characters for which a device's names have room, where some of them fill it; 0 where none seem cut."""
    lengths = Counter(len(each.name or "") for each in device.objects)
    longest = max(lengths, default=0)
    return longest if lengths[longest] >= _FILLED and longest >= _SHORTEST_ROOM else 0


def mostly_inputs(device: FoundDevice) -> bool:
    """It has more analog inputs than analog values: the latter are settings."""
    kinds = Counter(each.id.type for each in device.objects)
    return kinds[_ANALOG_INPUT] > kinds[_ANALOG_VALUE]


def sense(
    device: FoundDevice, found: FoundObject, room: int = 0, *, mostly_inputs: bool = False, typed: bool = False
) -> Sense:
    """What the object's unit and texts say; `room` and `mostly_inputs` as above, `typed` as in variables.py."""
    measured = measure(found.unit)
    called = untyped(found.name or "") if typed else found.name
    texts = (spelled_out(text or "", measured) for text in (called, found.description))
    name, description = (borne_out(words(text), measured) for text in texts)
    name = explained(name, description)
    description = _of_the_feeder(description)
    both = (*name, *description)
    says = frozenset(chain.from_iterable(each.says for each in both))
    filled = bool(room) and len(found.name or "") == room
    tailed = bool(name) and name[-1].text.startswith("~")
    worded, spelled = worded_as(both, says)
    return Sense(
        device,
        found,
        measured,
        name,
        description,
        says | by_letters(both, measured, len(name)),
        measured or worded,
        None if measured else spelled,
        contradiction(measured, says, worded if spelled else ""),
        filled,
        mostly_inputs and found.id.type == _ANALOG_VALUE,
        (filled or tailed) and not description and not _whole(name, found.name or ""),
        _marks(name, description),
    )


def _of_the_feeder(description: tuple[Word, ...]) -> tuple[Word, ...]:
    """Where it names no quantity, `3ph` is said of the feeder and makes nothing a total."""
    if any(each.says & _QUANTITY_WORDS for each in description):
        return description
    return tuple(Word(each.text, each.says - _THREE) if each.text in _THREE_PHASE else each for each in description)


def _marks(name: tuple[Word, ...], description: tuple[Word, ...]) -> tuple[Mark, ...]:
    """Those of both texts; what an owner is called by in the one, `charge point A`, is no phase in the other."""
    named, described = list(marks(name)), [_shifted(mark) for mark in marks(description)]
    return (
        *(each for each in named if each.strong or each.head or each.code not in _owned(description)),
        *(each for each in described if each.strong or each.head or each.code not in _owned(name)),
    )


def _owned(said: tuple[Word, ...]) -> set[str]:
    return {each.text for before, each in pairwise(said) if before.says & OWNERS and is_phase(each.text)}


def stem(
    said: tuple[Word, ...], measured: str = "", dropped: Iterable[int] = (), *, lettered: bool = False
) -> tuple[str, ...]:
    """The words that are a meter's own: without quantities, phases, units and what tells registers apart.

    `dropped` are the places of phases; a formula's letters go where they say what is `measured`, or where nothing is,
    unless they were `lettered` with the phase.
    """
    drop = set(dropped)
    return tuple(
        each.text
        for at, each in enumerate(said)
        if at not in drop
        and not each.text.startswith(COUNTED)
        and (_lettered_place(said, at, measured) or not _says_what(said, at, measured, lettered=lettered))
    )


def _lettered_place(said: tuple[Word, ...], at: int, measured: str) -> bool:
    """`Block E`, where a lone `e` would be a filler; not `QGBT P`, where the unit bears the formula out."""
    letter = said[at].text
    if at == 0 or len(letter) > 1 or not letter.isalpha() or not (said[at - 1].says & OWNERS or letter == "a"):
        return False
    kind = measured.rpartition(" ")[2]
    formula = kind in SYMBOLS.get(letter, "").split()
    named = any(
        kind in each.says | (formula_says(each.text) if place > at else frozenset())
        for place, each in enumerate(said)
        if place != at
    )
    return named if formula else bool(said[at - 1].says & OWNERS)


def _says_what(said: tuple[Word, ...], at: int, measured: str, *, lettered: bool) -> bool:
    word = said[at]
    if "filler" in word.says and "place" in word.says and not _numbered(said, at):
        return True
    if word.says & frozenset(PLACES) and not word.says & frozenset(QUANTITIES):
        return False
    if word.says & _STRIPPED or word.text in SPELLED_UNITS or word.text in {"n", "t"}:
        return not (_NAMED.fullmatch(word.text) or (word.text == "m3" and measured != "volume"))
    if lettered:
        return False
    if meanings(symbol(word.text)[1]) & _TOLD:
        return True
    kind = measured.rpartition(" ")[2]
    formula = kind in SYMBOLS.get(word.text, "").split() or (word.text == "w" and kind == "energy")
    return formula or (not measured and word.text in SYMBOLS)


def _numbered(said: tuple[Word, ...], at: int) -> bool:
    """`Load 1`, `Level B`: whose point it is, where `Load kW` says nothing."""
    after = said[at + 1].text if at + 1 < len(said) else ""
    return after.isdigit() or len(after) == 1


def _whole(name: tuple[Word, ...], text: str) -> bool:
    """The last word is one that is known, or a number, or a formula with its phase."""
    if text != text.rstrip():
        return False
    if name and name[-1].text.startswith("~"):
        name = name[:-1]
    last = name[-1].text if name else ""
    told = bool(name) and bool(name[-1].says - {"filler"})
    return (
        (known(last) and told)
        or is_phase(last)
        or last[-1:].isdigit()
        or last.startswith("[")
        or bool(symbol(last)[1])
        or last in SYMBOLS
    )


def _shifted(mark: Mark) -> Mark:
    return replace(mark, words=tuple(100 + at for at in mark.words))
