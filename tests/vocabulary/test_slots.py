from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.vocabulary.slots import Grid, due, following, grid

HOUR = 3_600_000
MINUTE = 60_000

ZONES = ("Europe/Dublin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/New_York")

CHANGES = [
    # zone, a local day around the change, its hours
    ("Europe/Dublin", (2026, 3, 29), 23),
    ("Europe/Dublin", (2026, 10, 25), 25),
    ("Europe/Dublin", (2026, 7, 1), 24),
    ("Australia/Lord_Howe", (2026, 4, 5), 24.5),
    ("Australia/Lord_Howe", (2026, 10, 4), 23.5),
    ("Asia/Kathmandu", (2026, 3, 29), 24),
    ("America/New_York", (2026, 3, 8), 23),
    ("America/New_York", (2026, 11, 1), 25),
]


def instant(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def local(at: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone(ZoneInfo(zone))


@pytest.mark.parametrize(
    ("zone", "phase"),
    [
        ("Europe/Dublin", 0),
        ("Australia/Lord_Howe", 30 * MINUTE),  # standard +10:30
        ("Asia/Kathmandu", 15 * MINUTE),  # +05:45: 00:15 UTC is 06:00
        ("America/New_York", 0),
        ("America/St_Johns", 30 * MINUTE),  # -03:30
        ("UTC", 0),
    ],
)
def test_hourly_slots_stand_on_the_round_hour_of_standard_time(zone: str, phase: int) -> None:
    assert grid(3600, zone, 2026) == Grid(HOUR, phase)


@pytest.mark.parametrize(
    ("zone", "hour_of_midnight_in_utc"),
    [
        ("Europe/Dublin", 0),  # not 23: Irish standard time is summer's only in law
        ("Europe/Berlin", 23),
        ("America/New_York", 5),
        ("Australia/Sydney", 14),  # summer is in January
    ],
)
def test_a_daily_slot_stands_on_standard_times_midnight(zone: str, hour_of_midnight_in_utc: int) -> None:
    assert grid(86_400, zone, 2026).phase == hour_of_midnight_in_utc * HOUR


@pytest.mark.parametrize(("zone", "day", "hours"), CHANGES)
@pytest.mark.parametrize("minutes", [5, 15, 30])
def test_a_day_has_as_many_slots_as_it_lasts(zone: str, day: tuple[int, int, int], hours: float, minutes: int) -> None:
    midnight = datetime(*day, tzinfo=ZoneInfo(zone))
    first, past = instant(midnight), instant(midnight + timedelta(days=1))
    slots = due(grid(minutes * 60, zone, 2026), first - 1, past - 1)
    assert len(slots) == hours * 60 / minutes
    assert slots[0] == first
    assert all(local(slot, zone).minute % minutes == 0 and local(slot, zone).second == 0 for slot in slots)


def test_the_autumns_hour_is_repeated_on_the_wall_but_not_on_the_grid() -> None:
    slots = due(
        grid(1800, "Europe/Dublin", 2026),
        instant(datetime(2026, 10, 24, 23, 45, tzinfo=UTC)),
        instant(datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    )
    shown = [local(slot, "Europe/Dublin").strftime("%H:%M%z") for slot in slots]
    assert shown == ["01:00+0100", "01:30+0100", "01:00+0000", "01:30+0000", "02:00+0000"]


def test_lord_howes_half_hour_of_summer_leaves_the_grid_where_it_was() -> None:
    slots = grid(3600, "Australia/Lord_Howe", 2026)
    winter = following(slots, instant(datetime(2026, 7, 1, 3, 7, tzinfo=UTC)))
    summer = following(slots, instant(datetime(2026, 1, 1, 3, 7, tzinfo=UTC)))
    assert local(winter, "Australia/Lord_Howe").minute == 0
    assert local(summer, "Australia/Lord_Howe").minute == 30


def test_due_is_empty_after_a_step_back_and_includes_its_upper_end() -> None:
    hourly = Grid(HOUR, 0)
    assert not due(hourly, 5 * HOUR, 5 * HOUR)
    assert not due(hourly, 5 * HOUR, 2 * HOUR)
    assert list(due(hourly, 5 * HOUR, 7 * HOUR)) == [6 * HOUR, 7 * HOUR]
    assert list(due(hourly, 5 * HOUR - 1, 5 * HOUR)) == [5 * HOUR]


def test_a_jump_from_1970_is_answered_at_once() -> None:
    slots = due(Grid(5_000, 0), 0, 1_800_014_400_000)
    assert (len(slots), slots[-1]) == (360_002_880, 1_800_014_400_000)


@pytest.mark.parametrize("zone", ["Europe/Dublim", "", "../etc/passwd", "Europe", "/etc/localtime", "Zürich"])
def test_an_unknown_zone_is_one_sentence(zone: str) -> None:
    with pytest.raises(ValueError, match="is not an IANA time zone"):
        grid(300, zone, 2026)


@pytest.mark.parametrize("seconds", [0, -300])
def test_an_interval_is_positive(seconds: int) -> None:
    with pytest.raises(ValueError, match="must be positive"):
        grid(seconds, "UTC", 2026)
    with pytest.raises(ValueError, match="must be positive"):
        Grid(seconds, 0)


GRIDS = st.builds(grid, st.sampled_from([1, 5, 7, 60, 300, 900, 3600, 86_400]), st.sampled_from(ZONES), st.just(2026))
INSTANTS = st.integers(1_700_000_000_000, 1_900_000_000_000)
SPANS = st.lists(st.integers(0, 3 * HOUR), min_size=2, max_size=4)


@given(GRIDS, INSTANTS)
def test_following_is_the_first_slot_later(slots: Grid, at: int) -> None:
    slot = following(slots, at)
    assert at < slot <= at + slots.interval
    assert slot % slots.interval == slots.phase
    assert following(slots, slot) == slot + slots.interval
    assert following(slots, slot - 1) == slot


@given(GRIDS, INSTANTS, SPANS)
def test_due_is_additive_so_that_no_slot_is_repeated_or_missed(slots: Grid, start: int, spans: list[int]) -> None:
    """However the watches fall, the parts put together are the whole."""
    end = start
    parts: list[int] = []
    for span in spans:
        parts.extend(due(slots, end, end + span))
        end += span
    whole = due(slots, start, end)
    assert parts == list(whole)
    assert all(start < slot <= end for slot in whole)
    assert len(whole) in {(end - start) // slots.interval, (end - start) // slots.interval + 1}
