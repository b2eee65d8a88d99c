"""What comes after an outage and after a restart, on a driven clock: soon, spread, and no more often than it must."""

import random

import pytest

from bacnet_bridge.model import AcceptedBy, Account, Packet, Retry
from bacnet_bridge.wattics.verdict import Action, Answer, NoAnswer, Trouble
from tests.support.clock import NOON
from tests.wattics.rig import ACCOUNT, OK, Site, always, packet, running

DOWN = NoAnswer(Trouble.NO_CONNECTION, "refused")


def stored(site: Site, meter: str, kind: Action, wait: float, reason: str = "404 Not Found", attempts: int = 9) -> None:
    """A packet that waits, with a failure from before the restart."""
    site.put(meter)
    site.outbox.retries[packet(ACCOUNT, meter, 0).queue] = Retry(attempts, NOON + round(wait * 1000), reason, kind)


# -- after an outage --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", [DOWN, Answer(500), Answer(503)])
async def test_an_acceptance_calls_those_that_wait_after_trouble(trouble: Answer | NoAnswer) -> None:
    answers: dict[str, Answer | NoAnswer] = dict.fromkeys("abc", trouble)
    site = Site(answers.__getitem__)
    for meter in "abc":
        site.put(meter)
    async with running(site.courier):
        await site.clock.advance(500)
        answers.update(dict.fromkeys("abc", OK))
        site.put("new")
        answers["new"] = OK
        await site.clock.advance(2)
        snapshot = site.courier.snapshot()

    assert snapshot.accepted == 4
    assert snapshot.failing == {}


async def test_two_hundred_queues_return_quickly_and_one_at_a_time_while_away() -> None:
    up = False
    site = Site(lambda _meter: OK if up else DOWN, limit=8)
    chance = random.Random(1)
    site.courier = site.new_courier(lambda: chance.randrange(512) / 512)  # whole nanoseconds, as the clock counts
    for n in range(200):
        site.put(f"m{n}")
    async with running(site.courier):
        await site.clock.advance(300)
        before, up = len(site.sessions.attempts), True
        await site.clock.advance(31)

    assert before <= 8 + 5 + 300 / 15
    assert len({meter for _, meter in site.sessions.attempts[:before]}) == before  # nobody twice: another one each time
    assert len(site.sessions.attempts) - before == 200
    assert site.courier.snapshot().accepted == 200
    assert site.courier.snapshot().away == {}


async def test_who_has_waited_longest_is_called_first() -> None:
    up = False
    site = Site(lambda _meter: OK if up else DOWN)
    async with running(site.courier):
        for meter in "dcba":
            site.put(meter)
            await site.clock.advance(0.1)
        await site.clock.advance(500)
        failed = [meter for _, meter in site.sessions.attempts][-4:]
        before, up = len(site.sessions.attempts), True
        site.put("first")
        await site.clock.advance(1.5)

    assert [meter for _, meter in site.sessions.attempts][before:][:3] == ["first", *failed[:2]]


async def test_those_that_the_platform_refuses_or_slows_down_are_not_called() -> None:
    answers = {
        "400": Answer(400),
        "404": Answer(404),
        "429": Answer(429, retry_after="100"),
        "503": Answer(503, retry_after="100"),
        "good": OK,
    }
    site = Site(answers.__getitem__)
    async with running(site.courier):
        for meter in answers:
            site.put(meter)
        await site.clock.advance(0)
        for n in range(1, 50):
            site.put("good", n)
            await site.clock.advance(1)

    assert all(site.sessions.times(meter) == [0] for meter in answers if meter != "good")


async def test_another_host_s_acceptance_says_nothing() -> None:
    elsewhere = Account("https://localhost:444/", "default")
    site = Site(lambda meter: OK if meter == "there" else DOWN)
    site.put("here")
    async with running(site.courier):
        for n in range(50):
            site.put("there", n, elsewhere)
            await site.clock.advance(1)

    assert site.sessions.times("here") == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]


@pytest.mark.parametrize("spacing", [0.1, 5, 61])
async def test_a_meter_that_fails_alone_is_called_ever_more_seldom(spacing: float) -> None:
    site = Site(lambda meter: Answer(500) if meter == "odd" else OK)
    site.put("odd")
    async with running(site.courier):
        for n in range(round(3600 / spacing)):
            site.put("good", n)
            await site.clock.advance(spacing)

    assert len(site.sessions.times("odd")) <= 2 * (8 + 3600 / 150)


async def test_an_outage_that_ends_twice_costs_little_time() -> None:
    up = False
    site = Site(lambda meter: OK if up or meter == "flap" else DOWN)
    for meter in "abc":
        site.put(meter)
    async with running(site.courier):
        await site.clock.advance(1000)
        site.put("flap")
        await site.clock.advance(10)
        up = True
        site.put("new")
        await site.clock.advance(2)
        assert site.courier.snapshot().accepted == 5


# -- after a restart --------------------------------------------------------------------------------------------


async def test_a_corrected_password_is_tried_at_once_by_one_queue() -> None:
    site = Site(always(OK))
    for meter in "abc":
        stored(site, meter, Action.PAUSE_ACCOUNT, 900, "401 Unauthorized")
    async with running(site.courier):
        await site.clock.advance(0)
        snapshot = site.courier.snapshot()

    assert snapshot.accepted == 3
    assert snapshot.paused == {}


