"""Whether the bridge moves, from facts that are driven; and over a real service."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bacnet_bridge.model import Account, Queue, Retry
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.service.bridge import running
from bacnet_bridge.service.moving import PATIENCE, Facts, Pace, Waiting, moving, stuck, waiting_of
from bacnet_bridge.service.seeing import Seeing
from bacnet_bridge.simulator.building import SimulatedBuilding
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.wattics.deliver import Snapshot
from bacnet_bridge.wattics.verdict import Action
from tests.support.bridge import site_settings
from tests.support.building import building as building  # noqa: PLC0414  a fixture
from tests.support.clock import DrivenClock
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture

NOW = 1_790_000_000_000
MINUTE = 60_000
NOTHING = Waiting(None, NOW - 86_400_000)
ACCOUNT = Account("https://platform.example:8443/m/", "default")
QUEUE = Queue(ACCOUNT, "gas")


def facts(
    paces: tuple[Pace, ...] = (Pace(MINUTE, NOW),),
    unread: tuple[str, ...] = (),
    waiting: Waiting = NOTHING,
    now: int = NOW,
) -> Facts:
    return Facts(now, paces, unread, waiting)


def snapshot(
    failing: Mapping[Queue, Retry] | None = None,
    paused: Mapping[Account, Retry] | None = None,
    away: Mapping[str, Retry] | None = None,
    alarms: Mapping[Queue, str] | None = None,
) -> Snapshot:
    return Snapshot(0, 0, 0, 0, None, failing or {}, paused or {}, away or {}, alarms or {})


def state(oldest: int | None = NOW - 86_400_000, held_until: int | None = None, unproven: str = "") -> QueueState:
    return QueueState(QUEUE, int(oldest is not None), oldest, None, None, None, held_until, Retry(), unproven=unproven)


def test_a_site_without_meters_does_not_move_and_no_new_start_heals_it() -> None:
    assert moving(facts()) == ()
    none = facts(paces=())
    assert moving(none) == ("no meter is mapped, so nothing is read",)
    assert stuck(none) == ()


@pytest.mark.parametrize(
    ("late", "stands"), [(3 * MINUTE, False), (3 * MINUTE + 1, True)], ids=["in bounds", "three intervals are over"]
)
def test_reading_stands_still_when_every_meter_that_was_due_is_overdue(late: int, stands: bool) -> None:
    hourly = Pace(60 * MINUTE, NOW - 30 * MINUTE)
    seen = facts((Pace(MINUTE, NOW - late), Pace(MINUTE, NOW - late - MINUTE), hourly))
    assert bool(moving(seen)) is bool(stuck(seen)) is stands


def test_one_meter_that_hangs_does_not_stop_the_bridge() -> None:
    assert moving(facts((Pace(MINUTE, NOW - 60 * MINUTE), Pace(MINUTE, NOW)))) == ()


def test_a_short_interval_has_a_minute_all_the_same() -> None:
    assert moving(facts((Pace(1000, NOW - MINUTE),))) == ()
    assert moving(facts((Pace(1000, NOW - MINUTE - 1),))) == ("no slot of any meter was read for 60 s",)


def test_a_known_reason_stops_the_report_but_calls_for_no_new_start() -> None:
    seen = facts((Pace(MINUTE, NOW - 60 * MINUTE),), unread=("the clock is not credible",))
    assert "the clock is not credible" in moving(seen)
    assert stuck(seen) == ()


def test_a_clock_that_was_set_back_reads_nothing_and_no_new_start_heals_it() -> None:
    seen = facts((Pace(MINUTE, NOW + 10 * MINUTE),))
    assert moving(seen) == ("the clock was set back: no slot is read for another 600 s",)
    assert stuck(seen) == ()


def test_packets_may_wait_for_as_long_as_others_are_accepted() -> None:
    old = NOW - 86_400_000
    assert moving(facts(waiting=Waiting(old, NOW - PATIENCE, unexplained=old))) == ()
    assert moving(facts(waiting=Waiting(NOW - 1000, old, unexplained=NOW - 1000))) == ()
    seen = facts(waiting=Waiting(old, NOW - PATIENCE - 1, unexplained=old))
    assert moving(seen) == stuck(seen) == ("packets wait, and none was accepted for 300 s: nothing says why",)


@pytest.mark.parametrize(
    ("delivery", "queue", "reason"),
    [
        (snapshot(paused={ACCOUNT: Retry(1, 0, "401")}), state(), "401"),
        (snapshot(failing={QUEUE: Retry(1, 0, "404")}), state(), "404"),
        (snapshot(away={"platform.example:8443": Retry(1, 0, "time-out")}), state(), "platform is away: time-out"),
        (snapshot(alarms={QUEUE: "another sender"}), state(), "another sender"),
        (snapshot(), state(held_until=NOW + 1), "on hold"),
        (snapshot(), state(unproven="damage"), "damage"),
    ],
    ids=["account", "queue", "host", "alarm", "hold", "unproven"],
)
def test_a_knowing_pause_is_told_and_calls_for_no_new_start(delivery: Snapshot, queue: QueueState, reason: str) -> None:
    seen = facts(waiting=waiting_of([queue], delivery, NOW))
    (sentence,) = moving(seen)
    assert reason in sentence
    assert stuck(seen) == ()


def test_a_queue_that_waits_without_a_reason_is_a_standstill_beside_paused_ones() -> None:
    paused = Queue(Account("https://other.example/", "second"), "heat")
    failing = snapshot(failing={paused: Retry(1, 0, "404")})
    states = [state(), QueueState(paused, 1, NOW - 1, None, None, None, None, Retry())]
    assert stuck(facts(waiting=waiting_of(states, failing, NOW)))


def test_a_queue_that_waits_for_another_of_its_id_is_that_one_s_affair() -> None:
    newer = Queue(Account(ACCOUNT.address, "other"), QUEUE.id)
    states = [state(), QueueState(newer, 1, NOW - 1, None, None, None, None, Retry())]
    seen = waiting_of(states, snapshot(failing={QUEUE: Retry(1, 0, "403")}), NOW)
    assert (seen.reasons, seen.unexplained) == (("403",), None)


def test_a_queue_whose_gap_is_being_healed_is_no_standstill_before_its_deadline() -> None:
    healing = replace(state(held_until=NOW + 1), heals=True)
    assert waiting_of([healing], snapshot(), NOW).oldest is None
    assert waiting_of([replace(healing, heals=False)], snapshot(), NOW).oldest == healing.oldest
    assert waiting_of([healing], snapshot(), NOW + 1).oldest, "its deadline ends the hold, or delivery stands still"


def test_a_queue_that_waits_for_one_that_heals_is_no_standstill() -> None:
    healing = replace(state(held_until=NOW + 1), heals=True)
    newer = Queue(Account(ACCOUNT.address, "other"), QUEUE.id)
    states = [healing, QueueState(newer, 1, NOW - 1, None, None, None, None, Retry())]
    assert waiting_of(states, snapshot(), NOW).oldest is None


def test_an_empty_queue_says_nothing() -> None:
    assert waiting_of([state(oldest=None)], snapshot(), NOW) == Waiting(None, 0)


def test_a_start_is_no_good_news_and_a_new_chance() -> None:
    """What has not been delivered for a day, or read, is not so since the start; the watchdog gives it its time."""
    day_ago, started = NOW - 86_400_000, NOW - MINUTE
    delivered = replace(state(), last_accepted=day_ago)
    undelivered = Facts(NOW, (Pace(MINUTE, NOW, NOW),), (), waiting_of([delivered], snapshot(), NOW), explained=started)
    assert moving(undelivered) == ("packets wait, and none was accepted for 86400 s: nothing says why",)
    assert stuck(undelivered) == ()
    assert stuck(replace(undelivered, explained=NOW - PATIENCE - 1))
    unread = Facts(NOW, (Pace(MINUTE, started, day_ago), Pace(MINUTE, started)), (), NOTHING, explained=started)
    assert moving(unread) == ("no slot of any meter was read for 86400 s",)
    assert stuck(unread) == ()


async def test_a_start_remembers_what_was_read_and_accepted_before_it(
    tmp_path: Path, building: SimulatedBuilding, platform: StrictPlatform
) -> None:
    settings = site_settings(tmp_path, building, platform)
    async with running(settings) as bridge:
        await platform.until("accepted", 3)
        before = await bridge.facts()
        assert moving(before) == ()
    async with running(settings) as bridge:
        bridge.schedule.stop_scheduling()
        after = await bridge.facts()
        assert after.waiting.accepted > before.now - 60_000
        assert all(pace.read is not None for pace in after.paces)


OTHER = Queue(ACCOUNT, "heat")
HOUR = 60 * MINUTE
REFUSED = snapshot(failing={QUEUE: Retry(9, NOW + 1, "answered 404", Action.PAUSE_QUEUE)})


def beside(accepted: int | None, oldest: int | None = None) -> QueueState:
    """Another meter's queue."""
    return QueueState(OTHER, int(oldest is not None), oldest, None, None, accepted, None, Retry())


