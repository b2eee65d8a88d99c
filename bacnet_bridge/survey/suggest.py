"""A survey → meters and their fields, each with confidence and reason. Pure: the same survey always suggests the same.

Nothing is guessed in silently: what its unit, its words and its neighbours do not say together is left to a person, as
`unsure`. The rules are measured by `benchmarks.suggestions` on points that nobody has looked at while writing them.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from bacnet_bridge.survey import electrical, heard, values
from bacnet_bridge.survey.barred import Left, Surroundings, electric
from bacnet_bridge.survey.group import Group, Stem, groups
from bacnet_bridge.survey.heard import Listening
from bacnet_bridge.survey.model import FoundDevice, Survey
from bacnet_bridge.survey.owners import Meters, claimed_twice, joined, open_ones
from bacnet_bridge.survey.sense import Sense, mostly_inputs, room, sense, stem
from bacnet_bridge.survey.suggestion import Confidence, SuggestedMeter, Suggestion, Suggestions
from bacnet_bridge.survey.terms import SYMBOLS
from bacnet_bridge.survey.variables import typed
from bacnet_bridge.survey.words import words
from bacnet_bridge.vocabulary.objects import STATES, WITHOUT_VALUE

_OUTPUTS: Final = frozenset({1, 4, 12, 14, 28, 53, 54, 55, 60})
_COUNTED: Final = frozenset({"energy", "heat energy", "volume"})
_MAINS: Final = frozenset({"main", "mains", "incomer", "incoming", "gen", "general", "total", "input"})
_HEAT: Final = frozenset({"heat", "cold", "thermal", "heat energy", "heat power"})


def suggest(survey: Survey) -> Suggestions:
    """What the survey's objects would feed."""
    found = _Found()
    for device in survey.devices:
        _device(device, found)
    return Suggestions(tuple(found.meters), tuple(found.unsure), found.left)


@dataclass(slots=True)
class _Found:
    meters: list[SuggestedMeter] = field(default_factory=list)
    unsure: list[Suggestion] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)


def _device(device: FoundDevice, found: _Found) -> None:
    longest, inputs, variables = room(device), mostly_inputs(device), typed(device)
    able = [each for each in device.objects if _has_value(each.id.type, found)]
    senses = [sense(device, each, longest, mostly_inputs=inputs, typed=variables) for each in able]
    listeners = heard.listening(senses)
    telling = {each.sense.object.id for each in listeners}
    around = _surroundings(device)
    grouped, doubtful = joined(
        groups([each for each in senses if each.object.id.type not in STATES]), _proposed(around)
    )
    meters = [(group, each) for group in grouped for each in _group(group, around, found)]
    meters += (
        (Group(stem(each.name), ()), meter)
        for each in senses
        if each.object.id.type in STATES and each.object.id not in telling
        for meter in _single(each, found, among_electrical=False, heated=False)
    )
    _attach(_certain(meters, doubtful, found), listeners, found)


def _proposed(around: Surroundings) -> Callable[[Group], set[str]]:
    """What a group would feed, as a function."""

    def proposed(group: Group) -> set[str]:
        heated = _heated(group) and not electric(group)
        return {each.field for each in electrical.fields(group, replace(around, heated=heated))[0]}

    return proposed


def _certain(meters: Meters, doubtful: Mapping[Stem, str], found: _Found) -> list[tuple[Group, SuggestedMeter]]:
    """Without those that may be no meters."""
    whys = {id(meter): why for meter, why in open_ones(meters)}
    certain: list[tuple[Group, SuggestedMeter]] = []
    opened: list[tuple[Group, SuggestedMeter]] = []
    for group, meter in meters:
        why = whys.get(id(meter)) or (meter.points[0].field != "value" and doubtful.get(group.stem))
        if why:
            found.unsure += (replace(each, confidence=Confidence.UNSURE, reason=why) for each in meter.points)
            opened.append((group, meter))
        else:
            certain.append((group, meter))
    rivals = {(id(meter), key) for meter, key in claimed_twice(opened, certain)}
    return list(_undisputed(certain, rivals, found))


def _undisputed(
    meters: Meters, rivals: Collection[tuple[int, str]], found: _Found
) -> Iterable[tuple[Group, SuggestedMeter]]:
    """The meters without the fields that another register claims, too."""
    for group, meter in meters:
        disputed = [each for each in meter.points if (id(meter), each.field) in rivals]
        why = "another register says the same: which one is meant?"
        found.unsure += (replace(each, confidence=Confidence.UNSURE, reason=why) for each in disputed)
        if left := tuple(each for each in meter.points if each not in disputed):
            yield group, replace(meter, points=left)


def _has_value(kind: int, found: _Found) -> bool:
    if kind in WITHOUT_VALUE or kind > 127:
        found.left["no object that has a value"] += 1
        return False
    if kind in _OUTPUTS:
        found.left["an output"] += 1
        return False
    return True


def _surroundings(device: FoundDevice) -> Surroundings:
    texts = (device.name, device.description, device.location, device.model)
    says = frozenset().union(*(each.says for text in texts for each in words(text or "")))
    panel = bool(says & {"panel", "electric"}) and not says & {"heat", "cold", "gas", "water"}
    return Surroundings(panel, "solar" in says)


