"""The picture of a day, for any values that a device may send."""

import re
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.status.trend import NARROWEST, WIDEST, trend

FIRST = 1_795_000_000_000


def history(*values: float | None, step: int = 300) -> dict[str, Any]:
    return {"first": FIRST, "step": step, "values": list(values), "holes": [0] * len(values)}


def drawn(told: dict[str, Any], width: int = 900, zone: str = "Europe/Dublin", *, dark: bool = False) -> list[str]:
    """Its texts."""
    picture = trend(told, zone, width, dark=dark)
    assert not re.search(r"style|script|href|nan|inf", picture, re.IGNORECASE)
    return ["".join(each.itertext()) for each in ET.fromstring(picture).iter("{http://www.w3.org/2000/svg}text")]


def test_hours_are_the_building_s_and_values_are_round() -> None:
    texts = drawn(history(*(20 + slot / 100 for slot in range(288))))
    assert texts == ["12:00", "15:00", "18:00", "21:00", "00:00", "03:00", "06:00", "09:00", "20", "21", "22", "23"]
    assert drawn(history(1, 2), zone="Asia/Kathmandu")[:2] == ["18:00", "21:00"], "off by a quarter"
    assert len([each for each in drawn(history(1, 2), 360) if ":" in each]) == 4


def test_a_hole_interrupts_the_line() -> None:
    assert len(re.findall("<path", trend(history(1, 2, None, 3, 4), "UTC", 900, dark=False))) == 2


def test_a_value_that_stands_alone_is_seen() -> None:
    assert len(re.findall(' d="M [^"]+ L ', trend(history(None, 5, None, None, 6), "UTC", 900, dark=False))) == 2
    assert len(re.findall(' d="M [^"]+ L ', trend(history(7, step=500_000), "UTC", 900, dark=False))) == 1


def test_light_and_dark_differ_in_colours_only() -> None:
    light, dark = (trend(history(1, 2), "UTC", 900, dark=each) for each in (False, True))
    assert light != dark
    assert re.sub("#[0-9a-f]{6}", "", light) == re.sub("#[0-9a-f]{6}", "", dark)


def test_on_the_day_when_clocks_change_no_hour_is_lost_or_told_twice() -> None:
    spring = {"first": 1_774_738_800_000, "step": 300, "values": [1.0] * 288, "holes": []}  # 2026-03-28T23:00Z
    hours = [each for each in drawn(spring) if ":" in each]
    assert len(hours) == len(set(hours))


@pytest.mark.parametrize("values", [(), (None,), (5,), (0, 0), (1e300, -1e300), (1e-300, 2e-300), (1e22, 1e22 + 1e7)])
def test_whatever_there_is_a_picture_comes_of_it(values: tuple[float | None, ...]) -> None:
    assert drawn(history(*values))


@given(
    st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=20),
    st.integers(NARROWEST, WIDEST),
    st.booleans(),
)
def test_any_values_make_a_readable_axis(values: list[float | None], width: int, dark: bool) -> None:
    labels = [each for each in drawn(history(*values), width, dark=dark) if ":" not in each]
    assert 2 <= len(labels) <= 12
    assert all(len(each) <= 16 for each in labels)
