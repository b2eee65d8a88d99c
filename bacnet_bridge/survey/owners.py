"""Whose is a lone total, and which meters are none. Pure.

A total that is named a little apart, `DB3 Basement kWh` beside `DB3 L1 Amps`, belongs to the one meter that has phases
and lacks it; where several could own it, or where it may be a meter of its own, a person has to say so. What repeats
one field, told apart by a mark behind the quantity that no rule understood (`kW A`, `kW B`), is no row of meters.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bacnet_bridge.survey.group import Group, Stem, quantity_at
from bacnet_bridge.survey.phases import is_phase, symbol
from bacnet_bridge.survey.suggestion import SuggestedMeter
from bacnet_bridge.survey.words import meanings

_TOTALS: Final = frozenset({"aP", "rP", "apP", "pC"})
_SECONDARY: Final = frozenset({"rP", "apP"})
"""Nobody meters these alone."""
_PHASES: Final = (2, 3)
"""More of a row are meters: `kWh 1` to `kWh 6`."""
_PLACES: Final = frozenset({"place", "panel"})
_USES: Final = frozenset({"panel", "machine", "converter"})
"""What a feeder is for: said of a register, it is a feeder's."""
_FORMULA: Final = 3
_PERIOD: Final = frozenset(f"{letter}{number}" for letter in "fp" for number in range(1, 7))
"""Spain's and Italy's tariff periods, and many a feeder's and pump's name."""

Meters = Sequence[tuple[Group, SuggestedMeter]]


def joined(grouped: Sequence[Group], proposed: Callable[[Group], set[str]]) -> tuple[list[Group], dict[Stem, str]]:
    """The device's groups, lone totals taken in by their owners; and why it is open whose the others are, by stem.

    `proposed` says which fields a group would feed.
    """
    whole = [each for each in grouped if _has_phases(each)]
    owned = [
        (each, owners) for each in grouped if _is_lone(each) and (owners := _owners(each, whole)) and proposed(each)
    ]
    claims = Counter((owner.stem, key) for each, owners in owned for owner in owners for key in _keys(each))
    taken: dict[Stem, list[Group]] = defaultdict(list)
    doubtful: dict[Stem, str] = {}
    for each, owners in owned:
        if each.stem and any(claims[owner.stem, key] > 1 for owner in owners for key in _keys(each)):
            continue  # two of one quantity beside one meter are feeders
        if len(owners) > 1 or not _by_place(each, owners[0]):
            doubtful[each.stem] = f"a part of {_called(owners)}, or a meter of its own?"
        elif not proposed(each) & _totals(owners[0], proposed):
            taken[owners[0].stem].append(each)
    gone = {each.stem for groups in taken.values() for each in groups}
    return [_with(each, taken.get(each.stem, ())) for each in grouped if each.stem not in gone], doubtful


def _with(owner: Group, lone: Sequence[Group]) -> Group:
    apart = (replace(member, apart=True) for each in lone for member in each.members)
    return Group(owner.stem, (*owner.members, *apart)) if lone else owner


def _has_phases(group: Group) -> bool:
    return len({each.phase for each in group.members if each.sense.key and each.phase not in {None, "n"}}) > 1


def _totals(group: Group, proposed: Callable[[Group], set[str]]) -> set[str]:
    """The totals that the meter has itself; one beside its phases would be nobody's rival."""
    phased = {f"{each.sense.key}_1" for each in group.members if each.phase not in {None, "n"}}
    return {each for each in proposed(group) if each.endswith("_1")} - phased


def _keys(group: Group) -> set[str]:
    return {each.sense.key for each in group.members if each.sense.key}


def _is_lone(group: Group) -> bool:
    """Nothing but totals."""
    return set() < _keys(group) <= _TOTALS and all(each.phase is None for each in group.members if each.sense.key)


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


def _called(owners: Sequence[Group]) -> str:
    named = [" ".join(each.stem) or "the meter without a name" for each in owners]
    return " or of ".join(named) if len(named) < 3 else f"one of {len(named)} meters"


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


def claimed_twice(opened: Meters, certain: Meters) -> Iterator[tuple[SuggestedMeter, str]]:
    """Meters and their fields that a register left open claims, too: `Q1_SUM` beside `QTOT_SUM`.

    Only of what nobody meters alone: an energy that is named apart may be a feeder's.
    """
    for group, lone in opened:
        field = lone.points[0].field
        if len(lone.points) > 1 or field.partition("_")[0] not in _SECONDARY:
            continue
        for whose, meter in certain:
            if len(_more(group.stem, whose.stem)) == 1 and field in {each.field for each in meter.points}:
                yield meter, field


