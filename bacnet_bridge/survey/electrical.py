"""The objects of one meter → electrical fields, or why not. Pure.

What is barred goes first (barred.py). Then phases go before totals, and import before everything else that counts. Two
objects that remain for one field are both left to a person.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from bacnet_bridge.survey.barred import Left, Surroundings, barred, line_volts
from bacnet_bridge.survey.group import Group, Member
from bacnet_bridge.survey.suggestion import Confidence, Suggestion

_SUMMED: Final = frozenset({"aP", "rP", "apP", "pC"})
_NOT_ALONE: Final = frozenset({"total", "line to line", "line to neutral", "neutral"})


def fields(group: Group, around: Surroundings) -> tuple[list[Suggestion], list[Left]]:
    """What the meter's objects feed. A field is suggested once; all others are left, with the reason."""
    left: list[Left] = []
    able: dict[str, list[Member]] = defaultdict(list)
    for each in group.members:
        if not each.sense.key:
            continue
        if reason := barred(each, group, around):
            left.append(reason)
        else:
            able[each.sense.key].append(each)
    found: list[Suggestion] = []
    if double := _doubles(able):
        left += [
            Left(each, f"two objects are called {double}: of one meter?", True) for own in able.values() for each in own
        ]
        return [], left
    for key, members in able.items():
        own = _without_a_lone_phase(key, members, group, left)
        taken = dict(_phased(own) if _has_phases(own) else _total(key, own, group))
        found += [_suggestion(key, spot, each, group) for spot, each in taken.items()]
        chosen = {each.sense.object.id for each in taken.values()}
        left += [_unchosen(key, each, taken) for each in own if each.sense.object.id not in chosen]
    return found, left


def _without_a_lone_phase(key: str, members: list[Member], group: Group, left: list[Left]) -> list[Member]:
    """One phase of a total, in a meter whose other quantities have three, is left: its neighbours are not there."""
    phases = [each for each in members if each.phase is not None]
    three = {each.phase for each in group.members if each.sense.key not in {"", key}} >= {"1", "2", "3"}
    totals = [each for each in members if each.phase is None]
    if key not in _SUMMED or len(phases) != 1 or not three or not totals:
        return members
    left.append(Left(phases[0], "one phase alone beside the total", unsure=True))
    return totals


def _doubles(able: Mapping[str, Sequence[Member]]) -> str:
    """A name that two objects of one quantity share to the letter, and which was not cut; empty where there is none."""
    names = Counter(
        (each.sense.object.name, each.sense.object.description)
        for members in able.values()
        for each in members
        if not each.sense.filled
    )
    return next((str(name) for (name, _), count in names.items() if count > 1), "")


def _has_phases(members: Iterable[Member]) -> bool:
    return any(each.phase is not None for each in members)


def _phased(members: Sequence[Member]) -> Iterable[tuple[str, Member]]:
    """Phase → its object; the import register before others; none where two are equally good."""
    spots: dict[str, list[Member]] = defaultdict(list)
    for each in members:
        if each.phase is not None:
            spots[each.phase].append(each)
    alone = set(spots) <= {"2"} or set(spots) <= {"3"}
    for spot, claims in spots.items():
        best = _best(claims)
        if best is not None and not alone:
            yield spot, best


def _total(key: str, members: Sequence[Member], group: Group) -> Iterable[tuple[str, Member]]:
    """A quantity without phases: its one total goes into the first parameter.

    Where several objects say the same, they are phases whose names were cut, and none of them is taken.
    """
    if len({_text(each) for each in members}) < len(members):
        return
    if key in {"v", "c"}:
        single = [each for each in members if not each.sense.says & _NOT_ALONE]
        phases = any(each.phase not in {None, "n"} for each in group.members if each.sense.key)
        others = {each.sense.key for each in group.members if each.sense.key} - {key}
        if phases or not others or len(single) != 1 or line_volts(single[0]):
            return
        yield "1", single[0]
    elif (best := _best(members)) is not None:
        yield "1", best


def _text(member: Member) -> tuple[str, ...]:
    return tuple(each.text for each in (*member.sense.name, *member.sense.description))


def _best(claims: Sequence[Member]) -> Member | None:
    """Import before total before plain, and of these what names electricity; None where two are alike."""
    ranks = [({"import", "total"} & each.sense.says, each) for each in claims]
    order = [
        ((2 * ("import" in says) + ("total" in says or each.spans), "electric" in each.sense.says), each)
        for says, each in ranks
    ]
    highest = max(rank for rank, _ in order)
    best = [each for rank, each in order if rank == highest]
    return best[0] if len(best) == 1 else None


def _unchosen(key: str, member: Member, taken: dict[str, Member]) -> Left:
    field = f"{key}_{member.phase or '1'}"
    if member.phase is None and taken and member.phase != "1":
        return Left(member, "a total or a register beside the one that is taken", unsure=False)
    if member.phase in taken:
        return Left(member, f"beside the register that is taken for {field}", unsure=False)
    if key in {"v", "c"} and member.phase is None:
        return Left(member, "an average or a sum, or of which phase?", unsure=False)
    return Left(member, f"another object says the same, so which one is {field}?", unsure=True, field=field)


def _suggestion(key: str, spot: str, member: Member, group: Group) -> Suggestion:
    sense = member.sense
    worded = sense.because({*sense.quantity.split(), "total", "import", "phase", "electric", "active"})
    agreed = bool(sense.measured) and bool(worded or member.phase) and not member.apart
    measured = f"unit {sense.object.unit}" if sense.measured and sense.object.unit else "no unit"
    where = f"phase {'-'.join(spot)}" if member.phase else "one for all phases"
    apart = "named apart, but nobody else can own it" if member.apart else ""
    parts = [measured, f"words: {worded}" if worded else "", where, _company(group), apart]
    return Suggestion(
        sense.device,
        sense.object,
        f"{key}_{spot}",
        Confidence.HIGH if agreed else Confidence.MEDIUM,
        "; ".join(filter(None, parts)),
        unit=sense.spelled,
        counter=key == "pC",
    )


def _company(group: Group) -> str:
    others = sum(bool(each.sense.key) for each in group.members) - 1
    return f"with {others} electrical neighbour{'s' if others > 1 else ''}" if others else ""