def refused_beside(other: QueueState, minutes: int, delivery: Snapshot = REFUSED, interval: int = HOUR) -> Facts:
    """So many minutes later, a meter's packets being refused for a day."""
    now = NOW + minutes * MINUTE
    refused = replace(state(held_until=now + 1) if delivery is not REFUSED else state(), last_accepted=NOW - 86_400_000)
    waiting = waiting_of([refused, other], delivery, now, {QUEUE.id: MINUTE, OTHER.id: interval})
    return Facts(now, (Pace(interval, now, now),), (), waiting)


@pytest.mark.parametrize("delivery", [REFUSED, snapshot(), snapshot(alarms={QUEUE: "another sender"})])
@pytest.mark.parametrize("interval", [5, 15, 60])
def test_one_meter_that_is_refused_says_nothing_against_the_others(interval: int, delivery: Snapshot) -> None:
    """However rarely these have packets: the heartbeat would come and go."""
    for minutes in range(120):
        slot = NOW + minutes // interval * interval * MINUTE
        taken = refused_beside(beside(slot), minutes, delivery, interval * MINUTE)
        assert moving(taken) == stuck(taken) == ()
        leaving = refused_beside(beside(slot - interval * MINUTE, oldest=slot), 0, delivery, interval * MINUTE)
        assert moving(leaving) == stuck(leaving) == ()


