"""The slot grid: when a meter is due. Pure; all instants and lengths are UTC integer milliseconds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Grid:
    """Slots stand at every instant that is `phase` modulo `interval`."""

    interval: int
    phase: int


def grid(interval_seconds: int, zone: str, year: int) -> Grid:
    """The grid whose slots fall on the round minute or hour of the building's standard time in that year.

    Standard time is the smaller of the zone's January and July offsets. Raises ValueError for an unknown zone.
    """
    raise NotImplementedError(interval_seconds, zone, year)


def due(grid: Grid, after: int, upto: int) -> range:
    """The slots later than `after` and not later than `upto`, in order; empty where the clock stepped back."""
    raise NotImplementedError(grid, after, upto)


def following(grid: Grid, after: int) -> int:
    """The first slot later than `after`."""
    raise NotImplementedError(grid, after)
