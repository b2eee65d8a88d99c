"""Of bookings that overlap, the latest counts."""

from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.vocabulary.bookings import latest


class Booked(NamedTuple):
    first: int
    last: int
    why: str = ""


def test_the_latest_counts_for_what_it_covers_and_the_others_for_the_rest() -> None:
    day, hour, again = Booked(0, 99, "day"), Booked(20, 39, "hour"), Booked(90, 120, "again")
    assert latest([day, hour, again]) == [
        (0, 19, day),
        (20, 39, hour),
        (40, 89, day),
        (90, 99, again),
        (100, 120, again),
    ]
    assert latest([hour, day]) == [(0, 19, day), (20, 39, day), (40, 99, day)]
    assert latest([]) == []


BOOKINGS = st.lists(st.builds(lambda at, length: Booked(at, at + length), st.integers(0, 40), st.integers(0, 20)))


@given(BOOKINGS)
def test_each_instant_has_its_latest_booking_and_stretches_are_in_order(booked: list[Booked]) -> None:
    numbered = [each._replace(why=str(number)) for number, each in enumerate(booked)]
    found = latest(numbered)
    edges = [edge for first, last, _ in found for edge in (first, last)]
    assert edges == sorted(edges)
    by_instant = {at: booking for first, last, booking in found for at in range(first, last + 1)}
    for at in range(70):
        covering = [each for each in numbered if each.first <= at <= each.last]
        assert by_instant.get(at) == (covering[-1] if covering else None)
