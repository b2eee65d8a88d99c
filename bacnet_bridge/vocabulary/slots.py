"""The slot grid: when a meter is due. Pure; all instants and lengths are UTC integer milliseconds."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Grid:
    """Slots stand at every instant that is `phase` modulo `interval`."""

    interval: int
    phase: int

    def __post_init__(self) -> None:
        if self.interval <= 0:
            raise ValueError(f"an interval of {self.interval} ms has no slots: it must be positive")


def grid(interval_seconds: int, zone: str, year: int) -> Grid:
    """The grid whose slots fall on the round minute or hour of the zone's standard time in that year.

    Standard time is the smaller of the zone's January and July offsets. ValueError: unknown zone.
    """
    interval = interval_seconds * 1000
    if interval <= 0:
        raise ValueError(f"an interval of {interval_seconds} s has no slots: it must be positive")
    return Grid(interval, -_standard_offset(zone, year) % interval)


def due(grid: Grid, after: int, upto: int) -> range:
    """The slots later than `after`, up to and with `upto`, in order; empty where the clock stepped back."""
    return range(following(grid, after), upto + 1, grid.interval)


def following(grid: Grid, after: int) -> int:
    """The first slot later than `after`."""
    return after + grid.interval - (after - grid.phase) % grid.interval


def _standard_offset(zone: str, year: int) -> int:
    """Milliseconds ahead of UTC in standard time.

    `utcoffset − dst` would be wrong: Dublin's winter is, to tzdata, a negative daylight saving of +01:00.
    """
    try:
        building = ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:  # unknown; not a zone's name; a folder of zones
        raise ValueError(f"{zone!r} is not an IANA time zone: write one like Europe/Dublin") from error
    offsets = (datetime(year, month, 1, 12, tzinfo=building).utcoffset() for month in (1, 7))
    return min(offset // timedelta(milliseconds=1) for offset in offsets if offset is not None)
