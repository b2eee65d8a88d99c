"""A building's local days as spans of UTC milliseconds. Pure."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bacnet_bridge.clock import instant_of


def span(day: str, zone: str) -> range:
    """The instants of the local date `day` (`2026-03-29`) in this IANA zone: 23, 24 or 25 hours, or what it had.

    Where midnight does not exist, the day begins when the clock jumps over it. ValueError: not a date, no such zone.
    """
    local, building = date.fromisoformat(day), ZoneInfo(zone)
    first, end = (instant_of(datetime.combine(each, time.min, building)) for each in (local, local + timedelta(days=1)))
    return range(first, end)
