"""From what a device's log holds to slots: whatever became of its clock, no value is at another's instant."""

from bisect import bisect_right
from itertools import pairwise

from hypothesis import event, given, settings
from hypothesis import strategies as st

from bacnet_bridge.backfill.place import How, Rule, Value, place
from bacnet_bridge.bacnet.log_clock import Shift
from bacnet_bridge.bacnet.log_record import RawRecord
from bacnet_bridge.bacnet.log_time import offsets
from bacnet_bridge.bacnet.logged_records import assemble
from bacnet_bridge.logged import ClockMark, LogFacts, LoggedProperty, Recorded
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.lives import AUTUMN, HOUR, MINUTE, Life, lives

FIVE = 5 * MINUTE
HIGHEST = 2**32 - 1


@settings(max_examples=150, deadline=None, derandomize=True)  # always the same lives: no run is unlucky
@given(lives(), st.sampled_from([10, 60, 9999]), st.sampled_from([1, HIGHEST - 20]), st.booleans())
def test_a_slot_has_the_value_of_its_own_time_or_none(
    lived: tuple[Life, int], buffer: int, first: int, numbered: bool
) -> None:
    """Also where the buffer was overwritten, the numbers begin anew, or the device does not number its records, so that
    earlier looks at its clock say nothing. Values say when they were recorded.
    """
    life, now = lived
    made = [(first + at, RawRecord(when + ahead, (said,), ())) for at, (when, ahead, said) in enumerate(life.truth)]
    records, newest = made[-buffer:], made[-1][0]
    clock = ClockMark(now, life.offset(now), 0, newest if numbered else None)
    looks = [
        ClockMark(at, ahead, 0, first - 1 + sum(when <= at for when, *_ in life.truth)) for at, ahead in life.looks
    ]
    known = offsets(records, clock, looks if numbered else [], life.interval, (Shift(AUTUMN, -HOUR),))
    member = (LoggedProperty(ObjectId(0, 1), 85),)
    facts = LogFacts(ObjectId(20, 1), member, life.interval, True, buffer, len(records), newest, False, clock)
    begin = life.truth[0][0]
    reading = assemble(facts, records, known, begin, 1)
    slots = range(begin - begin % FIVE, now, FIVE)
    found = place(reading.members[0], slots, Rule(FIVE, MINUTE, 6 * HOUR, life.interval), reading.upto)
    looked = min((at for at, _ in life.looks), default=now) if numbered else now
    recorded = [when for when, _, said in life.truth if isinstance(said, Recorded)]
    for slot, each in found.items():
        if isinstance(each, Value) and each.at > looked:
            was = int(each.recorded.number or 0)
            following = next(iter(recorded[bisect_right(recorded, was) :]), now)
            if each.how is How.NEAREST:
                assert abs(was - slot) <= MINUTE
            else:
                assert was - MINUTE <= slot < following + MINUTE, "it was so at the slot, or within the tolerance of it"
    values = sum(isinstance(each, Value) for each in found.values())
    event(f"{'changes' if life.interval is None else 'interval'}, values {bool(values)}")
    instants = [record.instant for record in reading.members[0]]
    assert all(one <= other for one, other in pairwise(instants))
