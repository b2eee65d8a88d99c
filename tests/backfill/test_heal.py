"""Gaps filled from logs: each rule in words, then random counters, logs and clocks. Minutes; slots every five."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from functools import partial

from hypothesis import event, given, settings
from hypothesis import strategies as st

from bacnet_bridge.backfill.gaps import Gap
from bacnet_bridge.backfill.heal import Case, heal
from bacnet_bridge.backfill.place import How, Rule, Value
from bacnet_bridge.backfill.strand import Step, Strand
from bacnet_bridge.clock import instant_of
from bacnet_bridge.logged import LogRecord, Recorded
from bacnet_bridge.model import Backfill, Condition, Counting, LogColumn, Meter, Nature, Point, PropertyRef, Reading
from bacnet_bridge.packet.build import packet_of
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import meter, point
from tests.support.healing import PACKING, QUEUE, Outcome, Site, outage, strands_of
from tests.support.log_records import (
    FAILED,
    FIVE,
    MINUTE,
    Logged,
    count,
    cov_logs,
    interval_logs,
    log,
    real,
    record,
)

INDEX, DELTA = Nature.INDEX, Nature.DELTA
TEMPERATURE = point("AI1")
GAS = "accumulator,1"


def growing(by: int, start: int = 1000) -> Callable[[Point, int], Recorded]:
    """A counter that counts so many in five minutes."""
    return lambda _point, instant: count(start + by * instant // FIVE)


def logged(by: int, upto: int = 60, start: int = 1000) -> list[LogRecord]:
    return [record(minute, count(start + by * minute // 5), minute + 1) for minute in range(0, upto, 5)]


# Measurements.


def test_a_bridge_that_was_stopped_sends_what_the_log_has_of_it_with_the_slots_own_times() -> None:
    site = Site(meter(1, TEMPERATURE), lambda _point, _instant: real("20.5"))
    records = log(*((minute, 20 + minute / 10) for minute in range(0, 60, 5)))
    made = outage(site, {"analog-input,1": records}, (10, 20), 40)
    assert made.filled == {10: {"value": 21}, 15: {"value": Decimal("21.5")}, 20: {"value": 22}}
    assert json.loads(made.healed.fills[0].body)["tsISO8601"] == "1970-01-01T01:10:00.000+01:00"
    assert {packet.origin for packet in made.healed.fills} == {"healed"}
    assert made.healed.left == {}
    assert made.healed.completed == ()


def test_unit_multiplier_and_ratio_are_the_points_own() -> None:
    power = point("AI1", "aP_1", unit="kW", multiplier="2", ratio="-40")
    site = Site(meter(1, power), lambda _point, _instant: real(1))
    made = outage(site, {"analog-input,1": log(*((minute, 1.5) for minute in range(0, 60, 5)))}, (10, 15), 40)
    assert made.filled == {minute: {"aP_1": -120_000} for minute in (10, 15)}


def test_what_a_reading_would_have_refused_is_refused_and_its_slot_stays_a_hole() -> None:
    site = Site(meter(1, TEMPERATURE), lambda _point, _instant: real(1))
    records = [
        record(10, real(1), 1, flags=("fault",)),
        record(15, Recorded("real", None, "NaN"), 2),
        record(20, FAILED, 3),
        record(25, real(5), 4, flags=("overridden",)),
    ]
    made = outage(site, {"analog-input,1": records}, (10, 30), 60)
    assert made.filled == {25: {"value": 5}}
    assert list(made.healed.left.values()) == [
        "analog-input,1 present-value: the device flags it: fault",
        "analog-input,1 present-value: what was logged is no number: NaN",
        "analog-input,1 present-value: the device could not read what it logs: device: unknown-object",
        "analog-input,1 present-value: the log has no record within 60 s of it",
    ]


def test_records_without_flags_are_taken_only_where_the_mapping_says_so() -> None:
    records = [record(minute, real(7), minute + 1, flags=None) for minute in range(0, 60, 5)]
    unflagged = Backfill(LogColumn(ObjectId(27, 1), 2), unflagged=True)
    for backfill, filled in ((None, []), (unflagged, [10, 15])):
        site = Site(meter(1, point("AI1", backfill=backfill)), lambda _point, _instant: real(1))
        assert list(outage(site, {"analog-input,1": records}, (10, 15), 40).filled) == filled


def test_a_condition_is_looked_up_in_its_own_log_and_without_one_nothing_is_taken() -> None:
    """The gateway heard its meter until minute 12, and again from minute 18 on."""
    active = Condition(PropertyRef(ObjectId(3, 7)), Decimal(1), "BI7 = active")
    conditional = point("AI1", valid_when=active)
    yes, no = Recorded("enumerated", Decimal(1), "1"), Recorded("enumerated", Decimal(0), "0")
    records = log(*((minute, 5) for minute in range(0, 60, 5)))
    states = [record(minute, no if 12 < minute < 18 else yes, minute + 1) for minute in range(0, 60, 5)]
    site = Site(meter(1, conditional), lambda _point, _instant: count(1))
    made = outage(site, {"analog-input,1": records}, (10, 20), 40, conditions={"analog-input,1": states})
    assert list(made.filled) == [10, 20]
    assert made.healed.left == {
        15 * MINUTE: "analog-input,1 present-value: valid only when BI7 = active, and binary-input,7 is inactive"
    }
    alone = outage(Site(site.meter, site.says), {"analog-input,1": records}, (10, 20), 40)
    assert alone.filled == {}
    assert "say `condition:` with backfill" in alone.healed.left[10 * MINUTE]


def test_a_value_that_stands_in_a_log_of_changes_is_not_called_frozen_for_it() -> None:
    voltage = point("AI1", "v_1", unit="V", frozen_after=3, frozen_refused=True)
    site = Site(meter(1, voltage), lambda _point, instant: real(instant))
    made = outage(site, {"analog-input,1": log((1, 230.5))}, (10, 40), 60, interval=None)
    assert len(made.filled) == 7
    at_intervals = log(*((minute, 230.5) for minute in range(0, 60, 5)))
    still = outage(Site(site.meter, site.says), {"analog-input,1": at_intervals}, (10, 40), 60)
    assert list(still.filled) == [10, 15], "a log at intervals that shows the same is a gateway that stands still"


def test_nothing_is_filled_at_or_before_the_fence() -> None:
    site = Site(meter(1, TEMPERATURE), lambda _point, _instant: real(1))
    records = log(*((minute, 5) for minute in range(0, 60, 5)))
    made = outage(site, {"analog-input,1": records}, (10, 25), 40, fence=15)
    assert list(made.filled) == [20, 25]
    assert made.healed.left == dict.fromkeys((10 * MINUTE, 15 * MINUTE), "not later than what was sent")


def test_a_log_that_may_still_tell_is_waited_for() -> None:
    site = Site(meter(1, TEMPERATURE), lambda _point, _instant: real(1))
    early = outage(site, {"analog-input,1": log((0, 1), (10, 2))}, (10, 15), 20, read_at=8)
    assert early.healed.waits
    assert list(early.filled) == [10], "what there is already would be filled when the wait is over"
    late = outage(Site(site.meter, site.says), {"analog-input,1": log((0, 1), (10, 2))}, (10, 15), 20, read_at=15)
    assert not late.healed.waits


def test_a_condition_whose_log_may_still_tell_is_waited_for_too() -> None:
    conditional = point("AI1", valid_when=Condition(PropertyRef(ObjectId(3, 7)), Decimal(1), "BI7 = active"))
    site = Site(meter(1, conditional), lambda _point, _instant: count(1))
    states = {"analog-input,1": [record(10, Recorded("enumerated", Decimal(1), "1"), 1)]}
    records = {"analog-input,1": log(*((minute, 5) for minute in range(0, 60, 5)))}
    assert outage(site, records, (10, 20), 30, conditions=states, read_at=10).healed.waits
    site = Site(site.meter, site.says)
    assert not outage(site, records, (10, 20), 30, conditions=states, read_at=30).healed.waits


def test_a_record_is_measured_at_its_own_instant_and_a_value_that_is_carried_on_at_its_slot() -> None:
    measured: list[int] = []

    def measure(at: int, recorded: Recorded, flags: object, memory: str | None, **_more: object) -> Step:
        assert (recorded, flags) == (count(1), ())
        measured.append(at)
        return Step(Reading(TEMPERATURE, at), memory, memory)

    for how, slot in ((How.NEAREST, 300_000), (How.CARRIED, 600_000), (How.BETWEEN, 900_000)):
        placed = {slot: Value(count(1), (), slot - 17, how)}
        Strand(TEMPERATURE, "k", placed, measure, lambda _b, _e, _a: "").step(slot, None)
    assert measured == [299_983, 600_000, 900_000]


# Electrical packets, field by field.

POWER, VOLTAGE = point("AI1", "aP_1", unit="W"), point("AI2", "v_1", unit="V")
ENERGY = point("ACC1", "pC_1", nature=INDEX, unit="Wh")
NOT_A_NUMBER = Recorded("real", None, "NaN")


def electrical(_point: Point, instant: int) -> Recorded:
    return count(1000 + instant // FIVE)


def test_a_packet_of_the_log_has_the_fields_that_have_a_log_unless_all_are_demanded() -> None:
    both = meter(1, POWER, VOLTAGE)
    made = outage(Site(both, electrical), {"analog-input,1": logged(1)}, (10, 15), 40)
    assert made.filled == {10: {"aP_1": 1002}, 15: {"aP_1": 1003}}
    assert made.healed.from_log == {minute * MINUTE: {"aP_1"} for minute in (10, 15)}
    demanding = Site(meter_all(POWER, VOLTAGE), electrical)
    assert outage(demanding, {"analog-input,1": logged(1)}, (10, 15), 40).filled == {}
    demanding = Site(meter_all(POWER, VOLTAGE), electrical)
    logs = {"analog-input,1": logged(1), "analog-input,2": logged(2)}
    assert outage(demanding, logs, (10, 15), 40).filled[15] == {"aP_1": 1003, "v_1": 1006}


def meter_all(*points: Point) -> Meter:
    return replace(meter(1, *points), require_all=True)


def test_a_field_that_packets_in_waiting_lack_is_added_and_what_was_read_is_kept() -> None:
    """After the gap the device answers for its power at once, for its voltage only from minute 35 on."""

    def says(which: Point, instant: int) -> Recorded | None:
        return None if which is VOLTAGE and 20 * MINUTE < instant < 35 * MINUTE else electrical(which, instant)

    logs = {"analog-input,1": logged(5), "analog-input,2": logged(7)}
    made = outage(Site(meter(1, POWER, VOLTAGE), says), logs, (10, 20), 40)
    assert made.sent[20] == {"aP_1": 1020, "v_1": 1028}
    assert made.sent[25] == {"aP_1": 1005, "v_1": 1035}, "the power as it was read, the voltage of the log"
    assert made.sent[35] == {"aP_1": 1007, "v_1": 1007}
    assert [packet.instant // MINUTE for packet in made.healed.completed] == [25, 30]
    assert made.healed.from_log[25 * MINUTE] == {"v_1"}
    assert {packet.origin for packet in made.healed.completed} == {"live"}


def test_a_packet_that_may_have_been_sent_as_it_was_gains_nothing() -> None:
    def says(which: Point, instant: int) -> Recorded | None:
        return None if which is VOLTAGE and instant > 20 * MINUTE else electrical(which, instant)

    made = outage(Site(meter(1, POWER, VOLTAGE), says), {"analog-input,2": logged(7)}, (10, 20), 40, fence=30)
    assert [packet.instant // MINUTE for packet in made.healed.completed] == [35, 40]


def test_a_field_that_was_read_and_refused_stays_out_whatever_the_log_says() -> None:
    """Frozen before the gap and after it; and flagged by the device while its packets wait."""
    voltage = point("AI2", "v_1", unit="V", frozen_after=3, frozen_refused=True)
    for interval, records in ((None, log((0.5, 230.5))), (FIVE, log(*((minute, 230.5) for minute in range(0, 60, 5))))):
        site = Site(meter(1, POWER, voltage), lambda which, at: real("230.5") if which is voltage else count(at))
        made = outage(site, {"analog-input,1": logged(1), "analog-input,2": records}, (30, 40), 60, interval=interval)
        assert {key for fields in made.sent.values() for key in fields} == {"aP_1"}
        assert made.healed.completed == ()
    site = Site(meter(1, POWER, VOLTAGE), lambda which, at: electrical(which, at) if which is POWER else NOT_A_NUMBER)
    made = outage(site, {"analog-input,2": logged(7)}, (10, 20), 40)
    assert made.healed.completed == ()
    assert made.sent[25] == {"aP_1": 1005}


def test_a_value_that_changed_in_the_log_is_not_frozen_any_more() -> None:
    voltage = point("AI2", "v_1", unit="V", frozen_after=3, frozen_refused=True)
    changes = log((0.5, 230.5), (36, 231), (46, 230.5))
    for after, still in (("240", {50: {"v_1": 230.5}, 55: {"v_1": 230.5}}), ("230.5", {})):
        shown = partial(lambda later, _which, at: real("230.5" if at < 30 * MINUTE else later), after)
        made = outage(Site(meter(1, voltage), shown), {"analog-input,2": changes}, (30, 55), 60, interval=None)
        assert made.filled == {40: {"v_1": 231}, 45: {"v_1": 231}} | still


def test_what_packets_lack_that_were_put_before_a_start_is_not_known_and_stays_out() -> None:
    def says(which: Point, instant: int) -> Recorded | None:
        return None if which is VOLTAGE and instant > 20 * MINUTE else electrical(which, instant)

    site = Site(meter(1, POWER, VOLTAGE), says)
    site.unheard = Forgotten()
    assert outage(site, {"analog-input,2": logged(7)}, (10, 20), 40).healed.completed == ()


class Forgotten(dict[int, frozenset[str]]):
    """What was noted does not outlive a start."""

    def __setitem__(self, slot: int, fields: frozenset[str]) -> None:
        pass


def test_a_gap_of_which_a_slot_has_its_packet_is_left_as_it_is_and_only_the_others_are_holes() -> None:
    site = Site(meter(1, POWER), electrical)
    slots, there = (
        range(10 * MINUTE, 21 * MINUTE, FIVE),
        packet_of(site.meter, QUEUE, 15 * MINUTE, {"aP_1": Decimal(7)}),
    )
    strands = strands_of(
        site.meter, {"analog-input,1": logged(1)}, {}, slots, Rule(FIVE, MINUTE, 60 * MINUTE, FIVE), 60 * MINUTE
    )
    made = heal(Case(site.meter, QUEUE, Gap(slots), 25 * MINUTE, None, {15 * MINUTE: there}, {}, {}), strands, PACKING)
    assert made.fills == made.completed == ()
    assert set(made.left) == {10 * MINUTE, 20 * MINUTE}


def test_a_counter_that_does_not_join_stays_out_and_the_other_fields_are_filled() -> None:
    """The log of the energy is of another register: it ends far above what is read."""
    logs = {"analog-input,1": logged(1), GAS: logged(1, start=900_000)}
    made = outage(Site(meter(1, POWER, ENERGY), electrical), logs, (10, 15), 40)
    assert made.filled == {10: {"aP_1": 1002}, 15: {"aP_1": 1003}}


# Counters.


def index_outage(records: list[LogRecord], upto: int = 40, **more: object) -> Outcome:
    site = Site(meter(1, point("ACC1", nature=INDEX)), growing(3))
    return outage(site, {GAS: records}, (10, 20), upto, **more)  # type: ignore[arg-type]


def delta_site(by: int = 3, **more: str) -> Site:
    return Site(meter(1, point("ACC1", nature=DELTA, **more)), growing(by))


def test_an_index_is_sent_as_the_log_shows_it() -> None:
    assert index_outage(logged(3)).filled == {10: {"value": 1006}, 15: {"value": 1009}, 20: {"value": 1012}}


def test_a_log_whose_counter_does_not_lead_to_what_was_read_leaves_the_gap_a_hole() -> None:
    made = index_outage([record(minute, count(5000 + minute), minute + 1) for minute in range(0, 60, 5)])
    assert made.filled == {}
    assert made.healed.left[10 * MINUTE] == (
        "accumulator,1 present-value: the counter does not plainly go on from 5020, the log's last count, "
        "to 1015, the first one read"
    )


def test_growth_that_was_read_in_one_is_parted_over_the_gap_and_its_sum_stays() -> None:
    """Three in five minutes; the first packet after the gap of three slots had all twelve."""
    site = delta_site()
    made = outage(site, {GAS: logged(3)}, (10, 20), 40)
    assert made.waiting[25 * MINUTE].body.endswith('"value":12}')
    assert made.sent == {minute: {"value": 3} for minute in range(10, 41, 5)}


def test_a_slot_that_the_log_lacks_gives_its_growth_to_the_next() -> None:
    records = [each for each in logged(3) if each.instant != 15 * MINUTE]
    made = outage(delta_site(), {GAS: records}, (10, 20), 40)
    assert made.sent == {10: {"value": 3}, 20: {"value": 6}, 25: {"value": 3}} | {
        minute: {"value": 3} for minute in range(30, 41, 5)
    }


def test_growth_is_not_parted_where_the_packet_that_has_it_may_have_left() -> None:
    made = outage(delta_site(), {GAS: logged(3)}, (10, 20), 40, fence=25)
    assert made.filled == {}
    assert made.healed.completed == ()


def test_growth_is_not_parted_where_nothing_is_known_of_the_counter_before_the_gap() -> None:
    made = outage(delta_site(), {GAS: logged(3)}, (0, 20), 40)
    assert made.filled == {}
    assert made.healed.left[0].endswith("nothing is known of the counter before the gap")


def test_a_log_that_counts_more_than_was_read_after_the_gap_fills_nothing() -> None:
    """Its register runs ahead: 40 in the gap, where 12 were read."""
    made = outage(delta_site(), {GAS: logged(20, start=960)}, (10, 20), 40)
    assert made.filled == {}
    assert made.sent[25] == {"value": 12}


def test_growth_whose_factor_does_not_come_out_even_is_parted_all_the_same() -> None:
    made = outage(delta_site(1, multiplier="0.333333333333"), {GAS: logged(1)}, (10, 20), 40)
    assert list(made.filled) == [10, 15, 20]
    assert sum(value for each in made.sent.values() for value in each.values()) == Decimal("2.333333333331")  # type: ignore[misc]


def test_growth_that_is_sent_with_the_sign_turned_is_parted_all_the_same() -> None:
    """What was fed in, say: three in five minutes, as −3."""
    made = outage(delta_site(3, multiplier="-1"), {GAS: logged(3)}, (10, 20), 40)
    assert made.sent == {minute: {"value": -3} for minute in range(10, 41, 5)}
    ahead = outage(delta_site(3, multiplier="-1"), {GAS: logged(20, start=960)}, (10, 20), 40)
    assert ahead.filled == {}


def test_growth_of_what_is_bought_less_what_is_sold_may_turn_within_the_gap() -> None:
    """Two counters, one of them taken off: +1 and −3 in the gap's slots, and −11 in all were read after it."""

    def says(which: Point, instant: int) -> Recorded:
        sold = which.multiplier < 0 and instant > 15 * MINUTE
        return count(1000 + instant // FIVE + (8 if sold else 0))

    bought, sold = point("ACC1", nature=DELTA), point("ACC2", nature=DELTA, multiplier="-1")
    logs = {
        name: [record(minute, says(of, minute * MINUTE), minute + 1) for minute in range(0, 60, 5)]
        for name, of in ((GAS, bought), ("accumulator,2", sold))
    }
    made = outage(Site(meter(1, bought, sold), says), logs, (10, 15), 40)
    assert made.filled == {10: {"value": 0}, 15: {"value": 0}}
    assert made.sent[20] == {"value": -8}


def test_a_rollover_within_the_gap_is_whole() -> None:
    """999 is followed by 0, at minute 30 of a gap up to minute 50; the log shows it as the device did."""

    def says(_point: Point, instant: int) -> Recorded:
        return count((982 + 3 * instant // FIVE) % 1000)

    counter = point("ACC1", nature=DELTA, counting=Counting(max_rate=Decimal(100), rollover=Decimal(999)))
    records = [record(minute, says(counter, minute * MINUTE), minute + 1) for minute in range(0, 200, 5)]
    made = outage(Site(meter(1, counter), says), {GAS: records}, (10, 60), 150)
    assert list(made.filled) == [10, 15, 20, 25, 40, 45, 50, 55, 60], "not believed at once, as in every slot"
    assert sum(value for each in made.sent.values() for value in each.values()) == 29 * 3  # type: ignore[misc]


def test_a_counter_that_was_reset_in_the_gap_leaves_it_a_hole() -> None:
    def says(_point: Point, instant: int) -> Recorded:
        return count((1000 if instant < 15 * MINUTE else 0) + 3 * instant // FIVE)

    counter = point("ACC1", nature=INDEX)
    records = [record(minute, says(counter, minute * MINUTE), minute + 1) for minute in range(0, 200, 5)]
    made = outage(Site(meter(1, counter), says), {GAS: records}, (10, 40), 150)
    assert made.filled == {}


def test_a_counter_between_the_records_of_a_slow_log_is_worked_out_where_the_mapping_says_so() -> None:
    """A log of fifteen minutes; 1006 and 1015 at minutes 10 and 25 have 1009 and 1012 between them."""
    slow = [record(minute, count(1000 + 3 * minute // 5), minute // 15 + 1) for minute in range(10, 60, 15)]
    worked = outage(
        Site(meter(1, point("ACC1", nature=INDEX)), growing(3)), {GAS: slow}, (10, 20), 40, interpolate=True
    )
    assert worked.filled == {10: {"value": 1006}, 15: {"value": 1009}, 20: {"value": 1012}}
    assert list(index_outage(slow).filled) == [10]


def test_two_registers_of_a_sum_are_filled_together_or_not_at_all() -> None:
    one, other = point("ACC1", nature=DELTA), point("ACC2", nature=DELTA)
    records = [each for each in logged(3) if each.instant != 15 * MINUTE]
    made = outage(Site(meter(1, one, other), growing(3)), {GAS: logged(3), "accumulator,2": records}, (10, 20), 40)
    assert made.filled == {10: {"value": 6}, 20: {"value": 12}}
    assert made.sent[25] == {"value": 6}
    alone = outage(Site(meter(1, one, other), growing(3)), {GAS: logged(3)}, (10, 20), 40)
    assert alone.filled == {}


def test_registers_of_different_units_are_not_added_up() -> None:
    one, other = point("ACC1", nature=DELTA, unit="m³"), point("ACC2", nature=DELTA, unit="kWh")
    logs = {GAS: logged(3), "accumulator,2": logged(3)}
    assert outage(Site(meter(1, one, other), growing(3)), logs, (10, 20), 40).filled == {}


def test_fills_that_count_more_than_the_packet_after_them_are_dropped_whatever_the_memory_says() -> None:
    """The live side's packet is of another count than its memory: nothing is made negative."""
    site = delta_site()
    site.read(range(0, 10 * MINUTE, FIVE))
    before = dict(site.memory)
    slots = range(10 * MINUTE, 21 * MINUTE, FIVE)
    strands = strands_of(site.meter, {GAS: logged(3)}, {}, slots, Rule(FIVE, MINUTE, 60 * MINUTE, FIVE), 60 * MINUTE)
    after = {
        key: text.replace('"last":"1003"', '"last":"1030"').replace('"at":300000', '"at":1500000')
        for key, text in before.items()
    }
    small = packet_of(site.meter, QUEUE, 25 * MINUTE, {"value": Decimal(8)})
    case = Case(site.meter, QUEUE, Gap(slots), 25 * MINUTE, None, {25 * MINUTE: small}, before, after)
    made = heal(case, strands, PACKING)
    assert made.fills == made.completed == ()
    assert set(made.left.values()) == {"the log counts more in the gap than was read after it"}


# Random ones.

HOURS = 3 * 60
STARTS = st.sampled_from(
    [0, *(instant_of(datetime.fromisoformat(f"{day}T00:00Z")) for day in ("2026-03-29", "2026-10-25"))]
)
"""In Dublin, clocks are set at 01:00 UTC on these days."""
GAPS = st.tuples(st.integers(2, 20), st.integers(1, 12)).map(lambda at: (5 * at[0], 5 * (at[0] + at[1])))


def in_order(made: Outcome, gap: tuple[int, int], start: int) -> None:
    """Guarantee 2, of what is put and of what leaves; and each packet says the time of its own instant."""
    fills = [packet.instant for packet in made.healed.fills]
    assert fills == sorted(set(fills))
    assert not set(fills) & set(made.waiting)
    assert all(
        start + gap[0] * MINUTE <= each <= start + gap[1] * MINUTE and (each - start) % FIVE == 0 for each in fills
    )
    assert {packet.instant for packet in made.healed.completed} <= set(made.waiting)
    said = [json.loads(packet.body)["tsISO8601"] for packet in (*made.healed.fills, *made.healed.completed)]
    assert len(set(said)) == len(said)
    for packet, text in zip((*made.healed.fills, *made.healed.completed), said, strict=True):
        assert instant_of(datetime.fromisoformat(text)) == packet.instant


@settings(max_examples=60, deadline=None)
@given(cov_logs(HOURS * MINUTE) | interval_logs(HOURS * MINUTE), GAPS, STARTS)
def test_a_measurement_of_a_random_log_is_never_out_of_order_twice_or_of_a_wrong_instant(
    made: Logged, gap: tuple[int, int], start: int
) -> None:
    site = Site(meter(1, TEMPERATURE), lambda _point, instant: count(int(made.truth(instant - start))))
    healed = outage(site, {"analog-input,1": made.records}, gap, HOURS, interval=made.interval, start=start)
    in_order(healed, gap, start)
    for packet in healed.healed.fills:
        at = packet.instant - start
        near = {made.truth(max(0, at + off)) for off in range(-MINUTE, MINUTE + 1, 1000)}
        changed = {made.truth(each.instant) for each in made.records if abs(each.instant - at) <= MINUTE}
        assert Decimal(str(json.loads(packet.body)["value"])) in near | changed


@settings(max_examples=60, deadline=None)
@given(
    interval_logs(HOURS * MINUTE, rising=True),
    GAPS,
    STARTS,
    st.sampled_from([INDEX, DELTA]),
    st.sampled_from([None, 99, 499]),
    st.booleans(),
)
def test_a_counter_of_a_random_log_is_parted_without_a_rest_or_left_as_it_was_read(
    made: Logged, gap: tuple[int, int], start: int, nature: Nature, largest: int | None, interpolate: bool
) -> None:
    """Also where it rolls over: 99 or 499 is followed by 0."""

    def shown(instant: int) -> int:
        return int(made.truth(max(0, instant))) % (HIGHEST_COUNT if largest is None else largest + 1)

    rollover = None if largest is None else Decimal(largest)
    counter = point("ACC1", nature=nature, counting=Counting(rollover=rollover))
    site = Site(meter(1, counter), lambda _point, instant: count(shown(instant - start)))
    records = [
        each._replace(content=count(shown(each.instant))) if isinstance(each.content, Recorded) else each
        for each in made.records
    ]
    healed = outage(site, {GAS: records}, gap, HOURS, interval=made.interval, start=start, interpolate=interpolate)
    in_order(healed, gap, start)
    event(f"{nature} filled {bool(healed.healed.fills)}")
    read = [json.loads(packet.body)["value"] for packet in healed.waiting.values()]
    sent = [each["value"] for each in healed.sent.values()]
    if nature is DELTA:
        assert sum(map(Decimal, sent)) == sum(map(Decimal, read))  # type: ignore[arg-type]
        assert all(value >= 0 for value in sent)  # type: ignore[operator]
    else:
        _as_it_was_logged(healed, records, start, between=interpolate)


def _as_it_was_logged(healed: Outcome, records: list[LogRecord], start: int, *, between: bool) -> None:
    """An index is what a record near the slot says, or lies between what those within an hour say."""
    for packet in healed.healed.fills:
        near = [
            each.content.number or Decimal(0)
            for each in records
            if isinstance(each.content, Recorded)
            and abs(each.instant - packet.instant + start) <= (60 * MINUTE if between else MINUTE)
        ]
        value = Decimal(str(json.loads(packet.body)["value"]))
        assert value in near or (between and min(near) < value < max(near))


HIGHEST_COUNT = 10**9
