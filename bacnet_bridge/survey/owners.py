"""Whose is a lone total, and which meters are none. Pure.

A total that is named a little apart, `DB3 Basement kWh` beside `DB3 L1 Amps`, belongs to the one meter that has phases
and lacks it; where several could own it, or where it may be a meter of its own, a person has to say so. What repeats
one field, told apart by a mark behind the quantity that no rule understood (`kW A`, `kW B`), is no row of meters.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Final

from bacnet_bridge.survey.group import Group, Stem
from bacnet_bridge.survey.phases import is_phase, symbol
from bacnet_bridge.survey.suggestion import SuggestedMeter
from bacnet_bridge.survey.terms import QUANTITIES, SPELLED_UNITS
from bacnet_bridge.survey.words import Word, meanings

_TOTALS: Final = frozenset({"aP", "rP", "apP", "pC"})
_SECONDARY: Final = frozenset({"rP", "apP"})
"""Nobody meters these alone."""
_PLACES: Final = frozenset({"place", "panel"})
_PERIOD: Final = frozenset(f"{letter}{number}" for letter in "fp" for number in range(1, 7))
"""Spain's and Italy's tariff periods, and many a feeder's and pump's name."""

Meters = Sequence[tuple[Group, SuggestedMeter]]


def joined(grouped: Sequence[Group], proposed: Callable[[Group], set[str]]) -> tuple[list[Group], dict[Stem, str]]:
    """The device's groups, lone totals taken in by their owners; and of which groups it is open whose they are, and why.

    `proposed` says which fields a group would feed.
    """
    whole = [each for each in grouped if _has_phases(each)]
    lone = [each for each in grouped if _is_lone(each) and proposed(each)]
    taken: dict[Stem, list[Group]] = defaultdict(list)
    doubtful: dict[Stem, str] = {}
    for each in lone:
        owners = _owners(each, whole)
        if not owners or any(_rivals(each, other, owners) for other in lone if other is not each):
            continue
        if len(owners) > 1 or not _by_place(each, owners[0]):
            doubtful[each.stem] = f"a part of {' or of '.join(map(_called, owners))}, or a meter of its own?"
        elif not proposed(each) & {field for field in proposed(owners[0]) if field.endswith("_1")} - _phased(owners[0]):
            taken[owners[0].stem].append(each)
    gone = {each.stem for groups in taken.values() for each in groups}
    return [_with(each, taken[each.stem]) for each in grouped if each.stem not in gone], doubtful


def _with(owner: Group, lone: Sequence[Group]) -> Group:
    apart = (replace(member, apart=True) for each in lone for member in each.members)
    return Group(owner.stem, (*owner.members, *apart)) if lone else owner


def _has_phases(group: Group) -> bool:
    return len({each.phase for each in group.members if each.sense.key and each.phase not in {None, "n"}}) > 1


def _phased(group: Group) -> set[str]:
    """The first parameters of what the group has by phase: a total beside them is nobody's rival."""
    return {f"{each.sense.key}_1" for each in group.members if each.phase not in {None, "n"}}


def _is_lone(group: Group) -> bool:
    """Nothing but totals."""
    keys = {each.sense.key for each in group.members if each.sense.key}
    return bool(keys) and keys <= _TOTALS and all(each.phase is None for each in group.members if each.sense.key)


def _owners(lone: Group, whole: Sequence[Group]) -> list[Group]:
    """The meters with phases that could own it: one's name is the other's and words that tell no meters apart.

    Of several whose names its own contains, only the one that shares most.
    """
    if not lone.stem:
        return list(whole)
    above = [each for each in whole if _told(lone.stem, each.stem)]
    if above:
        return [max(above, key=lambda each: len(each.stem))]
    return [each for each in whole if _told(each.stem, lone.stem)]


def _told(longer: Stem, shorter: Stem) -> bool:
    more = _more(longer, shorter)
    return bool(more) and all(each.isalpha() and meanings(each) <= _PLACES for each in more)


def _by_place(lone: Group, owner: Group) -> bool:
    """They differ by a place or a panel's letter only; who has no name is owned by the only one that has phases."""
    if not lone.stem:
        return True
    longer, shorter = sorted((lone, owner), key=lambda each: len(each.stem), reverse=True)
    more = _more(longer.stem, shorter.stem)
    return all(meanings(each) == {"place"} or (len(each) == 1 and not _behind(longer, each)) for each in more)


def _more(longer: Stem, shorter: Stem) -> Stem:
    """The words that the longer name has more; nothing where it does not contain the shorter one in its order."""
    rest = iter(longer)
    if len(longer) - len(shorter) > 2 or not all(each in rest for each in shorter):
        return ()
    more = list(longer)
    for each in shorter:
        more.remove(each)
    return tuple(more)


