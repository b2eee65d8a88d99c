"""Segments of one answer, whatever becomes of them on the way."""

from dataclasses import dataclass, field
from itertools import islice, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.bacnet.segments import MOST, Acknowledgement, SegmentError, Segments


@dataclass
class Sender:
    """A device that sends so many parts, as clause 5.4.5 has it; what is `lost` is so by the number of the datagram."""

    parts: list[bytes]
    window: int
    lost: list[bool] = field(default_factory=list)
    begin: int = 0
    agreed: int = 1

    def round(self, to: Segments) -> None:
        """A window is sent, and what is acknowledged is heard."""
        for number in range(self.begin, min(self.begin + self.agreed, len(self.parts))):
            if self._is_lost():
                continue
            said = to.take(number, self.window, self.parts[number], more=number < len(self.parts) - 1)
            if said is not None and not self._is_lost() and said.sequence >= self.begin:
                self.begin, self.agreed = said.sequence + 1, said.window
                return

    def _is_lost(self) -> bool:
        return self.lost.pop() if self.lost else False


def parts(count: int) -> list[bytes]:
    return [bytes([number]) * 3 for number in range(count)]


@pytest.mark.parametrize("count", [1, 2, 3, 16, 17, 18, MOST])
@pytest.mark.parametrize("window", [1, 2, 5, 16, 127])
def test_all_that_come_in_order_are_the_answer(count: int, window: int) -> None:
    sender, segments = Sender(parts(count), window), Segments(MOST)
    rounds = 0
    while not segments.whole:
        sender.round(segments)
        rounds += 1
    assert segments.data() == b"".join(parts(count))
    assert sender.begin == count
    assert rounds <= 1 + -(-(count - 1) // min(window, 16))


@given(st.integers(1, MOST), st.integers(1, 20), st.lists(st.booleans(), max_size=120))
def test_what_is_lost_comes_again_and_nothing_is_put_together_across_a_gap(
    count: int, window: int, lost: list[bool]
) -> None:
    sender, segments = Sender(parts(count), window, lost), Segments(MOST)
    for _ in range(300):
        if segments.whole:
            break
        try:
            sender.round(segments)
        except SegmentError as error:
            assert str(error) == "the same segments again and again"  # noqa: PT017 it is not always raised
            return
    assert segments.whole
    assert segments.data() == b"".join(parts(count))


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 255), st.booleans())))
def test_whatever_comes_memory_and_time_are_bounded(heard: list[tuple[int, int, bool]]) -> None:
    segments, taken = Segments(4), 0
    for sequence, window, more in heard:
        try:
            segments.take(sequence, window, b"abc", more=more)
        except SegmentError:
            break
        taken += 1
        if segments.whole:
            break
    assert taken <= 16
    assert len(segments.data()) <= 4 * 3


def test_a_gap_is_told_once_and_again_when_the_device_goes_past_it_again() -> None:
    segments = Segments(MOST)
    assert segments.take(0, 8, b"a", more=True) == Acknowledgement(0, 8)
    assert segments.take(1, 8, b"b", more=True) is None
    said = [segments.take(number, 8, b"x", more=True) for number in (3, 4, 5, 3, 4)]
    assert said == [Acknowledgement(1, 8, gap=True), None, None, Acknowledgement(1, 8, gap=True), None]
    assert segments.take(2, 8, b"c", more=False) == Acknowledgement(2, 8)
    assert segments.data() == b"abc"


def test_one_that_was_there_before_is_dropped_unless_its_acknowledgement_was_lost() -> None:
    segments = Segments(MOST)
    segments.take(0, 2, b"a", more=True)
    assert segments.take(0, 2, b"a", more=True) == Acknowledgement(0, 2)
    assert segments.take(1, 2, b"b", more=True) is None
    assert segments.take(1, 2, b"b", more=True) is None
    assert segments.take(2, 2, b"c", more=True) == Acknowledgement(2, 2)
    assert segments.take(1, 2, b"b", more=True) is None
    assert segments.take(2, 2, b"c", more=True) == Acknowledgement(2, 2)
    assert segments.data() == b"abc"


@pytest.mark.parametrize(
    ("heard", "why"),
    [
        ([(1, 4, b"a")], "segment 1 came first"),
        ([(0, 0, b"a")], "a window of 0"),
        ([(0, 128, b"a")], "a window of 128"),
        ([(0, 4, bytes(1_501))], "a segment of 1501 octets"),
        ([(number, 4, b"a") for number in range(5)], "more segments than the 4"),
        (list(islice(repeat((0, 4, b"a")), 17)), "the same segments again and again"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_answer_ends_it(heard: list[tuple[int, int, bytes]], why: str) -> None:
    segments = Segments(4)
    for sequence, window, part in heard[:-1]:
        segments.take(sequence, window, part, more=True)
    sequence, window, part = heard[-1]
    with pytest.raises(SegmentError, match=why):
        segments.take(sequence, window, part, more=True)
