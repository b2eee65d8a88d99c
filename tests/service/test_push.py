"""Old values through the site's one outbox: the real commands, the real service, the strict platform."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bacnet_bridge.clock import moment_of
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import AcceptedBy, Origin, Retry
from bacnet_bridge.outbox.contract import NewGap
from bacnet_bridge.packet.history import read_history
from bacnet_bridge.service.alone import alone
from bacnet_bridge.service.batch import Batch, put, until_accepted
from bacnet_bridge.service.carriage import IMPORTING
from bacnet_bridge.service.push import HOLD, Pusher
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.wattics.attempt import FOR_EVER
from bacnet_bridge.wattics.verdict import Action
from tests.support.bridge import MAPPING, site_settings
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.clock import NOON, DrivenClock
from tests.support.forked import command
from tests.support.outbox import ACCOUNT, SqliteBackend, packet, queue
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture
from tests.support.site import run_service, site_environment

MINUTE = 60_000


def site(folder: Path, building: SimulatedBuilding, platform: StrictPlatform) -> dict[str, str]:
    (folder / "mapping").mkdir()
    (folder / "mapping" / "meters.yaml").write_text(MAPPING)
    return site_environment(folder, building, platform)


def history(folder: Path, rows: int = 100, start: datetime = datetime(2026, 3, 1, tzinfo=UTC)) -> Path:
    """A file of local times in winter, five minutes apart."""
    file = folder / "old.csv"
    lines = [f"{start + n * timedelta(minutes=5):%Y-%m-%d %H:%M};{n},5" for n in range(rows)]
    file.write_text("\n".join(["Timestamp;kWh", *lines]) + "\n")
    return file


# -- the commands -------------------------------------------------------------------------------------------


async def test_a_push_that_was_cut_short_goes_on_in_the_running_service_before_its_live_packets(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    environment = site(tmp_path, building, platform)
    file = history(tmp_path)
    async with alone(site_settings(tmp_path, building, platform)) as rest:  # killed after the first rows
        pusher = Pusher(rest.outbox, rest.clock, rest.accounts, rest.state.pushes)
        rows = read_history(file.read_text(), "Europe/Dublin").rows[:10]
        said = {"account": "default", "meter": "gas", "zone": "Europe/Dublin"}
        await pusher.answer({**said, "step": "hold", "first": rows[0].instant, "count": 100})
        await pusher.answer(
            {**said, "step": "fill", "rows": [[row.instant, {"value": f"{row.line - 2}.5"}] for row in rows]}
        )
    async with run_service(environment) as service:
        await service.until_logged("packet put", 9)
        assert "gas" not in platform.record.accepted
        status, out, err = await command(environment, "push", str(file), "--meter", "Gas")
        assert status == 0, err
        assert "10 of them in the outbox" in out
        assert "accepted: 100 packets of meter gas" in out
        await platform.until("accepted", 110)
        assert await service.stop() == 0
    record = platform.record
    assert (record.discarded, record.duplicates, record.overlaps) == ({}, {}, {})
    assert record.accepted["gas"] == sorted(record.accepted["gas"])
    status, out, _ = await command(environment, "report", "gas", "--from", "2026-03-01", "--to", "2026-03-01", "--json")
    assert status == 0
    (day,) = json.loads(out)["days"]
    assert (day["meter"], day["due"], day["beyond_due"], day["beyond_due_accepted"]) == ("gas", 0, 100, 100)
    status, out, err = await command(environment, "push", str(file), "--meter", "Gas")
    assert (status, "100 of them" in out) == (0, True), err


async def test_without_a_service_the_command_delivers_by_itself_and_is_taken_up_again(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    environment = site(tmp_path, building, platform)
    file = history(tmp_path, 20)
    status, out, err = await command(environment, "push", str(file), "--meter", "gas", "--dry-run")
    assert status == 0, err
    assert '{"id":"gas","tsISO8601":"2026-03-01T00:00:00.000+00:00","value":0.5}' in out
    assert platform.record.accepted == {}
    for _ in range(2):
        status, out, err = await command(environment, "push", str(file), "--meter", "gas")
        assert status == 0, err
    assert len(platform.record.accepted["gas"]) == 20
    assert platform.record.duplicates == {}
    status, out, err = await command(environment, "push", str(history(tmp_path, 25)), "--meter", "gas")
    assert (status, "20 of them" in out) == (0, True), err
    assert len(platform.record.accepted["gas"]) == 25
    (tmp_path / "late.csv").write_text("time,value\n2026-02-28T10:00,1\n2026-03-01T00:00,7\n2026-03-02T10:00,2\n")
    status, out, err = await command(environment, "push", str(tmp_path / "late.csv"), "--meter", "gas")
    assert status == 1
    assert "line 2: 2026-02-28T10:00:00.000+00:00 is not later than 2026-03-01T02:00:00.000+00:00" in err
    assert "line 3: another packet of 2026-03-01T00:00:00.000+00:00 is accepted already" in err
    assert len(platform.record.accepted["gas"]) == 25
    status, out, err = await command(environment, "push", str(tmp_path / "late.csv"), "--meter", "gas", "--skip-bad")
    assert status == 0, err
    assert len(platform.record.accepted["gas"]) == 26


async def test_an_id_that_is_not_mapped_is_meant_only_where_its_account_is_named(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    environment = site(tmp_path, building, platform)
    file = history(tmp_path, 3)
    status, _, err = await command(environment, "push", str(file), "--meter", "gass")
    assert (status, "did you mean 'gas'?" in err) == (1, True)
    status, _, err = await command(environment, "push", str(file), "--meter", "new", "--account", "default")
    assert status == 0, err
    assert len(platform.record.accepted["new"]) == 3


# -- the outbox's side --------------------------------------------------------------------------------------


class Rig:
    """A pusher over a real outbox with a driven clock, and batches of a value every five minutes."""

    def __init__(self, folder: Path, backend: SqliteBackend, clock: DrivenClock) -> None:
        self.folder, self.backend, self.clock = folder, backend, clock
        self.start_anew()

    def start_anew(self) -> None:
        self.pusher = Pusher(self.backend.outbox, self.clock, {"default": ACCOUNT}, self.folder / "pushes.json")

    async def asks(self, **step: Any) -> dict[str, Any]:
        return await self.pusher.answer({"meter": "meter-1", "account": "default", **step})

    def batch(self, rows: int = 10) -> Batch:
        text = "time;value\n" + "".join(
            f"{moment_of(NOON - (rows - n) * 5 * MINUTE).isoformat()};{n}\n" for n in range(rows)
        )
        return Batch(queue(), "UTC", read_history(text, "UTC").rows)

    async def sent(self) -> list[Origin]:
        """All that leaves now, in its order."""
        gone = []
        while (head := await self.backend.outbox.head(queue())) is not None:
            await self.backend.outbox.accept(head, AcceptedBy.ANSWER, NOON)
            gone.append(head.origin)
        return gone

    async def held_until(self) -> int | None:
        (state,) = await self.backend.outbox.states()
        return state.held_until


@pytest.fixture
async def rig(tmp_path: Path) -> AsyncIterator[Rig]:
    clock = DrivenClock()
    backend = SqliteBackend(tmp_path, clock)
    await backend.open()
    yield Rig(tmp_path, backend, clock)
    await backend.close()


async def test_live_packets_that_come_meanwhile_leave_last(rig: Rig) -> None:
    await rig.backend.outbox.put(packet(NOON))
    batch = rig.batch()
    parts: list[int] = []

    async def asks(**step: Any) -> dict[str, Any]:
        answered = await rig.asks(**step)
        if step["step"] == "hold":
            await rig.backend.outbox.put(packet(NOON + MINUTE))
            assert await rig.sent() == []
        return answered

    await put(asks, batch, parts.append)
    assert parts == [10]
    assert await rig.sent() == [Origin.PUSHED] * 10 + [Origin.LIVE] * 2
    assert await rig.held_until() is None


async def test_what_was_attempted_meanwhile_leaves_nothing_put_and_no_hold(rig: Rig) -> None:
    await rig.backend.outbox.put(packet(NOON))
    await rig.backend.outbox.head(queue())
    with pytest.raises(BridgeError, match=r"line 2: .* is not later than 2027-01-15T12:00"):
        await put(rig.asks, rig.batch(), lambda _: None)
    assert await rig.held_until() is None
    assert await rig.sent() == [Origin.LIVE]


async def test_a_hold_that_was_there_before_is_there_afterwards(rig: Rig) -> None:
    far = NOON + 24 * 60 * MINUTE
    await rig.backend.outbox.put_and_hold(queue(), 0, far)
    await put(rig.asks, rig.batch(), lambda _: None)
    assert await rig.held_until() == far
    await rig.backend.outbox.release(queue())
    assert await rig.sent() == [Origin.PUSHED] * 10


async def test_a_hold_ends_by_its_deadline_where_the_command_died(rig: Rig) -> None:
    rows = rig.batch().rows
    await rig.asks(step="hold", first=rows[0].instant, count=10)
    await rig.asks(step="fill", zone="UTC", rows=[[rows[0].instant, {"value": "1"}]])
    await rig.clock.advance(HOLD / 1000 - 1)
    assert await rig.sent() == []
    await rig.clock.advance(1)
    assert await rig.sent() == [Origin.PUSHED]


async def test_a_hold_of_a_push_that_was_cut_short_is_known_after_a_crash(rig: Rig) -> None:
    rows = rig.batch().rows
    await rig.asks(step="hold", first=rows[0].instant, count=10)
    await rig.backend.crash()
    rig.start_anew()
    await put(rig.asks, rig.batch(), lambda _: None)
    assert await rig.held_until() is None
    assert await rig.sent() == [Origin.PUSHED] * 10


async def test_a_long_push_renews_its_hold(rig: Rig) -> None:
    rows = rig.batch().rows
    await rig.asks(step="hold", first=rows[0].instant, count=10)
    for number, row in enumerate(rows[:3], 1):
        await rig.clock.advance(HOLD / 1000 * 0.7)
        await rig.asks(step="fill", zone="UTC", rows=[[row.instant, {"value": "1"}]])
        assert (await rig.asks(step="look"))["oldest"] == rows[0].instant
        assert await rig.sent() == [], number
    await rig.asks(step="release")
    assert await rig.sent() == [Origin.PUSHED] * 3


async def test_a_batch_that_has_no_room_is_refused_whole(rig: Rig) -> None:
    rig.backend.outbox.allot({"meter-1": 6, "other": 3})
    with pytest.raises(BridgeError, match="room for 9 more packets of meter meter-1, and the file has 10"):
        await put(rig.asks, rig.batch(), lambda _: None)
    await put(rig.asks, rig.batch(9), lambda _: None)
    assert await rig.sent() == [Origin.PUSHED] * 9


async def test_no_packet_from_the_future_and_no_nonsense(rig: Rig) -> None:
    await rig.asks(step="hold", first=NOON, count=1)
    for row in (
        [NOON + 1, {"value": "1"}],
        [NOON, {"valve": "1"}],
        [NOON, {"value": "x"}],
        ["x", {}],
        [NOON, {"value": "NaN"}],
    ):
        with pytest.raises(BridgeError):
            await rig.asks(step="fill", zone="UTC", rows=[row])
    for wrong in ({"step": "bite"}, {"step": "look", "account": "other"}, {"step": "look", "meter": ""}):
        with pytest.raises(BridgeError):
            await rig.asks(**wrong)
    assert (await rig.asks(step="look"))["oldest"] is None


async def test_a_push_of_more_than_one_part_is_whole(rig: Rig) -> None:
    parts: list[int] = []
    await put(rig.asks, rig.batch(3000), parts.append)
    assert len(parts) > 1
    assert sum(parts) == 3000
    assert await rig.sent() == [Origin.PUSHED] * 3000


async def test_waiting_tells_how_many_left_and_why_not_more(rig: Rig) -> None:
    batch = rig.batch(4)
    await put(rig.asks, batch, lambda _: None)
    seen: list[tuple[int, str]] = []

    async def asks(**step: Any) -> dict[str, Any]:
        looked = await rig.asks(**step)
        head = await rig.backend.outbox.head(queue())
        if len(seen) == 1:
            await rig.backend.outbox.postpone(queue(), Retry(1, NOON, "answered 404", "k"))
        elif head is not None:
            await rig.backend.outbox.accept(head, AcceptedBy.ANSWER, NOON)
        return looked

    await until_accepted(asks, batch, lambda left, reason: seen.append((left, reason)))
    assert seen == [(0, ""), (1, ""), (1, "answered 404"), (2, ""), (3, ""), (4, "")]


async def test_what_an_operator_holds_can_be_filled_again_and_again_and_waits_for_the_release(rig: Rig) -> None:
    why = "an operator holds it until it is released"
    await rig.backend.outbox.put_and_hold(queue(), 0, FOR_EVER)
    await rig.backend.outbox.postpone(queue(), Retry(1, 0, why, Action.HOLD))
    batch = rig.batch()
    for rows in (batch.rows[:4], batch.rows[4:]):
        part = replace(batch, rows=rows)
        await put(rig.asks, part, lambda _: None)
        assert await until_accepted(rig.asks, part, lambda *_: None) == why
    assert await rig.sent() == []
    await rig.backend.outbox.release(queue())
    assert await rig.sent() == [Origin.PUSHED] * 10


@pytest.mark.parametrize(
    ("after", "why"), [(NOON + MINUTE, "another sender uses this id"), (0, IMPORTING)], ids=["another sender", "import"]
)
async def test_what_another_sender_or_an_import_holds_is_not_filled(rig: Rig, after: int, why: str) -> None:
    await rig.backend.outbox.put_and_hold(queue(), after, FOR_EVER)
    await rig.backend.outbox.postpone(queue(), Retry(1, 0, why, Action.HOLD))
    with pytest.raises(BridgeError, match=why):
        await put(rig.asks, rig.batch(), lambda _: None)
    assert await rig.held_until() == FOR_EVER


async def test_an_operator_s_release_meanwhile_is_not_undone(rig: Rig) -> None:
    """Neither by the rest of the batch, which holds the queue anew for itself, nor by its end."""
    rows = rig.batch().rows
    for more in (True, False):
        await rig.backend.outbox.put_and_hold(queue(), 0, FOR_EVER)
        await rig.backend.outbox.postpone(queue(), Retry(1, 0, "its history goes first", Action.HOLD))
        first, second = (rows[0], rows[1]) if more else (rows[2], rows[3])
        await rig.asks(step="hold", first=first.instant, count=10)
        await rig.asks(step="fill", zone="UTC", rows=[[first.instant, {"value": "1"}]])
        await rig.backend.outbox.release(queue())
        await rig.backend.outbox.postpone(queue(), Retry())
        if more:
            await rig.asks(step="fill", zone="UTC", rows=[[second.instant, {"value": "1"}]])
        await rig.asks(step="release")
        assert await rig.held_until() is None
        assert await rig.sent() == [Origin.PUSHED] * (1 + more)


async def test_another_sender_that_is_noticed_meanwhile_stays_held(rig: Rig) -> None:
    rows = rig.batch().rows
    await rig.asks(step="hold", first=rows[0].instant, count=10)
    await rig.backend.outbox.put_and_hold(queue(), NOON, FOR_EVER)
    await rig.backend.outbox.postpone(queue(), Retry(1, 0, "another sender uses this id", Action.HOLD))
    await rig.asks(step="release")
    assert await rig.held_until() == FOR_EVER


async def test_another_sender_is_told_from_the_hold_of_a_push_that_was_cut_short(rig: Rig) -> None:
    """Guarantee 2: what is not later than the other sender's packet would be discarded by the platform."""
    rows = rig.batch().rows
    await rig.backend.outbox.put_and_hold(queue(), 0, FOR_EVER)
    await rig.backend.outbox.postpone(queue(), Retry(1, 0, "its history goes first", Action.HOLD))
    await rig.asks(step="hold", first=rows[0].instant, count=10)  # the command died
    await rig.backend.outbox.release(queue())
    await rig.backend.outbox.put_and_hold(queue(), NOON, FOR_EVER)
    await rig.backend.outbox.postpone(queue(), Retry(1, 0, "another sender uses this id", Action.HOLD))
    with pytest.raises(BridgeError, match="another sender uses this id"):
        await put(rig.asks, rig.batch(), lambda _: None)
    assert (await rig.asks(step="look"))["oldest"] is None


