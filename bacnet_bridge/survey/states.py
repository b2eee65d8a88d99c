"""States as single values: the running of a machine, and a mode that is reported. Pure."""

import re
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.survey.sense import Sense
from bacnet_bridge.survey.suggestion import Confidence
from bacnet_bridge.survey.terms_of_states import NO, YES
from bacnet_bridge.survey.words import words

_BINARY: Final = frozenset({3, 5})
_BINARY_VALUE: Final = 5
_MULTI_STATE: Final = frozenset({13, 19})
_INPUT: Final = 13
_NEVER: Final = frozenset({"command", "alarm", "setpoint", "spare", "limit", "communication", "hours", "own"})
_SWITCHED: Final = frozenset(
    [
        "auto",
        "automatic",
        "automatik",
        "hand",
        "manual",
        "manu",
        "manuell",
        "local",
        "remote",
        "open",
        "closed",
        "zu",
        "offen",
    ]
)
_ORDERS: Final = frozenset({"marcha", "marche", "marcia", "run", "start", "on"})
_RUNS: Final = frozenset({"run", "running", "runs", "lauft", "laeuft", "draait", "bezi", "calisiyor", "pracuje"})
"""Nothing but running: a drive's *status* may be anything."""
_PUMP: Final = re.compile(r"p\d{1,2}")
"""Of a bit that says *running*, no power."""
_MODES: Final = frozenset(
    {"comfort", "setback", "eco", "economy", "night", "day", "frost", "standby", "komfort", "nacht", "tag", "heating"}
    | {"cooling", "starting", "stopping", "sleeping", "throttled"}
)
_FEWEST_MODES: Final = 3
_REPORTED: Final = frozenset(
    [
        "status",
        "sts",
        "actual",
        "feedback",
        "ist",
        "istwert",
        "ruckmeldung",
        "rueckmeldung",
        "rm",
        "etat",
        "estado",
        "stato",
        "toestand",
        "tila",
        "stav",
        "stan",
        "zhuangtai",
    ]
)


@dataclass(frozen=True, slots=True)
class Judged:
    """`confidence` None: left out; UNSURE: for a person."""

    confidence: Confidence | None
    why: str
    counter: bool = False


def state(sense: Sense) -> Judged:
    """The running state of a machine, or a mode that is reported."""
    if sense.says & _NEVER:
        return Judged(None, "a command, an alarm or a setting")
    if sense.object.id.type in _BINARY and "running" in sense.says and _of_machine(sense):
        return _running(sense)
    if sense.object.id.type in _MULTI_STATE and ("mode" in sense.says or _modes(sense)):
        return _mode(sense)
    return Judged(None, "a state of which it is not said that a machine runs")


def _of_machine(sense: Sense) -> bool:
    """A fan, a pump; a chiller that is off or on; a drive or a `P1` of heating or water of which *running* is said."""
    if "machine" in sense.says:
        return True
    states = {each for text in sense.object.states or () for each in words(text)}
    switched = bool(states) and all(each.text in YES | NO or "running" in each.says for each in states)
    if "converter" in sense.says and switched:
        return True
    told = any("running" in each.says and each.text in _RUNS for each in (*sense.name, *sense.description))
    numbered = any(_PUMP.fullmatch(each.text) for each in sense.name) and bool(
        sense.says & {"heat", "cold", "water"} or {"htg", "chw", "clg"} & {each.text for each in sense.name}
    )
    return told and ("drive" in sense.says or numbered)


def _running(sense: Sense) -> Judged:
    if _other_states(sense):
        return Judged(None, "its states are those of a fault or of a switch")
    if sense.object.id.type == _BINARY_VALUE and not _told_otherwise(sense):
        return Judged(Confidence.UNSURE, "does it run, or is it told to run?")
    return Judged(Confidence.HIGH, f"words: {sense.because({'running', 'machine'})}")


def _mode(sense: Sense) -> Judged:
    if sense.object.id.type != _INPUT and not _REPORTED & {each.text for each in (*sense.name, *sense.description)}:
        return Judged(Confidence.UNSURE, "a mode: is it reported or set?")
    return Judged(Confidence.HIGH, f"words: {sense.because({'mode', 'running', 'feedback'})}")


def _modes(sense: Sense) -> bool:
    """An input's states are modes, though it is only called a status."""
    texts = [{each.text for each in words(text)} for text in sense.object.states or ()]
    status = "running" in sense.says and sense.object.id.type == _INPUT
    return status and sum(bool(each & _MODES) for each in texts) >= _FEWEST_MODES


def _told_otherwise(sense: Sense) -> bool:
    """A word of running that is no order to run, as *marcha* and *marche* can be."""
    return any("running" in each.says and each.text not in _ORDERS for each in (*sense.name, *sense.description))


def _other_states(sense: Sense) -> bool:
    """Fault, or by hand: it is not the running that is told."""
    told = {each for text in sense.object.states or () for each in words(text)}
    return any("alarm" in each.says or each.text in _SWITCHED for each in told)
