"""Single values: which measurements, counters and states are worth a meter of their own. Pure.

A point is measured, not wished: set points, limits, commands, outputs, alarms, what a device says of itself and what it
works out of other points are left out.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from bacnet_bridge.survey.sense import Sense
from bacnet_bridge.survey.suggestion import Confidence
from bacnet_bridge.survey.words import words
from bacnet_bridge.vocabulary.objects import COUNTERS

_BINARY: Final = frozenset({3, 5})
_MULTI_STATE: Final = frozenset({13, 19})
_INPUTS: Final = frozenset({3, 13})
_ANALOG: Final = frozenset({0, 2, 23, 24, 45, 46, 48})

_NEVER: Final = frozenset(
    {"setpoint", "limit", "spare", "own", "difference", "extreme", "average", "partial", "rating", "hours"}
    | {"unbalance", "distortion", "half register", "direct", "communication"}
)
_COMMANDED: Final = frozenset({"command", "alarm"})
_MEDIA: Final = frozenset({"heat", "cold", "gas", "water", "steam", "fuel"})
_ALWAYS: Final = frozenset({"temperature", "humidity", "pressure", "air quality", "flow", "volume", "heat energy"})
"""What is worth a meter by its unit alone."""
_POSITIVE: Final = frozenset({"temperature", "humidity", "pressure", "flow", "volume", "air quality"})
_COUNTED: Final = frozenset({"volume", "mass", "energy", "heat energy"})
_SPOKEN: Final = ("temperature", "humidity", "pressure", "air quality", "flow", "volume", "level")
_SWITCHED: Final = frozenset("auto automatic automatik hand manual manu manuell local remote open closed zu offen".split())
_ORDERS: Final = frozenset({"marcha", "marche", "marcia", "run", "start", "on"})
_REPORTED: Final = frozenset(
    "status sts actual feedback ist istwert ruckmeldung rueckmeldung rm etat estado stato toestand tila stav stan zhuangtai".split()
)
_BELIEVABLE: Final = {"degrees-celsius": (Decimal(-45), Decimal(450)), "degrees-fahrenheit": (Decimal(-49), Decimal(840))}
"""Beyond stands an input without a sensor."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`confidence` None: left out; UNSURE: for a person."""

    confidence: Confidence | None
    why: str
    counter: bool = False


def judge(sense: Sense, *, among_electrical: bool, heated: bool) -> Judged:
    """Is the object a value of its own?

    `among_electrical`: its group is an electrical meter, so that a bare temperature is the instrument's own.
    `heated`: its group is a heat meter, so that its kWh and kW are heat's.
    """
    if sense.object.id.type in _BINARY | _MULTI_STATE:
        return _state(sense)
    if sense.object.id.type not in _ANALOG:
        return Judged(None, "no input and no value")
    commanded = {"alarm"} if sense.measured in _ALWAYS else _COMMANDED
    barred = _NEVER | commanded | ({"tariff"} if sense.measured in _COUNTED else set())
    barred -= {"difference"} if sense.measured == "pressure" else set()
    if never := sense.says & barred:
        return Judged(None, f"{sense.because(never) or 'its name'} says {', '.join(sorted(never))}")
    if sense.cut and not sense.says & _POSITIVE:
        return Judged(Confidence.UNSURE, "its name is cut, and the rest may say something else")
    if sense.contradicted:
        return Judged(Confidence.UNSURE, sense.contradicted)
    if among_electrical and not sense.says & (_MEDIA | {"fluid"}) and not _own_words(sense):
        return Judged(None, "an electrical meter's own")
    return _measured(sense, heated=heated)


def _measured(sense: Sense, *, heated: bool) -> Judged:
    counter = sense.measured in _COUNTED or sense.object.id.type in COUNTERS or "volume" in sense.says
    media = sense.says & _MEDIA
    if sense.measured in _ALWAYS:
        return _believed(sense, counter=counter and sense.measured in _COUNTED)
    if sense.measured in {"energy", "power", "heat power"} and (media or heated or sense.measured == "heat power"):
        return _sure(sense, media, counter=sense.measured == "energy")
    if sense.measured in {"level", "velocity"} and sense.says & {"level", "flow", "speed", "fluid"}:
        return _sure(sense, {"level", "flow", "speed", "fluid"})
    if sense.measured == "speed" and sense.says & {"machine", "feedback"}:
        return _sure(sense, {"machine", "feedback", "speed"})
    if sense.measured == "percent":
        return _percent(sense)
    if sense.measured == "mass" and media:
        return _sure(sense, media, counter=True)
    if not sense.measured:
        return _without_unit(sense, media, counter=counter)
    return Judged(None, f"nothing that a single value is made of ({sense.measured})")


