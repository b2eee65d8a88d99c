"""The platform's latest packet beside ours, in words, whatever the platform answers."""

import json

import pytest

from bacnet_bridge.service.latest import Own, compared
from bacnet_bridge.wattics.latest import Answered, NotUnderstood
from tests.support.clock import NOON

MINUTE = 60_000


def packet(minutes: int = 0, value: float = 1.5, meter: str = "m") -> dict[str, object]:
    return {"id": meter, "tsISO8601": f"2027-01-15T{12 + minutes // 60}:{minutes % 60:02}:00.000+00:00", "value": value}


OURS = Own(NOON, NOON, json.dumps(packet()), 0)


@pytest.mark.parametrize(
    ("own", "said", "agrees", "words"),
    [
        (OURS, packet(), True, "it is our last accepted packet, value for value"),
        (OURS, packet(value=1.50), True, "value for value"),
        (Own(NOON, NOON, None), packet(), True, "whose values are not kept any more"),
        (OURS, packet(value=2), False, "not all of its values: value is 2 there and 1.5 here"),
        (OURS, packet() | {"value": None}, False, "value is missing there and 1.5 here"),
        (OURS, packet(90), False, "90 min later than all that was sent from here: another sender"),
        (Own(NOON, NOON + 2 * MINUTE), packet(2), False, "was tried from here, and its answer did not come"),
        (Own(NOON + 5 * MINUTE, NOON + 5 * MINUTE), packet(), False, "5 min behind: it answered 200 up to"),
        (Own(), packet(), False, "knows no accepted packet of this meter: the platform's is someone else's"),
        (Own(None, NOON), packet(), False, "though one may have been tried"),
        (OURS, {"data": [packet()]}, True, "value for value. (The answer is of no form that the bridge relies on"),
    ],
)  # fmt: skip
def test_the_difference_in_words(own: Own, said: object, agrees: bool, words: str) -> None:
    found = compared("m", "UTC", own, Answered(200, json.dumps(said)))
    assert words in found.sentence
    assert found.agrees is agrees
    assert found.instant is not None


@pytest.mark.parametrize(
    ("answered", "words", "answer"),
    [
        (NotUnderstood("no connection within 10 s"), "gave no answer: no connection within 10 s", ""),
        (Answered(401, "<html>who?</html>"), "refuses the credentials", "who?"),
        (Answered(403, ""), "does not allow this meter", ""),
        (Answered(404, "gone"), "no latest packet of this id (404)", "gone"),
        (Answered(302, ""), "answered 302", ""),
        (Answered(200, "OK"), "no packet of this id with an instant can be seen", "OK"),
        (Answered(200, json.dumps(packet(meter="n"))), "no packet of this id", "tsISO8601"),
    ],
)
def test_an_answer_without_a_packet_is_shown(answered: Answered | NotUnderstood, words: str, answer: str) -> None:
    found = compared("m", "UTC", OURS, answered)
    assert words in found.sentence
    assert answer in found.answer
    assert (found.agrees, found.instant) == (False, None)
