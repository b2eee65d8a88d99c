"""What the outbox and the ledger still have of the last day comes back after a restart."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import OutboxError
from bacnet_bridge.ledger.sqlite import SqliteLedger
from bacnet_bridge.model import AcceptedBy, Origin, Packet
from bacnet_bridge.service import recall
from bacnet_bridge.service.history import History
from bacnet_bridge.service.recall import Recall
from bacnet_bridge.vocabulary.holes import HoleReason
from tests.service.test_history import MINUTE, meter, read
from tests.support.outbox import SqliteBackend, packet

FIVE = 5 * MINUTE


@pytest.fixture
async def backend(tmp_path: Path) -> AsyncIterator[SqliteBackend]:
    each = SqliteBackend(tmp_path, SystemClock())
    yield each
    await each.close()


async def test_packets_and_holes_of_a_day_come_back(backend: SqliteBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "_PORTION", 7)
    outbox, clock, of = await backend.open(), SystemClock(), meter()
    newest = clock.wall() // FIVE * FIVE
    for back in (400, *range(299, 2, -1)):
        await outbox.put(packet(newest - back * FIVE, "m", value=str(back)))
    for _ in range(290):  # accepted ones are kept, too
        head = await outbox.head(packet(0, "m").queue)
        assert head is not None
        await outbox.accept(head, AcceptedBy.ANSWER, clock.wall())
    await outbox.put(packet(newest - 300 * 86_400_000, "old", Origin.PUSHED))
    ledger = SqliteLedger(backend.database)
    await ledger.hole("m", newest - 2 * FIVE, newest - FIVE, HoleReason.SILENT, "no answer")
    history = History()
    history.put(of, newest, read(of, 0.5))
    await Recall(history, outbox, ledger, clock).run((of, meter(name="other")), lambda: True)
    seen = history.track(of).document(newest)
    assert history.complete
    assert seen["values"][-6:] == [5, 4, 3, None, None, 0.5]
    assert seen["holes"][-4:] == [0, 1, 1, 0]
    assert seen["values"][:2] == [287, 286]
    assert history.track(meter(name="other")).document(newest)["known_since"] is None


async def test_damaged_and_foreign_packets_are_passed_over(backend: SqliteBackend) -> None:
    outbox, clock, of = await backend.open(), SystemClock(), meter()
    newest = clock.wall() // FIVE * FIVE
    for number, body in enumerate(
        ('{"id":"m"', '{"value":null}', '{"value":1e999}', "[1]", "[" * 100_000, '{"value":3}')
    ):
        slot = newest - (6 - number) * FIVE
        await outbox.put(Packet(packet(0, "m").queue, slot, "2026-11-26", body))
    history = History()
    await Recall(history, outbox, SqliteLedger(backend.database), clock).run((of,), lambda: True)
    values = history.track(of).document(newest)["values"]
    assert [value for value in values if value is not None] == [3]


async def test_it_waits_for_a_credible_clock(backend: SqliteBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recall, "_LOOK", 0.0)
    outbox, looked, history = await backend.open(), asyncio.Event(), History()
    credible: list[bool] = []

    def look() -> bool:
        looked.set()
        return bool(credible)

    work = asyncio.create_task(Recall(history, outbox, SqliteLedger(backend.database), SystemClock()).run((), look))
    await looked.wait()
    assert not history.complete
    credible.append(True)
    await work
    assert history.complete


async def test_a_file_that_cannot_be_read_leaves_it_incomplete(backend: SqliteBackend) -> None:
    outbox, history = await backend.open(), History()
    await backend.close()
    ledger = SqliteLedger(backend.database)
    with pytest.raises(OutboxError):
        await ledger.scheduled()
    await Recall(history, outbox, ledger, SystemClock()).run((meter(),), lambda: True)
    assert not history.complete
