"""What holds for every sequence of counts that a device may give, and for every way in which packets get put or not."""

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.rule import Facts, rule_of
from bacnet_bridge.bacnet.value import measure
from bacnet_bridge.model import AfterFall, Counting, Nature
from tests.support.bacnet import point

SLOT = 300_000
FINE = Datum(Kind.BITS, (False,) * 4)
COUNTS = st.lists(st.tuples(st.integers(0, 3000) | st.just(0), st.booleans()), min_size=1, max_size=60)
"""A count, and whether the packet with its difference was put."""
RULES = st.sampled_from(AfterFall)


@dataclass
class Sent:
    """The differences of the packets that were put."""

    differences: list[Decimal]

    @property
    def sum(self) -> Decimal:
        return sum(self.differences, Decimal(0))


def send(counts: list[tuple[int, bool]], rule: Counting) -> Sent:
    register = rule_of(point("ACC1", nature=Nature.DELTA, counting=rule), Facts("A"))
    sent: list[Decimal] = []
    memory: str | None = None
    for slot, (count, put) in enumerate(counts):
        present = Datum(Kind.UNSIGNED, count)
        measured = measure(register, slot * SLOT, present, FINE, memory)
        if measured.reading.value is not None and put:
            sent.append(measured.reading.value)
            memory = measured.memory
        else:
            memory = measured.unsent
    return Sent(sent)


@settings(max_examples=300)
@given(COUNTS, RULES)
def test_no_difference_is_negative_and_nothing_is_sent_that_was_not_seen_to_rise(
    counts: list[tuple[int, bool]], after_fall: AfterFall
) -> None:
    sent = send(counts, Counting(after_fall=after_fall))
    assert all(difference >= 0 for difference in sent.differences)
    assert sent.sum <= sum(max(0, now - before) for (before, _), (now, _) in pairwise(counts))


@settings(max_examples=300)
@given(COUNTS, RULES, st.sampled_from([None, Decimal(999), Decimal(2999)]), st.integers(0, 3000))
def test_never_more_is_sent_than_the_stated_rate_allows(
    counts: list[tuple[int, bool]], after_fall: AfterFall, rollover: Decimal | None, per_slot: int
) -> None:
    sent = send(counts, Counting(Decimal(per_slot * 12), rollover, after_fall=after_fall))
    assert all(difference >= 0 for difference in sent.differences)
    assert sent.sum <= (len(counts) - 1) * (per_slot + 1)


STEPS = st.lists(st.integers(0, 10), min_size=20, max_size=60)


def true_counts(steps: list[int], start: int, modulus: int | None = None) -> list[int]:
    counts = [start]
    for step in [*[10] * 15, *steps, *[1] * 5]:
        counts.append(counts[-1] + step)
    return counts if modulus is None else [count % modulus for count in counts]


def with_zeros(counts: list[int], at: int, length: int) -> list[tuple[int, bool]]:
    first = 17 + at % 10
    return [(0 if first <= slot < first + length else count, True) for slot, count in enumerate(counts)]


@pytest.mark.parametrize("rate", [None, Decimal(120)])
@given(steps=STEPS, start=st.integers(200, 10**6), at=st.integers(0, 9), length=st.integers(0, 11))
def test_zeros_for_less_than_twelve_slots_change_nothing_in_the_end(
    rate: Decimal | None, steps: list[int], start: int, at: int, length: int
) -> None:
    counts = true_counts(steps, start)
    sent = send(with_zeros(counts, at, length), Counting(rate))
    assert sent.sum == counts[-1] - counts[0]


@pytest.mark.parametrize("rate", [None, Decimal(120)])
@given(steps=STEPS, start=st.integers(0, 10**6), at=st.integers(0, 9), length=st.integers(0, 60))
def test_zeros_however_long_add_at_most_two_slots_of_the_highest_rate(
    rate: Decimal | None, steps: list[int], start: int, at: int, length: int
) -> None:
    counts = true_counts(steps, start)
    sent = send(with_zeros(counts, at, length), Counting(rate))
    assert sent.sum <= counts[-1] - counts[0] + 2 * 10 + 1


@pytest.mark.parametrize("rate", [None, Decimal(120)])
@given(steps=STEPS, start=st.integers(0, 10**4))
def test_a_rollover_loses_nothing_and_adds_nothing(rate: Decimal | None, steps: list[int], start: int) -> None:
    true, shown = true_counts(steps, start), true_counts(steps, start, 10_000)
    sent = send([(count, True) for count in shown], Counting(rate, Decimal(9999)))
    assert sent.sum <= true[-1] - true[0]
    if shown[-5:] == sorted(shown[-5:]) and shown[0] != 0:
        assert sent.sum == true[-1] - true[0]
