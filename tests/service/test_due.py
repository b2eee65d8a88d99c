"""Since when the meters are due: written once the clock is credible and the disk takes it."""

import asyncio
from pathlib import Path

import pytest

from bacnet_bridge.model import Meter
from bacnet_bridge.room import Room
from bacnet_bridge.service.due import Due
from tests.support.clock import NOON, DrivenClock
from tests.support.outbox import SqliteBackend

DAY = "2027-01-15"


def meter(name: str) -> Meter:
    return Meter(name, name, 1001, (), 60, "UTC", 15)


async def write(backend: SqliteBackend, clock: DrivenClock, *names: str, whole: bool = True) -> None:
    due = Due(backend.ledger, clock, lambda: True)
    await due.write([meter(name) for name in names], clock.boot(), whole=whole)
    assert (due.written, due.problem) == (True, "")


async def due_until(backend: SqliteBackend, name: str, minutes: int) -> int:
    return (await backend.ledger.day(name, DAY, NOON + minutes * 60_000)).due


async def test_meters_that_left_the_mapping_are_due_no_more(tmp_path: Path) -> None:
    backend, clock = SqliteBackend(tmp_path, DrivenClock()), DrivenClock()
    await backend.open()
    await write(backend, clock, "a", "b")
    clock.stall(600)
    await write(backend, clock, "b")
    assert [await due_until(backend, name, 30) for name in ("a", "b")] == [10, 30]
    await backend.close()


async def test_a_mapping_that_cannot_be_read_takes_no_meter_out_of_service(tmp_path: Path) -> None:
    """Guarantee 6: else all the slots until it is mended would be nobody's."""
    backend, clock = SqliteBackend(tmp_path, DrivenClock()), DrivenClock()
    await backend.open()
    await write(backend, clock, "a")
    clock.stall(600)
    await write(backend, clock, whole=False)
    assert await due_until(backend, "a", 30) == 30
    await backend.close()


async def test_a_full_disk_is_waited_for_and_the_slots_meanwhile_are_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend, clock = SqliteBackend(tmp_path, DrivenClock()), DrivenClock()
    await backend.open()
    due = Due(backend.ledger, clock, lambda: True)
    with monkeypatch.context() as full:
        full.setattr(Room, "enough", lambda *_: False)
        writing = asyncio.create_task(due.write([meter("a")], clock.boot(), whole=True))
        while not due.problem:  # noqa: ASYNC110  only the sentence shows it
            await asyncio.sleep(0)
        assert "no room for more" in due.problem
        assert (due.written, writing.done()) == (False, False)
    while not writing.done():
        await clock.advance(60)
    assert due.written
    assert await due_until(backend, "a", 30) == 30
    await backend.close()


async def test_a_clock_of_another_year_at_the_start_parts_no_alarm_clock_from_the_ledger(tmp_path: Path) -> None:
    """Casablanca's standard time of a year hangs on where Ramadan falls: its daily slots are an hour apart in 2030."""
    backend, clock = SqliteBackend(tmp_path, DrivenClock()), DrivenClock(1_893_456_000_000)  # 2030
    await backend.open()
    due = Due(backend.ledger, clock, lambda: True)
    daily = Meter("d", "d", 1001, (), 86_400, "Africa/Casablanca", 15)
    rung = due.grid(daily)
    clock.step((NOON - clock.wall()) / 1000)
    assert due.grid(daily) == rung
    assert Due(backend.ledger, clock, lambda: True).grid(daily) != rung
    await due.write([daily], clock.boot(), whole=True)
    clock.stall(3 * 86_400)
    assert (await backend.ledger.day("d", "2027-01-16", clock.wall())).due == 1
    await backend.close()
