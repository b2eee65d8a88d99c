"""The objects by which gateways say whether they hear a meter → `valid_when`. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.survey.sense import Sense, stem
from bacnet_bridge.survey.suggestion import Confidence, Heard
from bacnet_bridge.survey.terms_of_states import BAD, GOOD, NO, YES
from bacnet_bridge.survey.words import words

_BINARY: Final = frozenset({3, 5})
_MULTI_STATE: Final = frozenset({13, 19})
_STATES: Final = _BINARY | _MULTI_STATE
_DRIVER: Final = frozenset({"modbus", "mbus", "driver", "drivers", "bacnet", "knx", "lon"})
_NOT: Final = frozenset({"setpoint", "command", "spare"})


@dataclass(frozen=True, slots=True)
class Listening:
    """A communication object, what it belongs to, and how much it says."""

    sense: Sense
    stems: tuple[tuple[str, ...], ...]
    """Of its name and of its description."""
    good: str | None
    rank: int


def listening(senses: Iterable[Sense]) -> list[Listening]:
    """Those of a device's objects that tell of communication with one meter or with many."""
    return [_listening(each) for each in senses if _tells(each)]


def of_bus(found: Listening) -> bool:
    """It speaks of a whole bus, port or gateway."""
    return "whole bus" in found.sense.says and not found.sense.says & {"meter", "electric", "heat", "water", "gas"}


def heard(candidates: Sequence[Listening]) -> Heard | None:
    """The one that says most, with the state in which the meter is heard."""
    order = sorted(candidates, key=lambda each: -each.rank)
    if not order or (len(order) > 1 and order[0].rank == order[1].rank):
        return None
    best = order[0]
    if best.good is None:
        return None
    reason = f"words: {best.sense.because({'communication', 'alarm', 'running'})}"
    return Heard(best.sense.object, best.good, Confidence.HIGH, reason)


def _tells(sense: Sense) -> bool:
    if sense.object.id.type not in _STATES or sense.says & _NOT:
        return False
    if "communication" in sense.says:
        return True
    if sense.object.id.type in _MULTI_STATE:
        return "mode" not in sense.says and bool({"offline", "timeout"} & _state_words(sense))
    return bool(_texts(sense) & _DRIVER) and "alarm" in sense.says


def _listening(sense: Sense) -> Listening:
    rank = (0 if "alarm" in sense.says else 2) + ("running" in sense.says)
    return Listening(sense, (_own(sense), stem(sense.description)), _good(sense), rank)


def _own(sense: Sense) -> tuple[str, ...]:
    """The name without what says communication: its last word, where only the description says so."""
    own = stem(sense.name)
    here, there = (any("communication" in each.says for each in said) for said in (sense.name, sense.description))
    return own[:-1] if there and not here and len(own) > 1 and own[-1].isalpha() else own


def _good(sense: Sense) -> str | None:
    """`active`, `inactive`, `2`: the one state whose text is good news; None where the texts do not say."""
    binary = sense.object.id.type in _BINARY
    states = sense.object.states or ()
    names = [_read(text) for text in states]
    bad_news = "alarm" in sense.says
    good = [at for at, each in enumerate(names) if _is_good(each, bad_news=bad_news)]
    bad = [at for at, each in enumerate(names) if _is_bad(each, bad_news=bad_news)]
    if len(good) != 1 and len(names) == 2 and len(bad) == 1:
        good = [1 - bad[0]]
    if binary and not states:
        return ("inactive" if bad_news else "active") if "communication" in sense.says else None
    if len(good) != 1 or good == bad:
        return None
    return ("inactive", "active")[good[0]] if binary else str(good[0] + 1)


def _is_good(said: set[str], *, bad_news: bool) -> bool:
    """`Communication: yes`, `fault: no`, and what is good in itself."""
    return bool(said & (GOOD | (NO if bad_news else YES))) and not said & BAD


def _is_bad(said: set[str], *, bad_news: bool) -> bool:
    return bool(said & (BAD | (YES if bad_news else NO))) and not said & GOOD


def _read(text: str) -> set[str]:
    """The state's words, and all of them as one: `zheng chang`, `not ok`."""
    said = [each.text for each in words(text)]
    return {*said, "".join(said)}


def _texts(sense: Sense) -> set[str]:
    return {each.text for each in (*sense.name, *sense.description)}


def _state_words(sense: Sense) -> set[str]:
    return {each.text for text in sense.object.states or () for each in words(text)}
