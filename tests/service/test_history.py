"""A day's values of a meter, bounded whatever its interval is."""

import math
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest

from bacnet_bridge.model import Account, Meter, Packet, Point, Problem, PropertyRef, Queue, Reading
from bacnet_bridge.packet.wire import line
from bacnet_bridge.service.history import History, headline
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.objects import ObjectId

NOON = 1_795_694_400_000
"""2026-11-26 12:00 UTC."""
MINUTE = 60_000


def meter(interval: int = 300, fields: tuple[str, ...] = ("value",), name: str = "m", **more: Any) -> Meter:
    points = tuple(Point(field, PropertyRef(ObjectId(0, n + 1)), **more) for n, field in enumerate(fields))
    return Meter(name, name, 1001, points, interval, "Europe/Dublin", 30)


def read(of: Meter, *values: float | None) -> list[Reading]:
    lacking = Problem(HoleReason.REFUSED, "fault")
    return [
        Reading(point, 0, None, lacking) if value is None else Reading(point, 0, Decimal(str(value)))
        for point, value in zip(of.points, values, strict=True)
    ]


def shown(history: History, of: Meter, now: int) -> dict[str, Any]:
    return history.track(of).document(now)


def test_a_point_is_a_slot_and_the_last_one_is_the_newest() -> None:
    history, of = History(), meter(900)
    for number in range(3):
        history.put(of, NOON + number * 15 * MINUTE, read(of, number + 0.5))
    history.missed(of, NOON + 45 * MINUTE, NOON + 60 * MINUTE)
    seen = shown(history, of, NOON + 61 * MINUTE)
    assert len(seen["values"]) == len(seen["holes"]) == 96
    assert seen["values"][-5:] == [0.5, 1.5, 2.5, None, None]
    assert seen["holes"][-5:] == [0, 0, 0, 1, 1]
    assert seen["first"] + 95 * 900_000 == NOON + 60 * MINUTE
    assert seen["known_since"] == NOON
    spark = history.track(of).spark(NOON + 61 * MINUTE)
    assert (spark.text, spark.low, spark.high) == ("." * 45 + "0z!", 0.5, 2.5), "two points a character"


def test_a_hole_that_was_healed_has_its_value() -> None:
    history, of = History(), meter(900)
    history.put(of, NOON, read(of, 0.5))
    history.missed(of, NOON + 15 * MINUTE, NOON + 30 * MINUTE)
    history.put(of, NOON + 45 * MINUTE, read(of, 3.5))
    body = line("m", NOON + 15 * MINUTE, "UTC", {"value": Decimal("1.5")})
    history.healed(of, [Packet(Queue(Account("https://x", "a"), "m"), NOON + 15 * MINUTE, "2026-11-26", body)])
    seen = shown(history, of, NOON + 46 * MINUTE)
    assert (seen["values"][-4:], seen["holes"][-4:]) == ([0.5, 1.5, None, 3.5], [0, 0, 1, 0])


def test_short_intervals_share_a_point_and_its_instant_is_its_last_slot_s() -> None:
    history, of = History(), meter(60)
    for number in range(12):
        if number in {5, 6}:
            history.missed(of, NOON + number * MINUTE, NOON + number * MINUTE)
        else:
            history.put(of, NOON + number * MINUTE, read(of, number))
    seen = shown(history, of, NOON + 12 * MINUTE)
    assert len(seen["values"]) == 288
    assert (seen["values"][-3:], seen["holes"][-3:]) == ([4, 9, 11], [0, 2, 0])
    assert seen["first"] + 287 * 300_000 == NOON + 14 * MINUTE


def test_slots_beside_round_hours_keep_their_instants() -> None:
    history, of = History(), meter(3600)
    history.put(of, NOON + 30 * MINUTE, read(of, 1))
    seen = shown(history, of, NOON + 40 * MINUTE)
    assert seen["first"] + 23 * 3_600_000 == NOON + 30 * MINUTE


def test_what_is_older_than_a_day_is_gone_and_silence_moves_on() -> None:
    history, of = History(), meter()
    history.put(of, NOON, read(of, 7))
    assert shown(history, of, NOON + 23 * 60 * MINUTE)["values"].count(7) == 1
    assert shown(history, of, NOON + 25 * 60 * MINUTE)["known_since"] is None
    assert history.track(of).spark(NOON + 25 * 60 * MINUTE).text == ""
    history.put(of, NOON, read(of, 7))
    assert shown(history, of, NOON + 25 * 60 * MINUTE)["known_since"] is None, "a clock that was set back"


def test_a_range_of_holes_that_lasts_for_years_costs_a_day() -> None:
    history, of = History(), meter(60)
    history.missed(of, NOON - 10**7 * MINUTE, NOON)
    seen = shown(history, of, NOON)
    assert (seen["holes"][0], seen["holes"][-1], sum(seen["holes"])) == (5, 1, 1436)


def test_what_is_recalled_takes_no_newer_value_s_place_and_counts_no_hole_twice() -> None:
    history, of = History(), meter(60)
    history.put(of, NOON, read(of, 5))
    history.missed(of, NOON + MINUTE, NOON + MINUTE)
    track = history.track(of)
    for slot, value in ((NOON - MINUTE, 4), (NOON - 2 * MINUTE, 3), (NOON + 2 * MINUTE, 99), (NOON - 10**9, 1)):
        track.recall(slot, value)
    history.missed(of, NOON + MINUTE, NOON + MINUTE, recalled=True)
    seen = shown(history, of, NOON + MINUTE)
    assert (seen["values"][-3:], seen["holes"][-3:]) == ([None, 4, 5], [0, 0, 1])


def test_the_first_field_of_the_platform_s_order_stands_for_a_meter_and_its_points_are_summed() -> None:
    history, of = History(), meter(fields=("v_1", "aP_1", "aP_1"))
    assert headline(of) == "aP_1"
    history.put(of, NOON, read(of, 230, 2, 0.5))
    history.put(of, NOON + 5 * MINUTE, read(of, 230, 2, None))
    seen = shown(history, of, NOON + 5 * MINUTE)
    assert (seen["field"], seen["values"][-2:], seen["holes"][-2:]) == ("aP_1", [2.5, None], [0, 0])


@pytest.mark.parametrize("edit", [meter(600), meter(multiplier=Decimal(10)), meter(fields=("aP_1",))])
def test_another_thing_begins_anew(edit: Meter) -> None:
    history, of = History(), meter()
    history.put(of, NOON, read(of, 7))
    assert history.track(meter()) is history.track(of)
    assert shown(history, edit, NOON)["known_since"] is None


def test_extreme_values_are_drawn_or_left_out() -> None:
    history, of = History(), meter(fields=("aP_1", "aP_1"))
    for number, values in enumerate([(1e308, 1e308), (1.7e308, 0.0), (-1.7e308, 0.0), (math.pi, -1e-300)]):
        history.put(of, NOON + number * 30 * MINUTE, read(of, *values))
    assert shown(history, of, NOON)["values"][-19::6] == [None, 1.7e308, -1.7e308, math.pi]
    assert history.track(of).spark(NOON).text[-4:] == ".z0U"


def test_thousands_of_meters_take_little_memory() -> None:
    meters = [meter(1, name=f"m-{number}") for number in range(200)]
    tracemalloc.start()
    history = History()
    for each in meters:
        history.put(each, NOON, read(each, 1))
        history.track(each).spark(NOON)
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert taken / len(meters) < 4000
