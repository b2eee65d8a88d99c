"""A log's records → the slots' values, by rule. Pure; instants and lengths are UTC milliseconds.

Guarantee 4, never a wrong value: a slot gets what the log says of that instant, or nothing. A record that is near
enough serves one slot only; a value that is carried on, because the log writes only what changes, is carried no longer
than the log is known to have been writing.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import NamedTuple

from bacnet_bridge.backfill.between import between
from bacnet_bridge.backfill.last_known import Known, stretches
from bacnet_bridge.backfill.records import Counted, counted
from bacnet_bridge.logged import Failed, LogRecord, Recorded
from bacnet_bridge.model import Backfill, Meter


class How(StrEnum):
    """By which rule a slot has its value."""

    NEAREST = "the record nearest"
    CARRIED = "the last known value"
    BETWEEN = "between two records"


class Value(NamedTuple):
    """What the log says of a slot. `at` is the instant of the record, of the earlier one where it lies between two."""

    recorded: Recorded
    flags: tuple[str, ...] | None
    at: int
    how: How


class Missing(NamedTuple):
    """The log has no value of the slot, and will have none."""

    why: str


class Open(NamedTuple):
    """The log may still tell: its next record is not there yet."""

    why: str


Placed = Value | Missing | Open


@dataclass(frozen=True, slots=True)
class Rule:
    """How one point's log is put on its meter's slots."""

    step: int
    """Between two slots."""
    tolerance: int
    """That a record may be off a slot, less than half a step."""
    age: int
    """That a value is carried on at most, and that two records may be apart to have a value between them."""
    interval: int | None
    """The log's; None: it writes what changes."""
    interpolate: bool = False
    """A counter's value between two records may be worked out."""
    falls: bool = False
    """The counter counts both ways."""
    writes: bool = True
    """The log goes on recording; of one that does not, nothing is known past its last record."""


