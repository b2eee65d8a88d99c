from decimal import Decimal

import pytest

from bacnet_bridge.bacnet.count_text import count_from_text, text_of
from bacnet_bridge.bacnet.counter import Count
from bacnet_bridge.bacnet.doubt import Suspect


def follow(count: Count, *readings: str) -> Count:
    for reading in readings:
        count = count.follow(Decimal(reading))
    return count


def test_a_rising_or_standing_counter_is_believed() -> None:
    assert follow(Count(Decimal(10)), "10", "12.5") == Count(Decimal("12.5"))


def test_a_fall_is_watched_and_believed_at_the_third_reading() -> None:
    count = follow(Count(Decimal(10)), "1")
    assert count == Count(Decimal(10), None, Suspect(Decimal(1), Decimal(1), 1))
    count = follow(count, "2")
    assert count.suspect == Suspect(Decimal(1), Decimal(2), 2)
    believed = follow(count, "2")
    assert believed.suspect is None
    assert (str(believed.last), str(believed.left)) == ("2", "10")
    assert "from 10 to 1 and is believed" in believed.noted


def test_what_is_counted_is_kept_over_a_fall() -> None:
    assert follow(Count(Decimal(10), of="0.1 m³"), "1", "2", "2").of == "0.1 m³"


def test_a_zero_after_a_power_cut_leaves_no_trace() -> None:
    assert follow(Count(Decimal(10), Decimal(9)), "0", "0", "11") == Count(Decimal(11), Decimal(9))


def test_a_suspect_that_falls_again_is_watched_anew() -> None:
    assert follow(Count(Decimal(10)), "5", "6", "4").suspect == Suspect(Decimal(4), Decimal(4), 1)


@pytest.mark.parametrize(
    "count",
    [
        Count(Decimal("0.1")),
        Count(Decimal("1E+30"), Decimal(-5)),
        Count(Decimal(3), Decimal(0), Suspect(Decimal(1), Decimal("1.5"), 2, 5, 7, Decimal("0.5")), "0.1 m³"),
        Count(Decimal(3), None, None, "1 kWh", 7, 5, Decimal("2.5"), 4, Decimal(9), "rolled over", 6),
    ],
)
def test_text_and_back(count: Count) -> None:
    assert count_from_text(text_of(count)) == count


def test_what_earlier_versions_stored_is_understood() -> None:
    stored = '{"last": "10", "base": null, "suspect": ["1", "2", 2], "of": "1 kWh"}'
    assert count_from_text(stored) == Count(Decimal(10), None, Suspect(Decimal(1), Decimal(2), 2), "1 kWh")


@pytest.mark.parametrize("text", [None, "still 3 real 230.1"])
def test_what_is_no_counters_memory_is_none(text: str | None) -> None:
    assert count_from_text(text) is None
