"""The objects of one meter → electrical fields, or why not. Pure.

What is no field whatever its unit (a neutral's current, a demand, a rating) goes first; then the medium of powers and
energies is asked for, since a kWh may be heat's; then phases go before totals, and import before everything else that
counts. Two objects that remain for one field are both left to a person.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bacnet_bridge.survey.group import Group, Member, clashing
from bacnet_bridge.survey.suggestion import Confidence, Suggestion
from bacnet_bridge.survey.terms import BARRED

_NEVER: Final = frozenset(BARRED) - {"solar"} | {"average", "extreme", "demand", "setpoint", "limit", "spare", "own"}
"""Meanings that take an object away from the fields."""
_NO_IMPORT: Final = ("net", "tariff", "partial")
_NEVER_A_NAME: Final = frozenset({"spare", "drive", "setpoint", "limit"})
_HEAT: Final = frozenset({"heat", "cold", "gas", "steam", "fuel", "water"})
_ELECTRIC_MEASURES: Final = frozenset({"voltage", "current", "reactive power", "apparent power", "reactive energy"})
_NOT_ALONE: Final = frozenset({"total", "line to line", "line to neutral", "neutral"})
_LINE_VOLTS: Final = ((Decimal(370), Decimal(500)), (Decimal(560), Decimal(720)))
"""Volts that no phase has against neutral: 400, 415, 480, 600, 690 V are between phases."""


@dataclass(frozen=True, slots=True)
class Left:
    """An object that feeds no field, and why."""

    member: Member
    why: str
    unsure: bool
    """A person may know better."""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a device's other objects and its name say of a kWh whose medium nobody names."""

    panel: bool
    """The device is called a switchboard, a feeder, an electrical meter."""
    solar: bool
    heated: bool = False
    """The meter's other objects are heat's."""


def fields(group: Group, around: Surroundings) -> tuple[list[Suggestion], list[Left]]:
    """What the meter's objects feed. A field is suggested once; all others are left, with the reason."""
    left: list[Left] = []
    able: dict[str, list[Member]] = defaultdict(list)
    for each in group.members:
        if not each.sense.key:
            continue
        if reason := _barred(each, group, around):
            left.append(reason)
        else:
            able[each.sense.key].append(each)
    found: list[Suggestion] = []
    if double := _doubles(able):
        left += [Left(each, f"two objects are called {double}: of one meter?", True) for own in able.values() for each in own]
        return [], left
    for key, members in able.items():
        taken = dict(_phased(key, members) if _has_phases(members) else _total(key, members, group))
        found += [_suggestion(key, spot, each, group) for spot, each in taken.items()]
        chosen = {each.sense.object.id for each in taken.values()}
        left += [_unchosen(key, each, taken) for each in members if each.sense.object.id not in chosen]
    return found, left


def _doubles(able: Mapping[str, Sequence[Member]]) -> str:
    """A name that two objects of one quantity share to the letter, and which was not cut; empty where there is none."""
    names = Counter(
        (each.sense.object.name, each.sense.object.description)
        for members in able.values()
        for each in members
        if not each.sense.filled
    )
    return next((str(name) for (name, _), count in names.items() if count > 1), "")


def electric(group: Group) -> bool:
    """The group has what only electricity has: its quantities, its words, or phases."""
    if len({each.phase for each in group.members if each.sense.key and each.phase in {"1", "2", "3"}}) > 1:
        return True
    return any(
        each.sense.measured in _ELECTRIC_MEASURES
        or (each.sense.key and _speaks_of_electricity(each) and not each.sense.says & _HEAT)
        or "electric" in each.sense.says
        for each in group.members
    )


def _speaks_of_electricity(member: Member) -> bool:
    return member.sense.quantity in _ELECTRIC_MEASURES or bool(member.sense.says & {"active", "power factor"})


def _barred(member: Member, group: Group, around: Surroundings) -> Left | None:
    sense = member.sense
    if sense.contradicted:
        return Left(member, sense.contradicted, unsure=True)
    if sense.cut:
        return Left(member, "its name is cut, and the rest may say something else", unsure=True)
    common = _common(group)
    never = sense.says & _NEVER - common - ({"neutral"} if sense.key == "v" else set())
    if member.phase == "n":
        never |= {"neutral"}
    if never:
        return Left(member, f"{sense.because(never) or 'its name'} says {', '.join(sorted(never))}", unsure=False)
    if sense.key == "pC" and (why := _register(sense.says - common)):
        return Left(member, why, unsure="tariff" in sense.says)
    if sense.key in {"aP", "rP", "apP"} and sense.says & {"export"} - common and "import" not in sense.says:
        return Left(member, "power that is given", unsure=False)
    if not sense.measured and sense.spelled is None and not _among_phases(member, group):
        return Left(member, f"{sense.quantity} without a unit, and no neighbour says which", unsure=True)
    if around.solar or "solar" in sense.says:
        return Left(member, "solar production: consumed energy, or a single value?", unsure=True)
    if sense.key in {"aP", "pC"} and not _is_electric(member, group, around):
        return Left(member, "of electricity or of heat? its medium is not said", unsure=True)
    if sense.key == "v" and member.phase in {"1", "2", "3"} and _line_volts(member):
        return Left(member, "this voltage is one between phases, but of which?", unsure=True)
    return None


