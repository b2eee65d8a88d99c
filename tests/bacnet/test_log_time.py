"""When a log's records were made: each case states the truth, has a clock write it down, and asks for it back."""

import itertools
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.bacnet.log_clock import Known, Shift
from bacnet_bridge.bacnet.log_record import RawRecord
from bacnet_bridge.bacnet.log_time import offsets, shifts_of
from bacnet_bridge.clock import instant_of
from bacnet_bridge.logged import ClockChanged, ClockMark, Happened, LogStatus, Recorded
from tests.support.lives import AUTUMN, Life, Truth, lives, zone_at

MINUTE, HOUR = 60_000, 3_600_000
DAY = 24 * HOUR
NOON = instant_of(datetime.fromisoformat("2026-11-23T12:00:00+00:00"))
SPRING = instant_of(datetime.fromisoformat("2026-03-29T01:00:00+00:00"))
INTERVAL = 5 * MINUTE
VALUE = Recorded("real", Decimal(1), "1")
DUBLIN = ZoneInfo("Europe/Dublin")


def values(since: int, until: int, ahead: int = 0, every: int = INTERVAL) -> list[Truth]:
    return [(at, ahead, VALUE) for at in range(since, until, every)]


def raw(truth: list[Truth]) -> list[tuple[int, RawRecord]]:
    return [(number, RawRecord(at + ahead, (said,), ())) for number, (at, ahead, said) in enumerate(truth, 1)]


def known_of(
    truth: list[Truth],
    now: int,
    ahead: int,
    marks: Sequence[tuple[int, int]] | None = (),
    interval: int | None = INTERVAL,
    shifts: tuple[Shift, ...] = (),
) -> list[Known | None]:
    """`marks` are when the clock was looked at earlier, and what it was ahead."""
    made = [ClockMark(at, by, 0, sum(each[0] <= at for each in truth)) for at, by in marks or ()]
    trusted = None if marks is None else made
    return offsets(raw(truth), ClockMark(now, ahead, 0, len(truth)), trusted, interval, shifts)


def found(
    truth: list[Truth],
    now: int,
    ahead: int,
    marks: tuple[tuple[int, int], ...] | None = (),
    interval: int | None = INTERVAL,
    shifts: tuple[Shift, ...] = (),
) -> list[int | None]:
    """Instants, as they are worked out."""
    known = known_of(truth, now, ahead, marks, interval, shifts)
    return [None if each is None else at + by - each.offset for (at, by, _), each in zip(truth, known, strict=True)]


def instants(truth: list[Truth]) -> list[int]:
    return [at for at, *_ in truth]


def test_a_clock_that_is_wrong_all_the_time() -> None:
    truth = values(NOON - DAY, NOON, ahead=-7 * HOUR + 1234)
    assert found(truth, NOON, -7 * HOUR + 1234) == instants(truth)


def test_a_record_of_a_change_tells_what_was_before() -> None:
    wrong = values(NOON - 2 * HOUR, NOON - HOUR, ahead=-40 * MINUTE)
    change = (NOON - HOUR, 0, ClockChanged(Decimal(40 * 60)))
    truth = [*wrong, change, *values(NOON - HOUR + 1, NOON)]
    assert found(truth, NOON, 0) == instants(truth)


def test_a_change_by_nobody_knows_how_much() -> None:
    wrong = values(NOON - 2 * HOUR, NOON - HOUR, ahead=-40 * MINUTE)
    right = [(NOON - HOUR, 0, ClockChanged(Decimal(0))), *values(NOON - HOUR + 1, NOON)]
    assert found([*wrong, *right], NOON, 0) == [*[None] * len(wrong), *instants(right)]


def test_what_was_before_an_interruption_needs_a_mark() -> None:
    before = values(NOON - 5 * HOUR, NOON - 3 * HOUR)
    after: list[Truth] = [(NOON - 2 * HOUR, -3 * HOUR, Happened(frozenset({LogStatus.INTERRUPTED})))]
    after += values(NOON - 2 * HOUR + 1, NOON, ahead=-3 * HOUR)
    truth = before + after
    assert found(truth, NOON, -3 * HOUR) == [*[None] * len(before), *instants(after)]
    assert found(truth, NOON, -3 * HOUR, marks=((NOON - 4 * HOUR, 0),)) == instants(truth)


def test_a_gap_may_hide_a_clock_that_was_put_forward() -> None:
    before, after = values(NOON - 5 * HOUR, NOON - 3 * HOUR), values(NOON - 2 * HOUR, NOON, ahead=2 * HOUR)
    truth = before + after
    assert found(truth, NOON, 2 * HOUR) == [*[None] * len(before), *instants(after)]
    assert found(truth, NOON, 2 * HOUR, marks=((NOON - 4 * HOUR, 0),)) == instants(truth)


