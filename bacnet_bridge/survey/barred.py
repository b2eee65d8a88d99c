"""Why an object of a meter feeds no electrical field, whatever its unit. Pure.

What is no field at all (a neutral's current, a demand, a rating) goes first, then registers of energy that are not the
consumed one; then the medium of powers and energies is asked for, since a kWh may be heat's.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bacnet_bridge.survey.group import Group, Member
from bacnet_bridge.survey.terms_of_registers import BARRED

_NEVER: Final = frozenset(BARRED) - {"solar", "one direction", "computed"} | {
    "average",
    "extreme",
    "demand",
    "setpoint",
    "limit",
    "spare",
    "own",
}
"""Meanings that take an object away from the fields."""
_POWERS: Final = frozenset({"aP", "rP", "apP"})
_NO_IMPORT: Final = ("net", "tariff", "partial")
_NEVER_A_NAME: Final = frozenset({"spare", "drive", "setpoint", "limit"})
_HEAT: Final = frozenset({"heat", "cold", "thermal", "gas", "steam", "fuel", "water"})
_ELECTRIC_MEASURES: Final = frozenset({"voltage", "current", "reactive power", "apparent power", "reactive energy"})
_PHASES: Final = frozenset("123")
_LINE_VOLTS: Final = ((Decimal(370), Decimal(500)), (Decimal(560), Decimal(720)))
"""Volts that no phase has against neutral: 400, 415, 480, 600, 690 V are between phases."""


_LEAST_FACTOR, _MOST_FACTOR = Decimal("0.6"), Decimal("1.02")
"""A power factor; three phases make 1.7 or 3 times as much."""
_SCALES: Final = {"volts": Decimal(1), "amperes": Decimal(1), "watts": Decimal(1), "kilowatts": Decimal(1000)}


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


def barred(member: Member, group: Group, around: Surroundings) -> Left | None:
    """The first reason that keeps the object from every field; None where there is none."""
    return (
        _untrusted(member)
        or _setting(member, group)
        or _of_no_field(member, group)
        or _without_unit(member, group)
        or _of_what(member, group, around)
        or _of_which_phases(member, group, around)
    )


def _untrusted(member: Member) -> Left | None:
    sense = member.sense
    if sense.contradicted:
        return Left(member, sense.contradicted, unsure=True)
    if sense.cut:
        return Left(member, "its name is cut, and the rest may say something else", unsure=True)
    return None


def _setting(member: Member, group: Group) -> Left | None:
    """An analog value among a meter's inputs that does not count: a contracted power, a rated current."""
    if not member.sense.beside_inputs or member.sense.key == "pC":
        return None
    if not any(each.sense.key and not each.sense.beside_inputs for each in group.members):
        return None
    return Left(member, "a value beside inputs: is it measured or set?", unsure=True)


def _of_no_field(member: Member, group: Group) -> Left | None:
    """Its words name what the platform has no field for, or another register than the consumed one."""
    sense = member.sense
    says = sense.says - _common(group) | ({"neutral"} if member.phase == "n" else set())
    says -= {"drive"} if any(each.text == "inputpower" for each in (*sense.name, *sense.description)) else set()
    says -= {"own"} if "panel" in says and sense.key not in {"", "v"} else set()
    if "computed" in says:
        return Left(member, f"{sense.because({'computed'})} says that it is computed and not metered", unsure=True)
    if never := says & _NEVER - ({"neutral"} if sense.key == "v" and member.phase != "n" else set()):
        return Left(member, f"{sense.because(never) or 'its name'} says {', '.join(sorted(never))}", unsure=False)
    if why := _one_of_two(member, group):
        return Left(member, why, unsure=True, field=f"{sense.key}_1")
    if sense.key == "pC" and (why := _register(says)):
        return Left(member, why, unsure="tariff" in says)
    if sense.key in {"aP", "rP", "apP"} and "export" in says and "import" not in says:
        return Left(member, "power that is given", unsure=False)
    return None


def _one_of_two(member: Member, group: Group) -> str:
    """Why a power is told by another register, too; empty where it is not."""
    if member.sense.key in _POWERS and _beside_fundamental(member, group):
        return "the fundamental's or the whole: which one is meant?"
    if member.sense.key == "rP" and _one_direction(member, group):
        return "inductive or capacitive reactive power: one of two registers"
    return ""


def _beside_fundamental(member: Member, group: Group) -> bool:
    """Two totals of a power: that of the fundamental, and the whole one."""
    alike = [each for each in group.members if each.sense.key == member.sense.key]
    alike = [each for each in alike if each.phase == member.phase or {"total"} & each.sense.says & member.sense.says]
    return len(alike) > 1 and any("fundamental" in each.sense.says for each in alike)


def _one_direction(member: Member, group: Group) -> bool:
    """Its words say so, or another's do, and it says nothing: `kvarL`, `kvarC`."""
    if "one direction" in member.sense.says:
        return True
    said = any("one direction" in each.sense.says for each in group.members if each.sense.key == "rP")
    return said and member.phase is None and "total" not in member.sense.says


