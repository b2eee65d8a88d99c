"""How a gap goes on from being found to its queue's release, whatever happens in whatever order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.backfill.course import (
    Course,
    Event,
    Filled,
    Held,
    Next,
    Passed,
    Refused,
    Released,
    after,
    clamped,
    deadline_of,
    hold_after,
    hold_until,
    wants,
)
from bacnet_bridge.vocabulary.gaps import Stage

GAP = Course(100, 200)
HELD = after(GAP, Held(at=300, deadline=1200, resumed=250))
ORDER = list(Stage)


def events(course: Course, *told: Event) -> Course:
    for each in told:
        course = after(course, each)
    return course


def test_a_gap_is_found_held_filled_and_released() -> None:
    assert wants(GAP) is Next.AWAIT
    assert (HELD.stage, HELD.deadline, HELD.resumed, wants(HELD)) == (Stage.HELD, 1200, 250, Next.FILL)
    filled = after(HELD, Filled(7, "2 slots: no record near"))
    assert (filled.stage, filled.healed, wants(filled)) == (Stage.FILLED, 7, Next.RELEASE)
    released = after(filled, Released())
    assert (released.stage, wants(released), released.why) == (Stage.RELEASED, Next.NOTHING, "2 slots: no record near")


def test_a_gap_whose_deadline_passes_stays_a_hole_and_says_why() -> None:
    assert after(HELD, Passed(1199)) is HELD
    late = after(HELD, Passed(1200))
    assert (late.stage, late.why) == (Stage.GIVEN_UP, "the log had not told it before the deadline")
    assert after(late, Filled(7)) == late, "what comes too late is not put"


def test_a_log_that_cannot_be_had_ends_the_wait_at_once() -> None:
    refused = after(HELD, Refused("device 7 has no trend-log,5"))
    assert (refused.stage, wants(refused)) == (Stage.GIVEN_UP, Next.RELEASE)
    assert after(GAP, Refused("device 7 has no trend-log,5")).stage is Stage.RELEASED, "nothing waited"


def test_a_hold_that_ended_by_itself_leaves_no_gap_to_fill() -> None:
    """The outbox ends a hold whose deadline is past when it is asked for the next packet."""
    ended = after(HELD, Released())
    assert (ended.stage, ended.why) == (Stage.RELEASED, "the hold ended before it was filled")


def test_a_crash_loop_does_not_begin_the_wait_anew() -> None:
    """It was stopped from 100 to 200, held up to 1200, and crashed; each start finds two more slots empty."""
    second = Course(300, 400)
    assert deadline_of(1500, [HELD], fence=90) == 1200
    assert deadline_of(9000, [after(HELD, Passed(5000)), second], fence=90) == 1200, "given up: it is over at once"
    assert deadline_of(1500, [after(HELD, Passed(5000))], fence=250) == 1500, "something newer was sent in between"
    assert deadline_of(1500, [after(HELD, Filled(3))], fence=90) == 1500, "what was healed is no reason to hurry"


def test_a_queue_is_on_hold_for_all_of_its_gaps() -> None:
    second = events(Course(300, 400), Held(410, 1500, 405))
    assert hold_until([HELD, second, after(HELD, Filled(1))]) == 1500
    assert hold_after([second, HELD]) == 99
    assert hold_until([GAP]) is None
    assert hold_after([]) is None


@pytest.mark.parametrize(("now", "deadline"), [(0, 900), (500, 1200), (5000, 1200)])
def test_a_clock_that_was_set_back_does_not_lengthen_the_wait(now: int, deadline: int) -> None:
    assert clamped(HELD, now, longest=900).deadline == deadline
    assert clamped(GAP, now, longest=900) is GAP


INSTANTS = st.integers(0, 3000)
EVENTS = st.lists(
    st.builds(Held, INSTANTS, INSTANTS, INSTANTS)
    | st.builds(Filled, st.integers(0, 9), st.sampled_from(["", "some were not there"]))
    | st.builds(Refused, st.just("no such log"))
    | st.builds(Passed, INSTANTS)
    | st.just(Released()),
    max_size=12,
)


@given(EVENTS)
def test_whatever_happens_a_gap_only_goes_on_its_deadline_is_set_once_and_it_is_filled_once(told: list[Event]) -> None:
    course, fills = GAP, 0
    for each in told:
        before, course = course, after(course, each)
        assert ORDER.index(course.stage) >= ORDER.index(before.stage)
        assert before.deadline is None or course.deadline == before.deadline
        assert (course.first, course.last) == (100, 200)
        assert after(course, each) == course, "twice is once: a crash before the next step repeats it"
        fills += before.stage is Stage.HELD and course.stage is Stage.FILLED
        assert course.healed == before.healed or isinstance(each, Filled)
    assert fills <= 1


@given(
    st.lists(
        st.tuples(st.integers(1, 400), st.sampled_from(["crash", "log", "log with holes", "nothing"])), max_size=40
    )
)
def test_no_queue_is_held_longer_than_one_deadline_however_often_the_bridge_crashes(
    steps: list[tuple[int, str]],
) -> None:
    """Seconds; the deadline is 900 after a gap was found. Each crash misses two slots more."""
    now, fence, held_since = 0, 0, None
    courses: list[Course] = []
    for length, what in steps:
        now += length
        courses = [after(course, Passed(now)) for course in courses]
        if what == "crash":
            course = Course(now - 2, now - 1)
            courses.append(after(course, Held(now, deadline_of(now + 900, courses, fence), now)))
        elif what.startswith("log"):
            courses = [after(course, Filled(what == "log")) for course in courses]
        courses = [after(course, Passed(now)) for course in courses]
        if hold_until(courses) is None:
            courses, fence, held_since = [after(course, Released()) for course in courses], now, None
        else:
            held_since = now if held_since is None else held_since
            assert (hold_until(courses) or 0) <= held_since + 900
