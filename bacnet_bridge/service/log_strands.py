"""From the logs of a meter's device to what heals its gaps: each point's records, put on its slots. Pure.

Guarantee 4: a log that records another object than the point's, or none that is known, says nothing of the point.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from bacnet_bridge.backfill.place import Missing, Placed, place
from bacnet_bridge.backfill.place import rule_of as placing_of
from bacnet_bridge.backfill.strand import Strand
from bacnet_bridge.bacnet.from_log import bridges, measure_logged
from bacnet_bridge.bacnet.plan import memory_key
from bacnet_bridge.bacnet.rule import Rule
from bacnet_bridge.logged import LogReading
from bacnet_bridge.model import Backfill, LogColumn, Meter, Point, PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

Readings = Mapping[ObjectId, LogReading | str]
"""By log, what it recorded; or a sentence why it cannot be had."""


def strands_of(meter: Meter, rules: Sequence[Rule | None], slots: Sequence[int], readings: Readings) -> list[Strand]:
    """Of the points that have a log. `rules` are those of the meter's points, None where its object is not known.

    `slots` are in order; `readings` are of all logs that the points name.
    """
    return [
        _strand(meter, point, rule, point.backfill, slots, readings)
        for point, rule in zip(meter.points, rules, strict=True)
        if point.backfill is not None and rule is not None
    ]


def _strand(
    meter: Meter, point: Point, rule: Rule, backfill: Backfill, slots: Sequence[int], readings: Readings
) -> Strand:
    condition = None
    if point.valid_when is not None and backfill.condition is not None:
        condition = _placed(meter, point, point.valid_when.source, backfill.condition, slots, readings)
    return Strand(
        point,
        memory_key(meter, point),
        _placed(meter, point, point.source, backfill.source, slots, readings),
        partial(measure_logged, rule),
        partial(bridges, rule),
        condition,
    )


def _placed(
    meter: Meter, point: Point, source: PropertyRef, column: LogColumn, slots: Sequence[int], readings: Readings
) -> dict[int, Placed]:
    reading, backfill = readings[column.log], point.backfill
    if isinstance(reading, str) or backfill is None:
        return dict.fromkeys(slots, Missing(str(reading)))
    why = _another(meter, source, column, reading)
    if why:
        return dict.fromkeys(slots, Missing(why))
    counter = source == point.source
    facts = reading.facts
    falls = counter and point.counting.falls
    rule = placing_of(meter, backfill, facts.interval, falls=falls, writes=facts.writes)
    return place(reading.members[(column.column or 1) - 1], slots, rule, reading.upto)


def _another(meter: Meter, source: PropertyRef, column: LogColumn, reading: LogReading) -> str:
    """Why the column is not the property's."""
    members, at = reading.facts.members, (column.column or 1) - 1
    if at >= len(members):
        return f"{column.log} has {len(members)} columns, and no {column.column}"
    recorded = members[at]
    if recorded is None:
        return f"{column} records nothing"
    here = recorded.is_of(source, meter.device)
    return "" if here else f"{column} records {recorded.told(meter.device)}, not {source}"
