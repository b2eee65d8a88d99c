"""What a hole says that its log did not fill either."""

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