_Meant = Mapping[Stem, tuple[Group, SuggestedMeter]]


def _repeated(meant: _Meant) -> set[Stem]:
    """Of those that feed the same one field and are told apart by one word: where it is a mark and no name."""
    alike: dict[tuple[str, Stem, Stem], list[tuple[Group, str]]] = defaultdict(list)
    for group, meter in meant.values():
        if len(meter.points) == 1:
            for at, word in enumerate(group.stem):
                alike[meter.points[0].field, group.stem[:at], group.stem[at + 1 :]].append((group, word))
    found: set[Stem] = set()
    for (field, _, _), row in alike.items():
        secondary = field.partition("_")[0] in _SECONDARY
        marked = [group.stem for group, word in row if secondary or (_is_mark(word) and _behind(group, word))]
        few = len(marked) in _PHASES and not _described_apart([group for group, _ in row])
        found |= set(marked) if few or (secondary and len(marked) > 1) else set()
    return found


def _described_apart(row: Sequence[Group]) -> bool:
    """Each has words of its own: `E1` is the kitchen's, `E2` the lifts'."""
    said = [{each.text for each in group.members[0].sense.description} for group in row]
    own = [frozenset(word for word in each if sum(word in other for other in said) == 1) for each in said]
    return all(any(word.isalpha() and len(word) > 2 for word in each) for each in own)


def _is_mark(word: str) -> bool:
    return is_phase(word) or bool(symbol(word)[1])


def _behind(group: Group, mark: str) -> bool:
    """The mark stands behind the words that say what is measured, or within the formula: `kW A`, not `Pump A kW`."""
    name = next(each.sense.name for each in group.members if each.sense.key)
    return bool(symbol(mark)[1]) or any(each.text == mark for each in name[quantity_at(name) :])


def _other(group: Group, meter: SuggestedMeter, meant: _Meant) -> str | None:
    """The meter to which this one's objects may belong.

    Its name is the other's and one unknown word more, and nothing else is like it; or it is a single register, the
    only one of its kind, beside a whole meter; or it is what nobody meters alone.
    """
    quantities = _quantities(meter)
    if len(quantities) > 2:
        return None
    others = [each for _, each in meant.values() if each is not meter]
    if quantities <= _SECONDARY and others and all(each.field.endswith("_1") for each in meter.points):
        return others[0].name if len(others) == 1 else "another one"
    base = _base(group.stem, meant)
    alike = sum(_base(own, meant) == base for own in meant) if base is not None else 0
    if base is not None and (alike == 1 or (quantities == {"pC"} and _is_register(group.stem, base))):
        return meant[base][1].name
    if (whole := _told_apart_behind(group, meter, meant)) is not None:
        return whole
    return _beside(group, meter, meant)


def _told_apart_behind(group: Group, meter: SuggestedMeter, meant: _Meant) -> str | None:
    """The meter that feeds the field already, where an unknown word behind the quantity is all that this one has more:
    `Meter 1 Energía` and `Meter 1 Energía coste`.
    """
    if len(meter.points) > 1:
        return None
    for at, word in enumerate(group.stem):
        shorter = group.stem[:at] + group.stem[at + 1 :]
        other = meant.get(shorter) if shorter and word.isalpha() and not meanings(word) else None
        if other and meter.points[0].field in {each.field for each in other[1].points} and _behind(group, word):
            return other[1].name
    return None


def _is_register(own: Stem, base: Stem) -> bool:
    """What an energy's name has more than the meter's is a tariff's period, or looks like a formula: `Wao`, `F1`."""
    more = set(own) - set(base)
    return bool(more & _PERIOD) or any(len(each) <= _FORMULA and each[0] in "ew" for each in more)


def _beside(group: Group, meter: SuggestedMeter, meant: _Meant) -> str | None:
    """The only whole meter, where this one is a single register and the only one of its kind."""
    quantities = _quantities(meter)
    single = [each for _, each in meant.values() if len(each.points) == 1]
    whole = [each for _, each in meant.values() if len(_quantities(each)) > 2]
    unknown = group.stem and all(word.isalpha() and not meanings(word) for word in group.stem)
    alone = len(meter.points) == 1 and sum(_quantities(each) == quantities for each in single) == 1
    named = any(each.sense.says & _USES for each in group.members)
    return whole[0].name if alone and unknown and not named and len(whole) == 1 else None


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