def _without_unit(member: Member, group: Group) -> Left | None:
    """Only among a three-phase meter's can it be believed without a unit."""
    sense = member.sense
    phases = sum(bool(each.sense.key) and each.phase not in {None, "n"} for each in group.members)
    if sense.measured or sense.spelled is not None or phases > 2 or _told_outright(member, group):
        return None
    return Left(member, f"{sense.quantity} without a unit, and no neighbour says which", unsure=True)


def _told_outright(member: Member, group: Group) -> bool:
    """Its words and those of another of the meter's quantities leave nothing open: `active power`, `active energy`."""
    return _outright(member) and any(_outright(each) for each in group.members if each.sense.key != member.sense.key)


def _outright(member: Member) -> bool:
    says = member.sense.says
    return bool(says & {"power", "energy"} and says & {"active", "reactive", "apparent"}) and not says & _HEAT


def _of_what(member: Member, group: Group, around: Surroundings) -> Left | None:
    if inverts(group) and member.sense.key in {"aP", "rP", "apP", "pC"}:
        return Left(member, "of a converter with a direct side: is it taken or given?", unsure=True)
    if around.solar or "solar" in member.sense.says:
        return Left(member, "solar production: consumed energy, or a single value?", unsure=True)
    if member.sense.key in {"aP", "pC"} and not _is_electric(member, group, around):
        return Left(member, "of electricity or of heat? its medium is not said", unsure=True)
    return None


def inverts(group: Group) -> bool:
    """It shows power of its direct side, too: an inverter, or a rectifier."""
    return any(each.sense.measured == "power" and "direct" in each.sense.says for each in group.members)


def _of_which_phases(member: Member, group: Group, around: Surroundings) -> Left | None:
    """A voltage between phases that is numbered as if it were one phase's, or a feeder's, of which nobody says what."""
    if member.sense.key != "v":
        return None
    if member.phase is None and _lone_feeder(group, around):
        return Left(member, "a feeder's voltage: of which phase, or between which?", unsure=True, field="v_1")
    if member.phase not in _PHASES:
        return None
    unproven = member.sense.number is None and any(each.text == "line" for each in member.sense.name)
    if unproven or line_volts(member) or "line to line" in member.sense.says:
        return Left(member, "this voltage is one between phases, but of which?", unsure=True)
    return None


def _lone_feeder(group: Group, around: Surroundings) -> bool:
    """One voltage is all that it has, in a board, or without the current that a single-phase meter shows, too."""
    if any(each.phase not in {None, "n"} for each in group.members if each.sense.key):
        return False
    if any("single phase" in each.sense.says for each in group.members):
        return False
    if _one_conductor(group):
        return False
    lacks = not any(each.sense.key == "c" for each in group.members)
    return lacks or around.panel or any("panel" in each.sense.says for each in group.members if each.sense.key)


def _one_conductor(group: Group) -> bool:
    """Its power is what one voltage and one current make: no other phase adds to it."""
    volts, amps, watts = (_only(group, key) for key in ("v", "c", "aP"))
    if volts is None or amps is None or watts is None or volts * amps <= 0:
        return False
    return _LEAST_FACTOR <= watts / (volts * amps) <= _MOST_FACTOR


def _only(group: Group, key: str) -> Decimal | None:
    """The value of the quantity's only object, in V, A or W."""
    own = [each.sense for each in group.members if each.sense.key == key]
    unit = own[0].object.unit if len(own) == 1 else None
    number = own[0].number if unit else None
    scale = _SCALES.get(unit.name) if unit else None
    return None if number is None or scale is None else number * scale


def _common(group: Group) -> frozenset[str]:
    """What all of a meter's objects say is a part of its name: the ground floor's feeder, an *Einspeisung*."""
    measuring = [each.sense for each in group.members if each.sense.key]
    if len({each.key for each in measuring}) < 2 or len(measuring) < 3:
        return frozenset()
    return frozenset.intersection(*(each.says for each in measuring)) - _NEVER_A_NAME


def _register(says: frozenset[str]) -> str:
    """Why an energy is not the one that is consumed."""
    if says & {"reactive", "apparent"}:
        return "reactive or apparent energy"
    if "export" in says:
        return "given and taken energy together" if "import" in says else "energy that is given"
    return next((f"a {each} register" for each in _NO_IMPORT if each in says), "")


def _is_electric(member: Member, group: Group, around: Surroundings) -> bool:
    says = member.sense.says
    if "electric" in says or ("active" in says and not says & {"heat", "cold", "thermal"} - _loads(group)):
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


def line_volts(member: Member) -> bool:
    """Its value is one that no phase has against neutral."""
    volts = member.sense.number
    if volts is None or member.sense.object.unit is None or member.sense.object.unit.name != "volts":
        return False
    return any(low <= volts <= high for low, high in _LINE_VOLTS)
