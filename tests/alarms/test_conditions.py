from dataclasses import replace
from typing import Any

import pytest

from bacnet_bridge.alarms.conditions import RULES, Facts, MeterFacts, QueueFacts, find
from tests.support.clock import NOON

MINUTE = 60_000
HOUR = 60 * MINUTE
LONG_AGO = NOON - 30 * HOUR


def facts(**more: Any) -> Facts:
    return Facts(now=NOON, started=LONG_AGO, silent=900, waiting=3600, **more)


def meter(put: int | None, readable: int = LONG_AGO, **more: Any) -> MeterFacts:
    return MeterFacts("Gas", 300, put, readable, **more)


def queue(oldest: int, still: float, refused: str = "") -> QueueFacts:
    return QueueFacts("Gas", oldest, still, refused)


ONE_EACH: dict[str, dict[str, Any]] = {
    "outbox": {"outbox": ("the outbox's file is damaged",)},
    "no-room": {"meters": (meter(NOON, hole="outbox full: no space", no_room=True),)},
    "clock": {"clock": "the clock is not credible"},
    "no-port": {"port": "cannot open BACnet port"},
    "credentials": {"credentials": ("account default: refused",)},
    "platform-away": {"away": ("platform.example: no connection",)},
    "refused": {"queues": (queue(NOON, 0, "answered 404"),)},
    "waiting": {"queues": (queue(NOON - 2 * HOUR, 3601),)},
    "meters-silent": {"meters": (meter(NOON - 16 * MINUTE, hole="device silent: no answer"),)},
    "fields-missing": {"meters": (meter(NOON, lacks="v_1: fault"),)},
    "devices": {"devices": ("device 7 has the instance of device 8",)},
    "mapping": {"mapping": ("the mapping is wrong",)},
    "mapping-waits": {"mapping_waits": ("an edit waits",)},
}


def test_every_condition_has_an_example_here() -> None:
    assert set(ONE_EACH) == set(RULES)
    assert all(rule.because < set(RULES) for rule in RULES.values())


@pytest.mark.parametrize("name", ONE_EACH)
def test_each_fact_is_its_condition_and_no_other(name: str) -> None:
    found = find(facts(**ONE_EACH[name]))
    assert list(found.conditions) == [name]
    assert not any(found.doubtful.values())
    assert found.conditions[name].details


def test_nothing_wrong_is_no_condition() -> None:
    well = facts(meters=(meter(NOON - 5 * MINUTE),), queues=(queue(NOON - 5 * MINUTE, 60),))
    assert find(well).conditions == {}


def test_thousands_of_silent_meters_are_one_condition_in_few_words() -> None:
    meters = tuple(
        MeterFacts(f"Meter {number}", 300, NOON - HOUR, LONG_AGO, f"device silent: device {number % 40}")
        for number in range(5000)
    )
    found = find(facts(meters=meters))
    (condition,) = found.conditions.values()
    assert (condition.headline, condition.extent, found.silent) == ("nothing is read of 5000 meters", 5000, 5000)
    assert len(condition.details) == 13
    assert condition.details[0] == "Meter 0, Meter 40, Meter 80 and 122 more: device silent: device 0"
    assert condition.details[-1] == "and 28 more"


@pytest.mark.parametrize(
    ("interval", "minutes", "silent"), [(60, 14, False), (60, 16, True), (3600, 179, False), (3600, 181, True)]
)
def test_a_meter_has_three_intervals(interval: int, minutes: int, silent: bool) -> None:
    found = find(facts(meters=(MeterFacts("Gas", interval, NOON - minutes * MINUTE, LONG_AGO),)))
    assert ("meters-silent" in found.conditions) == silent


@pytest.mark.parametrize("put", [None, NOON - 20 * HOUR])
def test_who_could_not_be_read_before_is_neither_silent_nor_well(put: int | None) -> None:
    """After a start, an edit, a closed port, a wrong clock."""
    found = find(facts(meters=(meter(put, NOON - 10 * MINUTE),)))
    assert (found.conditions, found.doubtful["meters-silent"], found.silent) == ({}, frozenset({"Gas"}), 0)
    assert list(find(facts(meters=(meter(put, NOON - 16 * MINUTE),))).conditions) == ["meters-silent"]


def test_a_backlog_that_leaves_is_no_condition() -> None:
    assert find(facts(queues=(queue(NOON - 72 * HOUR, 2.0),))).conditions == {}


def test_after_a_start_an_old_packet_is_given_its_time() -> None:
    young = replace(facts(queues=(queue(NOON - 72 * HOUR, 600),)), started=NOON - 10 * MINUTE)
    assert (find(young).conditions, find(young).doubtful["waiting"]) == ({}, frozenset({"Gas"}))
