from itertools import pairwise

import pytest

from bacnet_bridge.ledger.days import span

HOUR = 3_600_000


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Dublin", "2026-03-28", 24),
        ("Europe/Dublin", "2026-03-29", 23),
        ("Europe/Dublin", "2026-10-25", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),
        ("Australia/Lord_Howe", "2026-10-04", 23.5),
        ("Asia/Kathmandu", "2026-03-29", 24),
        ("America/New_York", "2026-11-01", 25),
        ("America/Havana", "2026-03-08", 23),  # midnight does not exist
        ("America/Havana", "2026-11-01", 25),  # midnight comes twice
        ("America/Santiago", "2026-04-04", 25),  # its last hour comes twice
        ("Pacific/Apia", "2011-12-30", 0),  # the day that Samoa left out
    ],
)
def test_length_of_a_day(zone: str, day: str, hours: float) -> None:
    assert len(span(day, zone)) == hours * HOUR


@pytest.mark.parametrize("zone", ["Europe/Dublin", "Australia/Lord_Howe", "America/Havana", "Asia/Kathmandu"])
def test_days_follow_on_each_other(zone: str) -> None:
    days = [f"2026-{month:02}-{day:02}" for month in (3, 4, 10, 11) for day in range(1, 31)]
    for today, tomorrow in pairwise(days):
        if today[:7] == tomorrow[:7]:
            assert span(today, zone).stop == span(tomorrow, zone).start


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError, match="nonsense"):
        span("nonsense", "Europe/Dublin")
