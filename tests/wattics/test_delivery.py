"""The courier over the real outbox, real sockets and the strict platform."""

import asyncio
import base64
import logging
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bacnet_bridge.database import Database
from bacnet_bridge.errors import FencedError, OutboxFullError
from bacnet_bridge.model import AcceptedBy, Account, Packet, Queue
from bacnet_bridge.outbox import MIGRATIONS
from bacnet_bridge.outbox.contract import Holder, Outbox, QueueState
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.simulator.platform import PASSWORD, USERNAME, StrictPlatform
from bacnet_bridge.simulator.platform_faults import Fault
from bacnet_bridge.wattics import deliver
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.deliver import Courier
from bacnet_bridge.wattics.session import Sessions
from bacnet_bridge.wattics.verdict import Action, Answer, NoAnswer
from tests.support.clock import NOON
from tests.wattics.rig import HastyClock, packet, running, until

METERS = ("a", "b", "c")
WRONG = Credentials(USERNAME, SecretStr("wrong-password"))


@pytest.fixture
def courier(outbox: SqliteOutbox, sessions: Sessions, clock: HastyClock) -> Courier:
    return Courier(outbox, sessions, clock)


@pytest.fixture
def put(outbox: Outbox, account: Account) -> Callable[..., Coroutine[None, None, None]]:
    async def put(meter: str, *numbers: int, whose: Account = account) -> None:
        for n in numbers:
            await outbox.put(packet(whose, meter, n))

    return put


Put = Callable[..., Coroutine[None, None, None]]


def instants(count: int) -> list[int]:
    return [NOON + n * 60_000 for n in range(count)]


async def waiting(outbox: Outbox) -> dict[str, int]:
    return {state.queue.id: state.waiting for state in await outbox.states()}


async def test_whatever_fails_every_packet_is_accepted_in_order(
    platform: StrictPlatform,
    outbox: SqliteOutbox,
    account: Account,
    credentials: Credentials,
    clock: HastyClock,
    put: Put,
) -> None:
    sessions = Sessions({account: credentials}, site_ca=platform.ca, time_out=0.5)
    courier = Courier(outbox, sessions, clock)
    for meter in METERS:
        await put(meter, *range(20))
    faults = [Fault(status=status) for status in (400, 401, 403, 404, 500, 503)]
    faults += [Fault(status=status, after_storing=True) for status in (500, 503, 201, 202, 204)]
    faults += [Fault(cut="reset"), Fault(cut="reset", after_storing=True)]
    faults += [Fault(cut="close"), Fault(cut="close", after_storing=True)]
    faults += [Fault(delay=1), Fault(delay=1, after_storing=True)]
    platform.misbehave(*faults)

    async with running(courier):
        for meter in METERS:
            await platform.until("accepted", 20, meter, seconds=20)

    assert platform.faults() == []
    record = platform.record
    assert record.accepted == {meter: instants(20) for meter in METERS}
    assert record.discarded == {}
    assert record.malformed == []
    assert record.overlaps == {}
    assert await waiting(outbox) == dict.fromkeys(METERS, 0)
    unknown = courier.snapshot().unknown_outcomes
    duplicates = sum(map(len, record.duplicates.values()))
    assert 0 < duplicates <= unknown
    assert courier.snapshot().accepted == 60
    await sessions.close()


async def test_packets_put_in_reverse_order_leave_in_order(
    platform: StrictPlatform, courier: Courier, put: Put
) -> None:
    refused = 0
    for n in reversed(range(10)):
        try:
            await put("m", n)
        except FencedError:
            refused += 1
    await put("m", 10, 11)
    async with running(courier):
        await platform.until("accepted", 3)

    assert refused == 9
    assert platform.record.accepted == {"m": [NOON + n * 60_000 for n in (9, 10, 11)]}
    assert platform.record.discarded == {}


