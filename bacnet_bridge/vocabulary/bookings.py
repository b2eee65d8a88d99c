"""Ranges that were booked one after the other, each of which counts for what it covers of those before. Pure."""

from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import pairwise
from typing import Generic, NamedTuple, Protocol, TypeVar


class Booking(Protocol):
    """A range, both ends included."""

    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...


T = TypeVar("T", bound=Booking)


class Stretch(NamedTuple, Generic[T]):
    """From `first` to `last`, both included, `booking` is the one that counts."""

    first: int
    last: int
    booking: T


def latest(booked: Sequence[T]) -> list[Stretch[T]]:
    """Stretches that do not overlap, in order; `booked` is in the order of booking.

    Without a look at each slot: after weeks of a stop there are thousands, of hundreds of bookings.
    """
    begins = sorted(range(len(booked)), key=lambda number: booked[number].first)
    edges = sorted({edge for each in booked for edge in (each.first, each.last + 1)})
    found: list[Stretch[T]] = []
    covering: list[int] = []
    """Numbers of those that have begun, negative, so that the latest comes first."""
    begun = 0
    for first, behind in pairwise(edges):
        while begun < len(begins) and booked[begins[begun]].first <= first:
            heappush(covering, -begins[begun])
            begun += 1
        while covering and booked[-covering[0]].last < first:
            heappop(covering)
        if covering:
            found.append(Stretch(first, behind - 1, booked[-covering[0]]))
    return found
