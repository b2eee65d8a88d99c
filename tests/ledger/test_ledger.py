import random
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bacnet_bridge.clock import instant_of
from bacnet_bridge.errors import OutboxFullError
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.model import AcceptedBy, Account, Origin, Packet
from bacnet_bridge.room import Room
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid, grid
from tests.outbox.contract import FAR
from tests.support.clock import NOON
from tests.support.outbox import SqliteBackend, packet, queue

METER = "meter-1"
MINUTE = 60_000
FIVE = Grid(5 * MINUTE, 0)
DAY = "2027-01-15"
MIDNIGHT = NOON - 12 * 60 * MINUTE


def slot(number: int) -> int:
    """The day's n-th five-minute slot; 0 is midnight."""
    return MIDNIGHT + number * 5 * MINUTE


async def scheduled(backend: SqliteBackend) -> None:
    """From the day's first slot on."""
    await backend.ledger.open(METER, FIVE, "UTC", MIDNIGHT - 1)


async def count(backend: SqliteBackend, upto: int = FAR, day: str = DAY) -> DayCount:
    counted = await backend.ledger.day(METER, day, upto)
    assert counted.due == counted.accepted + counted.waiting + counted.set_aside + counted.holes
    assert sum(counted.reasons.values()) == counted.holes
    assert min(counted.accepted, counted.waiting, counted.set_aside, counted.holes, counted.extra) >= 0
    return counted


async def test_a_meter_that_was_never_scheduled_owes_nothing(backend: SqliteBackend) -> None:
    assert await count(backend) == DayCount(METER, DAY, 0, 0, 0, 0)


async def test_what_nobody_explained_is_stopped(backend: SqliteBackend) -> None:
    await scheduled(backend)
    assert await count(backend) == DayCount(METER, DAY, 288, 0, 0, 0, reasons={HoleReason.STOPPED: 288})


async def test_slots_later_than_now_are_not_due_yet(backend: SqliteBackend) -> None:
    await scheduled(backend)
    assert (await count(backend, slot(0) - 1)).due == 0
    assert (await count(backend, slot(0))).due == 1
    assert (await count(backend, slot(10) + 1)).due == 11


async def test_every_slot_is_accounted_for_once(backend: SqliteBackend) -> None:
    await scheduled(backend)
    for number in range(10):
        await backend.outbox.put(packet(slot(number)))
    for number in range(4):
        await backend.outbox.accept(packet(slot(number)), AcceptedBy.ANSWER, slot(20))
    await backend.outbox.set_aside(packet(slot(4)), "doubtful", slot(20))
    await backend.ledger.hole(METER, slot(10), slot(12), HoleReason.SILENT)
    assert await count(backend, slot(14)) == DayCount(
        METER, DAY, due=15, accepted=4, waiting=5, set_aside=1,
        reasons={HoleReason.SILENT: 3, HoleReason.STOPPED: 2},
    )  # fmt: skip


async def test_counts_outlive_the_packets(backend: SqliteBackend) -> None:
    await scheduled(backend)
    for number in range(3):
        await backend.outbox.put(packet(slot(number)))
        await backend.outbox.accept(packet(slot(number)), AcceptedBy.ANSWER, slot(number))
    before = await count(backend)
    assert await backend.outbox.prune(FAR) == 3
    assert await count(backend) == before
    assert before.accepted == 3


