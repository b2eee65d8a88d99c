import itertools

from bacnet_bridge.wattics.backoff import account_pause, jittered, pause, queue_pause
from bacnet_bridge.wattics.repeats import Repeats
from bacnet_bridge.wattics.verdict import Action


def almost_one() -> float:
    return 1 - 2**-53


def test_a_refused_meter_waits_from_a_minute_to_an_hour() -> None:
    assert [queue_pause(n) for n in range(1, 9)] == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert queue_pause(1_000_000) == 3600


def test_a_refused_account_waits_from_one_to_fifteen_minutes() -> None:
    assert [account_pause(n) for n in range(1, 7)] == [60, 120, 240, 480, 900, 900]


def test_trouble_backs_off_with_full_jitter_from_a_second_to_five_minutes() -> None:
    assert [round(jittered(n, almost_one)) for n in range(1, 11)] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    assert jittered(1_000_000, almost_one) <= 300
    assert jittered(5, lambda: 0.0) == 0
    assert jittered(5, lambda: 0.25) == 4


def test_each_action_has_its_pause() -> None:
    assert pause(Action.PAUSE_QUEUE, 3, almost_one) == 240
    assert pause(Action.PAUSE_ACCOUNT, 5, almost_one) == 900
    assert pause(Action.BACK_OFF, 2, lambda: 0.5) == 1


def test_a_repeated_failure_is_logged_at_its_start_at_growing_intervals_and_at_its_end() -> None:
    repeats = Repeats()

    logged = [minute for minute in range(3 * 24 * 60) if repeats.failed("a", minute * 60.0)]

    assert logged[:6] == [0, 1, 3, 9, 27, 81]
    gaps = [later - earlier for earlier, later in itertools.pairwise(logged)]
    assert gaps == sorted(gaps)
    assert max(gaps) == 6 * 60
    assert repeats.ended()
    assert not repeats.ended()
    assert repeats.failed("a", 1e6)


def test_a_failure_that_changes_is_logged() -> None:
    repeats = Repeats()

    assert [repeats.failed(kind, n) for n, kind in enumerate("aabba")] == [True, False, True, False, True]
