"""When the courier tries again, on a driven clock: hours in a moment, to the millisecond."""

import pytest

from bacnet_bridge.model import Account, Retry
from bacnet_bridge.wattics.verdict import Action, Answer, NoAnswer, Trouble
from tests.support.clock import NOON
from tests.wattics.rig import ACCOUNT, OK, ScriptedSessions, Site, always, in_turn, packet, running


@pytest.mark.parametrize("status", [400, 403, 404, 302, 202])
async def test_a_refused_queue_waits_from_a_minute_to_an_hour(status: int) -> None:
    site = Site(always(Answer(status)))
    site.put("m")
    async with running(site.courier):
        await site.clock.advance(14_000)

    assert site.sessions.times("m") == [0, 60, 180, 420, 900, 1860, 3780, 7380, 10_980]


@pytest.mark.parametrize("outcome", [Answer(500), Answer(503), Answer(429), NoAnswer(Trouble.NO_CONNECTION, "refused")])
async def test_trouble_backs_off_up_to_five_minutes(outcome: Answer | NoAnswer) -> None:
    site = Site(always(outcome))
    site.put("m")
    async with running(site.courier):
        await site.clock.advance(600)

    assert site.sessions.times("m") == [0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 63.5, 127.5, 255.5, 405.5, 555.5]


async def test_an_hour_is_the_most_that_the_far_end_may_ask_for() -> None:
    site = Site(in_turn([Answer(503, retry_after="90"), Answer(429, retry_after="99999"), OK]))
    site.put("m")
    async with running(site.courier):
        await site.clock.advance(5000)

    assert site.sessions.times("m") == [0, 90, 3690]


async def test_a_success_begins_anew_and_another_kind_of_failure_too() -> None:
    site = Site(in_turn([Answer(404), Answer(404), Answer(500), OK, Answer(404), OK]))
    site.put("m", 0)
    site.put("m", 1)
    async with running(site.courier):
        await site.clock.advance(1000)

    assert site.sessions.times("m") == [0, 60, 180, 180.5, 180.5, 240.5]
    assert site.courier.snapshot().failing == {}


async def test_a_401_is_tried_once_more_and_then_a_meter_at_a_time_probes() -> None:
    site = Site(always(Answer(401)))
    for meter in "abc":
        site.put(meter)
    async with running(site.courier):
        await site.clock.advance(2000)
        paused = site.courier.snapshot().paused[ACCOUNT]

    together = [meter for when, meter in site.sessions.attempts if when == 0]
    assert together == list("aabc")
    probes = [(when, meter) for when, meter in site.sessions.attempts if when > 0]
    assert [when for when, _ in probes] == [60, 180, 420, 900, 1800]
    assert [meter for _, meter in probes] == list("acbac")
    assert paused.attempts == 6
    assert paused.next_attempt == NOON + 2_700_000
    assert paused.reason.startswith("401 Unauthorized: ")


async def test_a_session_that_ended_costs_one_request_and_no_pause() -> None:
    site = Site(in_turn([Answer(401), OK]))
    site.put("m")
    async with running(site.courier):
        await site.clock.advance(0)
        assert site.courier.snapshot().accepted == 1

    assert site.sessions.times("m") == [0, 0]


async def test_one_answer_that_knows_us_opens_the_account() -> None:
    wrong = True
    site = Site(lambda _meter: Answer(401) if wrong else OK)
    for meter in "abcde":
        site.put(meter)
    async with running(site.courier):
        await site.clock.advance(59)
        wrong = False
        await site.clock.advance(0.999)
        assert site.courier.snapshot().accepted == 0
        await site.clock.advance(0.001)
        assert site.courier.snapshot().accepted == 5
        assert site.courier.snapshot().paused == {}


async def test_a_probe_that_meets_trouble_says_nothing_about_the_account() -> None:
    answer = Answer(401)
    site = Site(lambda _meter: answer)
    for meter in "abc":
        site.put(meter)
    async with running(site.courier):
        await site.clock.advance(1)
        answer = Answer(503)
        await site.clock.advance(200)
        assert site.courier.snapshot().paused[ACCOUNT].attempts == 1
        answer = OK
        await site.clock.advance(38)
        assert site.courier.snapshot().accepted == 0
        await site.clock.advance(2)
        assert site.courier.snapshot().accepted == 3

    probes = [(when, meter) for when, meter in site.sessions.attempts if 0 < when < 240]
    assert [when for when, _ in probes] == [60, 120, 180]
    assert len({meter for _, meter in probes}) == 3


