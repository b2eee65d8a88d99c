"""The platform's faults one by one, over the real outbox and real HTTPS, judged by the strict platform's record.

What takes long in full is short here; marked `soak`, the same runs at full length.
"""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Sequence
from typing import Self

import pytest
from pydantic import SecretStr

from bacnet_bridge.model import Account
from bacnet_bridge.outbox.contract import Outbox
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.simulator.certificate import Certificate
from bacnet_bridge.simulator.platform import PASSWORD, USERNAME, StrictPlatform
from bacnet_bridge.simulator.platform_faults import Fault
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.deliver import Courier
from bacnet_bridge.wattics.session import Sessions
from tests.support.clock import NOON
from tests.wattics.rig import HastyClock, packet, running, until


def both(short: int, full: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(
        "size", [short, pytest.param(full, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])]
    )


def names(count: int) -> list[str]:
    return [f"m{n}" for n in range(count)]


async def put(outbox: Outbox, account: Account, meters: Sequence[str], packets: int, first: int = 0) -> None:
    for n in range(first, first + packets):
        await asyncio.gather(*(outbox.put(packet(account, meter, n)) for meter in meters))


def judge(platform: StrictPlatform, meters: Sequence[str], packets: int) -> None:
    """Every packet of the list is accepted, in order, none was discarded, and no meter had two in flight."""
    record = platform.record
    expected = [NOON + n * 60_000 for n in range(packets)]
    assert record.accepted == dict.fromkeys(meters, expected)
    assert record.discarded == {}
    assert record.malformed == []
    assert record.overlaps == {}


@pytest.mark.parametrize("duplicates", [200, 400, 409])
@both(60, 1000)
async def test_answers_cut_after_storing(
    platform: StrictPlatform,
    outbox: SqliteOutbox,
    account: Account,
    sessions: Sessions,
    clock: HastyClock,
    duplicates: int,
    size: int,
) -> None:
    """With duplicates refused no queue stops, because the platform's latest packet tells."""
    meters, packets = names(20), size // 10
    platform.behave(duplicates=duplicates)
    platform.misbehave(Fault(cut="reset", after_storing=True, probability=0.5, times=size, seed=7))
    await put(outbox, account, meters, packets)
    courier = Courier(outbox, sessions, clock)
    async with running(courier):
        await platform.until("accepted", 20 * packets, seconds=600)
        await until(lambda: courier.snapshot().accepted == 20 * packets, 60)

    judge(platform, meters, packets)
    duplicated = sum(map(len, platform.record.duplicates.values()))
    assert platform.faults() == []
    assert 0 < duplicated <= courier.snapshot().unknown_outcomes


@both(300, 10_000)
async def test_an_idle_connection_closed_just_as_it_is_reused(
    platform: StrictPlatform, outbox: SqliteOutbox, account: Account, sessions: Sessions, clock: HastyClock, size: int
) -> None:
    dice = random.Random(3)
    meters, packets = names(10), size // 10
    closes = [Fault(idle=dice.random() * 0.004) for _ in range(size)]
    platform.misbehave(*closes)
    await put(outbox, account, meters, packets)
    courier = Courier(outbox, sessions, clock, limit=10)
    async with running(courier):
        await platform.until("accepted", size, seconds=900)
        await until(lambda: courier.snapshot().accepted == size, 60)

    judge(platform, meters, packets)
    assert sum(map(len, platform.record.duplicates.values())) <= courier.snapshot().unknown_outcomes
    assert platform.record.tls_sessions > 10


async def test_a_meter_that_is_answered_500_for_ever(
    platform: StrictPlatform, outbox: SqliteOutbox, account: Account, sessions: Sessions, clock: HastyClock
) -> None:
    platform.fail(500, times=None, id="odd")
    meters = names(20)
    courier = Courier(outbox, sessions, clock)
    away = []
    async with running(courier):
        await outbox.put(packet(account, "odd", 0))
        for n in range(10):
            await put(outbox, account, meters, 1, n)
            await platform.until("accepted", 20 * (n + 1))
            away.append(courier.snapshot().away)

    assert away == [{}] * 10
    judge(platform, meters, 10)


@both(2_000, 50_000)
async def test_thirty_per_cent_of_500s_at_random(
    platform: StrictPlatform, outbox: SqliteOutbox, account: Account, sessions: Sessions, clock: HastyClock, size: int
) -> None:
    platform.misbehave(Fault(status=500, probability=0.3, times=None, seed=11))
    meters, packets = names(100), size // 100
    await put(outbox, account, meters, packets)
    courier = Courier(outbox, sessions, clock)
    opened = 0
    async with running(courier):
        while courier.snapshot().accepted < size:
            opened += len(courier.snapshot().away)
            await asyncio.sleep(0.01)

    assert opened == 0
    judge(platform, meters, packets)
    assert platform.record.duplicates == {}


async def test_an_hour_of_401(
    platform: StrictPlatform, outbox: SqliteOutbox, account: Account, sessions: Sessions, clock: HastyClock
) -> None:
    meters = names(200)
    platform.behave(users={USERNAME: "another"})
    await put(outbox, account, meters, 1)
    courier = Courier(outbox, sessions, clock)
    async with running(courier):
        begin = clock.monotonic()
        await clock.sleep(3600)
        refused = platform.record.unauthorised
        platform.behave(users={USERNAME: PASSWORD})
        await platform.until("accepted", 1)
        first = clock.monotonic()
        await platform.until("accepted", 200)
        assert first - begin <= 3600 + 900 + 100
        assert courier.snapshot().paused == {}

    assert refused <= 60
    judge(platform, meters, 1)


