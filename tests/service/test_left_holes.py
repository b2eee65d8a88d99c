"""What a hole says that its log did not fill either."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.ledger.account import BookedRange
from bacnet_bridge.service.left_holes import Left, left_holes
from bacnet_bridge.vocabulary.holes import HoleReason

SILENT, STOPPED = HoleReason.SILENT, HoleReason.STOPPED


def test_the_reason_stays_and_the_log_s_sentence_comes_beside_it() -> None:
    booked = [BookedRange(20, 30, HoleReason.LATE), BookedRange(20, 30, SILENT, "no answer")]
    left = {10: "too old", 20: "too old", 30: "too old", 50: "lost"}
    assert left_holes(range(10, 61, 10), left, booked) == [
        Left(10, 10, STOPPED, "its log: too old"),
        Left(20, 30, SILENT, "no answer; its log: too old"),
        Left(50, 50, STOPPED, "its log: lost"),
    ]


def test_slots_with_a_healed_one_between_are_two_ranges_and_no_text_is_without_end() -> None:
    first, second = left_holes([10, 20, 30], dict.fromkeys((10, 30), "x" * 300), [])
    assert (first.first, first.last, second.first) == (10, 10, 30)
    assert len(first.detail) == 200


def test_bookings_that_say_the_same_are_one_hole_and_a_slot_between_without_one_parts_it() -> None:
    booked = [BookedRange(10, 20, SILENT), BookedRange(30, 40, SILENT), BookedRange(60, 70, SILENT)]
    assert left_holes(range(10, 71, 10), dict.fromkeys((10, 20, 30, 40, 60, 70), "lost"), booked) == [
        Left(10, 40, SILENT, "its log: lost"),
        Left(60, 70, SILENT, "its log: lost"),
    ]


def test_sentences_that_differ_in_their_numbers_only_are_one_hole() -> None:
    doubts = {
        10 * at: f"accumulator,7: the counter fell from 19.5 to {at}.25: this is number {at}" for at in range(1, 2017)
    }
    told = "accumulator,7: the counter fell from … to …: this is number …"
    assert left_holes(list(doubts), doubts, []) == [Left(10, 20160, STOPPED, f"its log: {told}")]
    assert left_holes([10], doubts, []) == [Left(10, 10, STOPPED, f"its log: {doubts[10]}")]
    objects = {10: "trend-log,1 is full", 20: "trend-log,2 is full", 30: "TL2 is full", 40: "TL3 is full"}
    assert len(left_holes(list(objects), objects, [])) == 4


BOOKED = st.builds(
    lambda at, length, why, said: BookedRange(at, at + length, why, said),
    st.integers(0, 30),
    st.integers(0, 9),
    st.sampled_from([SILENT, STOPPED]),
    st.sampled_from(["", "no answer"]),
)


@given(st.lists(BOOKED, max_size=8), st.dictionaries(st.integers(0, 40), st.sampled_from(["lost", "too old"])))
def test_each_slot_keeps_its_latest_reason_and_gets_its_sentence(
    booked: list[BookedRange], left: dict[int, str]
) -> None:
    found = left_holes(range(41), left, booked)
    told = {slot: each[2:] for each in found for slot in range(each.first, each.last + 1)}
    assert told.keys() == left.keys()
    for slot, said in left.items():
        was = [each for each in booked if each.first <= slot <= each.last][-1:]
        reason, before = (was[0].reason, was[0].detail) if was else (STOPPED, "")
        assert told[slot] == (reason, f"{before}; its log: {said}" if before else f"its log: {said}")
    assert all(one[2:] != other[2:] or one.last + 1 < other.first for one, other in pairwise(found))