async def test_an_answer_about_the_meter_opens_the_account_too() -> None:
    answers = {"a": Answer(401), "b": Answer(401)}
    site = Site(lambda meter: answers[meter])
    site.put("a")
    site.put("b")
    async with running(site.courier):
        await site.clock.advance(1)
        answers.update(a=Answer(404), b=OK)
        await site.clock.advance(120)
        snapshot = site.courier.snapshot()

    assert snapshot.paused == {}
    assert snapshot.accepted == 1
    assert site.sessions.times("b")[-1] == 60


async def test_one_meter_that_is_always_answered_401_does_not_hold_up_the_others() -> None:
    site = Site(lambda meter: Answer(401) if meter == "odd" else OK)
    site.put("odd")
    async with running(site.courier):
        for n in range(100):
            site.put("good", n)
            await site.clock.advance(60)
        assert site.courier.snapshot().accepted == 100

    assert len(site.sessions.times("odd")) <= 12


async def test_an_account_without_credentials_waits_and_holds_up_no_other() -> None:
    partner = Account("https://localhost/", "partner")
    site = Site(always(OK))
    missing = NoAnswer(Trouble.NO_CREDENTIALS, "none named partner")
    site.sessions._reply = lambda meter: missing if meter == "theirs" else OK
    site.put("theirs", account=partner)
    site.put("ours")
    async with running(site.courier):
        await site.clock.advance(1)
        snapshot = site.courier.snapshot()

    assert snapshot.accepted == 1
    assert list(snapshot.paused) == [partner]
    assert "none named partner" in snapshot.paused[partner].reason


async def test_a_stored_retry_time_is_kept_and_one_too_far_away_is_clamped() -> None:
    site = Site(always(OK))
    for meter, wait in {"soon": 90, "far": 10 * 365 * 86400, "past": -5}.items():
        site.put(meter)
        site.outbox.retries[packet(ACCOUNT, meter, 0).queue] = Retry(
            7, NOON + wait * 1000, "404 Not Found", Action.PAUSE_QUEUE
        )
    async with running(site.courier):
        await site.clock.advance(0)
        assert {queue.id for queue in site.courier.snapshot().failing} == {"soon", "far"}
        await site.clock.advance(4000)

    assert site.sessions.attempts == [(0, "past"), (90, "soon"), (3600, "far")]


async def test_the_count_of_failures_goes_on_after_a_restart() -> None:
    site = Site(always(Answer(404)))
    site.put("m")
    site.outbox.retries[packet(ACCOUNT, "m", 0).queue] = Retry(3, NOON, "404 Not Found", Action.PAUSE_QUEUE)
    async with running(site.courier):
        await site.clock.advance(0)
        stored = site.outbox.retries[packet(ACCOUNT, "m", 0).queue]

    assert (stored.attempts, stored.next_attempt) == (4, NOON + 480_000)
    assert stored.reason.startswith("404 Not Found: the platform does not know the id m")


async def test_failures_before_a_restart_count_only_with_those_of_their_kind() -> None:
    """A long outage makes the first refusal after it no worse than any first refusal."""
    site = Site(always(Answer(403)))
    site.put("m")
    site.outbox.retries[packet(ACCOUNT, "m", 0).queue] = Retry(7, NOON, "no connection", Action.BACK_OFF)
    async with running(site.courier):
        await site.clock.advance(0)
        stored = site.outbox.retries[packet(ACCOUNT, "m", 0).queue]

    assert (stored.attempts, stored.next_attempt, stored.kind) == (1, NOON + 60_000, Action.PAUSE_QUEUE)


async def test_a_step_of_the_wall_clock_neither_hurries_nor_delays() -> None:
    site = Site(always(Answer(404)))
    site.put("m")
    async with running(site.courier):
        await site.clock.advance(1)
        site.clock.step(-86_400)
        await site.clock.advance(59)
        assert len(site.sessions.attempts) == 2
        site.clock.step(2 * 86_400)
        await site.clock.advance(119)
        assert len(site.sessions.attempts) == 2
        await site.clock.advance(1)
        assert len(site.sessions.attempts) == 3