async def test_a_thousand_packets_of_three_meters_arrive_although_one_answer_is_slow(
    platform: StrictPlatform, courier: Courier, put: Put
) -> None:
    platform.delay(0.5, id="a")
    await asyncio.gather(*(put(meter, n) for n in range(334) for meter in METERS))
    async with running(courier):
        await platform.until("accepted", 334, "b")
        await platform.until("accepted", 334, "c")
        await platform.until("accepted", 334, "a")

    assert platform.record.accepted == {meter: instants(334) for meter in METERS}
    assert platform.record.duplicates == {}
    assert platform.record.overlaps == {}
    assert set(platform.record.max_in_flight.values()) == {1}
    assert platform.record.tls_sessions <= 3


async def test_a_500_and_then_a_200_releases_the_queue(
    platform: StrictPlatform, courier: Courier, outbox: Outbox, put: Put
) -> None:
    platform.fail(500)
    await put("m", 0, 1)
    with capture_logs() as logs:
        async with running(courier):
            await platform.until("accepted", 2)

    assert await waiting(outbox) == {"m": 0}
    assert courier.snapshot().failing == {}
    assert [(entry["event"], entry["meter"]) for entry in logs] == [
        ("delivery fails", "m"),
        ("delivery works again", "m"),
    ]
    assert logs[0]["reason"].startswith("500 Internal Server Error: a problem on the platform's side")


async def test_a_packet_that_is_put_later_leaves_at_once(platform: StrictPlatform, courier: Courier, put: Put) -> None:
    async with running(courier):
        for n in range(5):
            await put("m", n)
            await platform.until("accepted", n + 1, seconds=2)


@pytest.mark.parametrize("status", [400, 401])
async def test_a_cookie_that_is_demanded_back_is_brought_and_an_expired_one_replaced(
    platform: StrictPlatform, courier: Courier, put: Put, status: int
) -> None:
    platform.behave(cookie=status)
    async with running(courier):
        await put("m", *range(5))
        await platform.until("accepted", 5)
        platform.expire_cookies()
        await put("m", *range(5, 10))
        await platform.until("accepted", 10)

    assert platform.record.cookies_missing == 1
    assert platform.record.cookies_seen == 9  # all but the very first
    assert courier.snapshot().paused == {}


async def test_a_redirect_is_a_failed_attempt(platform: StrictPlatform, courier: Courier, put: Put) -> None:
    platform.misbehave(Fault(status=302, headers={"Location": platform.url}))
    await put("m", 0)
    with capture_logs() as logs:
        async with running(courier):
            await platform.until("accepted", 1)

    assert platform.record.attempts == 2
    assert platform.record.answers == {302: 1, 200: 1}
    assert "never followed" in logs[0]["reason"]


@pytest.mark.parametrize("status", [201, 202, 204])
async def test_a_2xx_other_than_200_is_not_taken_for_acceptance(
    platform: StrictPlatform, courier: Courier, outbox: Outbox, put: Put, status: int
) -> None:
    platform.fail(status, times=None)
    await put("m", 0)
    with capture_logs() as logs:
        async with running(courier):
            await platform.until("attempts", 3)
            assert await waiting(outbox) == {"m": 1}
            assert courier.snapshot().accepted == 0
            platform.clear_faults()
            await platform.until("accepted", 1)

    assert "NOT DOCUMENTED AS ACCEPTED" in logs[0]["reason"]
    assert await waiting(outbox) == {"m": 0}


async def test_a_200_from_a_server_that_is_not_trusted_accepts_nothing(
    platform: StrictPlatform, outbox: Outbox, account: Account, credentials: Credentials, clock: HastyClock, put: Put
) -> None:
    sessions = Sessions({account: credentials})  # without the CA
    courier = Courier(outbox, sessions, clock)
    await put("m", 0)
    with capture_logs() as logs:
        async with running(courier):
            await until(lambda: courier.snapshot().attempts >= 3)

    await sessions.close()
    assert await waiting(outbox) == {"m": 1}
    assert platform.record.attempts == 0
    assert courier.snapshot().unknown_outcomes == 0
    assert logs[0]["reason"].startswith("the platform is not trusted: the certificate of localhost is from an issuer")


