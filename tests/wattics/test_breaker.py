"""When a host's breaker opens, when it asks again, when it closes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.wattics.breaker import METERS, WINDOW, Breaker, needed


def opened(*steps: tuple[float, str]) -> Breaker:
    """(seconds, meter that failed); the meter `ok` got another answer."""
    breaker = Breaker()
    for now, meter in steps:
        if meter == "ok":
            breaker.answered(now)
        else:
            breaker.failed(meter, now)
    return breaker


@pytest.mark.parametrize(
    ("steps", "is_open"),
    [
        ([(n, m) for n, m in enumerate("abcd")], False),
        ([(n, m) for n, m in enumerate("abcde")], True),
        ([(0, "a"), (29, "b"), (29, "c"), (29, "d"), (30, "e")], True),
        ([(0, "a"), (29, "b"), (29, "c"), (29, "d"), (30.1, "e")], False),
        ([(0, "a"), (29, "b"), (29, "c"), (29, "d"), (30.1, "e"), (30.2, "a")], True),
        ([(n / 10, m) for n, m in enumerate("abcdabcdabcdabcd")], False),
        ([(0, m) for m in "aaaaaaaaaaaaaaaaaaaa"], False),
        ([(0, "a"), (0, "b"), (0, "c"), (0, "d"), (1, "ok"), (1, "e"), (1, "f")], False),
        ([(0, "a"), (0, "b"), (0, "c"), (0, "d"), (0, "e"), (1, "ok")], False),
    ],
)
def test_it_opens_after_failures_of_five_meters_in_thirty_seconds_with_no_other_answer_between(
    steps: list[tuple[float, str]], is_open: bool
) -> None:
    assert opened(*steps).open is is_open


def test_of_many_that_are_under_way_more_must_fail() -> None:
    breaker = Breaker()
    assert [breaker.failed(f"m{n}", 0, under_way=8) for n in range(8)] == [False] * 7 + [True]


def test_what_began_before_the_latest_other_answer_says_nothing_new() -> None:
    breaker = Breaker()
    breaker.answered(10)
    assert not any(breaker.failed(f"m{n}", 10.1, began=9.9) for n in range(32))
    assert [breaker.failed(f"m{n}", 11, began=10) for n in range(5)] == [False] * 4 + [True]
    breaker.answered(12)
    breaker.answered(13)
    assert breaker.share == 0


def test_it_opens_once_and_closes_once() -> None:
    breaker = Breaker()
    assert [breaker.failed(meter, 0) for meter in "abcdefg"] == [False] * 4 + [True] + [False] * 2
    assert [breaker.answered(1), breaker.answered(1)] == [True, False]


def test_probes_come_after_one_second_to_half_a_minute() -> None:
    breaker = opened(*((0, meter) for meter in "abcde"))
    assert [breaker.pause(lambda: 0.0) for _ in range(8)] == [1, 2, 4, 8, 16, 30, 30, 30]
    assert breaker.pause(lambda: 1.0) == 15


def test_one_that_closed_too_soon_goes_on_where_it_was() -> None:
    breaker = opened(*((0, meter) for meter in "abcde"))
    for _ in range(4):
        breaker.pause(lambda: 0.0)
    breaker.answered(10)
    for meter in "abcde":
        breaker.failed(meter, 20)
    assert breaker.pause(lambda: 0.0) == 16
    breaker.answered(30)
    for meter in "abcde":
        breaker.failed(meter, 61)
    assert breaker.pause(lambda: 0.0) == 1


@pytest.mark.parametrize(("share", "row"), [(0, 5), (0.01, 5), (0.1, 9), (0.3, 18), (0.5, 30), (0.9, 30)])
def test_where_many_attempts_fail_a_longer_row_is_needed(share: float, row: int) -> None:
    assert needed(share) == row


@pytest.mark.parametrize("seed", range(10))
def test_thirty_per_cent_of_random_failures_leave_it_closed(seed: int) -> None:
    dice = random.Random(seed)
    breaker = Breaker()
    for n in range(40):  # it has seen how the platform is today
        (breaker.failed if dice.random() < 0.3 and n % 4 else lambda _m, now: breaker.answered(now))(str(n), n / 100)
    for n in range(20_000):
        meter, now = str(dice.randrange(1000)), 1 + n / 100
        if dice.random() < 0.3:
            assert not breaker.failed(meter, now)
        else:
            breaker.answered(now)
    row = 0
    while not breaker.open:  # and an outage is noticed all the same
        breaker.failed(str(row), 1000 + row / 100)
        row += 1
    assert row <= 30


def test_an_outage_does_not_count_as_failures_at_random() -> None:
    breaker = opened(*((n / 10, str(n)) for n in range(500)))
    breaker.answered(60)
    assert breaker.share == 0


Step = tuple[float, str]


@given(st.lists(st.tuples(st.floats(0, 20), st.sampled_from(["ok", *"abcdefgh"])), max_size=200))
def test_whatever_comes_it_is_open_only_with_reason(steps: list[Step]) -> None:
    """Judged by the steps themselves, without the breaker's own bookkeeping."""
    breaker, now = Breaker(), 0.0
    row: list[Step] = []
    for gap, meter in steps:
        now += gap
        was_open = breaker.open
        if meter == "ok":
            assert breaker.answered(now) is was_open
            row.clear()
            assert not breaker.open
            continue
        row.append((now, meter))
        opens = breaker.failed(meter, now)
        assert opens is (breaker.open and not was_open)
        distinct = {each for when, each in row if now - when <= WINDOW}
        if opens:
            assert len(distinct) >= METERS
        elif not was_open and breaker.share == 0:
            assert len(distinct) < METERS
        assert breaker.open or not was_open
