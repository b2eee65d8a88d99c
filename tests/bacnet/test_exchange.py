"""An exchanged meter that an operator told: what both counted is sent, and nothing else, whatever is put or lost."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.bacnet.count_text import count_from_text, text_of
from bacnet_bridge.bacnet.counter import Count
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.doubt import Break, Told
from bacnet_bridge.bacnet.rule import Facts, rule_of
from bacnet_bridge.bacnet.value import Measured, measure
from bacnet_bridge.model import AfterFall, Counting, Nature
from tests.support.bacnet import point

SLOT = 300_000
FINE = Datum(Kind.BITS, (False,) * 4)


def told(old_final: int, new_start: int, at: int = 0, *, go_on: bool = False, number: int = 1) -> Told:
    return Told(number, Decimal(old_final), Decimal(new_start), go_on, at)


@dataclass
class Register:
    """A counter that is read slot by slot. `told` is what the book says; a crash forgets what no packet committed."""

    nature: Nature = Nature.DELTA
    counting: Counting = field(default_factory=Counting)
    facts: Facts = field(default_factory=lambda: Facts("A"))
    slot: int = 0
    told: Told | None = None
    memory: str | None = None
    committed: str | None = None
    sent: list[Decimal] = field(default_factory=list)

    def read(self, count: int, *, put: bool = True, crash: bool = False) -> Measured:
        self.slot += 1
        if crash:
            self.memory = self.committed
        rule = rule_of(point("ACC1", nature=self.nature, counting=self.counting), self.facts)
        measured = measure(rule, self.slot * SLOT, Datum(Kind.UNSIGNED, count), FINE, self._told())
        if measured.reading.value is not None and put:
            self.sent.append(measured.reading.value)
            self.memory = self.committed = measured.memory
        else:
            self.memory = measured.unsent
        return measured

    def reads(self, *counts: int) -> list[str]:
        """What became of each: the value, or `hole`."""
        values = (self.read(count).reading.value for count in counts)
        return ["hole" if value is None else f"{value:f}" for value in values]

    def _told(self) -> str | None:
        count = count_from_text(self.memory)
        if count is None or self.told is None or self.told.number <= count.exchange:
            return self.memory
        return text_of(replace(count, told=self.told))


def known(nature: Nature = Nature.DELTA, **more: object) -> Register:
    """A register at 1000 that was seen to count up to 10 in a slot."""
    register = Register(nature, **more)  # type: ignore[arg-type]
    register.reads(*range(800, 1001, 10))
    register.sent.clear()
    return register


def test_a_difference_gets_the_rest_of_the_old_meter_and_the_beginning_of_the_new_one() -> None:
    register = known()
    register.told = told(1004, 20)
    assert register.reads(23, 30) == ["7", "7"]


def test_an_index_is_sent_as_it_is_and_believed_at_once() -> None:
    register = known(Nature.INDEX)
    register.told = told(1004, 20)
    assert register.reads(23, 30) == ["23", "30"]


def test_an_index_goes_on_from_where_the_old_meter_ended_also_over_two_exchanges() -> None:
    register = known(Nature.INDEX)
    register.told = told(1004, 20, go_on=True)
    assert register.reads(23, 30) == ["1007", "1014"]
    register.told = told(33, 500, go_on=True, number=2)
    assert register.reads(501) == ["1018"]
    register.told = told(502, 0, number=3)
    assert register.reads(1) == ["1"]


def test_the_offset_is_before_the_multiplier() -> None:
    register = known(Nature.INDEX)
    register.told = told(1000, 0, go_on=True)
    rule = rule_of(point("ACC1", nature=Nature.INDEX, multiplier="10", offset="3"), Facts("A"))
    measured = measure(rule, register.slot * SLOT + SLOT, Datum(Kind.UNSIGNED, 2), FINE, register._told())
    assert measured.reading.value == Decimal((1000 + 2) * 10 + 3)


@pytest.mark.parametrize("nature", [Nature.DELTA, Nature.INDEX])
def test_while_the_old_meter_is_still_read_it_goes_on_and_the_word_waits(nature: Nature) -> None:
    register = known(nature)
    register.told = told(1030, 0, go_on=nature is Nature.INDEX)
    goes_on = ["10", "10"] if nature is Nature.DELTA else ["1010", "1020"]
    assert register.reads(1010, 1020) == goes_on
    assert "goes on" in register.read(1020).reading.notice
    assert register.reads(5) == (["15"] if nature is Nature.DELTA else ["1035"])


@pytest.mark.parametrize("nature", [Nature.DELTA, Nature.INDEX])
def test_an_old_meter_that_stands_still_is_not_taken_for_the_new_one_however_generous_its_rate(nature: Nature) -> None:
    register = known(nature, counting=Counting(Decimal(10_000_000)))
    register.told = told(1004, 10, go_on=nature is Nature.INDEX)
    assert register.reads(1000, 1001, 1003, 11) == (
        ["0", "1", "2", "2"] if nature is Nature.DELTA else ["1000", "1001", "1003", "1005"]
    )


def test_with_nothing_known_of_its_rate_a_reading_near_the_old_end_is_the_old_meters() -> None:
    register = Register()
    register.reads(1000, 1010)
    register.told = told(1030, 0)
    assert register.reads(1020, 1030, 4) == ["10", "10", "4"]


def test_readings_before_the_exchange_are_the_old_meters() -> None:
    register = known(counting=Counting(Decimal(10_000)))
    register.told = told(1002, 1001, at=(register.slot + 2) * SLOT)
    assert register.reads(1001, 1004) == ["1", "4"]


def test_figures_that_fit_nothing_hold_an_index_that_is_to_go_on() -> None:
    register = known(Nature.INDEX)
    register.told = told(1004, 0, go_on=True)
    assert register.reads(*range(700, 715)) == ["hole"] * 15
    problem = register.read(715).reading.problem
    assert problem is not None
    assert "is held until the figures are right" in problem.detail
    register.told = told(1004, 700, go_on=True, number=2)
    assert register.reads(716) == ["1020"]


def test_figures_that_fit_nothing_leave_a_difference_to_its_rule() -> None:
    register = known()
    register.told = told(1004, 0)
    assert register.reads(700, 702, 704, 706) == ["hole", "hole", "4", "2"]


def test_a_point_that_is_held_after_a_fall_goes_on_with_the_word() -> None:
    register = known(counting=Counting(after_fall=AfterFall.HOLD))
    assert register.reads(3, 6, 9, 12, 15) == ["hole"] * 5
    register.told = told(1005, 0)
    assert register.reads(18) == ["23"]


def test_a_word_that_comes_after_the_exchange_was_believed_adds_what_was_not_counted() -> None:
    register = known()
    assert register.reads(3, 5, 8) == ["hole", "hole", "5"]
    register.told = told(1004, 1)
    assert register.reads(9, 10) == [f"{1 + 4 + 2}", "1"]


def test_an_index_that_was_sent_as_it_is_stays_as_it_is() -> None:
    register = known(Nature.INDEX)
    assert register.reads(3, 5, 8) == ["hole", "hole", "8"]
    register.told = told(1004, 1, go_on=True)
    assert register.reads(9, 10) == ["9", "10"]
    assert "does not go on" in register.read(11).reading.notice


def test_an_old_reset_is_not_taken_for_the_exchange_that_is_told_now() -> None:
    register = known()
    register.reads(3, 5, 8, *range(18, 900, 10))
    assert register.memory is not None
    register.told = told(899, 0)
    assert register.reads(2) == [f"{899 - 898 + 2}"]


def test_a_shifted_index_that_falls_back_is_held_and_can_be_told_right() -> None:
    """The word came too early: the device answered 0 after a power cut, and then the old meter was there again."""
    register = known(Nature.INDEX)
    register.told = told(1000, 0, go_on=True)
    assert register.reads(0) == ["1000"]
    assert register.reads(1001, 1002, 1003, 1004) == ["hole"] * 4
    register.told = told(0, 1004, go_on=True, number=2)
    assert register.reads(1005) == ["1001"]


def test_another_unit_ends_a_shifted_index_until_it_is_told() -> None:
    register = known(Nature.INDEX)
    register.told = told(1000, 0, go_on=True)
    register.reads(1, 2)
    register.facts = Facts("A", scale=Decimal("0.001"))
    assert register.reads(2000, 2001) == ["hole", "hole"]
    register.told = told(2, 2, number=2)
    assert register.reads(2002) == ["2.002"]


@pytest.mark.parametrize(
    "count",
    [
        Count(Decimal(1), shift=Decimal("-0.5"), exchange=7),
        Count(Decimal(1), told=told(10, 2, at=5, go_on=True), broke=Break(Decimal(3), Decimal("1E-7"), None)),
        Count(Decimal(1), exchange=2, broke=Break(Decimal(3), Decimal(1), Decimal(9))),
    ],
)
def test_text_and_back(count: Count) -> None:
    assert count_from_text(text_of(count)) == count


STEPS = st.lists(st.tuples(st.integers(0, 10), st.booleans(), st.booleans()), min_size=3, max_size=20)
"""What is counted in a slot, whether a packet is put, whether the bridge crashes before."""


@settings(max_examples=400)
@given(
    st.integers(0, 30), STEPS, st.integers(0, 10), st.sampled_from([0, 1, 400, 5_000]), STEPS, st.booleans(),
    st.integers(0, 8), st.sampled_from([Nature.DELTA, Nature.INDEX]),
)  # fmt: skip
def test_what_both_counted_is_sent_and_nothing_else(
    warm: int,
    before: list[tuple[int, bool, bool]],
    unseen: int,
    new_start: int,
    after: list[tuple[int, bool, bool]],
    rated: bool,
    late: int,
    nature: Nature,
) -> None:
    """Told before the new meter is read or (a difference) some readings later; packets get put or not; it crashes."""
    if new_start > 1000 and warm < 15 and not rated:
        late = 0  # a jump up, with nothing known of its rate, is growth as far as anybody can tell before the word
    register = Register(nature, Counting(Decimal(2 * 12 * 10)) if rated else Counting())
    count = 1000
    register.reads(count)
    for _ in range(warm):
        count += 10
        register.reads(count)
    for step, put, crash in before:
        count += step
        register.read(count, put=put, crash=crash)
    register.read(count)
    base, sums = count, sum(register.sent)
    word = told(count + unseen, new_start, go_on=nature is Nature.INDEX)
    total, now = unseen, new_start
    sent = len(register.sent)
    for number, (step, put, crash) in enumerate([*after, (1, True, False), (1, True, False), (1, True, False)]):
        if number >= late or nature is Nature.INDEX or number >= len(after):
            register.told = word
        now, total = now + step, total + step
        register.read(now, put=put, crash=crash)
        if nature is Nature.INDEX:
            assert all(base <= value <= base + total for value in register.sent[sent:])
            assert register.sent[sent:] == sorted(register.sent[sent:])
        else:
            assert all(value >= 0 for value in register.sent)
            assert sum(register.sent) - sums <= total
    if register.told is not None and count_from_text(register.memory).exchange == 1:  # type: ignore[union-attr]
        if nature is Nature.INDEX:
            assert register.sent[-1] == base + total
        elif late == 0:
            assert sum(register.sent) - sums == total
