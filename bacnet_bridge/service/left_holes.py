"""Why slots of a gap stay holes: the reason that they had, and what their log said. Pure; instants are UTC ms."""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final, NamedTuple

from bacnet_bridge.ledger.account import BookedRange
from bacnet_bridge.vocabulary.bookings import Stretch, latest
from bacnet_bridge.vocabulary.holes import HoleReason

_NUMBER: Final = re.compile(r"(?<![\w,.-])-?\d++(?:\.\d++)?(?!\w)")
_DETAIL: Final = 200
"""Characters of a hole's detail, at most."""


class Left(NamedTuple):
    """Slots in a row that stay holes for one reason, both ends included."""

    first: int
    last: int
    reason: HoleReason
    detail: str


def left_holes(slots: Sequence[int], left: Mapping[int, str], booked: Iterable[BookedRange]) -> list[Left]:
    """Of a gap's slots, in order, those `left` with a sentence of their log each; `booked` as the ledger has it.

    Sentences in a row that differ in their numbers only, as a counter's counts, are one without these: thousands of
    slots are not as many holes.
    """
    found: list[Left] = []
    unbroken = False
    for first, last, was in _parts(slots, latest(list(booked))):
        for alike, run in groupby(slots[first:last], lambda slot: _without_numbers(left.get(slot))):
            each = list(run)
            if alike is None:
                unbroken = False
                continue
            said = left[each[0]] if len({left[slot] for slot in each}) == 1 else alike
            made = Left(each[0], each[-1], HoleReason.STOPPED if was is None else was.reason, _detail(was, said))
            if unbroken and found[-1][2:] == made[2:]:
                found[-1] = found[-1]._replace(last=made.last)
            else:
                found.append(made)
            unbroken = True
    return found


def _parts(
    slots: Sequence[int], stretches: Sequence[Stretch[BookedRange]]
) -> Iterator[tuple[int, int, BookedRange | None]]:
    """Places in `slots`, the last one excluded, of which the same was booked; None: nothing."""
    done = 0
    for each in stretches:
        first, behind = bisect_left(slots, each.first), bisect_left(slots, each.last + 1)
        yield done, first, None
        yield first, behind, each.booking
        done = behind
    yield done, len(slots), None


def _without_numbers(said: str | None) -> str | None:
    """Numbers of objects (`trend-log,1`, `TL1`) stay."""
    return None if said is None else _NUMBER.sub("…", said)


def _detail(was: BookedRange | None, said: str) -> str:
    detail = f"{was.detail}; its log: {said}" if was is not None and was.detail else f"its log: {said}"
    return detail if len(detail) <= _DETAIL else f"{detail[: _DETAIL - 1]}…"