# -- beside gaps that a log is waited for -------------------------------------------------------------------

GAP = NewGap(NOON - 20 * MINUTE, NOON - 10 * MINUTE, NOON + 60 * MINUTE)


async def test_a_gap_that_was_held_is_held_again_after_a_push(rig: Rig) -> None:
    await rig.backend.outbox.put_after_gaps([GAP], packet(NOON))
    await put(rig.asks, rig.batch(), lambda _: None)
    (state,) = await rig.backend.outbox.states()
    assert (state.held_after, state.held_until, state.heals) == (GAP.first - 1, GAP.deadline, True)
    waits = await until_accepted(rig.asks, rig.batch(), lambda *_: None)
    assert waits == "a gap of the meter waits for its log, until 2027-01-15T13:00:00+00:00 at most; then they are sent"
    await rig.backend.outbox.give_up(queue(), GAP.first, "no log has it")
    assert await rig.sent() == [Origin.PUSHED] * 10 + [Origin.LIVE], "nothing else holds it"


@pytest.mark.parametrize("found", ["before the push", "during the push"])
async def test_a_gap_is_filled_while_younger_values_are_pushed(rig: Rig, found: str) -> None:
    """The push begins within the gap: its hold bars nothing that the gap's own would let in."""
    outbox = rig.backend.outbox
    if found == "before the push":
        await outbox.put_after_gaps([GAP], packet(NOON))
    await rig.asks(step="hold", first=NOON - 12 * MINUTE, count=1)
    await rig.asks(step="fill", zone="UTC", rows=[[NOON - 12 * MINUTE, {"value": "1"}]])
    if found == "during the push":
        await outbox.put_after_gaps([GAP], packet(NOON))
    await outbox.mend(queue(), [packet(GAP.first, origin=Origin.HEALED)], [], gap=GAP.first)
    assert await rig.sent() == []
    await rig.asks(step="release")
    assert await rig.held_until() is None
    assert await rig.sent() == [Origin.HEALED, Origin.PUSHED, Origin.LIVE]


async def test_a_gap_that_was_found_during_a_push_is_not_ended_with_it(rig: Rig) -> None:
    await rig.asks(step="hold", first=NOON - 50 * MINUTE, count=1)
    await rig.backend.outbox.put_after_gaps([GAP], packet(NOON))
    await rig.asks(step="release")
    assert await rig.held_until() == GAP.deadline
    assert len(await rig.backend.outbox.gaps_waited_for()) == 1


async def test_a_push_that_fails_or_dies_leaves_the_gap_s_hold(rig: Rig) -> None:
    outbox = rig.backend.outbox
    await outbox.put_after_gaps([GAP], packet(NOON))
    outbox.allot({"meter-1": 6, "other": 3})
    with pytest.raises(BridgeError, match="room for"):
        await put(rig.asks, rig.batch(), lambda _: None)
    assert await rig.held_until() == GAP.deadline
    await rig.asks(step="hold", first=NOON - 50 * MINUTE, count=1)
    await rig.backend.crash()
    rig.start_anew()
    await rig.clock.advance(HOLD / 1000)
    assert await rig.sent() == []
    assert await rig.held_until() == GAP.deadline
    await rig.clock.advance(HOLD / 1000)
    assert await rig.sent() == [Origin.LIVE]