async def test_a_count_commits_with_its_acceptance(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.outbox.put(packet(slot(0)))
    await backend.outbox.accept(packet(slot(0)), AcceptedBy.READ_BACK, slot(1))
    await backend.crash()
    assert (await count(backend)).accepted == 1


async def test_a_healed_slot_is_no_hole_any_more(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.ledger.hole(METER, slot(0), slot(9), HoleReason.SILENT)
    await backend.ledger.hole(METER, slot(10), slot(11), HoleReason.LATE)
    await backend.outbox.put_and_hold(queue(), 0, FAR, packet(slot(12)))
    for number in (0, 4, 5, 9):
        await backend.outbox.fill(packet(slot(number), origin=Origin.HEALED))
    counted = await count(backend, slot(12))
    assert counted.reasons == {HoleReason.SILENT: 6, HoleReason.LATE: 2}
    assert (counted.waiting, counted.extra) == (5, 0)
    assert await backend.ledger.accounted(METER) == slot(12)


@pytest.mark.parametrize("seed", range(5))
async def test_what_is_healed_changes_nothing_in_the_reasons_of_other_slots(backend: SqliteBackend, seed: int) -> None:
    """Also where ranges lie within others, and the outer one is parted."""
    await scheduled(backend)
    chance = random.Random(seed)
    told = list(HoleReason)
    for at in range(6):
        first = 0 if at == 0 else chance.randrange(30)
        last = 29 if at == 0 else min(29, first + chance.randrange(9))
        await backend.ledger.hole(METER, slot(first), slot(last), told[at], f"{at}")
    before = await reasons(backend)
    await backend.outbox.put_and_hold(queue(), 0, FAR)
    filled = chance.sample(range(30), 14)
    for number in filled if seed % 2 else sorted(filled):
        await backend.outbox.fill(packet(slot(number), origin=Origin.HEALED))
    after = await reasons(backend)
    assert after == {number: why for number, why in before.items() if number not in filled}
    assert sum((await count(backend, slot(29))).reasons.values()) == 16


async def reasons(backend: SqliteBackend) -> dict[int, str]:
    """By the numbers of the first thirty slots, the detail that was booked latest."""
    _, booked = await backend.ledger.due(METER, None, slot(29))
    return {number: each.detail for each in booked for number in range(30) if each.first <= slot(number) <= each.last}


async def test_healing_the_latest_hole_does_not_make_its_slot_due_for_reading_again(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.ledger.hole(METER, slot(0), slot(1), HoleReason.SILENT)
    await backend.outbox.put_and_hold(queue(), 0, FAR)
    await backend.outbox.fill(packet(slot(1), origin=Origin.HEALED))
    assert await backend.ledger.accounted(METER) == slot(1)
    assert await backend.ledger.last_hole(METER) == (slot(0), HoleReason.SILENT, "")


async def test_due_slots_after_an_instant_are_told_with_their_reasons(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.ledger.hole(METER, slot(2), slot(3), HoleReason.SILENT)
    await backend.ledger.hole(METER, slot(3), slot(3), HoleReason.LATE)
    due, booked = await backend.ledger.due(METER, slot(1), slot(4))
    assert [list(each) for each in due] == [[slot(2), slot(3), slot(4)]]
    assert [(each.first, each.last, each.reason) for each in booked] == [
        (slot(2), slot(3), HoleReason.SILENT),
        (slot(3), slot(3), HoleReason.LATE),
    ]
    assert await backend.ledger.due(METER, slot(4), slot(4)) == ([], [])
    assert (await backend.ledger.due(METER, None, slot(0)))[0][0][-1] == slot(0)


async def test_pushed_packets_off_the_grid_are_extra(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.outbox.put(packet(slot(0) + 1, origin=Origin.PUSHED))
    await backend.outbox.put(packet(slot(1), origin=Origin.PUSHED))
    await backend.outbox.accept(packet(slot(0) + 1), AcceptedBy.ANSWER, 1)
    counted = await count(backend, slot(1))
    assert (counted.due, counted.waiting, counted.accepted, counted.extra) == (2, 1, 0, 1)


async def test_only_live_packets_account_for_a_slot(backend: SqliteBackend) -> None:
    assert await backend.ledger.accounted(METER) is None
    await backend.outbox.put(packet(slot(1), origin=Origin.PUSHED))
    assert await backend.ledger.accounted(METER) is None
    await backend.outbox.put(packet(slot(2)))
    await backend.outbox.put(packet(slot(3), origin=Origin.PUSHED))
    assert await backend.ledger.accounted(METER) == slot(2)
    await backend.ledger.hole(METER, slot(5), slot(6), HoleReason.LATE)
    await backend.crash()
    assert await backend.ledger.accounted(METER) == slot(6)


async def test_ranges_over_slots_with_packets_keep_the_balance(backend: SqliteBackend) -> None:
    await scheduled(backend)
    for number in range(5):
        await backend.outbox.put(packet(slot(number)))
    await backend.ledger.hole(METER, slot(0), slot(9), HoleReason.SILENT)
    await backend.ledger.hole(METER, slot(4), slot(6), HoleReason.LATE)
    counted = await count(backend, slot(11))
    assert (counted.waiting, counted.holes) == (5, 7)


async def test_more_packets_than_due_slots_are_extra(backend: SqliteBackend) -> None:
    """Two accounts for one id: the slot was due once."""
    await scheduled(backend)
    other = Account("https://elsewhere/", "x")
    await backend.outbox.put(packet(slot(0)))
    await backend.outbox.put(packet(slot(0), account=other))
    counted = await count(backend, slot(0))
    assert (counted.due, counted.waiting, counted.extra) == (1, 1, 1)


# -- ranges -------------------------------------------------------------------------------------------------


async def ranges(backend: SqliteBackend) -> list[tuple[int, int, str, str]]:
    return await backend.database.read(
        lambda connection: connection.execute("SELECT first, last, reason, detail FROM hole ORDER BY id").fetchall()
    )


async def test_many_holes_are_one_transaction(backend: SqliteBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    await scheduled(backend)
    honest, writes = backend.database.write, list[str]()

    async def write(*what: Any, **how: Any) -> None:
        writes.append("")
        await honest(*what, **how)

    monkeypatch.setattr(backend.database, "write", write)
    await backend.ledger.holes(METER, [(slot(at), slot(at), HoleReason.LATE, f"{at}") for at in range(20)])
    assert len(writes) == 1
    assert len(await backend.ledger.holes_since(METER, slot(0))) == 20


async def test_a_range_that_goes_on_is_lengthened(backend: SqliteBackend) -> None:
    await scheduled(backend)
    for number in range(100):
        await backend.ledger.hole(METER, slot(number), slot(number), HoleReason.SILENT, "no answer")
    assert await ranges(backend) == [(slot(0), slot(99), "device silent", "no answer")]


@pytest.mark.parametrize(
    ("number", "reason", "detail"),
    [(2, HoleReason.SILENT, "x"), (1, HoleReason.LATE, "x"), (1, HoleReason.SILENT, "y")],
)
async def test_another_reason_detail_or_a_gap_is_another_range(
    backend: SqliteBackend, number: int, reason: HoleReason, detail: str
) -> None:
    await scheduled(backend)
    await backend.ledger.hole(METER, slot(0), slot(0), HoleReason.SILENT, "x")
    await backend.ledger.hole(METER, slot(number), slot(number), reason, detail)
    assert len(await ranges(backend)) == 2


async def test_a_range_does_not_reach_over_a_change_of_grid(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.ledger.hole(METER, slot(0), slot(1), HoleReason.SILENT)
    await backend.ledger.open(METER, Grid(MINUTE, 0), "UTC", slot(1))
    await backend.ledger.hole(METER, slot(1) + MINUTE, slot(2), HoleReason.SILENT)
    assert len(await ranges(backend)) == 2
    assert (await count(backend, slot(2))).reasons == {HoleReason.SILENT: 2 + 5}


async def test_the_latest_hole(backend: SqliteBackend) -> None:
    assert await backend.ledger.last_hole(METER) is None
    await backend.ledger.hole(METER, slot(0), slot(3), HoleReason.REFUSED, "L1 Voltage is faulty")
    assert await backend.ledger.last_hole(METER) == (slot(3), HoleReason.REFUSED, "L1 Voltage is faulty")


# -- schedule -----------------------------------------------------------------------------------------------


async def test_a_restart_on_the_same_grid_leaves_the_slots_between_due(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.crash()
    await backend.ledger.open(METER, FIVE, "UTC", slot(100))
    assert (await count(backend, slot(99))).reasons == {HoleReason.STOPPED: 100}


async def test_a_new_interval_counts_from_its_change_on(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.ledger.open(METER, Grid(15 * MINUTE, 0), "UTC", slot(144))
    assert (await count(backend)).due == 145 + 47


async def test_after_close_nothing_is_due(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.ledger.close(METER, slot(9))
    await backend.ledger.close(METER, slot(200))
    assert (await count(backend)).due == 10
    await backend.ledger.open(METER, FIVE, "UTC", slot(279))
    assert (await count(backend)).due == 10 + 8


async def test_a_clock_that_steps_back_makes_no_slot_due_twice(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.ledger.close(METER, slot(9))
    await backend.ledger.open(METER, FIVE, "UTC", slot(3))
    await backend.ledger.open(METER, Grid(MINUTE, 0), "UTC", slot(1))
    assert (await count(backend, slot(9))).due == 10
    assert (await count(backend, slot(10))).due == 15


@pytest.mark.parametrize(
    ("zone", "day", "due"),
    [
        ("Europe/Dublin", "2026-03-29", 23 * 4),
        ("Europe/Dublin", "2026-10-25", 25 * 4),
        ("Australia/Lord_Howe", "2026-04-05", 24 * 4 + 2),
        ("Australia/Lord_Howe", "2026-10-04", 23 * 4 + 2),
        ("Asia/Kathmandu", "2026-06-01", 24 * 4),
    ],
)
async def test_days_of_other_lengths_balance(backend: SqliteBackend, zone: str, day: str, due: int) -> None:
    """Every quarter of an hour of the day is put and accepted: nothing remains, none is left over."""
    building = ZoneInfo(zone)
    start = instant_of(datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=building))
    await backend.ledger.open(METER, grid(900, zone, 2026), zone, start - 1)
    for number in range(due):
        instant = start + number * 15 * MINUTE
        put = Packet(queue(), instant, day, "{}")
        await backend.outbox.put(put)
        await backend.outbox.accept(put, AcceptedBy.ANSWER, instant)
    counted = await count(backend, day=day)
    assert (counted.due, counted.accepted, counted.holes, counted.extra) == (due, due, 0, 0)


async def test_it_knows_which_meters_are_scheduled(backend: SqliteBackend) -> None:
    await scheduled(backend)
    await backend.ledger.open("other", FIVE, "UTC", MIDNIGHT)
    assert await backend.ledger.scheduled() == {METER, "other"}
    await backend.ledger.close("other", MIDNIGHT)
    assert await backend.ledger.scheduled() == {METER}


async def test_two_days_add_up(backend: SqliteBackend) -> None:
    await scheduled(backend)
    today, tomorrow = await count(backend), await count(backend, day="2027-01-16")
    both = today + tomorrow
    assert (both.due, both.holes, both.reasons[HoleReason.STOPPED]) == (
        today.due + tomorrow.due,
        today.holes + tomorrow.holes,
        today.holes + tomorrow.holes,
    )


async def test_a_schedule_that_goes_on_needs_no_room(backend: SqliteBackend, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start on a full disk: what waits is sent, so nothing that is written already may keep it from starting."""
    await scheduled(backend)
    monkeypatch.setattr(Room, "enough", lambda *_: False)
    await scheduled(backend)
    with pytest.raises(OutboxFullError):
        await backend.ledger.open("new", FIVE, "UTC", MIDNIGHT)
    assert await backend.ledger.scheduled() == {METER}


async def test_many_meters_are_counted_at_one_moment(backend: SqliteBackend) -> None:
    await scheduled(backend)
    wanted = [(METER, DAY, slot(2)), ("nobody", DAY, FAR), (METER, DAY, FAR)]
    assert await backend.ledger.days(wanted) == [await backend.ledger.day(*each) for each in wanted]
