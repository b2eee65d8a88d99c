"""An outage of the platform is one breaker with a rotating probe, on a driven clock."""

import random
from itertools import pairwise

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.model import Account
from bacnet_bridge.wattics.verdict import Answer, NoAnswer, Trouble
from tests.support.clock import NOON
from tests.wattics.rig import ACCOUNT, OK, Site, running

DOWN = NoAnswer(Trouble.TIME_OUT, "nothing within 30 s", may_have_arrived=True)


@pytest.mark.parametrize("trouble", [DOWN, Answer(500), Answer(503), NoAnswer(Trouble.CERTIFICATE, "a portal")])
async def test_a_thousand_meters_do_not_knock(trouble: Answer | NoAnswer) -> None:
    up = True
    site = Site(lambda _meter: OK if up else trouble)
    for n in range(1000):
        site.put(f"m{n}")
    with capture_logs() as logs:
        async with running(site.courier):
            await site.clock.advance(1)
            assert site.courier.snapshot().accepted == 1000
            up = False
            for n in range(1000):
                site.put(f"m{n}", 1)
            await site.clock.advance(3600)
            away = site.courier.snapshot().away["localhost"]
            outage = site.sessions.attempts[1000:]
            up = True
            await site.clock.advance(31)
            snapshot = site.courier.snapshot()

    first, probes = outage[:32], outage[32:]
    assert first[-1][0] - first[0][0] < 0.1
    assert len(probes) <= 3600 / 15 + 6
    assert min(b - a for (a, _), (b, _) in pairwise(probes)) >= 0.5
    assert len({meter for _, meter in outage}) == len(outage)  # nobody twice while others have not had their turn
    assert away.attempts == len(probes) + 1
    assert snapshot.accepted == 2000
    assert (snapshot.away, snapshot.failing) == ({}, {})
    said = [entry["event"] for entry in logs]
    assert said[-1] != "the platform is away"
    assert said.count("the platform answers again") == 1
    assert said.count("the platform is away") <= 8
    assert said.count("delivery fails") < 32


async def test_a_meter_that_fails_for_ever_opens_nothing_and_is_nobody_s_probe() -> None:
    site = Site(lambda meter: Answer(500) if meter == "odd" else OK)
    async with running(site.courier):
        for n in range(200):
            for meter in ("odd", "a", "b", "c", "d", "e"):
                site.put(meter, n)
            await site.clock.advance(10)
            assert site.courier.snapshot().away == {}

    assert site.courier.snapshot().accepted == 1000


async def test_five_meters_that_fail_for_ever_hold_up_no_other_for_long() -> None:
    """They open the breaker while nobody else sends; whoever comes next is the next probe."""
    site = Site(lambda meter: Answer(500) if meter.startswith("odd") else OK)
    for n in range(6):
        site.put(f"odd{n}")
    async with running(site.courier):
        await site.clock.advance(600)
        assert site.courier.snapshot().away
        for n in range(1, 20):
            site.put("good", n)
            await site.clock.advance(31)
            assert site.courier.snapshot().accepted == n


async def test_thirty_per_cent_of_500s_leave_it_closed_and_lose_nothing() -> None:
    dice = random.Random(4)
    site = Site(lambda _meter: Answer(500) if dice.random() < 0.3 else OK)
    with capture_logs() as logs:
        async with running(site.courier):
            for n in range(20):
                for meter in range(200):
                    site.put(f"m{meter}", n)
                await site.clock.advance(60)
            await site.clock.advance(600)

    assert site.courier.snapshot().accepted == 4000
    assert "the platform is away" not in {entry["event"] for entry in logs}


async def test_retry_after_is_a_minimum_for_the_probe_as_well() -> None:
    up = False
    site = Site(lambda _meter: OK if up else Answer(503, retry_after="600"))
    for n in range(50):
        site.put(f"m{n}")
    async with running(site.courier):
        await site.clock.advance(599)
        assert len(site.sessions.attempts) <= 32
        up = True
        await site.clock.advance(2)
        assert site.courier.snapshot().accepted == 50


async def test_hosts_have_breakers_of_their_own() -> None:
    elsewhere = Account("https://localhost:444/", "default")
    site = Site(lambda meter: OK if meter.startswith("there") else DOWN)
    for n in range(10):
        site.put(f"here{n}")
        site.put(f"there{n}", account=elsewhere)
    async with running(site.courier):
        await site.clock.advance(100)
        assert set(site.courier.snapshot().away) == {"localhost"}
        assert site.courier.snapshot().accepted == 10


async def test_the_probe_of_a_host_passes_on_where_its_account_is_paused() -> None:
    """A lane parked at the host is let go to probe there, and finds its account's gate closed meanwhile."""
    partner = Account("https://localhost/", "partner")
    answers: dict[str, Answer | NoAnswer] = {}
    site = Site(lambda meter: answers.get(meter[:1], DOWN))
    answers["p"] = Answer(401)
    for n in range(3):
        site.put(f"p{n}", account=partner)
    async with running(site.courier):
        await site.clock.advance(1)
        assert set(site.courier.snapshot().paused) == {partner}
        del answers["p"]
        for n in range(8):
            site.put(f"m{n}")
        await site.clock.advance(1000)
        assert site.courier.snapshot().away
        answers.update(m=OK, p=OK)
        await site.clock.advance(31)
        assert site.courier.snapshot().accepted >= 8
        await site.clock.advance(900)
        assert site.courier.snapshot().accepted == 11


async def test_a_restart_in_an_outage_knocks_no_more_than_a_few_times() -> None:
    site = Site(lambda _meter: DOWN)
    for n in range(300):
        site.put(f"m{n}")
    async with running(site.courier):
        await site.clock.advance(1000)
    before = len(site.sessions.attempts)
    site.courier = site.new_courier(lambda: 0.5)
    async with running(site.courier):
        await site.clock.advance(1000)

    assert len(site.sessions.attempts) - before <= 32 + 1000 / 15
    assert all(retry.next_attempt >= NOON for retry in site.outbox.retries.values())
    assert ACCOUNT not in site.courier.snapshot().paused
