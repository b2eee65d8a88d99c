from decimal import Decimal

import pytest

from bacnet_bridge.model import Account, Hole, Meter, Packet, Point, Problem, PropertyRef, Queue, Reading
from bacnet_bridge.packet.build import build
from bacnet_bridge.packet.wire import values
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import ObjectId

SLOT = 1_793_581_200_000  # 2026-11-02T01:00:00Z
QUEUE = Queue(Account("https://platform.example/", "default"), "main")


def point(field: str, instance: int) -> Point:
    return Point(field, PropertyRef(ObjectId(0, instance)))


def meter(*points: Point, require_all: bool = False) -> Meter:
    return Meter(
        id="main",
        name="Main",
        device=1001,
        points=points,
        interval=300,
        zone="America/New_York",
        tolerance=60,
        require_all=require_all,
    )


def good(of: Point, value: str) -> Reading:
    return Reading(of, SLOT, Decimal(value))


def bad(of: Point, reason: HoleReason, detail: str) -> Reading:
    return Reading(of, SLOT, problem=Problem(reason, detail))


P1, P2, P3 = point("aP_1", 1), point("aP_2", 2), point("aP_3", 3)
VALUE = point("value", 9)


def test_a_packet_bears_its_slot_and_counts_under_the_local_day() -> None:
    packet = build(meter(VALUE), QUEUE, SLOT, [good(VALUE, "21.3")])
    body = '{"id":"main","tsISO8601":"2026-11-01T20:00:00.000-05:00","value":21.3}'
    assert packet == Packet(QUEUE, SLOT, "2026-11-01", body)


def test_points_of_one_field_are_summed_exactly() -> None:
    parts = [point("pC_1", n) for n in range(4)]
    packet = build(
        meter(*parts),
        QUEUE,
        SLOT,
        [good(part, text) for part, text in zip(parts, ("0.1", "0.2", "1E+38", "-1E-40"), strict=True)],
    )
    assert isinstance(packet, Packet)
    whole, fraction = "1" + "0" * 38, "2" + "9" * 39
    assert packet.body.endswith(f'"pC_1":{whole}.{fraction}}}')


def test_readings_are_matched_by_point_not_by_position() -> None:
    packet = build(meter(P1, P2, P3), QUEUE, SLOT, [good(P3, "3"), good(P1, "1"), good(P2, "2")])
    assert isinstance(packet, Packet)
    assert values(packet.body) == {"aP_1": Decimal(1), "aP_2": Decimal(2), "aP_3": Decimal(3)}


def test_a_missing_point_leaves_its_field_out() -> None:
    packet = build(meter(P1, P2), QUEUE, SLOT, [good(P1, "1"), bad(P2, HoleReason.REFUSED, "fault")])
    assert isinstance(packet, Packet)
    assert values(packet.body) == {"aP_1": Decimal(1)}


def test_a_part_of_a_sum_is_not_the_sum() -> None:
    other = point("aP_1", 11)
    packet = build(
        meter(P1, other, P2),
        QUEUE,
        SLOT,
        [good(P1, "1"), bad(other, HoleReason.SILENT, "no answer"), good(P2, "2")],
    )
    assert isinstance(packet, Packet)
    assert values(packet.body) == {"aP_2": Decimal(2)}


def test_a_point_without_a_reading_is_missing() -> None:
    hole = build(meter(VALUE), QUEUE, SLOT, [])
    assert hole == Hole(HoleReason.SILENT, "analog-input,9 present-value was not read")


SILENT = (HoleReason.SILENT, "device 1001 gave no answer")
FAULT = (HoleReason.REFUSED, "analog-input,2: fault")
FIRST = (HoleReason.FIRST, "analog-input,3: nothing to subtract yet")


@pytest.mark.parametrize(
    ("problems", "reason", "detail"),
    [
        ((SILENT, SILENT, SILENT), HoleReason.SILENT, SILENT[1]),
        ((FAULT, SILENT, FIRST), HoleReason.REFUSED, f"{FAULT[1]}; {SILENT[1]}; {FIRST[1]}"),
        ((FIRST, FAULT, FAULT), HoleReason.FIRST, f"{FIRST[1]}; {FAULT[1]}"),
        ((SILENT, FAULT, SILENT), HoleReason.REFUSED, f"{SILENT[1]}; {FAULT[1]}"),
    ],
)
def test_nothing_left_is_a_hole_with_a_reason(
    problems: tuple[tuple[HoleReason, str], ...], reason: HoleReason, detail: str
) -> None:
    readings = [bad(of, *problem) for of, problem in zip((P1, P2, P3), problems, strict=True)]
    hole = build(meter(P1, P2, P3), QUEUE, SLOT, readings)
    assert isinstance(hole, Hole)
    assert (hole.reason, hole.detail, hole.readings) == (reason, detail, tuple(readings))


def test_a_detail_is_bounded() -> None:
    points = [point(f"v_{n}", n) for n in (1, 2, 3)]
    hole = build(
        meter(*points), QUEUE, SLOT, [bad(of, HoleReason.REFUSED, f"{of.source} " + "x" * 150) for of in points]
    )
    assert isinstance(hole, Hole)
    assert len(hole.detail) == 200
    assert hole.detail.endswith("…")


def test_a_meter_may_demand_all_fields() -> None:
    demanding = meter(P1, P2, P3, require_all=True)
    hole = build(demanding, QUEUE, SLOT, [good(P1, "1"), bad(P2, *FAULT), bad(P3, *SILENT)])
    assert isinstance(hole, Hole)
    assert hole.reason is HoleReason.REFUSED
    assert "aP_2, aP_3" in hole.detail
    assert FAULT[1] in hole.detail
    assert isinstance(build(demanding, QUEUE, SLOT, [good(P1, "1"), good(P2, "2"), good(P3, "3")]), Packet)