async def test_queues_that_fail_for_ever_delay_no_other(
    platform: StrictPlatform, outbox: SqliteOutbox, sessions: Sessions, clock: HastyClock, put: Put
) -> None:
    courier = Courier(outbox, sessions, clock, limit=4)
    bad = {f"bad-{status}-{n}": status for status in (400, 403, 404, 500) for n in range(10)}
    for meter, status in bad.items():
        platform.fail(status, times=None, id=meter)
        await put(meter, 0, 1)
    for meter in METERS:
        await put(meter, *range(50))
    async with running(courier):
        for meter in METERS:
            await platform.until("accepted", 50, meter)
        snapshot = courier.snapshot()

    assert {queue.id for queue in snapshot.failing} <= set(bad)
    assert await waiting(outbox) == dict.fromkeys(METERS, 0) | dict.fromkeys(bad, 2)
    assert platform.record.tls_sessions <= 4
    assert platform.record.discarded == {}


async def test_a_wrong_password_costs_few_attempts_and_does_not_touch_another_account(
    platform: StrictPlatform, outbox: Outbox, account: Account, credentials: Credentials, clock: HastyClock, put: Put
) -> None:
    partner = Account(platform.url, "partner")
    sessions = Sessions({account: WRONG, partner: credentials}, site_ca=platform.ca)
    courier = Courier(outbox, sessions, clock, limit=4)
    for n in range(30):
        await put(f"ours-{n}", 0)
    await put("theirs", *range(20), whose=partner)
    async with running(courier):
        await platform.until("accepted", 20, "theirs")
        await until(lambda: courier.snapshot().accepted == 20)
        assert set(courier.snapshot().paused) == {account}
        platform.behave(users={USERNAME: "wrong-password"})  # now it is the right one
        await platform.until("accepted", 50)
        await until(lambda: not courier.snapshot().paused)

    await sessions.close()
    assert platform.record.unauthorised <= 20


async def test_an_outage_ends_with_everything_delivered(platform: StrictPlatform, courier: Courier, put: Put) -> None:
    async with running(courier):
        await put("a", *range(10))
        await platform.until("accepted", 5)
        await platform.go_down()
        for meter in METERS:
            await put(meter, *range(10, 30))
        await until(lambda: len(courier.snapshot().failing) == 3)
        await platform.come_up()
        await platform.until("accepted", 70, seconds=20)

    record = platform.record
    assert {meter: len(got) for meter, got in record.accepted.items()} == {"a": 30, "b": 20, "c": 20}
    assert record.discarded == {}
    assert record.overlaps == {}
    assert sum(map(len, record.duplicates.values())) <= courier.snapshot().unknown_outcomes


class FullDisk(SqliteOutbox):
    """Refuses the first acceptances, as a full disk does; the real one cannot be filled on demand."""

    refusals = 3

    async def accept(
        self, packet: Packet, by: AcceptedBy, at: int, holder: Holder | None = None, *, patience: float = 0.0
    ) -> None:
        if self.refusals:
            self.refusals -= 1
            raise OutboxFullError("the disk is full")
        await super().accept(packet, by, at, holder, patience=patience)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = Database(tmp_path / "other.sqlite", MIGRATIONS)
    await opened.start()
    yield opened
    await opened.close()


async def test_an_acceptance_that_cannot_be_committed_is_not_sent_again(
    platform: StrictPlatform, database: Database, account: Account, sessions: Sessions, clock: HastyClock
) -> None:
    outbox = FullDisk(database, clock)
    await outbox.start()
    await outbox.put(packet(account, "m", 0))
    await outbox.put(packet(account, "m", 1))
    courier = Courier(outbox, sessions, clock)
    with capture_logs() as logs:
        async with running(courier):
            await platform.until("accepted", 2)

    assert platform.record.attempts == 2
    assert await waiting(outbox) == {"m": 0}
    assert [entry["event"] for entry in logs] == ["delivery fails", "delivery works again"]
    assert "the outbox cannot note it: the disk is full" in logs[0]["reason"]


async def test_an_acceptance_that_was_not_committed_is_tried_once_more_at_the_end(
    platform: StrictPlatform, database: Database, account: Account, sessions: Sessions
) -> None:
    slow = HastyClock(speed=0.001)  # no back-off ends
    outbox = FullDisk(database, slow)
    outbox.refusals = 1
    await outbox.start()
    await outbox.put(packet(account, "m", 0))
    courier = Courier(outbox, sessions, slow)
    async with running(courier):
        await until(lambda: bool(courier.snapshot().failing))

    assert await waiting(outbox) == {"m": 0}
    assert platform.record.attempts == 1


