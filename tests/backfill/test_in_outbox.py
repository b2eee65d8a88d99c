"""A gap in a real outbox: held with the packet that ends it, mended, released; and crashes between any two of these."""

from decimal import Decimal
from pathlib import Path

import pytest

from bacnet_bridge.backfill.gaps import Gap, deadline, find
from bacnet_bridge.backfill.heal import Case, Healed, heal
from bacnet_bridge.backfill.place import Rule
from bacnet_bridge.logged import LogRecord, Recorded
from bacnet_bridge.model import AcceptedBy, Nature, Packet, Point
from bacnet_bridge.packet.wire import values
from tests.support.bacnet import meter, point
from tests.support.clock import DrivenClock
from tests.support.healing import PACKING, QUEUE, Site, strands_of
from tests.support.log_records import FIVE, MINUTE, count, record
from tests.support.outbox import SqliteBackend

GAP = Gap(range(10 * MINUTE, 21 * MINUTE, FIVE))
RESUMED = 25 * MINUTE
RECORDS = [record(minute, count(1000 + 3 * minute // 5), minute + 1) for minute in range(0, 60, 5)]
STEPS = ("held", "mended", "released")


async def sent(backend: SqliteBackend) -> dict[int, Decimal]:
    """What leaves, by minute, in the order of leaving."""
    left: dict[int, Decimal] = {}
    while (head := await backend.outbox.head(QUEUE)) is not None:
        await backend.outbox.accept(head, AcceptedBy.ANSWER, head.instant)
        assert all(minute < head.instant // MINUTE for minute in left), "guarantee 2"
        left[head.instant // MINUTE] = values(head.body)["value"]
    return left


async def held(backend: SqliteBackend, clock: DrivenClock) -> Case:
    """Read up to minute 5, then again from 25 on: the packet that ends the gap begins the hold."""
    site, outbox = Site(meter(1, point("ACC1", nature=Nature.DELTA)), _growing), backend.outbox
    for packet in site.read(range(0, 10 * MINUTE, FIVE)).values():
        await outbox.put(packet, site.memory)
    assert await sent(backend) == {5: 3}
    before = await outbox.memory("m")
    site.unsent = dict(before)
    ending = site.read([RESUMED])[RESUMED]
    until = deadline(clock.wall(), [FIVE])
    await outbox.put_and_hold(QUEUE, GAP.first - 1, until, ending, site.memory)
    after = await outbox.memory("m")
    for packet in site.read([30 * MINUTE, 35 * MINUTE]).values():
        await outbox.put(packet, site.memory)
    return Case(site.meter, QUEUE, GAP, RESUMED, None, {}, before, after)


def _growing(_point: Point, instant: int) -> Recorded:
    return count(1000 + 3 * instant // FIVE)


async def healed(backend: SqliteBackend, case: Case, records: list[LogRecord] = RECORDS) -> Healed:
    """As a service would find it now, also after a crash."""
    (state,) = await backend.outbox.states()
    waiting: dict[int, Packet] = {each.instant: each for each in await backend.outbox.waiting(QUEUE, GAP.first - 1)}
    rule = Rule(FIVE, MINUTE, 60 * MINUTE, FIVE)
    strands = strands_of(case.meter, {"accumulator,1": records}, {}, [*GAP.slots, *waiting], rule, 60 * MINUTE)
    now = Case(case.meter, QUEUE, GAP, RESUMED, state.fence, waiting, case.before, case.after)
    return heal(now, strands, PACKING)


@pytest.fixture
def clock() -> DrivenClock:
    return DrivenClock()


@pytest.mark.parametrize("crashes", [(), *((step,) for step in STEPS), STEPS], ids=lambda at: "+".join(at) or "none")
async def test_growth_is_sent_once_and_in_order_whenever_the_bridge_crashes(
    tmp_path: Path, clock: DrivenClock, crashes: tuple[str, ...]
) -> None:
    backend = SqliteBackend(tmp_path, clock)
    await backend.open()
    case = await held(backend, clock)
    for step in STEPS:
        if step == "mended":
            made = await healed(backend, case)
            await backend.outbox.mend(QUEUE, made.fills, made.completed)
        elif step == "released":
            await backend.outbox.release(QUEUE)
        if step in crashes:
            await backend.crash()
            if step == "mended":  # the step was not noted: it is done once more
                again = await healed(backend, case)
                await backend.outbox.mend(QUEUE, again.fills, again.completed)
    assert await sent(backend) == dict.fromkeys(range(10, 36, 5), 3)
    await backend.close()


async def test_a_gap_that_was_filled_in_part_is_not_filled_a_second_time(tmp_path: Path, clock: DrivenClock) -> None:
    """The log lacked minute 10, whose growth went to minute 15; after a crash it has it."""
    backend = SqliteBackend(tmp_path, clock)
    await backend.open()
    case = await held(backend, clock)
    made = await healed(backend, case, [each for each in RECORDS if each.instant != 10 * MINUTE])
    await backend.outbox.mend(QUEUE, made.fills, made.completed)
    await backend.crash()
    again = await healed(backend, case)
    assert again.fills == again.completed == ()
    await backend.outbox.release(QUEUE)
    assert await sent(backend) == {15: 6, 20: 3, 25: 3, 30: 3, 35: 3}
    await backend.close()


async def test_a_gap_that_nobody_fills_leaves_as_it_was_read_when_its_deadline_is_past(
    tmp_path: Path, clock: DrivenClock
) -> None:
    backend = SqliteBackend(tmp_path, clock)
    await backend.open()
    case = await held(backend, clock)
    await clock.advance(15 * 60 - 1)
    assert await backend.outbox.head(QUEUE) is None
    await clock.advance(1)
    assert await sent(backend) == {25: 12, 30: 3, 35: 3}
    late = await healed(backend, case)
    assert late.fills == late.completed == (), "nothing is put behind what was sent"
    await backend.close()


async def test_a_gap_that_was_sent_over_is_not_found_any_more(tmp_path: Path, clock: DrivenClock) -> None:
    backend = SqliteBackend(tmp_path, clock)
    await backend.open()
    await held(backend, clock)
    due = [range(0, 36 * MINUTE, FIVE)]
    waiting = {each.instant for each in await backend.outbox.waiting(QUEUE)}
    (state,) = await backend.outbox.states()
    assert find(due, waiting, [], state.fence, known=[]) == [GAP]
    await backend.outbox.release(QUEUE)
    await sent(backend)
    (state,) = await backend.outbox.states()
    assert find(due, set(), [], state.fence, known=[]) == []
    await backend.close()
