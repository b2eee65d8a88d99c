"""The contract over SQLite, and what only a file can suffer."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable

import pytest

from bacnet_bridge.errors import DamagedError, OutboxError, OutboxFullError
from bacnet_bridge.model import AcceptedBy, Origin
from bacnet_bridge.outbox import rows
from tests.outbox.contract import FAR, OutboxContract, accept_head, drain, state
from tests.support.outbox import SqliteBackend, packet, queue


class TestSqliteOutbox(OutboxContract):
    """The fixture `backend` stands in conftest.py."""


async def break_table(backend: SqliteBackend, event: str, table: str, how: str = "ABORT") -> None:
    await backend.database.write(
        lambda connection: connection.execute(
            f"CREATE TRIGGER broken BEFORE {event} ON {table} BEGIN SELECT RAISE({how}, 'broken on purpose'); END"
        )
    )


async def mend(backend: SqliteBackend) -> None:
    await backend.database.write(lambda connection: connection.execute("DROP TRIGGER broken"))


async def refusal(doing: Awaitable[None]) -> OutboxError | None:
    try:
        await doing
    except OutboxError as error:
        return error
    return None


@pytest.mark.parametrize("how", ["ABORT", "ROLLBACK"])
async def test_packet_and_memory_commit_together_or_not_at_all(backend: SqliteBackend, how: str) -> None:
    outbox = backend.outbox
    await outbox.put(packet(1000), {"point": "1"})
    await break_table(backend, "UPDATE", "memory", how)
    results = await asyncio.gather(
        outbox.put(packet(2000), {"point": "2"}), outbox.put(packet(2000, "bystander")), return_exceptions=True
    )
    assert isinstance(results[0], OutboxError)
    assert "broken on purpose" in str(results[0])
    assert results[1] is None, "a neighbour's failure is not ours"
    await mend(backend)
    assert await outbox.memory("meter-1") == {"point": "1"}
    await outbox.put(packet(2000), {"point": "3"})
    assert await drain(await backend.crash()) == [1000, 2000]


async def test_a_failed_hold_is_no_hold_and_wakes_the_sender(backend: SqliteBackend) -> None:
    outbox = backend.outbox
    await outbox.put(packet(1000))
    await break_table(backend, "UPDATE OF hold_until", "queue")
    seen = await outbox.wait_for_put(-1)
    with pytest.raises(OutboxError):
        await outbox.put_and_hold(queue(), 0, FAR, packet(2000))
    assert await outbox.wait_for_put(seen) > seen
    assert (await state(outbox)).last_put == 1000
    assert await drain(outbox) == [1000]


async def test_a_failed_release_leaves_the_hold(backend: SqliteBackend) -> None:
    outbox = backend.outbox
    await outbox.put_and_hold(queue(), 0, FAR, packet(1000))
    await break_table(backend, "UPDATE OF hold_until", "queue")
    with pytest.raises(OutboxError):
        await outbox.release(queue())
    assert await outbox.head(queue()) is None
    await mend(backend)
    await outbox.release(queue())
    assert await drain(outbox) == [1000]


async def test_a_failed_acceptance_leaves_the_packet_waiting(backend: SqliteBackend) -> None:
    """State, fence and count: none without the others."""
    outbox = backend.outbox
    await outbox.put(packet(1000))
    await break_table(backend, "UPDATE", "tally")
    with pytest.raises(OutboxError):
        await outbox.accept(packet(1000), AcceptedBy.ANSWER, 1)
    await mend(backend)
    assert (await state(outbox)).last_accepted is None
    outbox = await backend.crash()
    assert await drain(outbox) == [1000]


async def test_a_failed_first_put_leaves_no_queue(backend: SqliteBackend) -> None:
    await break_table(backend, "INSERT", "packet")
    with pytest.raises(OutboxError):
        await backend.outbox.put(packet(1000))
    assert await backend.outbox.states() == []
    await mend(backend)
    await backend.outbox.put(packet(1000))
    await backend.outbox.put(packet(1000, "second"))
    outbox = await backend.crash()
    assert {each.queue.id for each in await outbox.states()} == {"meter-1", "second"}


async def test_a_completed_packet_stays_counted_as_what_it_was(backend: SqliteBackend) -> None:
    """Guarantee 6: day and origin of a packet that gains fields by healing do not change, nor does its count."""
    outbox = backend.outbox
    await outbox.put_and_hold(queue(), 0, FAR, packet(5000))
    await outbox.complete(packet(5000, origin=Origin.HEALED, value='1,"more":2'))
    await outbox.release(queue())
    await accept_head(outbox)
    counts = await backend.database.read(
        lambda connection: connection.execute("SELECT origin, waiting, accepted FROM tally").fetchall()
    )
    assert counts == [(Origin.LIVE, 0, 1)]


async def test_a_start_reads_no_bodies(backend: SqliteBackend) -> None:
    """A million of them on a cold disk would cost seconds."""
    await backend.outbox.put(packet(1000))
    queries: list[str] = []

    def plan(connection: sqlite3.Connection) -> str:
        connection.set_trace_callback(queries.append)
        assert list(rows.waiting(connection)) == [(1, 1000, 1)]
        connection.set_trace_callback(None)
        (*_, how) = connection.execute(f"EXPLAIN QUERY PLAN {queries[0]}").fetchone()
        return str(how)

    assert "COVERING INDEX waiting" in await backend.database.read(plan)


async def test_a_packet_that_is_not_on_disk_is_told_and_not_asked_for_for_ever(backend: SqliteBackend) -> None:
    await backend.outbox.put(packet(1000))
    await backend.database.write(lambda connection: connection.execute("DELETE FROM packet"))
    async with asyncio.timeout(10):
        with pytest.raises(DamagedError, match="1000 is not on disk"):
            await backend.outbox.head(queue())


async def test_a_full_file_refuses_puts_and_goes_on_sending(backend: SqliteBackend) -> None:
    """Guarantee 1: new packets are refused, old ones are kept and sent."""
    outbox = backend.outbox
    await outbox.put(packet(500))
    await backend.database.write(_no_growth)
    instants = range(1000, 301_000, 1000)
    results = [await refusal(outbox.put(packet(instant, value="1" * 20_000))) for instant in instants]
    confirmed = [instant for instant, result in zip(instants, results, strict=True) if result is None]
    assert 10 < len(confirmed) < len(instants)
    assert confirmed == list(instants[: len(confirmed)])
    assert all(isinstance(result, OutboxFullError) for result in results[len(confirmed) :])
    refused, sent = await asyncio.gather(refusal(outbox.put(packet(400_000))), accept_head(outbox))
    assert isinstance(refused, OutboxFullError)
    assert sent == packet(500), "gathered with a put that is refused, an acceptance is committed"
    assert await drain(outbox) == confirmed
    assert await drain(await backend.crash()) == []


def _no_growth(connection: sqlite3.Connection) -> None:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    connection.execute(f"PRAGMA max_page_count = {pages}")


async def test_an_acceptance_waits_for_one_that_does_not(backend: SqliteBackend) -> None:
    for meter in ("a", "b"):
        await backend.outbox.put(packet(1000, meter))
        await backend.outbox.head(queue(meter))
    first = asyncio.create_task(backend.outbox.accept(packet(1000, "a"), AcceptedBy.ANSWER, 1, patience=60))
    await asyncio.sleep(0)
    assert (await state(backend.outbox, queue("a"))).waiting == 1
    await backend.outbox.accept(packet(1000, "b"), AcceptedBy.ANSWER, 1)
    assert first.done()
    assert (await state(backend.outbox, queue("a"))).waiting == 0


async def test_whoever_asks_for_the_next_head_does_not_wait_for_others(backend: SqliteBackend) -> None:
    for instant in (1000, 2000):
        await backend.outbox.put(packet(instant, "a"))
    await backend.outbox.head(queue("a"))
    accepting = asyncio.create_task(backend.outbox.accept(packet(1000, "a"), AcceptedBy.ANSWER, 1, patience=60))
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        head = await backend.outbox.head(queue("a"))
    assert accepting.done()
    assert head is not None
    assert head.instant == 2000


async def reads(backend: SqliteBackend, monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """One entry for each query from now on."""
    asked: list[None] = []
    read = backend.database.read

    def counted(query: Callable[[sqlite3.Connection], object]) -> Awaitable[object]:
        asked.append(None)
        return read(query)

    monkeypatch.setattr(backend.database, "read", counted)
    return asked


async def test_the_next_packet_is_read_with_the_acceptance_of_the_one_before(
    backend: SqliteBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    for instant in (1000, 2000):
        await backend.outbox.put(packet(instant))
    await accept_head(backend.outbox)
    asked = await reads(backend, monkeypatch)
    assert await backend.outbox.head(queue()) == packet(2000)
    assert asked == []
    assert await backend.outbox.head(queue()) == packet(2000), "a second attempt reads it from disk"
    assert len(asked) == 1


async def test_what_was_completed_since_is_sent_as_it_is_now(backend: SqliteBackend) -> None:
    for instant in (1000, 2000):
        await backend.outbox.put(packet(instant))
    await accept_head(backend.outbox)
    await backend.outbox.put_and_hold(queue(), 1500, FAR)
    await backend.outbox.complete(packet(2000, value="9"))
    await backend.outbox.release(queue())
    assert await backend.outbox.head(queue()) == packet(2000, value="9")


async def test_damage_in_the_next_packet_does_not_undo_an_acceptance(backend: SqliteBackend) -> None:
    for instant in (1000, 2000):
        await backend.outbox.put(packet(instant))
    await backend.database.write(
        lambda connection: connection.execute("UPDATE packet SET body = body || ' ' WHERE instant = 2000")
    )
    assert await accept_head(backend.outbox) == packet(1000)
    with pytest.raises(DamagedError):
        await backend.outbox.head(queue())
    assert (await state(backend.outbox, queue())).last_accepted == 1000


async def test_the_states_of_thousands_of_queues_leave_turns_to_others(
    backend: SqliteBackend, monkeypatch: pytest.MonkeyPatch
) -> None:
    outbox = backend.outbox
    await asyncio.gather(*(outbox.put(packet(1000, f"meter-{n}")) for n in range(20)))
    monkeypatch.setattr("bacnet_bridge.outbox.sqlite._SHOWN_AT_ONCE", 5)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.create_task(others())
    found = await outbox.states()
    beside.cancel()
    assert sorted(each.queue.id for each in found) == sorted(f"meter-{n}" for n in range(20))
    assert turns >= 3
