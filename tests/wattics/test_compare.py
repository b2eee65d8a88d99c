"""What the platform's latest packet tells: after an attempt of unknown outcome, and now and then. On a driven clock."""

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.model import Account, Queue, Retry
from bacnet_bridge.wattics.compare import Finding, compare
from bacnet_bridge.wattics.verdict import Action, Answer, NoAnswer, Trouble
from tests.support.clock import NOON
from tests.wattics.rig import ACCOUNT, OK, Site, always, in_turn, packet, running

LOST = NoAnswer(Trouble.CUT, "cut", may_have_arrived=True)
MINUTE = 60_000
M = Queue(ACCOUNT, "m")


@pytest.mark.parametrize(
    ("latest", "accepted", "attempted", "finding"),
    [
        (5, 5, 5, Finding.AGREES),
        (4, 5, 5, Finding.BEHIND),
        (6, 5, 5, Finding.FOREIGN),
        (6, 5, 6, Finding.AGREES),
        (6, 5, 7, Finding.AGREES),
        (8, 5, 7, Finding.FOREIGN),
        (4, 5, 7, Finding.BEHIND),
    ],
)
def test_latest_accepted_and_attempted(latest: int, accepted: int, attempted: int, finding: Finding) -> None:
    assert compare(latest, accepted, attempted) is finding


# -- after an attempt of unknown outcome ----------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", [LOST, Answer(500), Answer(202)])
@pytest.mark.parametrize("status", [400, 403, 404, 409])
async def test_refused_after_an_unknown_outcome_it_is_accepted_where_it_is_the_latest(
    unknown: Answer | NoAnswer, status: int
) -> None:
    site = Site(in_turn([unknown, Answer(status), OK]))
    site.sessions.latest_at["m"] = NOON
    site.put("m", 0)
    site.put("m", 1)
    async with running(site.courier):
        await site.clock.advance(60)

    assert site.outbox.read_back == [packet(ACCOUNT, "m", 0)]
    assert site.outbox.packets[M] == []
    assert len(site.sessions.attempts) == 3
    assert site.courier.snapshot().accepted == 2
    assert site.courier.snapshot().failing == {}


@pytest.mark.parametrize("latest", [None, NOON - MINUTE])
async def test_where_that_is_not_understood_or_older_the_packet_stays(latest: int | None) -> None:
    site = Site(in_turn([LOST, Answer(400), Answer(400), OK]))
    if latest is not None:
        site.sessions.latest_at["m"] = latest
    site.put("m", 0)
    async with running(site.courier):
        await site.clock.advance(1000)

    assert site.sessions.times("m") == [0, 0.5, 60.5, 180.5]
    assert len(site.sessions.asked) == 2
    assert site.outbox.read_back == []
    assert site.courier.snapshot().accepted == 1


@pytest.mark.parametrize("status", [401, 429, 302, 202, 500])
async def test_no_other_answer_asks_for_it(status: int) -> None:
    site = Site(in_turn([LOST, Answer(status), Answer(status), OK]))
    site.sessions.latest_at["m"] = NOON
    site.put("m", 0)
    async with running(site.courier):
        await site.clock.advance(200)

    assert site.sessions.asked == []


async def test_without_an_unknown_outcome_nothing_is_asked() -> None:
    site = Site(always(Answer(400)))
    site.sessions.latest_at["m"] = NOON
    site.put("m", 0)
    async with running(site.courier):
        await site.clock.advance(1000)

    assert site.sessions.asked == []
    assert len(site.outbox.packets[M]) == 1


async def test_after_a_crash_the_head_may_have_been_stored() -> None:
    site = Site(in_turn([Answer(400), OK]))
    site.sessions.latest_at["m"] = NOON
    site.put("m", 0)
    site.put("m", 1)
    site.outbox.fences[M] = NOON  # as the outbox has it after each start
    async with running(site.courier):
        await site.clock.advance(1)

    assert site.outbox.read_back == [packet(ACCOUNT, "m", 0)]
    assert site.courier.snapshot().accepted == 2


async def test_a_newer_packet_than_ours_holds_the_meter_until_people_release_it() -> None:
    site = Site(in_turn([LOST, Answer(400), OK, OK]))
    site.sessions.latest_at["m"] = NOON + 5 * MINUTE
    site.put("m", 0)
    with capture_logs() as logs:
        async with running(site.courier):
            await site.clock.advance(7200)
            site.put("m", 1)
            await site.clock.advance(7200)
            alarm = site.courier.snapshot().alarms[M]
            assert len(site.sessions.attempts) == 2
            site.outbox.release(M)
            await site.clock.advance(1)
            assert site.courier.snapshot().alarms == {}

    assert alarm.startswith("another sender uses this id: the platform has its packet of 2027-01-15T12:05:00+00:00")
    assert "outbox release" in alarm
    assert [entry["event"] for entry in logs if entry["log_level"] == "error"] == ["meter on hold"]
    assert site.courier.snapshot().accepted == 2