def test_a_clock_that_goes_wrong_little_by_little() -> None:
    """Six seconds a day: the older mark and the newer one are of one clock, and so is what lies between."""
    begin, ahead = NOON - 10 * DAY, 3 * HOUR
    truth: list[Truth] = [(at, ahead + (at - begin) // 14_400, VALUE) for at in range(begin, NOON, INTERVAL)]
    marks = ((begin + 1000, ahead),)
    known = found(truth, NOON, ahead + 60_000, marks)
    wrong = [abs(each - at) for each, at in zip(known, instants(truth), strict=True) if each is not None]
    assert len(wrong) == len(truth)
    assert max(wrong) <= 100


def test_between_two_gaps_nothing_is_known() -> None:
    """The clock was the same before and after; of what it was meanwhile nobody has a proof."""
    old, middle, new = (values(NOON - hours * HOUR, NOON - (hours - 1) * HOUR) for hours in (5, 3, 1))
    assert found(old + middle + new, NOON, 0, marks=((NOON - 5 * HOUR, 0),)) == [
        *instants(old),
        *[None] * len(middle),
        *instants(new),
    ]


def test_a_clock_that_was_set_without_a_trace() -> None:
    truth = values(NOON - 5 * HOUR, NOON, every=INTERVAL + 7, ahead=0)
    cut = len(truth) // 2
    truth = truth[:cut] + [(at, 2 * HOUR, said) for at, _, said in truth[cut:]]
    known = found(truth, NOON, 2 * HOUR, marks=((NOON - 4 * HOUR, 0),), interval=None)
    assert None in known
    assert all(each in {None, at} for each, at in zip(known, instants(truth), strict=True))


def test_time_that_falls_without_a_word() -> None:
    before, after = values(NOON - 5 * HOUR, NOON - 2 * HOUR), values(NOON - 2 * HOUR, NOON, ahead=-HOUR // 2)
    assert found(before + after, NOON, -HOUR // 2) == [*[None] * len(before), *instants(after)]


def test_a_counter_of_records_that_began_anew() -> None:
    """The mark's record is another one now."""
    truth = values(NOON - 2 * HOUR, NOON)
    known = offsets(
        raw(truth), ClockMark(NOON, 0, 0, len(truth)), [ClockMark(NOON - 9 * DAY, HOUR, 0, 5)], INTERVAL, ()
    )
    assert {each.offset for each in known if each is not None} <= {0}


def test_a_clock_that_was_set_by_a_minute_within_an_hour() -> None:
    """That is no drift: where it was set nobody knows."""
    truth = values(NOON - 2 * HOUR, NOON, ahead=0)
    assert set(found(truth, NOON, 60_000, ((NOON - HOUR - 1000, 0),))[12:]) == {None}


def test_nothing_of_a_record_from_the_future() -> None:
    truth = values(NOON - HOUR, NOON + HOUR)
    assert set(found(truth, NOON, 0)) == {None}


def test_the_zones_changes() -> None:
    assert shifts_of(DUBLIN, SPRING - DAY, NOON) == (Shift(SPRING, HOUR), Shift(AUTUMN, -HOUR))
    assert shifts_of(ZoneInfo("UTC"), SPRING - DAY, NOON) == ()


def test_summer_time_that_the_records_follow_or_do_not() -> None:
    for shift, around in ((Shift(AUTUMN, -HOUR), AUTUMN), (Shift(SPRING, HOUR), SPRING)):
        later = 0 if shift.by < 0 else HOUR
        before = values(around - 5 * HOUR, around, ahead=later - shift.by)
        following = before + values(around, around + 5 * HOUR, ahead=later)
        now = around + 5 * HOUR
        assert found(following, now, later, shifts=(shift,)) == instants(following)
        ignoring = values(around - 5 * HOUR, now, ahead=later)
        assert found(ignoring, now, later, shifts=(shift,)) == instants(ignoring)


def test_a_log_by_change_does_not_tell_whether_it_follows_summer_time() -> None:
    truth = values(SPRING - 30 * HOUR, SPRING, every=3 * HOUR) + values(SPRING, SPRING + 5 * HOUR, HOUR, 2 * HOUR)
    now = SPRING + 5 * HOUR
    alone = found(truth, now, HOUR, None, None, shifts=(Shift(SPRING, HOUR),))
    assert alone == [*[None] * 10, *instants(truth)[10:]]
    marked = found(truth, now, HOUR, ((SPRING - 30 * HOUR + 1000, 0),), None, (Shift(SPRING, HOUR),))
    assert marked == [None, *instants(truth)[1:]]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Truth], int, tuple[tuple[int, int], ...]]:
    """Runs of records under one clock each, with or without a word between them, and looks at the clock meanwhile.

    But for a device that was off for an hour, without a word, and whose clock is an hour behind since: of that nothing
    can be seen.
    """
    at, truth, looks = AUTUMN - 12 * HOUR, list[Truth](), list[tuple[int, int]]()
    ahead = draw(st.sampled_from([0, HOUR, -5 * HOUR, -20 * 365 * DAY, 90_000]))
    for number in itertools.count():
        for _ in range(draw(st.integers(1, 40))):
            truth.append((at, ahead + zone_at(at), VALUE))
            if draw(st.integers(0, 19)) == 0:
                looks.append((at + 1000, ahead + zone_at(at + 1000)))
            at += INTERVAL
        if number == 4:
            break
        by = draw(st.sampled_from([0, 0, -HOUR, HOUR, 3 * HOUR, -37 * MINUTE]))
        how = draw(st.sampled_from(["told", "off and told", "off"]))
        if how == "told":
            if by:
                truth.append((at - 1000, ahead + by + zone_at(at - 1000), ClockChanged(Decimal(by) / 1000)))
            ahead += by
            continue
        before = truth[-1]
        at += INTERVAL * draw(st.integers(2, 30))
        if how == "off" and at + by + zone_at(at) - before[0] - zone_at(before[0]) <= 2 * INTERVAL:
            by = 4 * HOUR
        ahead += by
        if how == "off and told":
            said = Happened(frozenset({LogStatus.INTERRUPTED}))
            truth.append((at - 500, ahead + zone_at(at - 500), said))
    return truth, at, tuple(looks)


@settings(max_examples=100, deadline=None)
@given(histories())
def test_no_instant_is_wrong(history: tuple[list[Truth], int, tuple[tuple[int, int], ...]]) -> None:
    """What is known is right, whatever became of the clock."""
    truth, now, looks = history
    last = truth[-1][1]
    known = found(truth, now, last, looks, shifts=(Shift(AUTUMN, -HOUR),))
    assert [each for each, at in zip(known, instants(truth), strict=True) if each not in {None, at}] == []
    assert known[-1] is not None


def test_a_clock_that_was_set_in_a_log_that_had_a_gap_elsewhere() -> None:
    """Every fifteen minutes; five minutes forward at 03:07, which shows as little as a device that is late; off at
    05:00. Of what lies between the two looks nobody can tell which clock it had.
    """
    begin, was_set = NOON - 8 * HOUR, NOON - 8 * HOUR + 187 * MINUTE
    at_work = [at for at in range(begin, NOON, 15 * MINUTE) if not 300 * MINUTE <= at - begin < 340 * MINUTE]
    truth: list[Truth] = [(at, 5 * MINUTE if at >= was_set else 0, VALUE) for at in at_work]
    known = found(truth, NOON, 5 * MINUTE, ((begin + 31 * MINUTE, 0),), 15 * MINUTE)
    assert known == [*instants(truth)[:3], *[None] * (len(truth) - 3)]
    aligned: list[Truth] = [(at - by, by, VALUE) for at, by, _ in truth]
    known = found(aligned, NOON, 5 * MINUTE, ((begin + 31 * MINUTE, 0),), 15 * MINUTE)
    assert set(known[3:]) == {None}, "a log that aligns its records to the clock shows nothing at all"


def test_a_log_without_earlier_looks_that_lost_its_pace() -> None:
    """Five minutes forward, in a log of fifteen; a single record that is a minute late is none of that."""
    late = values(NOON - 4 * HOUR, NOON, every=15 * MINUTE)
    late[6] = (late[6][0] + MINUTE, 0, VALUE)
    assert found(late, NOON, 0, interval=15 * MINUTE) == instants(late)
    truth: list[Truth] = [(at, 0 if number < 7 else 5 * MINUTE, said) for number, (at, _, said) in enumerate(late)]
    assert found(truth, NOON, 5 * MINUTE, interval=15 * MINUTE) == [*[None] * 7, *instants(truth)[7:]]


def test_a_log_by_change_whose_device_restarted_with_another_clock() -> None:
    """Put back, time falls where that was; put forward, it may have been set wherever the log was silent so long."""
    for by, known in ((-3 * HOUR, True), (3 * HOUR, True), (10 * MINUTE, False)):
        before = values(NOON - 5 * HOUR, NOON - 3 * HOUR, every=20 * MINUTE)
        said: Truth = (NOON - 2 * HOUR, by, Happened(frozenset({LogStatus.INTERRUPTED})))
        truth = [*before, said, *values(NOON - 2 * HOUR + 1, NOON, by, every=20 * MINUTE)]
        marks = ((NOON - 5 * HOUR + 1000, 0),)
        assert found(truth, NOON, by, marks, None) == [
            None, *(instants(truth)[1:] if known else [None] * (len(truth) - 1))
        ]  # fmt: skip


def test_a_log_by_change_before_the_oldest_look_tells_nothing() -> None:
    """Its clock may have been put forward by a day, and nothing would show it; so it is where nobody ever looked."""
    old, new = values(NOON - 5 * DAY, NOON - 4 * DAY, -DAY, HOUR), values(NOON - DAY, NOON, every=HOUR)
    truth = old + new
    assert set(found(truth, NOON, 0, interval=None)) == {None}
    looked = found(truth, NOON, 0, ((NOON - DAY + 1000, 0),), None)
    assert looked == [*[None] * (len(old) + 1), *instants(new)[1:]]
    assert found(new, NOON, 0, None, None) == instants(new), "where no value is taken from it, its clock is trusted"


def test_time_that_falls_by_more_than_two_looks_differ_by() -> None:
    """Put back by half an hour, and forward again: between the looks nothing is known."""
    truth = values(NOON - 5 * HOUR, NOON - 4 * HOUR) + values(NOON - 4 * HOUR, NOON - 3 * HOUR, ahead=-HOUR // 2)
    truth += values(NOON - 3 * HOUR, NOON)
    looks = tuple((NOON - 5 * HOUR + at, 0) for at in (1000, INTERVAL + 1000))
    assert found(truth, NOON, 0, looks, None) == [None, truth[1][0], *[None] * (len(truth) - 2)]


def test_a_log_that_keeps_to_the_round_minute_hides_a_clock_that_was_put_back() -> None:
    """By ten minutes, twelve after a record of fifteen: the next one is made 25 minutes after it, and shows fifteen."""
    begin = NOON - 4 * HOUR
    truth = values(begin, begin + HOUR + 1, every=15 * MINUTE)
    truth += values(begin + HOUR + 25 * MINUTE, NOON - HOUR, -10 * MINUTE, 15 * MINUTE)
    off: list[Truth] = [(NOON - 5 * MINUTE, -10 * MINUTE, Happened(frozenset({LogStatus.INTERRUPTED})))]
    known = found([*truth, *off], NOON, -10 * MINUTE, ((begin + 1000, 0),), 15 * MINUTE)
    assert known == [begin, *[None] * len(truth)]


def test_a_look_from_before_the_oldest_record_tells_whether_the_clock_was_set_since() -> None:
    """Its own record was overwritten meanwhile."""
    truth = values(NOON - 2 * HOUR, NOON, 5 * MINUTE, every=15 * MINUTE)
    for ahead, known in ((5 * MINUTE, instants(truth)), (0, [None] * len(truth))):
        assert found(truth, NOON - 1, 5 * MINUTE, ((NOON - 3 * HOUR, ahead),), 15 * MINUTE) == known


def test_a_change_of_the_clock_that_is_told_at_a_change_to_winter_time() -> None:
    """By records of five minutes it is plain whether both befell it; by those of changes it is not."""
    before = values(AUTUMN - HOUR, AUTUMN, HOUR)
    both = [*before, (AUTUMN + 1000, 5000, ClockChanged(Decimal(5))), *values(AUTUMN + INTERVAL, AUTUMN + HOUR, 5000)]
    shift = (Shift(AUTUMN, -HOUR),)
    assert found(both, AUTUMN + HOUR, 5000, shifts=shift) == instants(both)
    assert set(found(both, AUTUMN + HOUR, 5000, interval=None, shifts=shift)[:12]) == {None}
    itself = [*before, (AUTUMN + 1000, 0, ClockChanged(Decimal(-3600))), *values(AUTUMN + INTERVAL, AUTUMN + HOUR)]
    assert found(itself, AUTUMN + HOUR, 0, shifts=shift) == instants(itself)


def test_a_change_to_summer_time_explains_no_other_difference() -> None:
    truth = values(SPRING - 30 * HOUR, SPRING, every=3 * HOUR) + values(
        SPRING, SPRING + 5 * HOUR, 20 * MINUTE, 2 * HOUR
    )
    now, shift = SPRING + 5 * HOUR, Shift(SPRING, HOUR)
    known = found(truth, now, 20 * MINUTE, ((SPRING - 30 * HOUR + 1000, 0), (SPRING - 6 * HOUR, 0)), None, (shift,))
    assert known == [None, *instants(truth)[1:9], *[None] * (len(truth) - 9)]


@settings(max_examples=150, deadline=None, derandomize=True)  # always the same lives: no run is unlucky
@given(lives())
def test_no_record_after_the_first_look_is_at_a_wrong_instant(lived: tuple[Life, int]) -> None:
    """Whatever became of the clock: what is known is right, as exactly as it says."""
    life, now = lived
    known = known_of(life.truth, now, life.offset(now), life.looks, life.interval, (Shift(AUTUMN, -HOUR),))
    first = next((at for at, _ in life.looks), now)
    for (at, ahead, said), each in zip(life.truth, known, strict=True):
        if each is not None and (at > first or life.interval is None):
            assert abs(each.offset - ahead) <= each.within, (at, said)
