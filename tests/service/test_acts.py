"""Operators' acts on a real outbox, without delivery: what each does, what it refuses, what it leaves."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import AcceptedBy, Account, Packet, Queue, Retry
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.service.acts import acts
from bacnet_bridge.service.ground import Ground
from bacnet_bridge.service.questions import (
    Abandon,
    Fill,
    Holding,
    Move,
    Moved,
    Reassign,
    Receive,
    Received,
    Recover,
    Release,
    Retrying,
    Skip,
)
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid
from tests.support.clock import NOON, DrivenClock
from tests.support.outbox import ACCOUNT, SqliteBackend, packet, queue

TENANT = Account(ACCOUNT.address, "tenant")
ELSEWHERE = Account("https://elsewhere/", "elsewhere")
NAMES = {
    Retrying: "retry", Skip: "skip", Holding: "hold", Release: "release", Reassign: "reassign", Recover: "recover",
    Abandon: "abandon", Move: "move", Moved: "moved", Receive: "receive", Fill: "fill", Received: "received",
}  # fmt: skip


class Told:
    """Delivery that notes what it is told."""

    def __init__(self) -> None:
        self.forgotten: list[Queue] = []
        self.alarms: dict[Queue, str] = {}
        self.doubts: dict[Queue, int] = {}

    def still(self, _queues: Collection[Queue]) -> AbstractAsyncContextManager[None]:
        return nullcontext()

    async def retry(self, _queue: Queue, within: float) -> None: ...

    def forget(self, queue: Queue, platform_has: int | None = None) -> None:  # noqa: ARG002 - as delivery has it
        self.forgotten.append(queue)

    def held(self, queue: Queue, why: str) -> None:
        self.alarms[queue] = why

    def doubt(self, queue: Queue, instant: int) -> None:
        self.doubts[queue] = instant


class Operator:
    """Asks as the commands do."""

    def __init__(self, backend: SqliteBackend, clock: DrivenClock) -> None:
        self.backend, self.clock = backend, clock
        self.delivery: Told = Told()
        self.again()

    def again(self) -> None:
        accounts = {"default": ACCOUNT, "tenant": TENANT, "elsewhere": ELSEWHERE}
        self._answers = acts(Ground(self.backend.outbox, self.clock, self.delivery), lambda: accounts)

    async def ask(self, asked: Any) -> dict[str, Any]:
        done: dict[str, Any] = await self._answers[f"outbox {NAMES[type(asked)]}"]({"command": "x", **asdict(asked)})
        return done

    async def put(self, *instants: int, meter: str = "meter-1", account: Account = ACCOUNT) -> None:
        for instant in instants:
            await self.backend.outbox.put(packet(instant, meter, account=account))

    async def waiting(self, of: Queue) -> list[int]:
        return [each.instant for each in await self.backend.outbox.waiting(of)]

    async def state(self, of: Queue) -> QueueState:
        return next(state for state in await self.backend.outbox.states() if state.queue == of)


@pytest.fixture
async def operator(tmp_path: Path) -> AsyncIterator[Operator]:
    clock = DrivenClock()
    backend = SqliteBackend(tmp_path, clock)
    await backend.open()
    yield Operator(backend, clock)
    await backend.close()


A, B, C = NOON - 3000, NOON - 2000, NOON - 1000


async def test_a_skipped_head_is_recorded_and_the_next_one_begins_anew(operator: Operator) -> None:
    await operator.put(A, B)
    await operator.backend.outbox.postpone(queue(), Retry(3, NOON + 9999, "400", "queue paused"))
    assert await operator.ask(Skip(queue(), A, "wrong")) == {"waiting": 1, "held": False}
    (aside,) = await operator.backend.outbox.packets_set_aside(queue())
    assert (aside.packet.instant, aside.why, aside.at) == (A, "wrong", NOON)
    assert await operator.waiting(queue()) == [B]
    assert (await operator.state(queue())).retry == Retry()
    assert operator.delivery.forgotten == [queue()]
    with pytest.raises(BridgeError, match="has left meanwhile"):
        await operator.ask(Skip(queue(), A, "again"))
    assert await operator.waiting(queue()) == [B]


async def test_only_the_head_can_be_skipped(operator: Operator) -> None:
    await operator.put(A, B)
    with pytest.raises(BridgeError, match="nothing was set aside"):
        await operator.ask(Skip(queue(), B, "not the head"))
    assert await operator.waiting(queue()) == [A, B]


async def test_a_damaged_head_can_be_skipped(operator: Operator) -> None:
    await operator.put(A, B)
    await operator.backend.database.write(lambda connection: connection.execute("UPDATE packet SET body = 'x'"))
    assert (await operator.ask(Skip(queue(), A, "damaged")))["waiting"] == 1


async def test_a_hold_tells_why_survives_a_restart_and_ends_by_release(operator: Operator) -> None:
    await operator.put(A)
    await operator.ask(Holding(queue(), None, "an operator holds it"))
    assert operator.delivery.alarms == {queue(): "an operator holds it"}
    await operator.backend.restart()
    operator.again()
    state = await operator.state(queue())
    assert (state.retry.kind, state.retry.reason) == ("on hold", "an operator holds it")
    assert await operator.backend.outbox.head(queue()) is None
    await operator.put(B)
    with pytest.raises(BridgeError, match="on hold already: an operator holds it"):
        await operator.ask(Holding(queue(), None, "twice"))
    assert (await operator.ask(Release(queue())))["waiting"] == 2
    head = await operator.backend.outbox.head(queue())
    assert head is not None
    assert head.instant == A
    assert (await operator.state(queue())).retry == Retry()
    with pytest.raises(BridgeError, match="not on hold"):
        await operator.ask(Release(queue()))


async def test_a_meter_is_held_before_its_first_packet(operator: Operator) -> None:
    assert await operator.ask(Holding(queue(), None, "its history goes first")) == {"waiting": 0}
    await operator.put(A)
    assert await operator.backend.outbox.head(queue()) is None
    assert (await operator.state(queue())).retry.reason == "its history goes first"
    assert (await operator.ask(Release(queue())))["waiting"] == 1
    assert await operator.backend.outbox.head(queue()) is not None


async def test_a_hold_with_a_time_ends_by_itself_and_one_of_the_past_is_refused(operator: Operator) -> None:
    await operator.put(A)
    with pytest.raises(BridgeError, match="is past"):
        await operator.ask(Holding(queue(), NOON, "too late"))
    await operator.ask(Holding(queue(), NOON + 5000, "for a while"))
    assert await operator.backend.outbox.head(queue()) is None
    operator.clock.step(6)
    assert await operator.backend.outbox.head(queue()) is not None


async def test_a_skip_leaves_a_hold_and_its_reason(operator: Operator) -> None:
    await operator.put(A, B)
    await operator.ask(Holding(queue(), None, "an operator holds it"))
    assert (await operator.ask(Skip(queue(), A, "wrong")))["held"] is True
    assert (await operator.state(queue())).retry.reason == "an operator holds it"
    assert operator.delivery.forgotten == []


async def test_what_waits_goes_to_another_account_in_order(operator: Operator) -> None:
    await operator.put(A, B)
    await operator.put(C, account=TENANT)
    assert await operator.ask(Reassign(queue(), "tenant")) == {"packets": 2}
    assert await operator.waiting(queue(account=TENANT)) == [A, B, C]
    assert await operator.waiting(queue()) == []
    with pytest.raises(BridgeError, match="nothing of meter meter-1 waits"):
        await operator.ask(Reassign(queue(), "tenant"))
    with pytest.raises(BridgeError, match="the settings have no account 'nobody'; they have default, elsewhere"):
        await operator.ask(Reassign(queue(account=TENANT), "nobody"))


async def test_after_restarts_what_waits_can_still_be_given_to_the_account_that_waits_behind(
    operator: Operator,
) -> None:
    await operator.put(A, B)
    await operator.put(C, account=TENANT)
    await operator.backend.restart()
    await operator.backend.restart()
    operator.again()
    await operator.ask(Reassign(queue(), "tenant"))
    assert await operator.waiting(queue(account=TENANT)) == [A, B, C]


async def test_nothing_is_given_behind_what_was_sent(operator: Operator) -> None:
    """Guarantee 2 holds by id, whatever the account that sent: here a third one."""
    await operator.put(A)
    await operator.put(B, account=TENANT)
    head = await operator.backend.outbox.head(queue(account=TENANT))
    assert head is not None
    await operator.backend.outbox.accept(head, AcceptedBy.ANSWER, NOON)
    with pytest.raises(BridgeError, match="would discard"):
        await operator.ask(Reassign(queue(), "tenant"))
    await operator.backend.outbox.put(packet(A, "mistyped", account=Account(ACCOUNT.address, "third")))
    with pytest.raises(BridgeError, match="would discard"):
        await operator.ask(Move(Queue(Account(ACCOUNT.address, "third"), "mistyped"), "meter-1"))
    assert await operator.waiting(queue()) == [A]
    await operator.ask(Reassign(queue(), "elsewhere"))
    assert await operator.waiting(queue(account=ELSEWHERE)) == [A]


@pytest.mark.parametrize("act", [Retrying(queue(), True), Reassign(queue(), "tenant"), Move(queue(), "other")])
async def test_no_act_is_a_way_around_a_hold_or_a_doubt(operator: Operator, act: Any) -> None:
    await operator.put(A)
    await operator.ask(Holding(queue(), None, "an operator holds it"))
    with pytest.raises(BridgeError, match="is on hold: `outbox release` it first"):
        await operator.ask(act)
    await operator.ask(Release(queue()))
    await operator.backend.database.write(lambda connection: connection.execute("UPDATE queue SET unproven = 'lost'"))
    await operator.backend.restart()
    operator.again()
    with pytest.raises(BridgeError, match="not proven whole"):
        await operator.ask(act)
    assert await operator.waiting(queue()) == [A]


async def test_an_unproven_queue_is_recovered_or_abandoned(operator: Operator) -> None:
    for meter in ("one", "two"):
        await operator.put(A, B, meter=meter)
    await operator.backend.database.write(lambda connection: connection.execute("UPDATE queue SET unproven = 'lost'"))
    await operator.backend.restart()
    operator.again()
    assert (await operator.ask(Recover(queue("one"), "looked", A)))["aside"] == 1
    assert await operator.waiting(queue("one")) == [B]
    head = await operator.backend.outbox.head(queue("one"))
    assert head is not None
    assert head.instant == B
    with pytest.raises(BridgeError, match="proven whole"):
        await operator.ask(Recover(queue("one"), "looked"))
    assert (await operator.ask(Abandon(queue("two"), "no use")))["aside"] == 2
    await operator.put(C, meter="two")
    assert await operator.backend.outbox.head(queue("two")) is not None
    whys = [
        each.why for meter in ("one", "two") for each in await operator.backend.outbox.packets_set_aside(queue(meter))
    ]
    assert whys == ["recovered: looked", "no use", "no use"]


async def test_a_mistyped_id_is_put_right_in_the_packets_too(operator: Operator) -> None:
    await operator.put(A, B, meter="mter")
    assert await operator.ask(Move(queue("mter"), "meter")) == {"packets": 2}
    moved = await operator.backend.outbox.waiting(queue("meter"))
    assert [each.body for each in moved] == [packet(A, "meter").body, packet(B, "meter").body]
    assert operator.delivery.forgotten == [queue("mter"), queue("meter")]
    with pytest.raises(BridgeError, match="another id"):
        await operator.ask(Move(queue("meter"), "meter"))


async def test_the_mistyped_id_s_slots_are_holes_that_say_so(operator: Operator) -> None:
    """Guarantee 6: not "stopped", as if the bridge had not run; a slot between them keeps its own reason."""
    ledger, last = operator.backend.ledger, NOON
    await ledger.open("mter", Grid(1000, 0), "UTC", A - 1)
    await operator.put(A, C, last, meter="mter")
    await ledger.hole("mter", B, B, HoleReason.SILENT)
    await operator.ask(Move(queue("mter"), "meter"))
    count = await ledger.day("mter", "2027-01-15", last)
    assert (count.due, count.waiting, count.holes) == (4, 0, 4)
    assert count.reasons == {HoleReason.MOVED: 3, HoleReason.SILENT: 1}
    assert count.details[HoleReason.MOVED, "meter"] == 3


async def test_an_id_that_was_accepted_is_none_that_was_mistyped(operator: Operator) -> None:
    await operator.put(A, B)
    head = await operator.backend.outbox.head(queue())
    assert head is not None
    await operator.backend.outbox.accept(head, AcceptedBy.ANSWER, NOON)
    with pytest.raises(BridgeError, match="none that was mistyped"):
        await operator.ask(Move(queue(), "other"))
    assert await operator.waiting(queue()) == [B]


async def test_packets_of_a_file_come_before_what_was_collected(operator: Operator) -> None:
    await operator.ask(Receive(queue(), B))
    await operator.put(C)
    assert operator.delivery.alarms[queue()].startswith("on hold while packets are imported")
    packets = (packet(A), packet(B))
    assert await operator.ask(Fill(packets)) == {"refused": []}
    assert await operator.ask(Receive(queue(), B)) == {}
    assert await operator.ask(Fill((*packets, packet(C)))) == {"refused": [A, B, C]}
    assert await operator.backend.outbox.head(queue()) is None
    assert await operator.ask(Received(queue(), A)) == {"held": False, "waiting": 3, "stranger": False}
    assert operator.delivery.doubts == {queue(): A}
    head = await operator.backend.outbox.head(queue())
    assert head == packet(A)
    assert await operator.waiting(queue()) == [A, B, C]


async def test_an_import_leaves_an_operator_s_hold_and_tells_a_strange_account(operator: Operator) -> None:
    strange = Account(ACCOUNT.address, "gone")
    await operator.put(C, account=strange)
    of = queue(account=strange)
    await operator.ask(Holding(of, NOON + 1000, "an operator holds it"))
    with pytest.raises(BridgeError, match="release it first"):
        await operator.ask(Receive(of, B))
    await operator.ask(Release(of))
    await operator.ask(Holding(of, None, "an operator holds it"))
    await operator.ask(Receive(of, B))
    await operator.ask(Fill((Packet(of, B, "2027-01-15", "{}"),)))
    assert await operator.ask(Received(of, None)) == {"held": True, "waiting": 2, "stranger": True}
    assert await operator.backend.outbox.head(of) is None


async def test_nothing_is_imported_behind_what_any_account_sent_or_from_the_future(operator: Operator) -> None:
    await operator.put(B)
    head = await operator.backend.outbox.head(queue())
    assert head is not None
    await operator.backend.outbox.accept(head, AcceptedBy.ANSWER, NOON)
    tenants = queue(account=TENANT)
    await operator.ask(Receive(tenants, C))
    late = (packet(A, account=TENANT), packet(C, account=TENANT))
    assert await operator.ask(Fill(late)) == {"refused": [A]}
    with pytest.raises(BridgeError, match="packet of the future"):
        await operator.ask(Receive(queue("new"), NOON + 10 * 60_000))


async def test_what_is_moved_out_is_set_aside_only_as_it_was_written(operator: Operator) -> None:
    await operator.put(A, B)
    with pytest.raises(BridgeError, match="was released meanwhile"):
        await operator.ask(Moved(queue(), B, 2, "m"))
    await operator.ask(Holding(queue(), NOON + 1000, "moving", keep=True))
    await operator.ask(Holding(queue(), None, "moving", keep=True))
    await operator.put(C)
    with pytest.raises(BridgeError, match="2 packets wait up to"):
        await operator.ask(Moved(queue(), B, 1, "m"))
    await operator.ask(Moved(queue(), B, 2, "m"))
    operator.clock.step(60)
    assert await operator.waiting(queue()) == [C]
    assert await operator.backend.outbox.head(queue()) is None, "what follows must not overtake what was moved"
    assert {each.why for each in await operator.backend.outbox.packets_set_aside(queue())} == {
        "moved to another outbox, move m"
    }


async def test_a_retry_without_a_service_takes_effect_at_the_next_start(operator: Operator) -> None:
    await operator.put(A)
    await operator.put(B, account=TENANT)
    await operator.backend.outbox.postpone(queue(), Retry(3, NOON + 9999, "400", "queue paused"))
    assert await operator.ask(Retrying(queue(), wait=False)) == {"accepted": False, "waiting": 1}
    assert (await operator.state(queue())).retry == Retry(3, 0, "400", "queue paused")
    with pytest.raises(BridgeError, match="earlier packets wait for account default; they go first"):
        await operator.ask(Retrying(queue(account=TENANT), wait=False))


async def test_a_question_of_another_version_is_a_sentence(operator: Operator) -> None:
    with pytest.raises(BridgeError, match="two versions"):
        await operator._answers["outbox skip"]({"command": "outbox skip", "queue": "m"})
    with pytest.raises(BridgeError, match="no packet was ever put for meter unknown"):
        await operator.ask(Release(queue("unknown")))


async def test_the_day_s_counts_balance_through_all_acts(operator: Operator) -> None:
    """Guarantee 6: every packet is counted once, as waiting or as set aside."""
    await operator.put(A, B, C)
    await operator.put(A, B, meter="mter")
    await operator.ask(Skip(queue(), A, "w"))
    await operator.ask(Reassign(queue(), "tenant"))
    await operator.ask(Move(queue("mter"), "meter"))
    await operator.ask(Abandon(queue("meter"), "w"))
    counted = await operator.backend.database.read(
        lambda connection: connection.execute(
            "SELECT meter, sum(waiting), sum(accepted), sum(set_aside) FROM tally GROUP BY meter ORDER BY meter"
        ).fetchall()
    )
    assert counted == [("meter", 0, 0, 2), ("meter-1", 2, 0, 1), ("mter", 0, 0, 0)]


async def test_a_packet_that_is_just_being_put_is_where_memory_says(operator: Operator) -> None:
    """Its row may be in the file before the act's turn comes, and not in memory yet."""
    await operator.put(A, meter="one")
    await operator.put(A, meter="two")
    outbox = operator.backend.outbox
    await asyncio.gather(
        outbox.put(packet(B, "one")), outbox.reassign(queue("one"), TENANT),
        outbox.put(packet(B, "two")), outbox.move(queue("two"), "three", lambda body: body.replace("two", "three")),
    )  # fmt: skip
    for _ in range(2):
        one = await operator.waiting(queue("one")), await operator.waiting(queue("one", TENANT))
        two = await operator.waiting(queue("two")), await operator.waiting(queue("three"))
        assert one == two == ([], [A, B])
        await operator.backend.restart()
        operator.again()


