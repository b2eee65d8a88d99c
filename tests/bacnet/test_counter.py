from decimal import Decimal

import pytest

from bacnet_bridge.bacnet.counter import Count, Suspect, count_from_text


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
    assert follow(count, "2") == Count(Decimal(2))


def test_what_is_counted_is_kept_over_a_fall() -> None:
    assert follow(Count(Decimal(10), of="0.1 m³"), "1", "2", "2") == Count(Decimal(2), of="0.1 m³")


def test_a_zero_after_a_power_cut_leaves_no_trace() -> None:
    assert follow(Count(Decimal(10), Decimal(9)), "0", "0", "11") == Count(Decimal(11), Decimal(9))


def test_a_suspect_that_falls_again_is_watched_anew() -> None:
    assert follow(Count(Decimal(10)), "5", "6", "4").suspect == Suspect(Decimal(4), Decimal(4), 1)


def test_growth_before_and_after_a_fall_is_kept_and_what_lies_between_is_not_guessed() -> None:
    count = follow(Count(Decimal(110), Decimal(100)), "3", "4", "6")
    assert count.base is not None
    assert count.last - count.base == (110 - 100) + (6 - 3)


@pytest.mark.parametrize(
    "count",
    [
        Count(Decimal("0.1")),
        Count(Decimal("1E+30"), Decimal(-5)),
        Count(Decimal(3), Decimal(0), Suspect(Decimal(1), Decimal("1.5"), 2), "0.1 m³"),
    ],
)
def test_text_and_back(count: Count) -> None:
    assert count_from_text(count.to_text()) == count