def _percent(sense: Sense) -> Judged:
    if sense.says & {"humidity", "level"}:
        return _sure(sense, {"humidity", "level"})
    if "feedback" in sense.says and sense.object.id.type == 2:
        return Judged(Confidence.UNSURE, "a position or a speed: is it fed back or commanded?")
    if "feedback" in sense.says and sense.says & {"valve", "speed", "machine", "fluid"}:
        return _sure(sense, {"feedback"})
    return Judged(None, "a percentage of which it is not said that it is measured")


def _without_unit(sense: Sense, media: frozenset[str], *, counter: bool) -> Judged:
    """The words alone have to say it."""
    if sense.quantity in {"energy", "power"}:
        return Judged(Confidence.UNSURE, f"{sense.quantity} without a unit")
    spoken = sense.says & set(_SPOKEN)
    if "volume" in spoken and media or spoken - {"volume", "flow", "level"}:
        return Judged(Confidence.MEDIUM, f"no unit; words: {sense.because(spoken | media)}", counter="volume" in spoken)
    if sense.object.id.type in COUNTERS:
        if media:
            return Judged(Confidence.MEDIUM, f"no unit; words: {sense.because(media)}", counter=True)
        return Judged(Confidence.UNSURE, "a counter, of which it is not said what it counts", counter=True)
    return Judged(None, "neither unit nor words say what it is")


def _believed(sense: Sense, *, counter: bool) -> Judged:
    unit, number = sense.object.unit, sense.number
    low, high = _BELIEVABLE.get(unit.name if unit else "", (None, None))
    if number is not None and low is not None and high is not None and not low < number < high:
        return Judged(None, f"{number} {unit} is what an input without a sensor shows")
    said = {sense.measured, "fluid", *_MEDIA}
    return _sure(sense, said, counter=counter)


def _sure(sense: Sense, meanings: set[str] | frozenset[str], *, counter: bool = False) -> Judged:
    worded = sense.because(meanings)
    unit = f"unit {sense.object.unit}" if sense.object.unit else "no unit"
    confidence = Confidence.HIGH if worded else Confidence.MEDIUM
    return Judged(confidence, f"{unit}; words: {worded}" if worded else unit, counter)


def _own_words(sense: Sense) -> bool:
    """Words that neither say the quantity nor are a meter's own: a winding, a cabinet."""
    return any(not each.says and len(each.text) > 3 for each in sense.name[1:])


def _state(sense: Sense) -> Judged:
    """The running state of a machine, or a mode that is reported."""
    says = sense.says
    if says & (_COMMANDED | {"setpoint", "spare", "limit", "communication", "hours", "own"}):
        return Judged(None, "a command, an alarm or a setting")
    if sense.object.id.type in _BINARY and _other_states(sense):
        return Judged(None, "its states are those of a fault or of a switch")
    started = sense.object.id.type == 5 and not _told_otherwise(sense)
    if started and "running" in says and "machine" in says:
        return Judged(Confidence.UNSURE, "does it run, or is it told to run?")
    if sense.object.id.type in _BINARY and "running" in says and "machine" in says:
        return Judged(Confidence.HIGH, f"words: {sense.because({'running', 'machine'})}")
    if sense.object.id.type in _MULTI_STATE and "mode" in says:
        if sense.object.id.type in _INPUTS or _REPORTED & {each.text for each in (*sense.name, *sense.description)}:
            return Judged(Confidence.HIGH, f"words: {sense.because({'mode', 'running', 'feedback'})}")
        return Judged(Confidence.UNSURE, "a mode: is it reported or set?")
    return Judged(None, "a state of which it is not said that a machine runs")


def _told_otherwise(sense: Sense) -> bool:
    """A word of running that is no order to run, as *marcha* and *marche* can be."""
    return any("running" in each.says and each.text not in _ORDERS for each in (*sense.name, *sense.description))


def _other_states(sense: Sense) -> bool:
    """Fault, or by hand: it is not the running that is told."""
    told = {each for text in sense.object.states or () for each in words(text)}
    return any("alarm" in each.says or each.text in _SWITCHED for each in told)
