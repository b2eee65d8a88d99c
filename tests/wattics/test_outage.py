"""What an outage of days costs, and one refused meter the others: over real HTTPS, the platform in its own process.

The short forms run everywhere; marked `soak` they are as large as the promise. The figures are printed.
"""

import asyncio
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from pydantic import SecretStr

from bacnet_bridge.model import Account
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.simulator.platform import PASSWORD, USERNAME
from bacnet_bridge.simulator.platform_faults import Fault
from bacnet_bridge.simulator.platform_process import Options
from bacnet_bridge.simulator.platform_remote import RemotePlatform, run_platform
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.deliver import Courier
from bacnet_bridge.wattics.session import Sessions
from tests.support.clock import NOON
from tests.support.platform import trusting
from tests.wattics.rig import HastyClock, packet, running

CONNECTIONS = 32
ANSWERS_AFTER = 0.05
OUTAGE = 72 * 3600


def soak(*size: int) -> object:
    return pytest.param(*size, marks=[pytest.mark.soak, pytest.mark.timeout(5400)])


@pytest.fixture
async def remote(tmp_path: Path) -> AsyncIterator[RemotePlatform]:
    async with run_platform(Options(folder=tmp_path / "remote")) as platform:
        await platform.misbehave(Fault(delay=ANSWERS_AFTER, times=None))
        yield platform


@pytest.fixture
def away(remote: RemotePlatform) -> Account:
    return Account(remote.url, "default")


@pytest.fixture
async def remote_sessions(remote: RemotePlatform, away: Account) -> AsyncIterator[Sessions]:
    sessions = Sessions({away: Credentials(USERNAME, SecretStr(PASSWORD))}, site_ca=remote.ca, limit=CONNECTIONS)
    yield sessions
    await sessions.close()


async def bare(remote: RemotePlatform, account: Account, name: str, count: int) -> float:
    """Packets a second of a client that does nothing but post, on as many connections."""
    async with trusting(remote) as session:

        async def post(lane: int) -> None:
            for number in range(count // CONNECTIONS):
                body = packet(account, f"{name}{lane}", number).body.encode()
                async with session.post(remote.url, data=body) as answer:
                    assert answer.status == 200

        began = time.monotonic()
        await asyncio.gather(*(post(lane) for lane in range(CONNECTIONS)))
    return count // CONNECTIONS * CONNECTIONS / (time.monotonic() - began)


async def put(outbox: SqliteOutbox, account: Account, meters: Sequence[str], number: int) -> float:
    """Seconds until the slot's packets of all meters are on disk."""
    began = time.monotonic()
    await asyncio.gather(*(outbox.put(packet(account, meter, number)) for meter in meters))
    return time.monotonic() - began


@pytest.mark.parametrize(("size", "waiting"), [(20, 12), soak(100, 864), soak(1000, 864)])
async def test_what_three_days_of_outage_kept_back_drains_nearly_as_quickly_as_a_bare_client_posts(
    remote: RemotePlatform,
    outbox: SqliteOutbox,
    away: Account,
    remote_sessions: Sessions,
    capsys: pytest.CaptureFixture[str],
    size: int,
    waiting: int,
) -> None:
    clock = HastyClock(speed=50_000)
    meters = [f"m{n}" for n in range(size)]
    count = CONNECTIONS * (200 if waiting > 100 else 20)
    rates = [await bare(remote, away, "before", count)]
    before = (await remote.counts()).accepted
    await remote.go_down()
    courier = Courier(outbox, remote_sessions, clock, limit=CONNECTIONS)
    async with running(courier):
        for number in range(waiting):
            await put(outbox, away, meters, number)
        await clock.sleep(OUTAGE)
        assert list(courier.snapshot().away)
        await remote.come_up()
        await remote.until("accepted", before + 1, seconds=60)
        clock._speed, clock._start = 1.0, time.monotonic() - clock.monotonic()  # from here on in real time
        began, done, live = time.monotonic(), (await remote.counts()).accepted, 0
        late = [0.0]
        while (accepted := (await remote.counts()).accepted) < before + size * waiting:
            if time.monotonic() - began >= 300 * live:  # a slot every five minutes while it drains
                late.append(await put(outbox, away, meters, waiting + live))
                live += 1
            await asyncio.sleep(0.05)
        rate = (accepted - done) / (time.monotonic() - began)
        await remote.until("accepted", before + size * (waiting + live), seconds=5000)
    rates.append(await bare(remote, away, "after", count))  # the machine may have other things to do now
    quickest = statistics.mean(rates)
    record = await remote.record()
    expected = [NOON + n * 60_000 for n in range(waiting + live)]
    assert all(record.accepted[meter] == expected for meter in meters)
    assert (record.discarded, record.overlaps, record.malformed) == ({}, {}, [])
    with capsys.disabled():
        print(
            f"\n{size * waiting} packets of {size} meters: {rate:.0f} a second, the bare client {quickest:.0f} "
            f"({rate / quickest:.0%}); the {live} slots meanwhile were on disk after {max(late):.3f} s at most"
        )
    if waiting > 100:
        assert rate >= 0.8 * quickest


@pytest.mark.parametrize(("size", "slots"), [(20, 6), soak(1000, 288)])
async def test_a_meter_that_is_refused_for_a_day_delays_no_other(
    remote: RemotePlatform,
    outbox: SqliteOutbox,
    away: Account,
    remote_sessions: Sessions,
    capsys: pytest.CaptureFixture[str],
    size: int,
    slots: int,
) -> None:
    """Each slot with the refused meter beside one without it, in turn: the machine's moods strike both alike."""
    clock = HastyClock(speed=600)
    meters = [f"m{n}" for n in range(1, size)]
    await remote.clear_faults()
    await remote.misbehave(Fault(status=400, id="m0", times=None))
    courier = Courier(outbox, remote_sessions, clock, limit=CONNECTIONS)
    took: dict[bool, list[float]] = {True: [], False: []}
    async with running(courier):
        for number in range(2 * slots):
            beside = number % 2 == 0
            began = time.monotonic()
            await put(outbox, away, [*(["m0"] if beside else []), *meters], number)
            await remote.until("accepted", (number + 1) * len(meters), seconds=120)
            took[beside].append(time.monotonic() - began)
        refused = (await remote.counts("m0")).attempts
        assert (await remote.counts("m0")).accepted == 0
        await remote.clear_faults()
        await remote.until("accepted", 2 * slots * len(meters) + slots, seconds=120)
    record = await remote.record()
    assert record.accepted["m0"] == [NOON + n * 60_000 for n in range(0, 2 * slots, 2)]
    assert all(record.accepted[meter] == [NOON + n * 60_000 for n in range(2 * slots)] for meter in meters)
    assert (record.discarded, record.duplicates, record.overlaps) == ({}, {}, {})
    delay = statistics.median(took[True]) / statistics.median(took[False]) - 1
    share = refused / (2 * slots * len(meters))
    with capsys.disabled():
        print(
            f"\n{len(meters)} meters beside one that is refused: a slot takes {delay:+.2%} of the time (median of "
            f"{slots}); {refused} attempts were refused, {share:.3%} of all"
        )
    if size > 100:
        assert share < 0.01
        assert delay < 0.01