async def test_a_queue_on_hold_leaves_when_the_hold_is_over() -> None:
    site = Site(always(OK))
    queue = packet(ACCOUNT, "m", 0).queue
    site.outbox.held[queue] = NOON + 30_000
    site.put("m")
    async with running(site.courier):
        await site.clock.advance(30)
        assert site.sessions.attempts == []
        del site.outbox.held[queue]  # as the outbox does by itself once the deadline is past
        await site.clock.advance(0.1)

    assert len(site.sessions.attempts) == 1


async def test_a_hold_that_comes_while_the_queue_is_in_line_is_noticed() -> None:
    site = Site(always(OK))
    queue = packet(ACCOUNT, "m", 0).queue
    site.put("m")
    site.outbox.retries[queue] = Retry(1, NOON + 10_000, "403", Action.PAUSE_QUEUE)
    async with running(site.courier):
        await site.clock.advance(5)
        site.outbox.held[queue] = NOON + 60_000
        await site.clock.advance(55)
        del site.outbox.held[queue]
        await site.clock.advance(0.1)

    assert [round(when, 1) for when in site.sessions.times("m")] == [60]


async def test_thousands_of_idle_queues_cost_nothing() -> None:
    site = Site(lambda meter: Answer(404) if meter == "404" else OK)
    for n in range(400, 3400):
        site.put(str(n))
    async with running(site.courier):
        await site.clock.advance(1)
        assert site.courier.snapshot().accepted == 2999
        asked, woken = site.outbox.asked, site.clock.sleeping
        await site.clock.advance(50)

        assert site.outbox.asked == asked
        assert woken <= 4  # puts, the loop, the secrets and the comparisons


async def test_queues_take_turns() -> None:
    site = Site(always(OK), limit=1)
    for meter in "abc":
        for n in range(3):
            site.put(meter, n)
    async with running(site.courier):
        await site.clock.advance(1)

    assert "".join(meter for _, meter in site.sessions.attempts) == "abcabcabc"


class Slow(ScriptedSessions):
    """Each answer takes 50 ms of the driven clock, so that the attempts at once are what is scarce."""

    async def post(self, account: Account, body: str) -> Answer | NoAnswer:
        await self._clock.sleep(0.05)
        return await super().post(account, body)


async def delay_of_others(slots: int, bad: str) -> tuple[float, Site]:
    """Mean seconds from the put to the answer of a thousand meters but one, which is answered 400 if it is `bad`."""
    site = Site(lambda meter: Answer(400) if meter == bad else OK)
    site.sessions = Slow(site.clock, site.sessions._reply)
    site.courier = site.new_courier(lambda: 0.5)
    async with running(site.courier):
        for n in range(slots):
            for meter in range(1000):
                site.put(f"m{meter}", n * 5)
            await site.clock.advance(300)
    others = [when % 300 for when, meter in site.sessions.attempts if meter != "m500"]
    assert len(others) == 999 * slots
    return sum(others) / len(others), site


@pytest.mark.parametrize("slots", [6, pytest.param(288, marks=[pytest.mark.soak, pytest.mark.timeout(1800)])])
async def test_a_meter_that_is_answered_400_for_a_day_delays_the_others_by_less_than_one_per_cent(slots: int) -> None:
    alone, _ = await delay_of_others(slots, "")
    beside, site = await delay_of_others(slots, "m500")

    assert beside < alone * 1.01
    assert len(site.outbox.packets[packet(ACCOUNT, "m500", 0).queue]) == slots
    site.sessions._reply = always(OK)
    async with running(site.new_courier(lambda: 0.5)):
        await site.clock.advance(3700)
    assert site.outbox.packets[packet(ACCOUNT, "m500", 0).queue] == []
    assert site.outbox.accepted[packet(ACCOUNT, "m500", 0).queue] == packet(ACCOUNT, "m500", (slots - 1) * 5).instant


async def test_an_acceptance_waits_for_others_only_while_others_are_sent_to() -> None:
    site = Site(always(OK))
    post = site.sessions.post

    async def slowly(account: Account, body: str) -> Answer | NoAnswer:
        await site.clock.sleep(1)
        return await post(account, body)

    site.sessions.post = slowly  # type: ignore[method-assign]
    for meter in "abc":
        site.put(meter)
    async with running(site.courier):
        await site.clock.advance(10)
    assert site.outbox.patience == [0.002, 0.002, 0.0]