async def test_a_password_that_is_still_wrong_costs_one_attempt_at_the_start() -> None:
    site = Site(always(Answer(401)))
    for meter in "abc":
        stored(site, meter, Action.PAUSE_ACCOUNT, 900, "401 Unauthorized")
    async with running(site.courier):
        await site.clock.advance(200)
        paused = site.courier.snapshot().paused[ACCOUNT]

    assert [when for when, _ in site.sessions.attempts] == [0, 60, 180]
    assert len({meter for _, meter in site.sessions.attempts}) == 3
    assert paused.reason.startswith("401 Unauthorized: the platform does not know")
    assert (paused.attempts, paused.next_attempt) == (3, NOON + 420_000)


async def test_until_the_probe_is_answered_the_account_s_sentence_is_of_before() -> None:
    site = Site(always(DOWN))
    for meter in "ab":
        stored(site, meter, Action.PAUSE_ACCOUNT, 900, "401 Unauthorized")
    async with running(site.courier):
        await site.clock.advance(1)
        paused = site.courier.snapshot().paused[ACCOUNT]

    assert paused.reason == "before the restart: 401 Unauthorized"
    assert paused.next_attempt == NOON + 60_000


async def test_a_refused_queue_keeps_its_time_and_says_that_its_sentence_is_old() -> None:
    site = Site(always(Answer(404)))
    stored(site, "m", Action.PAUSE_QUEUE, 90)
    async with running(site.courier):
        await site.clock.advance(30)
        (before,) = site.courier.snapshot().failing.values()
        await site.clock.advance(61)
        (after,) = site.courier.snapshot().failing.values()

    assert site.sessions.times("m") == [90]
    assert (before.reason, before.next_attempt) == ("before the restart: 404 Not Found", NOON + 90_000)
    assert after.reason.startswith("404 Not Found: the platform does not know the id m")


async def test_network_trouble_and_a_lonely_401_are_tried_at_once_but_spread() -> None:
    site = Site(always(OK))
    draws = iter([0.1, 0.9, 0.5])
    site.courier = site.new_courier(lambda: next(draws))
    stored(site, "a", Action.BACK_OFF, 300, "no connection")
    stored(site, "b", Action.BACK_OFF, 300, "503")
    stored(site, "c", Action.REFUSE_ALONE, 3600, "401")
    async with running(site.courier):
        await site.clock.advance(5)

    assert site.sessions.attempts == [(0.5, "a"), (2.5, "c"), (4.5, "b")]


async def test_whom_the_platform_told_to_wait_waits() -> None:
    site = Site(always(OK))
    stored(site, "m", Action.SLOW_DOWN, 300, "429")
    async with running(site.courier):
        await site.clock.advance(301)

    assert site.sessions.times("m") == [300]


# -- what the status is told ------------------------------------------------------------------------------------


async def test_the_next_attempt_is_right_whatever_the_clock_did() -> None:
    site = Site(lambda meter: {"a": Answer(404), "b": Answer(401)}[meter])
    partner = Account("https://localhost/", "partner")
    site.put("a")
    site.put("b", account=partner)
    stored(site, "far", Action.PAUSE_QUEUE, 10 * 365 * 86_400)
    async with running(site.courier):
        await site.clock.advance(1)
        site.clock.step(86_400)
        snapshot = site.courier.snapshot()

    next_attempts = {queue.id: retry.next_attempt for queue, retry in snapshot.failing.items()}
    day_later = NOON + 86_400_000
    assert next_attempts == {"a": day_later + 60_000, "b": day_later + 60_000, "far": day_later + 3_600_000}
    assert snapshot.paused[partner].next_attempt == day_later + 60_000


async def test_where_no_id_is_known_the_address_may_be_wrong() -> None:
    answers = dict.fromkeys("abc", Answer(404, excerpt="no such page"))
    site = Site(answers.__getitem__)
    for meter in "abc":
        site.put(meter)
    doubt = "; or, as it knows no id at all, platform.address is wrong: https://localhost/"
    async with running(site.courier):
        await site.clock.advance(1)
        assert all(retry.reason.endswith(doubt) for retry in site.courier.snapshot().failing.values())
        answers["a"] = OK
        await site.clock.advance(60)
        reasons = [retry.reason for retry in site.courier.snapshot().failing.values()]

    assert len(reasons) == 2
    assert not any("platform.address" in reason for reason in reasons)


# -- after an account was changed there and back -----------------------------------------------------------------


async def test_packets_of_one_id_leave_in_order_though_two_accounts_took_turns() -> None:
    """A queue that is being emptied does not go on with what is later than another account's packets."""
    other = Account(ACCOUNT.address, "other")
    site = Site(always(OK))
    for number, account in enumerate([ACCOUNT, other, other, ACCOUNT, other, ACCOUNT]):
        site.put("m", number, account)
    sent: list[int] = []
    accept = site.outbox.accept

    async def noted(packet: Packet, by: AcceptedBy, at: int, *, patience: float = 0.0) -> None:
        sent.append((packet.instant - NOON) // 60_000)
        await accept(packet, by, at, patience=patience)

    site.outbox.accept = noted  # type: ignore[method-assign]
    async with running(site.courier):
        await site.clock.advance(20)

    assert sent == [0, 1, 2, 3, 4, 5]