async def test_a_password_that_is_corrected_while_the_service_runs(
    platform: StrictPlatform, outbox: SqliteOutbox, account: Account, credentials: Credentials, clock: HastyClock
) -> None:
    secrets = {account: credentials}

    async def again() -> dict[Account, Credentials]:
        return dict(secrets)

    secrets[account] = Credentials(USERNAME, SecretStr("wrong"))
    sessions = Sessions(secrets, site_ca=platform.ca, again=again)
    meters = names(100)
    await put(outbox, account, meters, 2)
    courier = Courier(outbox, sessions, clock)
    async with running(courier):
        await until(lambda: bool(courier.snapshot().paused))
        await clock.sleep(100)
        secrets[account] = credentials
        await platform.until("accepted", 200, seconds=5)

    await sessions.close()
    judge(platform, meters, 2)


async def test_a_refused_meter_s_queue_is_whole_and_leaves_in_order_after_repair(
    platform: StrictPlatform, outbox: SqliteOutbox, account: Account, sessions: Sessions, clock: HastyClock
) -> None:
    platform.fail(400, times=None, id="m0")
    meters = names(20)
    courier = Courier(outbox, sessions, clock)
    async with running(courier):
        for n in range(20):
            await put(outbox, account, meters, 1, n)
            await platform.until("accepted", 19 * (n + 1))
        assert platform.counts("m0").accepted == 0
        platform.clear_faults()
        await platform.until("accepted", 400)

    judge(platform, meters, 20)
    assert platform.record.duplicates == {}


class Loris:
    """Answers `slow` a byte at a time and never to the end; all others at once."""

    def __init__(self, certificate: Certificate) -> None:
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(certificate.chain, certificate.key)
        self.drips = True
        self.heard: list[str] = []
        self.slow_now = self.most_slow = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "localhost", 0, ssl=self._context)
        self._connections: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    @property
    def account(self) -> Account:
        return Account(f"https://localhost:{self._server.sockets[0].getsockname()[1]}/", "default")

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = next(int(line[15:]) for line in head.splitlines() if line.startswith(b"Content-Length:"))
                body = (await reader.readexactly(length)).decode()
                if self.drips and '"slow"' in body:
                    await self._drip(reader, writer)
                self.heard.append(body)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _drip(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.slow_now += 1
        self.most_slow = max(self.most_slow, self.slow_now)
        hung_up = asyncio.create_task(reader.read(1))
        try:
            writer.write(b"HTTP/1.1 200 OK\r\nX-Loris: ")
            while not hung_up.done():
                writer.write(b"x")
                await asyncio.wait([hung_up], timeout=0.01)  # noticed at once: the next attempt comes soon
        finally:
            hung_up.cancel()
            self.slow_now -= 1
        raise ConnectionResetError


@pytest.fixture
async def loris(certificate: Certificate) -> AsyncIterator[Loris]:
    async with Loris(certificate) as server:
        yield server


async def test_a_slow_loris_takes_no_more_than_its_time(
    loris: Loris, outbox: SqliteOutbox, credentials: Credentials, certificate: Certificate, clock: HastyClock
) -> None:
    account = loris.account
    sessions = Sessions({account: credentials}, site_ca=certificate.ca, time_out=0.2)
    courier = Courier(outbox, sessions, clock, limit=4)
    await put(outbox, account, ["slow", *names(10)], 30)
    async with running(courier):
        await until(lambda: courier.snapshot().accepted == 300)
        await until(lambda: courier.snapshot().unknown_outcomes >= 3)
        assert courier.snapshot().away == {}
        loris.drips = False
        await until(lambda: courier.snapshot().accepted == 330)

    await sessions.close()
    assert loris.most_slow == 1
    assert [body for body in loris.heard if '"slow"' in body] == [packet(account, "slow", n).body for n in range(30)]


@both(40, 1000)
async def test_three_days_of_outage_drain_in_order_while_new_slots_are_put_on_time(
    platform: StrictPlatform, outbox: SqliteOutbox, account: Account, sessions: Sessions, size: int
) -> None:
    clock = HastyClock(speed=50_000)  # three days are five seconds
    meters, waiting = names(size), 864 if size > 100 else 24
    await platform.go_down()
    courier = Courier(outbox, sessions, clock)
    async with running(courier):
        half = waiting // 2
        await put(outbox, account, meters, half)
        await clock.sleep(36 * 3600)
        knocks = courier.snapshot().attempts
        await put(outbox, account, meters, waiting - half, half)
        await clock.sleep(36 * 3600)
        assert list(courier.snapshot().away)
        await platform.come_up()
        for n in range(waiting, waiting + 5):  # live packets stand behind, and wait for nobody to be put
            async with asyncio.timeout(5):
                await put(outbox, account, meters, 1, n)
        await platform.until("accepted", size * (waiting + 5), seconds=1700)

    assert knocks < 32 + 72 * 3600 / 15
    judge(platform, meters, waiting + 5)


async def test_a_captive_portal_gets_neither_body_nor_credentials(
    platform: StrictPlatform, outbox: SqliteOutbox, account: Account, credentials: Credentials, clock: HastyClock
) -> None:
    """It answers every request 200 with a page, from a certificate of its own."""
    platform.misbehave(Fault(status=200, times=None))
    sessions = Sessions({account: credentials})  # does not trust it
    meters = names(10)
    await put(outbox, account, meters, 1)
    courier = Courier(outbox, sessions, clock)
    async with running(courier):
        await until(lambda: courier.snapshot().attempts >= 20)
        (away,) = courier.snapshot().away.values()

    await sessions.close()
    assert platform.record.attempts == 0
    assert "the certificate of localhost is from an issuer that is not trusted" in away.reason
    assert courier.snapshot().unknown_outcomes == 0
    assert sum(state.waiting for state in await outbox.states()) == 10