async def test_a_packet_set_aside_while_it_was_sent_holds_up_nothing(
    platform: StrictPlatform, courier: Courier, outbox: Outbox, account: Account, put: Put
) -> None:
    platform.delay(1.0)
    await put("m", 0, 1)
    async with running(courier):
        await platform.until("attempts", 1)
        await outbox.set_aside(packet(account, "m", 0), "a test", NOON)
        await platform.until("accepted", 2)

    assert await waiting(outbox) == {"m": 0}
    assert platform.record.attempts == 2


async def test_a_changed_account_s_packets_wait_for_those_of_the_old_one(
    platform: StrictPlatform,
    outbox: SqliteOutbox,
    account: Account,
    credentials: Credentials,
    clock: HastyClock,
    put: Put,
) -> None:
    """The platform orders by id, whoever sends: what overtakes makes it discard the rest for ever."""
    old = Account(account.address, "old")
    await put("a", 0, 1, whose=old)
    await put("a", 2, 3)
    await put("b", 0)
    without = Sessions({account: credentials}, site_ca=platform.ca)
    async with running(Courier(outbox, without, clock)):
        await platform.until("accepted", 1, "b")
        await clock.sleep(60)
        assert platform.counts("a").attempts == 0
    await without.close()
    both = Sessions({account: credentials, old: credentials}, site_ca=platform.ca)
    async with running(Courier(outbox, both, clock)):
        await platform.until("accepted", 4, "a")
    await both.close()
    assert platform.record.accepted["a"] == instants(4)
    assert platform.record.discarded == {}


async def test_stopping_lets_requests_end(platform: StrictPlatform, courier: Courier, outbox: Outbox, put: Put) -> None:
    platform.delay(1.0)
    await put("m", 0, 1)
    async with running(courier, grace_seconds=10_000):
        await platform.until("attempts", 1)

    assert await waiting(outbox) == {"m": 1}
    assert platform.record.attempts == 1
    assert platform.record.accepted == {"m": instants(1)}


async def test_stopping_lets_a_401_not_be_tried_once_more(platform: StrictPlatform, courier: Courier, put: Put) -> None:
    platform.misbehave(Fault(status=401, delay=1.0))
    await put("m", 0)
    async with running(courier, grace_seconds=10_000):
        await platform.until("attempts", 1)

    assert platform.record.answers == {401: 1}


async def test_after_the_grace_requests_are_cut_and_the_same_packet_goes_first_next_time(
    platform: StrictPlatform, courier: Courier, outbox: SqliteOutbox, sessions: Sessions, clock: HastyClock, put: Put
) -> None:
    platform.delay(0.5, after_storing=True)
    await put("m", 0, 1)
    async with running(courier, grace_seconds=10):
        await platform.until("accepted", 1)
    assert await waiting(outbox) == {"m": 2}

    async with running(Courier(outbox, sessions, clock)):
        await platform.until("accepted", 2)

    assert platform.record.accepted == {"m": instants(2)}
    assert platform.record.duplicates == {"m": instants(1)}
    assert platform.record.discarded == {}


async def test_a_restart_keeps_the_retry_time(
    platform: StrictPlatform, account: Account, sessions: Sessions, clock: HastyClock, tmp_path: Path
) -> None:
    async def start() -> tuple[Database, SqliteOutbox]:
        database = Database(tmp_path / "kept.sqlite", MIGRATIONS)
        await database.start()
        outbox = SqliteOutbox(database, clock)
        await outbox.start()
        return database, outbox

    platform.fail(404)
    database, outbox = await start()
    await outbox.put(packet(account, "m", 0))
    first = Courier(outbox, sessions, clock)
    async with running(first):
        await until(lambda: bool(first.snapshot().failing))
    await database.close()
    (retry,) = first.snapshot().failing.values()

    database, outbox = await start()
    (state,) = await outbox.states()
    async with running(Courier(outbox, sessions, clock)):
        await platform.until("attempts", 2)
        now = clock.wall()
    await database.close()

    assert (state.retry.attempts, state.retry.kind) == (retry.attempts, retry.kind) == (1, Action.PAUSE_QUEUE)
    assert retry.reason.startswith(state.retry.reason)
    assert now >= state.retry.next_attempt >= NOON + 60_000
    assert platform.record.accepted == {"m": instants(1)}


