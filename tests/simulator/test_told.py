"""What is typed at a control address: sentences where it is wrong, without a programmer's words."""

from typing import Any

import pytest

from bacnet_bridge.simulator.behaviour import Behaviour
from bacnet_bridge.simulator.told import checked, from_json, keyed, seconds


def test_what_is_right() -> None:
    told = from_json('{"silent": true}', "{}")
    assert checked(Behaviour, keyed(told, "{}")) == Behaviour(silent=True)
    assert (seconds(None), seconds(3), seconds(0.5)) == (None, 3, 0.5)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"silnt": True}, "there is no key 'silnt', did you mean silent? (known are delay_ms, refuse_rpm, abort, "),
        ({"loud": True}, "there is no key 'loud' (known are "),
        ({"second": 3}, "there is no key 'second', did you mean seconds?"),
        ({"delay_ms": -1}, "delay_ms: must be greater than or equal to 0"),
        ({"silent": "often", "delay_ms": "x"}, "delay_ms: must be a valid integer"),
    ],
)
def test_a_wrong_key_or_value(told: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError) as refused:  # noqa: PT011 - the sentence is compared below, signs and all
        checked(Behaviour, told, also=["seconds"])
    assert str(refused.value).startswith(sentence)
    assert "http" not in str(refused.value)


@pytest.mark.parametrize("told", [0, -1, "3", True, float("nan"), float("inf")])
def test_no_length_of_time(told: object) -> None:
    with pytest.raises(ValueError, match="seconds must be a number larger than 0"):
        seconds(told)