def _heated(group: Group) -> bool:
    """It has what only heat and cold have."""
    return any(each.sense.says & _HEAT or each.sense.measured in _HEAT for each in group.members)


def _group(group: Group, around: Surroundings, found: _Found) -> Iterable[SuggestedMeter]:
    """The group's electrical meter, if it is one, and its single values."""
    is_electric = electric(group)
    heated = _heated(group) and not is_electric
    fields, left = electrical.fields(group, replace(around, heated=heated))
    seen = {each.object.id for each in fields} | {each.member.sense.object.id for each in left}
    singles: list[SuggestedMeter] = []
    for member in group.members:
        if member.sense.object.id not in seen:
            singles += _single(member.sense, found, among_electrical=len(fields) > 2, heated=heated)
    for each in left:
        singles += _left(each, found, heated=heated)
    if fields:
        device = group.members[0].sense.device
        yield SuggestedMeter(_name(group, device), device, tuple(fields))
    yield from singles


def _left(left: Left, found: _Found, *, heated: bool) -> Iterable[SuggestedMeter]:
    """What is no electrical field may be heat's value."""
    each = left.member.sense
    made = "converter" in each.says and not each.says & {"meter", "thermal"}
    if (
        not made
        and (heated or each.says & {"heat", "cold", "thermal", "gas", "steam"})
        and each.key in {"aP", "pC"}
        and "electric" not in each.says
    ):
        return _single(each, found, among_electrical=False, heated=True)
    if left.unsure:
        found.unsure.append(Suggestion(each.device, each.object, left.field, Confidence.UNSURE, left.why))
    else:
        found.left[left.why] += 1
    return ()


def _single(each: Sense, found: _Found, *, among_electrical: bool, heated: bool) -> Iterable[SuggestedMeter]:
    judged = values.judge(each, among_electrical=among_electrical, heated=heated)
    if judged.confidence is None:
        found.left[judged.why] += 1
        return ()
    point = Suggestion(
        each.device, each.object, "value", judged.confidence, judged.why, each.spelled, counter=judged.counter
    )
    if judged.confidence is Confidence.UNSURE:
        found.unsure.append(point)
        return ()
    return (SuggestedMeter(each.object.name or str(each.object.id), each.device, (point,)),)


def _name(group: Group, device: FoundDevice) -> str:
    """As the device writes it: what the objects' names begin with, or the device's own name."""
    if not group.stem:
        return device.name or f"device {device.instance}"
    first = group.members[0].sense.object.name or ""
    return " ".join(group.stem) if not first else " ".join(_as_written(first, group.stem))


def _as_written(name: str, own: Sequence[str]) -> list[str]:
    folded = name.lower()
    found = []
    at = 0
    for each in own:
        place = folded.find(each, at)
        found.append(each if place < 0 else name[place : place + len(each)])
        at = max(at, place)
    return found


def _attach(meters: list[tuple[Group, SuggestedMeter]], listeners: Sequence[Listening], found: _Found) -> None:
    """Give each meter the object that says whether it is heard."""
    used: set[object] = set()
    electric = [each for each in meters if each[1].points[0].field != "value"]
    for group, meter in meters:
        own = [each for each in listeners if _belongs(each, group, meter)] or [
            each for each in listeners if _of_main(each, group, meter) and not any(_belongs(each, *m) for m in meters)
        ]
        if not own and len(electric) == 1 and meter is electric[0][1]:
            own = [each for each in listeners if _of_all(each) and not any(_belongs(each, *m) for m in meters)]
        best = heard.heard(own)
        used |= {each.sense.object.id for each in own} if best else set()
        found.meters.append(SuggestedMeter(meter.name, meter.device, meter.points, best) if best else meter)
    for each in listeners:
        if each.sense.object.id not in used:
            why = "of a whole bus" if heard.of_bus(each) else "of which meter?"
            found.unsure.append(
                Suggestion(
                    each.sense.device, each.sense.object, "valid_when", Confidence.UNSURE, f"communication {why}"
                )
            )


def _of_all(listener: Listening) -> bool:
    """It speaks of a meter and names none: with a single one there, it is that one's."""
    device = {each.text for each in words(listener.sense.device.name or "")}
    named = (all(word.isdigit() or word in device for word in own) for own in listener.stems)
    return any(named) and "meter" in listener.sense.says and not heard.of_bus(listener)


def _of_main(listener: Listening, group: Group, meter: SuggestedMeter) -> bool:
    """`PDU-A1 Comms`, where the meter is called `PDU-A1 Main`."""
    own = listener.stems[0]
    main = bool(group.stem) and group.stem[:-1] == own and group.stem[-1] in _MAINS
    return bool(own) and main and meter.points[0].field != "value" and not heard.of_bus(listener)


def _belongs(listener: Listening, group: Group, meter: SuggestedMeter) -> bool:
    if meter.points[0].field == "value" and not any(each.sense.measured in _COUNTED for each in group.members):
        return False
    own, said = listener.stems
    if own and group.stem[: len(own)] == own and all(each.isdigit() for each in group.stem[len(own) :]):
        return True
    if own and own in {group.stem, tuple(word for word in group.stem if word not in SYMBOLS)}:
        return True
    described = stem(words(meter.points[0].object.description or ""))
    return bool(said) and len(said) > 0 and said == described