async def test_a_hold_keeps_packets_and_its_release_lets_them_go(
    platform: StrictPlatform, courier: Courier, outbox: Outbox, account: Account, clock: HastyClock, put: Put
) -> None:
    held, over = Queue(account, "held"), Queue(account, "over")
    await outbox.put_and_hold(held, NOON - 1, clock.wall() + 10**9, packet(account, "held", 1))
    await outbox.put_and_hold(over, NOON - 1, clock.wall() + 100_000, packet(account, "over", 1))
    async with running(courier):
        await put("free", 0)
        await platform.until("accepted", 1, "free")
        await platform.until("accepted", 1, "over")  # by itself, when its time is over
        assert platform.counts("held").attempts == 0
        await outbox.fill(packet(account, "held", 0))
        await outbox.release(held)
        await platform.until("accepted", 2, "held")

    assert platform.record.accepted["held"] == instants(2)


class Defective(Sessions):
    """A defect that nobody foresaw, once."""

    defects = 1

    async def post(self, account: Account, body: str) -> Answer | NoAnswer:
        if self.defects:
            self.defects -= 1
            raise RuntimeError("unforeseen")
        return await super().post(account, body)


async def test_a_defect_is_logged_and_stops_nothing(
    platform: StrictPlatform, outbox: Outbox, account: Account, credentials: Credentials, clock: HastyClock, put: Put
) -> None:
    sessions = Defective({account: credentials}, site_ca=platform.ca)
    await put("m", 0)
    await put("n", 0)
    with capture_logs() as logs:
        async with running(Courier(outbox, sessions, clock)):
            await platform.until("accepted", 2)

    await sessions.close()
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == [
        "delivery met a defect of the bridge; please report it"
    ]


async def test_no_secret_is_ever_logged(
    platform: StrictPlatform,
    outbox: Outbox,
    account: Account,
    clock: HastyClock,
    put: Put,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.DEBUG)
    token = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    echo = f"you sent {token} and {PASSWORD}"
    for status in (400, 401, 403, 404, 500, 503, 202, 302):
        platform.misbehave(Fault(status=status, body=echo, headers={"Location": f"https://{PASSWORD}/"}))
    platform.cut()
    await put("m", 0, 1)
    credentials = Credentials(USERNAME, SecretStr(PASSWORD))
    partner = Account(platform.url, "partner")
    await put("x", 0, whose=partner)
    sessions = Sessions({account: credentials}, site_ca=platform.ca)
    courier = Courier(outbox, sessions, clock)
    with capture_logs() as logs:
        async with running(courier):
            await platform.until("accepted", 2)
            said: list[Mapping[Any, Any] | str] = [*logs, repr(courier.snapshot()), caplog.text, repr(vars(sessions))]
    await sessions.close()

    out = capsys.readouterr()
    everything = f"{said}{out.out}{out.err}{await outbox.states()}{credentials}"
    assert "you sent" in everything
    assert PASSWORD not in everything
    assert token not in everything


async def test_a_put_among_many_queues_has_its_own_queue_looked_at(
    outbox: SqliteOutbox, courier: Courier, put: Put, platform: StrictPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[set[str]] = []
    news = outbox.news

    async def counted(seen: int) -> tuple[int, Sequence[QueueState]]:
        count, states = await news(seen)
        looked_at.append({state.queue.id for state in states})
        return count, states

    monkeypatch.setattr(outbox, "news", counted)
    monkeypatch.setattr(deliver, "_ALL_AGAIN", 1e9)
    for n in range(50):
        await put(f"m{n}", 0)
    async with running(courier):
        await platform.until("accepted", 50)
        before = len(looked_at)
        await put("m7", 1)
        await platform.until("accepted", 2, "m7")
    assert len(looked_at[0]) == 50
    assert set.union(*looked_at[before:]) == {"m7"}