def rule_of(
    meter: Meter, backfill: Backfill, interval: int | None, *, falls: bool = False, writes: bool = True
) -> Rule:
    """The mapping's word on a point, and its log's own: interval (None: it writes what changes), whether it writes."""
    step = meter.interval * 1000
    tolerance = round(meter.tolerance * 1000) if backfill.tolerance is None else backfill.tolerance
    return Rule(step, min(tolerance, (step - 1) // 2), backfill.age, interval, backfill.interpolate, falls, writes)


def place(records: Iterable[LogRecord], slots: Sequence[int], rule: Rule, read_at: int) -> dict[int, Placed]:
    """Each slot's value, or why it has none. `slots` are in order, on one grid; `read_at` is when the log was read to
    its end.

    Records that came twice count once, those out of order are put in order. One whose instant is less certain than the
    tolerance has no value.
    """
    known = counted(records)
    found: dict[int, Placed] = dict(_between(known, slots, rule)) if rule.interpolate else {}
    left = [slot for slot in slots if slot not in found]
    by_rule = _carried if rule.interval is None else _nearest
    return found | by_rule(known, left, rule, read_at)


def _nearest(known: Sequence[Counted], slots: Sequence[int], rule: Rule, read_at: int) -> dict[int, Placed]:
    """Of a log that writes at intervals: the record nearest the slot. No record is nearest to two."""
    best: dict[int, LogRecord] = {}
    failed: dict[int, Failed] = {}
    for record, _ in known:
        slot = _slot_of(record, slots, rule)
        if slot is None:
            continue
        if isinstance(record.content, Failed):
            failed[slot] = record.content
        elif isinstance(record.content, Recorded):
            there = best.get(slot)
            if there is None or abs(record.instant - slot) < abs(there.instant - slot):
                best[slot] = record
    newest = known[-1].record if known else None
    return {slot: _near(slot, best.get(slot), failed.get(slot), rule, newest, read_at) for slot in slots}


def _near(
    slot: int, record: LogRecord | None, failed: Failed | None, rule: Rule, newest: LogRecord | None, read_at: int
) -> Placed:
    decided = newest is not None and newest.instant >= (slot + rule.tolerance if record is None else slot)
    awaited = rule.writes and (record is not None or _comes_near(slot, newest, rule))
    if awaited and not decided and read_at <= slot + rule.tolerance + (rule.interval or 0):
        return Open("the log has not written its next record yet")
    if record is not None and isinstance(record.content, Recorded):
        return Value(record.content, record.flags, record.instant, How.NEAREST)
    if failed is not None:
        return Missing(f"the device could not read what it logs: {failed.text}")
    return Missing(f"the log has no record within {_said(rule.tolerance)} of it")


def _comes_near(slot: int, newest: LogRecord | None, rule: Rule) -> bool:
    """Another record may, at the log's pace; up to twice as far off as is tolerated: nobody keeps it exactly."""
    if newest is None or rule.interval is None or not isinstance(newest.content, Recorded | Failed):
        return True  # a status tells nothing of the pace
    following = newest.instant + rule.interval * max(1, round((slot - newest.instant) / rule.interval))
    return abs(following - slot) <= 2 * rule.tolerance + newest.within


def _slot_of(record: LogRecord, slots: Sequence[int], rule: Rule) -> int | None:
    """The one slot that the record is near to, by the grid; at equal distance the earlier one."""
    if not slots:
        return None
    offset = (record.instant - slots[0]) % rule.step
    slot = record.instant - offset + (rule.step if 2 * offset > rule.step else 0)
    return slot if abs(record.instant - slot) + record.within <= rule.tolerance else None


def _carried(known: Sequence[Counted], slots: Sequence[int], rule: Rule, read_at: int) -> dict[int, Placed]:
    """Of a log that writes what changes: the last value that it wrote."""
    found: dict[int, Placed] = {}
    said = stretches(known, rule.tolerance, read_at, writes=rule.writes)
    index = -1
    for slot in slots:
        while index + 1 < len(said) and said[index + 1].since <= slot:
            index += 1
        if slot > read_at:
            found[slot] = Open("the log was read before it")
        elif index < 0:
            found[slot] = Missing("the log does not reach so far back")
        else:
            found[slot] = _last_known(slot, said[index], rule)
    return found


def _last_known(slot: int, known: Known, rule: Rule) -> Placed:
    if known.record is None or not isinstance(known.record.content, Recorded):
        return Missing(known.why)
    old = slot - known.since
    if slot > known.until and old > rule.tolerance:
        return Missing(known.why)
    if old > rule.age:
        return Missing(f"the log's last known value is older than {_said(rule.age)}")
    return Value(known.record.content, known.record.flags, known.since, How.CARRIED)


def _between(known: Sequence[Counted], slots: Sequence[int], rule: Rule) -> Iterator[tuple[int, Value]]:
    """The slots of which a counter's value can be worked out: between two records, with none lost between them."""
    certain = [each for each in known if each.record.within <= rule.tolerance and not each.clock]
    pairs = iter(list(pairwise(certain)))
    pair = next(pairs, None)
    for slot in slots:
        while pair is not None and pair[1].record.instant < slot:
            pair = next(pairs, None)
        if pair is None:
            return
        (before, lost), (after, lost_until) = pair
        if before.instant <= slot and after.instant - before.instant <= rule.age and lost == lost_until:
            recorded = between(before, after, slot, falls=rule.falls)
            if recorded is not None:
                yield slot, Value(recorded, _joined(before.flags, after.flags), before.instant, How.BETWEEN)


def _joined(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    """A value between two records bears the flags of both; None where one of them keeps none."""
    return None if one is None or other is None else tuple(dict.fromkeys((*one, *other)))


def _said(milliseconds: int) -> str:
    seconds = milliseconds / 1000
    return f"{seconds / 60:g} min" if seconds >= 120 and seconds % 60 == 0 else f"{seconds:g} s"