async def test_a_meter_on_hold_says_so_after_a_restart() -> None:
    site = Site(always(OK))
    site.put("m", 0)
    site.outbox.held[M] = NOON + 10**12
    site.outbox.retries[M] = Retry(1, 0, "another sender uses this id: …", Action.HOLD)
    async with running(site.courier):
        await site.clock.advance(10)
        assert site.courier.snapshot().alarms == {M: "another sender uses this id: …"}

    assert site.sessions.attempts == []


# -- now and then ------------------------------------------------------------------------------------------------


async def test_each_meter_is_compared_hourly_on_the_first_day_and_daily_later() -> None:
    site = Site(always(OK))
    for meter in "abc":
        site.put(meter)
        site.sessions.latest_at[meter] = NOON
    async with running(site.courier):
        await site.clock.advance(4 * 86_400)
        assert site.courier.snapshot().alarms == {}

    for meter in "abc":
        asked = [when for when, whose in site.sessions.asked if whose == meter]
        assert asked[0] <= 3600
        assert 22 <= len([when for when in asked if when <= 86_400]) <= 24
        assert 2 <= len([when for when in asked if when > 90_000]) <= 4


async def test_what_is_accepted_but_not_processed_is_an_alarm_that_ends() -> None:
    site = Site(always(OK))
    site.put("m", 0)
    site.put("m", 1)
    site.sessions.latest_at["m"] = NOON
    with capture_logs() as logs:
        async with running(site.courier):
            await site.clock.advance(3600)
            assert site.courier.snapshot().alarms[M] == (
                "accepted but not processed: the platform answered 200 up to 2027-01-15T12:01:00+00:00, but its latest "
                "packet of the meter is of 2027-01-15T12:00:00+00:00; ask the platform why"
            )
            site.put("m", 2)  # goes on all the same
            await site.clock.advance(1)
            assert site.courier.snapshot().accepted == 3
            assert site.courier.snapshot().alarms
            site.sessions.latest_at["m"] = NOON + 2 * MINUTE
            await site.clock.advance(3600)
            assert site.courier.snapshot().alarms == {}

    assert [entry["event"] for entry in logs] == [
        "accepted but not processed",
        "the platform's latest packet is ours again",
    ]


async def test_a_platform_that_is_only_slow_is_no_alarm() -> None:
    site = Site(always(OK))
    async with running(site.courier):
        for n in range(300):
            site.put("m", n)
            site.sessions.latest_at["m"] = NOON + max(0, n - 3) * MINUTE
            await site.clock.advance(60)
            assert site.courier.snapshot().alarms == {}

    assert len(site.sessions.asked) > 5


async def test_a_newer_packet_that_is_not_ours_holds_a_meter_at_rest() -> None:
    site = Site(always(OK))
    site.put("m", 0)
    site.put("n", 0)
    site.sessions.latest_at.update(m=NOON + 1, n=NOON)
    async with running(site.courier):
        await site.clock.advance(3700)
        site.put("m", 1)
        site.put("n", 1)
        await site.clock.advance(60)

    assert set(site.outbox.held) == {M}
    assert site.courier.snapshot().accepted == 3


async def test_what_the_other_account_sent_for_the_id_is_ours() -> None:
    old = Account("https://localhost/", "old")
    site = Site(always(OK))
    site.put("m", 0, old)
    async with running(site.courier):
        await site.clock.advance(1)
        site.put("m", 1)
        site.sessions.latest_at["m"] = NOON + MINUTE
        await site.clock.advance(86_400)
        assert site.courier.snapshot().alarms == {}

    assert site.outbox.held == {}
    assert len(site.sessions.asked) > 20


async def test_where_nothing_is_understood_an_account_asks_once_an_hour() -> None:
    site = Site(always(OK))
    for n in range(100):
        site.put(f"m{n}")
    async with running(site.courier):
        await site.clock.advance(10 * 3600)
        assert site.courier.snapshot().alarms == {}

    assert len(site.sessions.asked) <= 10
    assert len({meter for _, meter in site.sessions.asked}) > 1


async def test_nothing_is_asked_of_a_meter_that_has_never_been_accepted_or_that_fails() -> None:
    site = Site(always(Answer(404)))
    site.put("m", 0)
    async with running(site.courier):
        await site.clock.advance(86_400)

    assert site.sessions.asked == []
