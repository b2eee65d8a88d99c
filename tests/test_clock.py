import asyncio
from datetime import UTC, datetime

import pytest

from bacnet_bridge.clock import SystemClock, instant_of, moment_of
from tests.support.clock import NOON, DrivenClock


def test_instants_and_moments_are_inverse() -> None:
    for instant in (0, 1, 999, 1_800_014_400_070, -1):
        assert instant_of(moment_of(instant)) == instant
    assert moment_of(NOON) == datetime(2027, 1, 15, 12, tzinfo=UTC)


def test_a_naive_datetime_has_no_instant() -> None:
    with pytest.raises(ValueError, match="naive"):
        instant_of(datetime(2027, 1, 15))  # noqa: DTZ001 - what is tested


async def test_the_machines_clocks_go_on() -> None:
    clock = SystemClock()
    before = clock.wall(), clock.boot(), clock.monotonic()
    await clock.sleep(0.02)
    after = clock.wall(), clock.boot(), clock.monotonic()
    assert all(b < a for b, a in zip(before, after, strict=True))


async def test_sleepers_wake_in_order_and_see_their_own_time() -> None:
    clock = DrivenClock()
    woke: list[tuple[str, float]] = []

    async def sleeper(name: str, *naps: float) -> None:
        for nap in naps:
            await clock.sleep(nap)
            woke.append((name, clock.wall() - NOON))

    tasks = [asyncio.create_task(sleeper("slow", 3.0)), asyncio.create_task(sleeper("quick", 1.0, 1.5, 10))]
    await clock.advance(5)
    assert woke == [("quick", 1000), ("quick", 2500), ("slow", 3000)]
    assert clock.sleeping == 1
    await clock.advance(7.5)
    await asyncio.gather(*tasks)
    assert woke[-1] == ("quick", 12_500)


async def test_a_step_moves_wall_time_only_and_wakes_nobody() -> None:
    clock = DrivenClock()
    task = asyncio.create_task(clock.sleep(10))
    boot, monotonic = clock.boot(), clock.monotonic()
    clock.step(-3600)
    await clock.advance(9.9)
    assert not task.done()
    assert clock.wall() == NOON - 3_600_000 + 9_900
    assert (clock.boot() - boot, clock.monotonic() - monotonic) == pytest.approx((9.9, 9.9))
    await clock.advance(0.1)
    assert task.done()


async def test_suspension_stops_monotonic_time() -> None:
    clock = DrivenClock()
    boot, monotonic = clock.boot(), clock.monotonic()
    clock.suspend(60)
    assert (clock.wall() - NOON, clock.boot() - boot, clock.monotonic() - monotonic) == (60_000, 60, 0)


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    clock = DrivenClock()
    task = asyncio.create_task(clock.sleep(1))
    await clock.advance(0.5)
    task.cancel()
    await clock.advance(1)
    assert task.cancelled()
    assert clock.sleeping == 0