def _rivals(lone: Group, other: Group, owners: Sequence[Group]) -> bool:
    """Two with the same quantity beside one meter are feeders."""
    keys = {each.sense.key for each in lone.members} & {each.sense.key for each in other.members}
    return bool(keys & _TOTALS) and bool(lone.stem) and any(each in owners for each in _owners(other, owners))


def _called(group: Group) -> str:
    return " ".join(group.stem) or "the device's own"


def open_ones(meters: Meters) -> Iterator[tuple[SuggestedMeter, str]]:
    """The meters that may be none, and why."""
    meant = {group.stem: (group, meter) for group, meter in meters if meter.points[0].field != "value"}
    repeated = _repeated(meant)
    for group, meter in meters:
        if meant.get(group.stem, (None, meter))[1] is not meter or meter.points[0].field == "value":
            continue
        if group.stem in repeated:
            field = meter.points[0].field
            yield meter, f"more than one is {field} here, and the rules do not understand what tells them apart"
        elif (whose := _other(group, meter, meant)) is not None:
            yield meter, f"a meter of its own, or a part of {whose}?"


_Meant = Mapping[Stem, tuple[Group, SuggestedMeter]]


def _repeated(meant: _Meant) -> set[Stem]:
    """Of those that feed the same one field and are told apart by one word: where it is a mark and no name."""
    single = [(group, meter.points[0].field) for group, meter in meant.values() if len(meter.points) == 1]
    found: set[Stem] = set()
    for (one, field), (other, same) in combinations(single, 2):
        if field == same and (marks := _differing(one.stem, other.stem)) and _no_names(marks, field, one, other):
            found |= {one.stem, other.stem}
    rows = defaultdict(list)
    for stem in found:
        rows[stem[:-1]].append(stem)
    return {stem for stems in rows.values() for stem in stems if len(stems) < 4}


def _differing(one: Stem, other: Stem) -> tuple[str, str] | None:
    """The one word in which two names of the same length differ."""
    pairs = [(left, right) for left, right in zip(one, other, strict=False) if left != right]
    return pairs[0] if len(one) == len(other) and len(pairs) == 1 else None


def _no_names(marks: tuple[str, str], field: str, *groups: Group) -> bool:
    if field.partition("_")[0] in _SECONDARY:
        return True
    looks = all(is_phase(each) or bool(symbol(each)[1]) for each in marks)
    return looks and all(_behind(group, mark) for group, mark in zip(groups, marks, strict=True))


def _behind(group: Group, mark: str) -> bool:
    """The mark stands behind the word that says what is measured: `kW A`, not `Pump A kW`."""
    name = next(each.sense.name for each in group.members if each.sense.key)
    said = [at for at, each in enumerate(name) if _says_quantity(each)]
    return bool(said) and any(each.text == mark for each in name[said[0] :])


def _says_quantity(word: Word) -> bool:
    return bool(word.says & frozenset(QUANTITIES)) or word.text in SPELLED_UNITS or bool(symbol(word.text)[1])


def _other(group: Group, meter: SuggestedMeter, meant: _Meant) -> str | None:
    """The meter to which this one's objects may belong.

    Its name is the other's and one unknown word more, and nothing else is like it; or it is a single register, the
    only one of its kind, beside a whole meter; or it is what nobody meters alone.
    """
    quantities = _quantities(meter)
    if len(quantities) > 2:
        return None
    others = [each for _, each in meant.values() if each is not meter]
    if quantities <= _SECONDARY and others:
        return others[0].name if len(others) == 1 else "another one"
    base = _base(group.stem, meant)
    alike = sum(_base(own, meant) == base for own in meant) if base is not None else 0
    if base is not None and (alike == 1 or (quantities == {"pC"} and _PERIOD & set(group.stem))):
        return meant[base][1].name
    return _beside(group, meter, meant)


def _beside(group: Group, meter: SuggestedMeter, meant: _Meant) -> str | None:
    """The only whole meter, where this one is a single register and the only one of its kind."""
    quantities = _quantities(meter)
    single = [each for _, each in meant.values() if len(each.points) == 1]
    whole = [each for _, each in meant.values() if len(_quantities(each)) > 2]
    unknown = group.stem and all(word.isalpha() and not meanings(word) for word in group.stem)
    alone = len(meter.points) == 1 and sum(_quantities(each) == quantities for each in single) == 1
    return whole[0].name if alone and unknown and len(whole) == 1 else None


def _quantities(meter: SuggestedMeter) -> set[str]:
    return {each.field.partition("_")[0] for each in meter.points}


def _base(own: Stem, others: _Meant) -> Stem | None:
    """The other meter whose name is this one's but for one word that the tables do not know."""
    for at, word in enumerate(own):
        shorter = own[:at] + own[at + 1 :]
        unknown = word in _PERIOD or (word.isalpha() and not meanings(word))
        if unknown and shorter in others and len(others[shorter][0].members) > 2:
            return shorter
    return None
