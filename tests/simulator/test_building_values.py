"""Values over time: plausible, repeatable, and counters that never fall."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from bacnet_bridge.clock import instant_of
from bacnet_bridge.simulator.values import Constant, Counter, Daily, States, number, state

DUBLIN = ZoneInfo("Europe/Dublin")


def at(text: str, zone: ZoneInfo = DUBLIN) -> int:
    return instant_of(datetime.fromisoformat(text).replace(tzinfo=zone))


@pytest.mark.parametrize("day", ["2026-01-15", "2026-07-15"])
def test_daily_curve_has_its_valley_and_peak_by_local_time(day: str) -> None:
    curve = Daily(base=10, amplitude=20, lowest=3.5)
    assert number(curve, "x", at(f"{day}T03:30"), DUBLIN) == 10
    assert number(curve, "x", at(f"{day}T15:30"), DUBLIN) == 30
    assert 10 < number(curve, "x", at(f"{day}T09:00"), DUBLIN) < 30


def test_noise_is_bounded_differs_by_point_and_is_the_same_again() -> None:
    noisy = Daily(base=10, amplitude=0, noise=2)
    instants = range(at("2026-05-01T00:00"), at("2026-05-02T00:00"), 97_000)
    one = [number(noisy, "one", instant, DUBLIN) for instant in instants]
    other = [number(noisy, "other", instant, DUBLIN) for instant in instants]
    assert all(8 <= value <= 12 for value in one)
    assert max(one) - min(one) > 3
    assert sum(a == b for a, b in zip(one, other, strict=True)) < len(one) / 10
    assert one == [number(noisy, "one", instant, DUBLIN) for instant in instants]


@pytest.mark.parametrize("day", ["2026-03-28", "2026-10-24"])
def test_counter_never_falls_across_the_change_of_daylight_saving_time(day: str) -> None:
    counter = Counter(start=5, base=0, amplitude=10)
    start = at(f"{day}T00:00", ZoneInfo("UTC"))
    readings = [number(counter, "x", start + minutes * 60_000, DUBLIN) for minutes in range(3 * 24 * 60)]
    assert all(before <= after for before, after in pairwise(readings))
    assert readings[-1] - readings[0] == pytest.approx(3 * 24 * 5, rel=0.01)


def test_counter_agrees_with_the_power_of_the_same_numbers() -> None:
    power = Daily(base=9, amplitude=21, digits=6)
    counter = Counter(start=1000, base=9, amplitude=21, digits=6)
    begin = at("2026-01-20T06:00")
    grown = number(counter, "x", begin + 3_600_000, DUBLIN) - number(counter, "x", begin, DUBLIN)
    drawn = sum(number(power, "x", begin + second * 1000, DUBLIN) for second in range(3600)) / 3600
    assert grown == pytest.approx(drawn, rel=1e-3)


def test_counter_stands_at_its_start_before_its_first_day() -> None:
    counter = Counter(start=77, base=5, amplitude=5)
    assert number(counter, "x", 0, DUBLIN) == number(counter, "x", at("2025-12-31T00:00"), DUBLIN) == 77


@pytest.mark.parametrize(
    ("now", "shown"),
    [("00:00", "Off"), ("06:29", "Off"), ("06:30", "Economy"), ("12:00", "Comfort"), ("23:59", "Off")],
)
def test_states_hold_until_the_next_ones_local_time(now: str, shown: str) -> None:
    states = States.model_validate({"states": {"06:30": "Economy", "08:00": "Comfort", "20:00": "Off"}})
    assert state(states, at(f"2026-07-01T{now}"), DUBLIN) == shown


def test_constant_stands_still() -> None:
    early, late = (instant_of(datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=days)) for days in (0, 200))
    assert number(Constant(value=21.5), "x", early, DUBLIN) == number(Constant(value=21.5), "x", late, DUBLIN) == 21.5