class Waiting(Told):
    """Delivery in which an attempt of each queue is under way until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.standing: list[str] = []
        self.over = asyncio.Event()

    @asynccontextmanager
    async def still(self, queues: Collection[Queue]) -> AsyncIterator[None]:
        self.standing += [each.id for each in queues]
        await self.over.wait()
        yield


async def test_acts_on_other_meters_go_on_side_by_side_and_on_one_meter_one_after_the_other(
    operator: Operator,
) -> None:
    await operator.put(A, B)
    await operator.put(A, meter="other")
    operator.delivery = waiting = Waiting()
    operator.again()
    asked = [Skip(queue(), A, "x"), Skip(queue("other"), A, "x"), Skip(queue(), A, "too late")]
    acts_ = [asyncio.create_task(operator.ask(each)) for each in asked]
    for _ in range(5):
        await asyncio.sleep(0)
    assert waiting.standing == ["meter-1", "other"]
    waiting.over.set()
    done = await asyncio.gather(*acts_, return_exceptions=True)
    assert done[:2] == [{"waiting": 1, "held": False}, {"waiting": 0, "held": False}]
    assert "has left meanwhile" in str(done[2])
    assert await operator.waiting(queue()) == [B]


async def test_an_act_that_is_cut_off_lets_the_next_one_go_on(operator: Operator) -> None:
    await operator.put(A)
    operator.delivery = waiting = Waiting()
    operator.again()
    first = asyncio.create_task(operator.ask(Skip(queue(), A, "x")))
    second = asyncio.create_task(operator.ask(Skip(queue(), A, "y")))
    await asyncio.sleep(0)
    first.cancel()
    waiting.over.set()
    assert (await second)["waiting"] == 0
