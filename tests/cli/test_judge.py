"""The demo's verdict: what the building declares is expected, everything else is told."""

from dataclasses import replace
from decimal import Decimal

import pytest

from bacnet_bridge.cli.judge import expected_holes, judge
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.model import Meter, Nature, Point, PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

ONE, TWO = ObjectId(0, 1), ObjectId(0, 2)


def meter(*points: Point, require_all: bool = False) -> Meter:
    return Meter(
        id="m", name="Meter", device=7, points=points, interval=5, zone="UTC", tolerance=4, require_all=require_all
    )


def point(field: str, source: ObjectId, nature: Nature = Nature.INSTANT) -> Point:
    return Point(field, PropertyRef(source), nature, multiplier=Decimal(1))


@pytest.mark.parametrize(
    ("read", "sick", "holes"),
    [
        (meter(point("value", ONE)), set(), 0),
        (meter(point("value", ONE)), {(7, ONE)}, 6),
        (meter(point("value", ONE)), {(8, ONE)}, 0),
        (meter(point("value", ONE, Nature.DELTA)), set(), 1),
        (meter(point("value", ONE, Nature.DELTA)), {(7, ONE)}, 6),
        (meter(point("aP_1", ONE), point("aP_2", TWO)), {(7, TWO)}, 0),
        (meter(point("aP_1", ONE), point("aP_2", TWO), require_all=True), {(7, TWO)}, 6),
        (meter(point("aP_1", ONE), point("aP_1", TWO)), {(7, TWO)}, 6),
    ],
)
def test_expected_holes(read: Meter, sick: set[tuple[int, ObjectId]], holes: int) -> None:
    assert expected_holes(read, sick, 6) == holes


WELL = DayCount("m", "2027-01-15", due=6, accepted=6, waiting=0, set_aside=0)


@pytest.mark.parametrize(
    ("count", "stored", "failure"),
    [
        (WELL, 6, None),
        (replace(WELL, accepted=5), 5, "1 hole, where the building makes 0"),
        (replace(WELL, accepted=5, waiting=1), 5, "still waiting: 1 packet"),
        (WELL, 5, "the platform has 5 packets, the bridge counts 6 as accepted"),
        (replace(WELL, due=2, accepted=2), 2, "2 packets accepted, 3 or more were to be expected"),
    ],
)
def test_what_is_not_as_promised_is_told(count: DayCount, stored: int, failure: str | None) -> None:
    failures = judge([meter(point("value", ONE))], set(), {"m": count}, {"m": range(stored)}, 30)
    assert failures == ([] if failure is None else [f"Meter: {failure}"])
