"""Which objects of a device belong to one meter, and the phase of each. Pure.

A meter's own name is what its objects' names share once quantities, phases and registers are taken away:
`TGBT_DEP01_I1` and `TGBT_DEP01_KWH` leave `tgbt dep01`. What looks like a phase is one only if its neighbours agree:
three powers 1, 2, 3 are phases, eight powers 1 … 8 are eight meters, and a lone `A` is whatever it is.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bacnet_bridge.survey.phases import Mark, phase, scheme
from bacnet_bridge.survey.sense import ELECTRICAL, Sense, stem
from bacnet_bridge.survey.terms import QUANTITIES, SPELLED_UNITS, SYMBOLS
from bacnet_bridge.survey.terms_of_registers import BARRED, TELLING
from bacnet_bridge.survey.words import Word, meanings

_SURE: Final = frozenset({"voltage", "current"})
_PHASED: Final = frozenset(ELECTRICAL)

Stem = tuple[str, ...]

_ROUNDS: Final = 4
"""Of regrouping, each of which takes away what cannot be a phase."""
_DESCRIBED: Final = 100
"""Marks of a description count their words from here (sense.py)."""
_TOLD: Final = frozenset(TELLING) - {"total"}
_POWERS: Final = frozenset({"aP", "rP", "apP"})
_QUANTITIES: Final = frozenset(QUANTITIES)
_BARRED: Final = frozenset(BARRED)


@dataclass(frozen=True, slots=True)
class Member:
    """An object in its meter. `phase` is `1` … `23`, `n` for a neutral, None for none or all."""

    sense: Sense
    mark: Mark | None
    phase: str | None = None
    spans: bool = False
    """Its words name a range of phases, `L1..L3`: it is their total."""
    apart: bool = False
    """Its name is not quite the meter's: a lone total that no other meter can own."""


@dataclass(frozen=True, slots=True)
class Group:
    """Objects of one meter."""

    stem: Stem
    members: tuple[Member, ...]


def groups(senses: Sequence[Sense]) -> list[Group]:
    """The meters of one device: by names, or by descriptions where names keep nearly every object apart."""
    by_name = _grouped(senses, described=False)
    if learned := _learned(by_name):
        merged = _grouped(senses, described=False, learned=learned)
        by_name = by_name if _clashes(merged) else merged
    measuring = [each for each in by_name if any(member.sense.key for member in each.members)]
    alone = sum(len(each.members) == 1 for each in measuring)
    if len(measuring) > 3 and alone * 2 > len(measuring):
        by_description = _grouped(senses, described=True)
        if not _clashes(by_description) and len(by_description) * 2 < len(by_name):
            return by_description
    return by_name


def _learned(found: Sequence[Group]) -> frozenset[str]:
    """Words that the tables do not know and that a device says of one quantity only, at three phases or two meters,
    while that meter's other quantities lack it: they are this site's words for the quantity.
    """
    quantities: dict[str, set[str]] = defaultdict(set)
    counts: Counter[str] = Counter()
    stems = {each.stem for each in found}
    for group in found:
        keys = {each.sense.key for each in group.members}
        for word in group.stem:
            if word.isalpha() and not meanings(word):
                quantities[word] |= keys
                counts[word] += len(group.members)
    single = {word for word, keys in quantities.items() if len(keys) == 1 and "" not in keys and counts[word] > 2}
    bases = Counter(_without(each.stem, single) for each in found)
    return frozenset(
        word
        for word in single
        if all(bases[_without(own, single)] > 1 or _without(own, single) in stems for own in stems if word in own)
    )


def _without(own: Stem, words: Collection[str]) -> Stem:
    return tuple(each for each in own if each not in words)


def clashing(members: Iterable[Member]) -> set[tuple[str, str | None]]:
    """Quantities and phases that more than one of a meter's objects claims in the same words."""
    claims = Counter(
        (each.sense.key, each.phase, frozenset(each.sense.says & (_TOLD | _BARRED)))
        for each in members
        if each.sense.key and each.phase not in {None, "n"}
    )
    return {(key, found) for (key, found, _), count in claims.items() if count > 1}


def _clashes(found: Sequence[Group]) -> bool:
    return any(clashing(each.members) or _twice(each) for each in found)


def _twice(group: Group) -> bool:
    totals = Counter(
        (each.sense.key, frozenset(each.sense.says)) for each in group.members if each.phase is None and each.sense.key
    )
    return any(count > 1 for count in totals.values())


def _grouped(senses: Sequence[Sense], *, described: bool, learned: Collection[str] = ()) -> list[Group]:
    """Group, strike out the marks that are no phases, and group again until all are."""
    choices = {each.object.id: _choices(each) for each in senses}
    found: list[Group] = []
    for _ in range(_ROUNDS):
        members: dict[Stem, list[Member]] = defaultdict(list)
        for each in senses:
            mark = next(iter(choices[each.object.id]), None)
            members[_without(_stem(each, mark, described=described), learned)].append(Member(each, mark))
        found = [Group(own, _phased(each)) for own, each in members.items()]
        struck = [member for group in found for member in _no_phases(group.members)]
        if not struck:
            break
        for member in struck:
            choices[member.sense.object.id].pop(0)
    return found


def _choices(sense: Sense) -> list[Mark]:
    """What may be the object's phase, the likeliest first: pairs of voltages, what names itself, what stands last."""
    fitting = [mark for mark in sense.marks if _fits(mark, sense)]
    return sorted(
        fitting, key=lambda mark: (not mark.strong, not mark.pair, mark.words[0] >= _DESCRIBED, -mark.words[0])
    )


