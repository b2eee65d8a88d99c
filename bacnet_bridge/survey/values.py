"""Single values: which measurements, counters and states are worth a meter of their own. Pure.

A point is measured, not wished: set points, limits, commands, outputs, alarms, what a device says of itself and what it
works out of other points are left out.
"""

from decimal import Decimal
from typing import Final

from bacnet_bridge.survey.sense import Sense
from bacnet_bridge.survey.states import Judged, state
from bacnet_bridge.survey.suggestion import Confidence
from bacnet_bridge.vocabulary.objects import COUNTERS

_BINARY: Final = frozenset({3, 5})
_MULTI_STATE: Final = frozenset({13, 19})
_ANALOG_INPUT, _ANALOG_VALUE = 0, 2
_ANALOG: Final = frozenset({0, 2, 23, 24, 45, 46, 48})

_NEVER: Final = frozenset(
    {"setpoint", "limit", "spare", "own", "difference", "extreme", "average", "partial", "rating", "hours"}
    | {"unbalance", "distortion", "half register", "direct", "communication"}
)
_MEDIA: Final = frozenset({"heat", "cold", "thermal", "gas", "water", "steam", "fuel"})
_ALWAYS: Final = frozenset({"temperature", "humidity", "pressure", "air quality", "flow", "volume", "heat energy"})
"""What is worth a meter by its unit alone."""
_POSITIVE: Final = frozenset({"temperature", "humidity", "pressure", "flow", "volume", "air quality"})
_COUNTED: Final = frozenset({"volume", "mass", "energy", "heat energy"})
_NEEDED: Final = {
    **dict.fromkeys(("energy", "power", "heat power", "mass"), _MEDIA),
    **dict.fromkeys(("level", "velocity"), frozenset({"level", "flow", "speed", "fluid"})),
    "speed": frozenset({"machine", "feedback"}),
}
"""What is measured → of what the words must say it is."""
_OF_A_METER: Final = _MEDIA | {"meter", "filler", "place", "total", "fluid", "import"}
"""What a meter says that counts and does nothing else."""
_OF_TANKS: Final = frozenset({"liters", "us-gallons", "imperial-gallons"})
"""Volumes that are held as often as they are counted."""
_SPOKEN: Final = ("temperature", "humidity", "pressure", "air quality", "flow", "volume", "level")
_BELIEVABLE: Final = {
    "degrees-celsius": (Decimal(-45), Decimal(450)),
    "degrees-fahrenheit": (Decimal(-49), Decimal(840)),
}
"""Beyond stands an input without a sensor."""


def judge(sense: Sense, *, among_electrical: bool, heated: bool) -> Judged:
    """Is the object a value of its own?

    `among_electrical`: its group is an electrical meter, so that a bare temperature is the instrument's own.
    `heated`: its group is a heat meter, so that its kWh and kW are heat's.
    """
    if sense.object.id.type in _BINARY | _MULTI_STATE:
        return state(sense)
    if sense.object.id.type not in _ANALOG:
        return Judged(None, "no input and no value")
    metered = sense.measured == "temperature" and "meter" in sense.says
    if (metered or (among_electrical and not _own_words(sense))) and not sense.says & (_MEDIA | {"fluid"}):
        return Judged(None, "an electrical meter's own")
    return _barred(sense) or _measured(sense, heated=heated)


def _barred(sense: Sense) -> Judged | None:
    commanded = {"alarm"} if sense.measured in _ALWAYS else {"alarm", "command"}
    barred = _NEVER | commanded | ({"tariff"} if sense.measured in _COUNTED else set()) | {"computed"}
    barred -= {"hours"} if sense.measured in _ALWAYS else set()
    if never := sense.says & barred - ({"difference"} if sense.measured == "pressure" else set()):
        return Judged(None, f"{sense.because(never) or 'its name'} says {', '.join(sorted(never))}")
    if sense.cut and not sense.says & _POSITIVE:
        return Judged(Confidence.UNSURE, "its name is cut, and the rest may say something else")
    settable = sense.measured not in _COUNTED | {"heat power"}
    doubted = sense.beside_inputs or (not sense.says & _POSITIVE and _has_inputs(sense))
    if sense.object.id.type == _ANALOG_VALUE and settable and doubted:
        return Judged(Confidence.UNSURE, "a value beside inputs: is it measured or set?")
    return Judged(Confidence.UNSURE, sense.contradicted) if sense.contradicted else None


