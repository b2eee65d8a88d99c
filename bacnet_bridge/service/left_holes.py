"""Why slots of a gap stay holes: the reason that they had, and what their log said. Pure; instants are UTC ms."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from bacnet_bridge.ledger.account import BookedRange
from bacnet_bridge.vocabulary.holes import HoleReason

_DETAIL: Final = 200
"""Characters of a hole's detail, at most."""


class Left(NamedTuple):
    """Slots in a row that stay holes for one reason, both ends included."""

    first: int
    last: int
    reason: HoleReason
    detail: str


def left_holes(slots: Sequence[int], left: Mapping[int, str], booked: Iterable[BookedRange]) -> list[Left]:
    """Of a gap's slots, those `left` with a sentence of their log each; `booked` as the ledger has it, in its order."""
    known = list(booked)
    found: list[Left] = []
    before: int | None = None
    for slot in slots:
        if slot in left:
            was = next((each for each in reversed(known) if each.first <= slot <= each.last), None)
            reason = HoleReason.STOPPED if was is None else was.reason
            said = f"its log: {left[slot]}"
            detail = f"{was.detail}; {said}" if was is not None and was.detail else said
            made = Left(slot, slot, reason, detail if len(detail) <= _DETAIL else f"{detail[: _DETAIL - 1]}…")
            if found and found[-1].last == before and found[-1][2:] == made[2:]:
                found[-1] = found[-1]._replace(last=slot)
            else:
                found.append(made)
        before = slot
    return found