def test_where_nobody_s_packets_are_taken_the_refused_ones_count() -> None:
    silent = refused_beside(beside(NOW), 181)
    assert moving(silent) == ("packets wait, and none was accepted for 10860 s: answered 404",)
    assert stuck(silent) == ()
    assert moving(refused_beside(beside(None), 1)), "nothing ever was"
    both = {OTHER: Retry(1, NOW, "answered 404", Action.PAUSE_QUEUE)} | dict(REFUSED.failing)
    assert moving(refused_beside(beside(NOW), 10, replace(REFUSED, failing=both)))
    gone = replace(beside(NOW), queue=Queue(ACCOUNT, "not mapped"))
    assert moving(refused_beside(gone, 10))


def test_what_concerns_all_counts_beside_a_refused_one() -> None:
    stands = refused_beside(beside(NOW - HOUR, oldest=NOW), 6)
    assert moving(stands) == stuck(stands) == ("packets wait, and none was accepted for 360 s: nothing says why",)
    away = replace(REFUSED, away={"platform.example:8443": Retry(1, 0, "time-out")})
    assert moving(refused_beside(beside(NOW - HOUR, oldest=NOW), 6, away))


def test_what_never_had_anything_accepted_is_judged_by_what_waits() -> None:
    young, old = (waiting_of([state(NOW - age)], snapshot(), NOW) for age in (PATIENCE, PATIENCE + 1))
    assert moving(facts(waiting=young)) == ()
    assert moving(facts(waiting=old)) == ("packets wait, and none was accepted for 300 s: nothing says why",)


def test_a_site_that_was_never_read_has_the_time_of_its_start() -> None:
    assert moving(facts((Pace(MINUTE, NOW - 3 * MINUTE),))) == ()
    assert moving(facts((Pace(MINUTE, NOW - 3 * MINUTE - 1),)))


async def test_what_a_hold_kept_back_has_its_time_to_leave_when_the_hold_ends() -> None:
    clock, held = DrivenClock(NOW), state(held_until=NOW + 2 * PATIENCE)
    states = [replace(held, heals=True)]

    async def queues() -> list[QueueState]:
        return states

    intake = SimpleNamespace(
        meters=[], port_problem="", due=SimpleNamespace(problem=""), collector=SimpleNamespace(latest={}),
        schedule=SimpleNamespace(snapshot=list),
    )  # fmt: skip
    stages: Any = SimpleNamespace(
        clock=clock, intake=intake, credibility=SimpleNamespace(credible=lambda: True), delivery=snapshot,
        outbox=SimpleNamespace(states=queues),
    )  # fmt: skip
    settings: Any = SimpleNamespace(platform=SimpleNamespace(timeout=30))
    seeing = Seeing(settings, stages, clock.boot() - 86_400)
    assert stuck(await seeing.facts()) == ()
    await clock.advance(2 * PATIENCE / 1000)
    assert stuck(await seeing.facts()) == (), "it ends now"
    states = [replace(held, held_until=None)]
    await clock.advance(PATIENCE / 1000)
    assert stuck(await seeing.facts()) == ()
    await clock.advance(1)
    assert stuck(await seeing.facts())