def _common(group: Group) -> frozenset[str]:
    """What all of a meter's objects say is a part of its name: a feeder of the ground floor, an incomer (*Einspeisung*)."""
    measuring = [each.sense for each in group.members if each.sense.key]
    if len({each.key for each in measuring}) < 2 or len(measuring) < 3:
        return frozenset()
    return frozenset.intersection(*(each.says for each in measuring)) - _NEVER_A_NAME


def _among_phases(member: Member, group: Group) -> bool:
    """Its neighbours are a three-phase meter's: what it is called can be believed without a unit."""
    phases = [each for each in group.members if each.sense.key and each.phase not in {None, "n"}]
    return len(phases) > 2


def _register(says: frozenset[str]) -> str:
    """Why an energy is not the one that is consumed."""
    if says & {"reactive", "apparent"}:
        return "reactive or apparent energy"
    if "export" in says:
        return "given and taken energy together" if "import" in says else "energy that is given"
    return next((f"a {each} register" for each in _NO_IMPORT if each in says), "")


def _is_electric(member: Member, group: Group, around: Surroundings) -> bool:
    says = member.sense.says
    if says & {"electric", "active"}:
        return True
    if (says & _HEAT or around.heated) and "machine" in says and ("panel" in says or around.panel):
        return True
    if (around.heated and not electric(group)) or says & _HEAT - _loads(group):
        return False
    return electric(group) or "panel" in says or around.panel


def _loads(group: Group) -> frozenset[str]:
    """What even the currents and voltages say: the meter feeds a water heater."""
    sure = [each.sense.says for each in group.members if each.sense.measured in _ELECTRIC_MEASURES]
    return frozenset.intersection(*sure) if sure else frozenset()


def _line_volts(member: Member) -> bool:
    volts = member.sense.number
    if volts is None or member.sense.object.unit is None or member.sense.object.unit.name != "volts":
        return False
    return any(low <= volts <= high for low, high in _LINE_VOLTS)


def _has_phases(members: Iterable[Member]) -> bool:
    return any(each.phase is not None for each in members)


def _phased(key: str, members: Sequence[Member]) -> Iterable[tuple[str, Member]]:
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
        if phases or not others or len(single) != 1 or _line_volts(single[0]):
            return
        yield "1", single[0]
    elif (best := _best(members)) is not None:
        yield "1", best


def _text(member: Member) -> tuple[str, ...]:
    return tuple(each.text for each in (*member.sense.name, *member.sense.description))


def _best(claims: Sequence[Member]) -> Member | None:
    """Import before total before plain; None where two are alike."""
    ranks = [({"import", "total"} & each.sense.says, each) for each in claims]
    order = [(2 * ("import" in says) + ("total" in says or each.spans), each) for says, each in ranks]
    highest = max(rank for rank, _ in order)
    best = [each for rank, each in order if rank == highest]
    return best[0] if len(best) == 1 else None


def _unchosen(key: str, member: Member, taken: dict[str, Member]) -> Left:
    field = f"{key}_{member.phase or '1'}"
    if member.phase is None and taken and "1" not in {member.phase}:
        return Left(member, "a total or a register beside the one that is taken", unsure=False)
    if member.phase in taken:
        return Left(member, f"beside the register that is taken for {field}", unsure=False)
    if key in {"v", "c"} and member.phase is None:
        return Left(member, "an average or a sum, or of which phase?", unsure=False)
    return Left(member, f"another object says the same, so which one is {field}?", unsure=True, field=field)


def _suggestion(key: str, spot: str, member: Member, group: Group) -> Suggestion:
    sense = member.sense
    worded = sense.because({*sense.quantity.split(), "total", "import", "phase", "electric", "active"})
    agreed = bool(sense.measured) and bool(worded or member.phase)
    measured = f"unit {sense.object.unit}" if sense.measured and sense.object.unit else "no unit"
    where = f"phase {'-'.join(spot)}" if member.phase else "one for all phases"
    parts = [measured, f"words: {worded}" if worded else "", where, _company(group)]
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


__all__ = ["Left", "Surroundings", "clashing", "electric", "fields"]