def _has_inputs(sense: Sense) -> bool:
    """The device has analog inputs: what it measures stands there, and its analog values are often settings."""
    return any(each.id.type == _ANALOG_INPUT for each in sense.device.objects)


def _measured(sense: Sense, *, heated: bool) -> Judged:
    """By what is measured: some is worth a meter by its unit alone, some only where words say of what it is."""
    media = sense.says & _MEDIA
    if sense.object.unit and sense.object.unit.name in _OF_TANKS and not _counts(sense, heated=heated):
        return Judged(Confidence.UNSURE, "a volume: counted of what, or what a tank holds?")
    if sense.measured in _ALWAYS:
        return _believed(sense)
    if sense.measured == "percent":
        return _percent(sense)
    if not sense.measured:
        return _without_unit(sense, media)
    needed = _NEEDED.get(sense.measured, frozenset())
    if sense.says & needed or sense.measured == "heat power" or (heated and sense.measured in {"energy", "power"}):
        return _sure(sense, needed)
    return Judged(None, f"nothing that a single value is made of ({sense.measured})")


def _counts(sense: Sense, *, heated: bool) -> bool:
    """Its words or its meter say what flows, or that it is counted."""
    return heated or bool(sense.says & _OF_A_METER - {"place", "filler"}) or sense.object.id.type in COUNTERS


def _percent(sense: Sense) -> Judged:
    if sense.says & {"humidity", "level"}:
        return _sure(sense, {"humidity", "level"})
    if "feedback" in sense.says and sense.object.id.type == 2:
        return Judged(Confidence.UNSURE, "a position or a speed: is it fed back or commanded?")
    if "feedback" in sense.says and sense.says & {"valve", "speed", "machine", "fluid"}:
        return _sure(sense, {"feedback"})
    return Judged(None, "a percentage of which it is not said that it is measured")


def _without_unit(sense: Sense, media: frozenset[str]) -> Judged:
    """The words alone have to say it."""
    if sense.quantity in {"energy", "power"}:
        return Judged(Confidence.UNSURE, f"{sense.quantity} without a unit")
    spoken = sense.says & set(_SPOKEN)
    if ("volume" in spoken and media) or spoken - {"volume", "flow", "level"}:
        return Judged(Confidence.MEDIUM, f"no unit; words: {sense.because(spoken | media)}", counter="volume" in spoken)
    if "meter" in sense.says and media & {"gas", "water"} and not sense.says - _OF_A_METER:
        return Judged(Confidence.MEDIUM, f"no unit; words: {sense.because({'meter', *media})}", counter=True)
    if sense.object.id.type in COUNTERS and media:
        return Judged(Confidence.MEDIUM, f"no unit; words: {sense.because(media)}", counter=True)
    if sense.object.id.type in COUNTERS:
        return Judged(Confidence.UNSURE, "a counter, of which it is not said what it counts", counter=True)
    return Judged(None, "neither unit nor words say what it is")


def _believed(sense: Sense) -> Judged:
    unit, number = sense.object.unit, sense.number
    low, high = _BELIEVABLE.get(unit.name if unit else "", (None, None))
    if number is not None and low is not None and high is not None and not low < number < high:
        return Judged(None, f"{number} {unit} is what an input without a sensor shows")
    return _sure(sense, {sense.measured, "fluid", *_MEDIA})


def _sure(sense: Sense, meanings: set[str] | frozenset[str]) -> Judged:
    worded = sense.because(meanings)
    unit = f"unit {sense.object.unit}" if sense.object.unit else "no unit"
    confidence = Confidence.HIGH if worded else Confidence.MEDIUM
    return Judged(confidence, f"{unit}; words: {worded}" if worded else unit, sense.measured in _COUNTED)


def _own_words(sense: Sense) -> bool:
    """Words that neither say the quantity nor are a meter's own: a winding, a cabinet."""
    return any(not each.says and len(each.text) > 3 for each in sense.name[1:])
