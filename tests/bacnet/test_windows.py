"""Windows of instances for Who-Is: everything is covered, and few answer at once."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.bacnet.windows import ALL, AT_ONCE, Growing, even
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE
from bacnet_bridge.vocabulary.ranges import Range, parse_ranges, within


def first_pass(devices: set[int], ranges: tuple[Range, ...] = (ALL,)) -> list[tuple[Range, int]]:
    """Each window with how many devices answered."""
    growing, asked = Growing(ranges), []
    while (window := growing.next()) is not None:
        answers = sum(window[0] <= each <= window[1] for each in devices)
        growing.answered(answers)
        asked.append((window, answers))
    return asked


def test_an_empty_network_takes_few_questions() -> None:
    assert len(first_pass(set())) <= 6


@pytest.mark.parametrize("devices", [set(range(5_000)), set(range(0, 200_000, 40)), set(range(1_000, 1_100))])
def test_all_are_asked_and_never_thousands_at_once(devices: set[int]) -> None:
    asked = first_pass(devices)
    assert sum(answers for _, answers in asked) == len(devices)
    assert max(answers for _, answers in asked) <= 10 * AT_ONCE
    assert asked[0][0][0] == 0
    assert asked[-1][0][1] == MAX_INSTANCE
    assert all(before[0][1] + 1 == after[0][0] for before, after in itertools.pairwise(asked))


@given(st.sets(st.integers(0, MAX_INSTANCE), max_size=2_000))
def test_further_passes_cover_all_with_as_many_known_as_may_answer(known: set[int]) -> None:
    windows = even([ALL], known)
    assert windows[0][0] == 0
    assert windows[-1][1] == MAX_INSTANCE
    assert all(before[1] + 1 == after[0] for before, after in itertools.pairwise(windows))
    assert all(sum(low <= each <= high for each in known) <= AT_ONCE for low, high in windows)


def test_only_the_given_ranges_are_asked() -> None:
    ranges = parse_ranges("77, 1000-1999,2000-2500")
    assert ranges == ((77, 77), (1000, 2500))
    assert first_pass({77, 2_400}, ranges)[-1][0][1] == 2_500
    assert all(within(ranges, low) and within(ranges, high) for low, high in even(ranges, range(5_000)))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no device instance"),
        ("a", "no device instance"),
        ("1-b", "no range"),
        ("9-2", "write 2-9"),
        ("4194303", "larger"),
        ("-5", "no device"),
    ],
)
def test_wrong_ranges_are_told(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_ranges(text)
