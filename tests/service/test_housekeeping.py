"""What the service tells of the outbox's health, over a real file."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.database_file import damage_note
from bacnet_bridge.errors import OutboxError
from bacnet_bridge.service.housekeeping import Housekeeping
from tests.support.clock import DrivenClock
from tests.support.outbox import SqliteBackend, packet, queue

DAY = 86_400


async def problems(housekeeping: Housekeeping, backend: SqliteBackend) -> list[str]:
    await housekeeping._tidy()
    return list(housekeeping.problems(await backend.outbox.states()))


async def test_packets_that_wait_longer_than_there_is_room_are_told(tmp_path: Path) -> None:
    clock = DrivenClock()
    backend = SqliteBackend(tmp_path, clock)
    outbox = await backend.open()
    housekeeping = Housekeeping(outbox, clock, lambda: True, 90 * DAY)
    await outbox.put(packet(clock.wall()))
    clock.step(90 * DAY)
    assert await problems(housekeeping, backend) == []
    clock.step(1)
    (sentence,) = await problems(housekeeping, backend)
    assert "meter-1" in sentence
    assert "90 days" in sentence
    assert await outbox.head(queue()) is not None, "age alarms, and drops nothing"
    await backend.close()


async def test_old_values_that_are_pushed_have_not_waited_since_they_were_measured(tmp_path: Path) -> None:
    clock = DrivenClock()
    backend = SqliteBackend(tmp_path, clock)
    outbox = await backend.open()
    housekeeping = Housekeeping(outbox, clock, lambda: True, 90 * DAY)
    await outbox.put(packet(clock.wall() - 400 * DAY * 1000))
    assert await problems(housekeeping, backend) == []
    clock.step(90 * DAY + 1)
    assert len(await problems(housekeeping, backend)) == 1
    await backend.close()


async def test_a_file_that_cannot_be_read_for_a_moment_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = DrivenClock()
    backend = SqliteBackend(tmp_path, clock)
    outbox = await backend.open()
    housekeeping = Housekeeping(outbox, clock, lambda: True, 90 * DAY)
    await outbox.put(packet(clock.wall()))
    clock.step(90 * DAY + 1)

    async def torn(_: object) -> None:
        raise OutboxError("disk I/O error")

    with monkeypatch.context() as broken, capture_logs() as logs:
        broken.setattr(outbox, "head_put_at", torn)
        assert await problems(housekeeping, backend) == []
    assert [log["error"] for log in logs] == ["disk I/O error"]
    assert len(await problems(housekeeping, backend)) == 1
    await backend.close()


async def test_damage_found_while_it_runs_stops_sending_and_is_told(tmp_path: Path) -> None:
    clock = DrivenClock()
    backend = SqliteBackend(tmp_path, clock)
    outbox = await backend.open()
    puts = [packet(clock.wall() + n, value="1" * 1000) for n in range(200)]
    for put in puts:
        await outbox.put(put)
    await backend.restart()
    outbox = backend.outbox
    housekeeping = Housekeeping(outbox, clock, lambda: True, 90 * DAY)
    await housekeeping._look_through()
    assert await problems(housekeeping, backend) == []
    content = bytearray(backend.path.read_bytes())
    place = content.index(puts[100].body.encode()) // 4096 * 4096
    content[place : place + 4096] = b"\xff" * 4096
    with backend.path.open("r+b") as file:
        file.write(content)
    await housekeeping._look_through()
    (sentence,) = await problems(housekeeping, backend)
    assert "is damaged" in sentence
    assert await outbox.head(queue()) is None
    assert damage_note(backend.path).exists(), "the next start salvages it"
    await backend.close()
