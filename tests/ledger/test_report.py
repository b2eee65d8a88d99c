"""The day report over the real ledger and outbox: whatever happens to packets and slots, the sums balance."""

import asyncio
import sqlite3
import tempfile
from collections import Counter
from contextlib import closing, suppress
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.database_file import open_readonly
from bacnet_bridge.errors import OutboxError
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.ledger.report import Span, days, known_meters
from bacnet_bridge.model import AcceptedBy, Origin, Packet
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.packet.wire import local_day
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import grid
from tests.outbox.contract import FAR
from tests.support.clock import NOON, DrivenClock
from tests.support.outbox import SqliteBackend, packet, queue

METER = "meter-1"
HOUR = 3_600_000
ZONE = "Europe/Dublin"
BEGIN = NOON - 100 * HOUR
HOURS = st.integers(0, 120)

ACTS = st.one_of(
    st.tuples(st.just("open"), HOURS, st.sampled_from([900, 3600, 7200])),
    st.tuples(st.just("close"), HOURS),
    st.tuples(st.just("live"), HOURS, st.integers(0, 3)),
    st.tuples(st.just("push"), HOURS, st.integers(0, 3)),
    st.tuples(st.just("heal"), HOURS, st.integers(0, 3)),
    st.tuples(st.just("accept"), st.integers(1, 4)),
    st.tuples(st.just("aside"), st.booleans()),
    st.tuples(st.just("hole"), HOURS, st.integers(0, 10), st.sampled_from(HoleReason), st.sampled_from(["", "x", "y"])),
    st.tuples(st.just("crash")),
    st.tuples(st.just("prune")),
)


def at(hours: int, quarters: int = 0) -> int:
    return BEGIN + hours * HOUR + quarters * HOUR // 4


async def act(backend: SqliteBackend, what: str, *how: Any) -> None:
    """One thing that happens to the meter's schedule; all else happens to packets."""
    ledger = backend.ledger
    match what, how:
        case "open", (hours, interval):
            await ledger.open(METER, grid(interval, ZONE, 2027), ZONE, at(hours))
        case "close", (hours,):
            await ledger.close(METER, at(hours))
        case "hole", (hours, length, reason, detail):
            await ledger.hole(METER, at(hours), at(hours + length), reason, detail)
        case "crash", ():
            await backend.crash()
        case _:
            await deliver(backend.outbox, what, *how)


async def deliver(outbox: SqliteOutbox, what: str, *how: Any) -> None:
    match what, how:
        case (("live" | "push"), (hours, quarters)):
            await outbox.put(made(at(hours, quarters), Origin.LIVE if what == "live" else Origin.PUSHED))
        case "heal", (hours, quarters):
            await outbox.put_and_hold(queue(), 0, FAR)
            try:
                await outbox.fill(made(at(hours, quarters), Origin.HEALED))
            finally:
                await outbox.release(queue())
        case "accept", (number,):
            for _ in range(number):
                if (head := await outbox.head(queue())) is not None:
                    await outbox.accept(head, AcceptedBy.ANSWER, NOON)
        case "aside", (everything,):
            if everything:
                await outbox.abandon(queue(), "why", NOON)
            elif (head := await outbox.head(queue())) is not None:
                await outbox.set_aside(head, "why", NOON)
        case "prune", ():
            await outbox.prune(FAR)


def made(instant: int, origin: Origin) -> Packet:
    return Packet(queue(), instant, local_day(instant, ZONE), packet(instant).body, origin)


def read(path: Path, span: Span, now: int = at(120)) -> list[DayCount]:
    with closing(open_readonly(path)) as connection:
        return list(days(connection, known_meters(connection), span, now, ZONE))