def _fits(mark: Mark, sense: Sense) -> bool:
    """A pair is of voltages, or the range of a total; `P1` is no phase of an energy; a total has no weak one."""
    if mark.pair and sense.key not in {"v", ""} and not mark.strong:
        return False
    if not mark.strong and "total" in sense.says:
        return False
    meant = SYMBOLS.get(mark.head, "").split()
    special, _, kind = sense.quantity.rpartition(" ")
    return not meant or not kind or (kind in meant and set(meant) & {"reactive", "apparent"} <= {special or kind})


def _stem(sense: Sense, mark: Mark | None, *, described: bool) -> Stem:
    said, base = (sense.description, _DESCRIBED) if described and sense.description else (sense.name, 0)
    dropped = (
        [] if mark is None else [at - base for each in sense.marks if _drops(mark, each, sense) for at in each.words]
    )
    return stem(said, sense.quantity, dropped, lettered=bool(mark and mark.head and mark.words[0] >= base))


def _drops(mark: Mark, other: Mark, sense: Sense) -> bool:
    """With the phase go its parts and what says it again: `L1 … I1`.

    What is a name before it stays: `DB A IA`, `A2/IL2`.
    """
    if set(other.words) <= set(mark.words):
        return True
    same = other.code == mark.code and _fits(other, sense)
    bare = other.notation == "letter" and not other.strong and not other.head
    beside = (other.words[0] < _DESCRIBED) == (mark.words[0] < _DESCRIBED)
    return same and not ((bare or (other.head and other.words[0] < mark.words[0])) and beside)


def _phased(members: Sequence[Member]) -> tuple[Member, ...]:
    """The members with their phases: letters by the scheme that most of the meter's fit."""
    marked = [each.mark for each in members if each.sense.key and each.mark and each.mark.notation == "letter"]
    letters = scheme([mark.code for mark in marked if mark.code != "n"])
    return tuple(_with_phase(each, letters) for each in members)


def _with_phase(member: Member, letters: str) -> Member:
    if member.mark is None:
        return member
    lines = member.sense.key == "v" and "line to line" in member.sense.says
    found = phase(member.mark, letters, lines=lines)
    if found is not None and len(found) == 2 and member.sense.key != "v":
        return replace(member, phase=None, spans=True)
    return replace(member, phase=found)


def _no_phases(members: Sequence[Member]) -> list[Member]:
    """Members whose mark is none: weak ones without company, and counts that go beyond three."""
    families: dict[tuple[str, str], list[Member]] = defaultdict(list)
    for each in members:
        if each.mark is not None and not each.spans:
            families[each.sense.quantity or "-", each.mark.notation].append(each)
    struck = []
    for (quantity, notation), family in families.items():
        if notation in {"number", "L", "tail"} and _counts_on(family, quantity):
            struck += family
            continue
        phases = {each.phase for each in family if each.phase}
        clear = [each for each in family if not each.sense.says & _BARRED]
        doubled = bool(clashing(clear))
        told = quantity in _SURE or _others(families, quantity) or _beside_total(family, members)
        company = len(phases) > 1 and not doubled and told
        struck += [each for each in family if each.mark and not each.mark.strong and not company]
        struck += [each for each in family if each.mark and each.mark.strong and each.phase is None]
    return struck


def _beside_total(family: Sequence[Member], members: Sequence[Member]) -> bool:
    """All three phases of a power, marked behind it, and their total: `Q1`, `Q2`, `Q3` and `TotalReactivePower`.

    Letters need no total that says so: `kW A`, `kW B`, `kW C` and `kW`.
    """
    key, phases = family[0].sense.key, Counter(each.phase for each in family)
    if key not in _POWERS or set(phases) != {"1", "2", "3"} or not all(_behind(each) for each in family):
        return False
    letters = all(each.mark and each.mark.notation == "letter" for each in family)
    totals = [each.sense.says for each in members if each.sense.key == key and each.mark is None]
    return any(letters or "total" in says for says in totals)


def _behind(member: Member) -> bool:
    """The mark stands behind the words that say what is measured, or in the formula itself."""
    mark, sense = member.mark, member.sense
    if mark is None or mark.head:
        return mark is not None
    said = sense.description if mark.words[0] >= _DESCRIBED else sense.name
    return quantity_at(said) < mark.words[0] % _DESCRIBED


def quantity_at(said: Sequence[Word]) -> int:
    """The place of the first word that says what is measured; one behind all of them where none does."""
    places = (at for at, each in enumerate(said) if each.says & _QUANTITIES or each.text in SPELLED_UNITS)
    return next(places, len(said))


def _others(families: Mapping[tuple[str, str], Sequence[Member]], quantity: str) -> bool:
    """Another quantity has phases, too: `P1`, `P2`, `P3` alone may be three pumps."""
    return any(
        other != quantity and other in _PHASED and len({each.phase for each in family if each.phase}) > 1
        for (other, _), family in families.items()
    )


def _counts_on(family: Sequence[Member], quantity: str) -> bool:
    """Beyond three; a fourth current is the neutral's."""
    codes = {each.mark.code for each in family if each.mark and len(each.mark.code.lstrip("0")) == 1}
    codes |= {each.mark.code for each in family if each.mark and each.phase is None and each.mark.code.isdigit()}
    return bool(codes - {"1", "2", "3", "01", "02", "03", *({"4"} if quantity == "current" else ())})
