"""States as single values: the running of a machine, and a mode that is reported. Pure."""

from dataclasses import dataclass
from typing import Final

from bacnet_bridge.survey.sense import Sense
from bacnet_bridge.survey.suggestion import Confidence
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
    if sense.object.id.type in _BINARY and {"running", "machine"} <= sense.says:
        return _running(sense)
    if sense.object.id.type in _MULTI_STATE and "mode" in sense.says:
        return _mode(sense)
    return Judged(None, "a state of which it is not said that a machine runs")


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


def _told_otherwise(sense: Sense) -> bool:
    """A word of running that is no order to run, as *marcha* and *marche* can be."""
    return any("running" in each.says and each.text not in _ORDERS for each in (*sense.name, *sense.description))


def _other_states(sense: Sense) -> bool:
    """Fault, or by hand: it is not the running that is told."""
    told = {each for text in sense.object.states or () for each in words(text)}
    return any("alarm" in each.says or each.text in _SWITCHED for each in told)
