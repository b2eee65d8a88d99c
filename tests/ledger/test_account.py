from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.ledger.account import BookedRange, Entry, Tally, day_count
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid

RANGES = st.lists(
    st.builds(
        lambda first, length, reason: BookedRange(first, first + length, reason),
        st.integers(-50, 400),
        st.integers(0, 200),
        st.sampled_from(list(HoleReason)),
    ),
    max_size=8,
)
DUE = st.lists(
    st.builds(lambda first, number, step: range(first, first + number * step, step),
              st.integers(0, 300), st.integers(0, 30), st.integers(1, 20)),
    max_size=3,
)  # fmt: skip
SOME = st.integers(0, 40)


@given(DUE, st.builds(Tally, SOME, SOME, SOME, SOME), RANGES)
def test_the_sum_balances_whatever_comes(due: list[range], tally: Tally, booked: list[BookedRange]) -> None:
    counted = day_count("m", "2026-01-01", due, tally, booked)
    packets = tally.accepted + tally.waiting + tally.set_aside + tally.extra
    assert counted.due == sum(map(len, due))
    assert min(counted.accepted, counted.waiting, counted.set_aside, counted.holes, counted.extra) >= 0
    assert sum(counted.reasons.values()) == counted.holes
    assert all(number > 0 for number in counted.reasons.values())
    assert counted.accepted + counted.waiting + counted.set_aside + counted.extra == packets, "no packet is forgotten"


@given(st.integers(0, 300), st.integers(1, 20), st.integers(1, 30), st.integers(-50, 900), st.integers(0, 900))
def test_a_range_explains_the_due_slots_within_it(first: int, step: int, number: int, begins: int, length: int) -> None:
    due = range(first, first + number * step, step)
    booked = BookedRange(begins, begins + length, HoleReason.LATE)
    counted = day_count("m", "2026-01-01", [due], Tally(), [booked])
    assert counted.reasons.get(HoleReason.LATE, 0) == sum(booked.first <= slot <= booked.last for slot in due)


def test_the_latest_booking_of_a_slot_counts() -> None:
    booked = [BookedRange(0, 9, HoleReason.SILENT), BookedRange(5, 6, HoleReason.CLOCK)]
    counted = day_count("m", "2026-01-01", [range(10)], Tally(), booked)
    assert counted.reasons == {HoleReason.SILENT: 8, HoleReason.CLOCK: 2}


def test_an_entry_is_due_after_its_beginning_and_upto_its_end() -> None:
    entry = Entry(0, 3_000, Grid(1_000, 0), "UTC")
    assert list(entry.due("1970-01-01", 10_000)) == [1_000, 2_000, 3_000]
    assert list(entry.due("1970-01-01", 1_500)) == [1_000]
    assert list(entry.due("1970-01-02", 10**9)) == []
