import json
from dataclasses import replace

import pytest

from bacnet_bridge.bacnet.profile import (
    TRY_AGAIN,
    Profile,
    after_answer,
    after_dumb,
    after_dumb_answered,
    after_gathering,
    after_multiple_refused,
    after_refusal,
    after_silence,
    after_spoiling,
    after_too_much,
    document,
    found,
    from_document,
)
from bacnet_bridge.vocabulary.objects import parse_object

NOW = 1_800_000_000_000
NEW = Profile(7)
AI1, AI2 = parse_object("AI1"), parse_object("AI2")


def test_an_answer_smooths_the_round_trip_and_shows_what_worked() -> None:
    first = after_answer(NEW, 20, 100.0)
    assert (first.worked, first.round_trip) == (20, 100.0)
    second = after_answer(first, 5, 180.0)
    assert (second.worked, second.round_trip) == (20, 110.0)


@pytest.mark.parametrize(
    ("learn", "limit"),
    [
        (lambda at: after_multiple_refused(NEW, at), lambda it, now: it.reads_singly(now)),
        (lambda at: after_too_much(NEW, 10, at), lambda it, now: it.most_together(now) == 10),
        (lambda at: after_spoiling(NEW, AI1, at), lambda it, now: it.apart(now) == {"analog-input,1"}),
    ],
)
def test_a_limit_holds_for_an_hour_and_never_longer(learn, limit) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
    it = learn(NOW)
    assert limit(it, NOW)
    assert limit(it, NOW + TRY_AGAIN - 1)
    assert not limit(it, NOW + TRY_AGAIN)
    assert not limit(it, NOW - 1), "a clock that was set back must not make it last"
    assert not limit(NEW, NOW)


def test_too_much_only_shrinks_while_it_holds() -> None:
    ten = after_too_much(NEW, 10, NOW)
    assert after_too_much(ten, 20, NOW + 1).most == 10
    assert after_too_much(ten, 5, NOW + 1).most == 5
    assert after_too_much(ten, 20, NOW + TRY_AGAIN).most == 20


def test_spoiling_objects_are_forgotten_one_by_one() -> None:
    both = after_spoiling(after_spoiling(NEW, AI1, NOW), AI2, NOW + 10)
    assert both.apart(NOW + 10) == {"analog-input,1", "analog-input,2"}
    assert both.apart(NOW + TRY_AGAIN) == {"analog-input,2"}
    later = after_spoiling(both, AI2, NOW + TRY_AGAIN)
    assert later.spoiling == {"analog-input,2": NOW + TRY_AGAIN}


def test_a_dumb_object_goes_to_the_end_of_the_row() -> None:
    both = after_dumb(after_dumb(NEW, AI1), AI2)
    assert both.dumb == ("analog-input,1", "analog-input,2")
    assert after_dumb(after_dumb_answered(both, AI1), AI1).dumb == ("analog-input,2", "analog-input,1")
    assert after_dumb_answered(both, AI1).dumb == ("analog-input,2",)


def test_silence_is_dated_from_its_beginning() -> None:
    silent = after_silence(after_silence(NEW, NOW), NOW + 5)
    assert silent.silent_since == NOW
    assert after_gathering(silent, 3) == replace(NEW, requests=3)


def test_where_it_is_and_what_it_refused() -> None:
    assert found(NEW, "100:10", 480) == replace(NEW, address="100:10", max_apdu=480)
    assert after_refusal(NEW, "abort 4", NOW) == replace(NEW, refusal="abort 4", refused_at=NOW)


def test_what_is_kept_is_what_was_learned() -> None:
    it = after_dumb(after_spoiling(after_answer(found(NEW, "100:10", 480), 20, 12.5), AI1, NOW), AI2)
    assert from_document(json.loads(json.dumps(document(it)))) == it


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"instance": "7"},
        {"instance": 7, "most": "many"},
        {"instance": 7, "dumb": [1]},
        {"instance": 7, "spoiling": {"analog-input,1": None}},
        {"instance": 7, "round_trip": None},
        {"instance": True, "address": 5},
    ],
)
def test_what_is_no_profile_is_none(wrong: dict[str, object]) -> None:
    assert from_document(wrong) is None


def test_what_a_later_version_wrote_beside_it_does_not_matter() -> None:
    assert from_document({"instance": 7, "colour": "red"}) == NEW
