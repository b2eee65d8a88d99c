"""Times as people write them in tables → instants. Pure.

Local time is not one to one: the hour that autumn repeats exists twice, the one that spring skips does not exist.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from bacnet_bridge.clock import instant_of


@dataclass(frozen=True, slots=True)
class Resolved:
    """Of one time: its instant, or why it has none; and whether it exists twice."""

    instant: int | None
    problem: str = ""
    twice: bool = False


def parse_time(text: str) -> datetime:
    """ISO 8601, with or without an offset. Raises ValueError with a sentence."""
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{text!r} is no time: write 2026-03-29T01:30 or 2026-03-29T01:30:00+01:00") from None


def resolve(times: Sequence[datetime], zone: str) -> list[Resolved]:
    """The instants of a table's times, in its order; those without an offset are in the building's zone.

    A time that exists twice is taken by its place: the first one that is later than the row before it in time, so
    that a table that runs through the night of the change is read right, also from the newest row to the oldest.
    """
    building = ZoneInfo(zone)
    forward = list(times) if _runs_forward(times) else list(reversed(times))
    found = list(_in_order(forward, building))
    return found if _runs_forward(times) else found[::-1]


def _in_order(times: Sequence[datetime], building: ZoneInfo) -> Iterator[Resolved]:
    before: int | None = None
    for time in times:
        resolved = _one(time, building, before)
        before = resolved.instant if resolved.instant is not None else before
        yield resolved


def _one(time: datetime, building: ZoneInfo, before: int | None) -> Resolved:
    if time.tzinfo is not None:
        return Resolved(instant_of(time))
    first, second = (time.replace(tzinfo=building, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return Resolved(instant_of(first))
    if instant_of(first) > instant_of(second):  # PEP 495: in a gap, fold=0 reads with the offset before it
        return Resolved(None, f"{time} does not exist in {building.key}: clocks were set forward over it")
    later = before is not None and before >= instant_of(first)
    return Resolved(instant_of(second if later else first), twice=True)


def _runs_forward(times: Sequence[datetime]) -> bool:
    """Most steps go forward; the hour that is repeated goes back once."""
    plain = [time.replace(tzinfo=None) for time in times]
    forward = sum(a < b for a, b in pairwise(plain))
    return 2 * forward >= len(plain) - 1