def balanced(count: DayCount) -> bool:
    reasons: Counter[HoleReason] = Counter()
    for (reason, _), slots in count.details.items():
        reasons[reason] += slots
    numbers = (count.live, count.healed, count.pushed, count.waiting, count.set_aside, count.holes, count.extra)
    return (
        count.due == count.live + count.healed + count.pushed + count.waiting + count.set_aside + count.holes
        and dict(reasons) == dict(count.reasons)
        and sum(reasons.values()) == count.holes
        and min(numbers) >= 0
        and 0 <= count.extra_accepted <= count.extra
        and count.missing == count.holes + count.set_aside
    )


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, max_size=30))
def test_the_sums_balance_whatever_happens_and_no_packet_is_forgotten(acts: list[tuple[Any, ...]]) -> None:
    async def happen(folder: Path) -> tuple[int, dict[str, int]]:
        backend = SqliteBackend(folder, DrivenClock())
        await backend.open()
        for what, *how in acts:
            with suppress(OutboxError):
                await act(backend, what, *how)
        counted = await backend.database.read(_counted)
        await backend.close()
        return counted

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        packets, states = asyncio.run(happen(folder))
        found = read(folder / "outbox.db", Span(first=date(2020, 1, 1)))
    assert [day for day in found if not balanced(day)] == []
    assert [(each.meter, each.day) for each in found] == sorted({(each.meter, each.day) for each in found})
    assert sum(each.due - each.holes + each.extra for each in found) == packets
    assert sum(each.accepted + each.extra_accepted for each in found) == states.get("accepted", 0)


def _counted(connection: sqlite3.Connection) -> tuple[int, dict[str, int]]:
    """Packets ever put, and those accepted, from the rows of the tally."""
    packets, accepted = connection.execute(
        "SELECT coalesce(sum(waiting + accepted + set_aside), 0), coalesce(sum(accepted), 0) FROM tally"
    ).fetchone()
    return packets, {"accepted": accepted}


async def test_a_day_of_which_nothing_was_written_is_there_with_every_slot_stopped(tmp_path: Path) -> None:
    backend = SqliteBackend(tmp_path, DrivenClock())
    await backend.open()
    await backend.ledger.open(METER, grid(3600, ZONE, 2027), ZONE, NOON - 60 * HOUR)
    found = read(backend.path, Span(), NOON)
    await backend.close()
    assert [(each.day, each.due, each.holes) for each in found] == [
        ("2027-01-13", 23, 23), ("2027-01-14", 24, 24), ("2027-01-15", 12, 12),
    ]  # fmt: skip
    assert {reason for each in found for reason in each.reasons} == {HoleReason.STOPPED}


async def test_the_slot_that_may_just_be_read_is_not_missing_yet(tmp_path: Path) -> None:
    backend = SqliteBackend(tmp_path, DrivenClock())
    await backend.open()
    await backend.ledger.open(METER, grid(3600, ZONE, 2027), ZONE, NOON - HOUR - 1)
    assert [each.due for each in read(backend.path, Span(), NOON + HOUR - 1)] == [1]
    assert [each.due for each in read(backend.path, Span(), NOON + HOUR)] == [2]
    await backend.ledger.hole(METER, NOON - HOUR, NOON, HoleReason.SILENT, "no answer")
    (day,) = read(backend.path, Span(), NOON + 1)
    assert (day.due, dict(day.details)) == (2, {(HoleReason.SILENT, "no answer"): 2})
    await backend.close()


async def test_a_span_is_kept_to_and_the_future_is_not_in_it(tmp_path: Path) -> None:
    backend = SqliteBackend(tmp_path, DrivenClock())
    await backend.open()
    await backend.ledger.open(METER, grid(3600, ZONE, 2027), ZONE, NOON - 2400 * HOUR)
    last = [each.day for each in read(backend.path, Span(days=2, last=date(2026, 12, 24)), NOON)]
    assert last == ["2026-12-23", "2026-12-24"]
    beyond = [each.day for each in read(backend.path, Span(first=date(2027, 1, 15), last=date(2030, 1, 1)), NOON)]
    assert beyond == ["2027-01-15"]
    assert len(read(backend.path, Span(), NOON)) == 7
    await backend.close()
