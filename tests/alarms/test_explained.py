"""What one condition explains of another, from facts to what is told: meter by meter, and neither hidden nor ended."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from bacnet_bridge.alarms.conditions import GONE, Facts, MeterFacts, QueueFacts, find
from bacnet_bridge.alarms.standing import Moment, Standing, step
from tests.support.clock import NOON

HOUR = 3_600_000
EVERY = 30
LONG = 4000
"""Seconds after which all that holds was told."""


class Site:
    """A bridge that runs since a day, looked at as the watch does."""

    def __init__(self) -> None:
        self.now = NOON
        self.standing: Mapping[str, Standing] = {}

    def look(self, seconds: int = LONG, **facts: Any) -> list[str]:
        """For so long it is so; what was told, as `event name extent`."""
        told = []
        for _ in range(0, seconds, EVERY):
            self.now += EVERY * 1000
            found = find(Facts(self.now, NOON - 24 * HOUR, 900, 3600, **facts))
            self.standing, messages = step(self.standing, found, Moment(self.now, self.now / 1000), 86_400)
            told += [f"{each.event} {each.condition.name} {each.condition.extent}" for each in messages]
        return told


def silent(names: Iterable[str], **more: Any) -> tuple[MeterFacts, ...]:
    return tuple(MeterFacts(name, 300, NOON - HOUR, NOON - 24 * HOUR, "device silent", **more) for name in names)


def well(*names: str, **more: Any) -> tuple[MeterFacts, ...]:
    return tuple(MeterFacts(name, 300, NOON + 24 * HOUR, 0, **more) for name in names)


def stuck(names: Iterable[str], **more: Any) -> tuple[QueueFacts, ...]:
    return tuple(QueueFacts(name, NOON - 24 * HOUR, 86_400, **more) for name in names)


MANY = tuple(f"meter {number}" for number in range(300))


def test_one_queue_that_collects_hides_no_silent_meter() -> None:
    unproven = stuck(["Gas"], under=frozenset({"outbox"}))
    told = Site().look(outbox=("meter Gas collects",), queues=unproven, meters=(*silent(MANY), *silent(["Gas"])))
    assert told == ["start outbox 1", "start meters-silent 301"], "nor is Gas read, which has nothing to do with it"


def test_one_meter_without_room_hides_no_silent_one() -> None:
    full = silent(["Gas"], no_room=True)
    assert Site().look(meters=(*silent(MANY), *full)) == ["start no-room 1", "start meters-silent 300"]


def test_one_refused_meter_hides_no_queue_that_stands_still() -> None:
    told = Site().look(queues=(*stuck(["Gas"], refused="answered 404"), *stuck(MANY[:50])))
    assert sorted(told) == ["start refused 1", "start waiting 50"]


@pytest.mark.parametrize("cause", ["credentials", "platform-away"])
def test_one_account_or_host_explains_nothing_of_another(cause: str) -> None:
    facts: dict[str, Any] = {"credentials" if cause == "credentials" else "away": ("it is so",)}
    under = stuck(["Gas"], under=frozenset({cause}), refused="answered 404")
    assert sorted(Site().look(**facts, queues=under)) == [f"start {cause} 1"]
    others = (*under, *stuck(MANY[:50]), *stuck(["Heat"], refused="answered 403"))
    assert sorted(Site().look(**facts, queues=others)) == [f"start {cause} 1", "start refused 1", "start waiting 50"]


def test_one_silent_electrical_meter_hides_no_lacking_one() -> None:
    meters = (*silent(["Heat"], lacks="v_1: fault"), *well("Main", lacks="v_1: fault"))
    assert Site().look(meters=meters) == ["start meters-silent 1", "start fields-missing 1"]


@pytest.mark.parametrize(
    ("name", "facts"),
    [("clock", {"clock": "wrong"}), ("no-port", {"port": "taken"}), ("outbox", {"outbox": ("damaged",)})],
)
def test_what_keeps_all_from_being_read_explains_all(name: str, facts: dict[str, Any]) -> None:
    told = Site().look(**facts, everywhere=frozenset({name}), meters=silent(MANY))
    assert told == [f"start {name} 1"]
    assert Site().look(**facts, meters=silent(["Gas"])) != told, "as a clock that is off by minutes, but credible"


def test_a_damaged_file_explains_that_nothing_leaves() -> None:
    assert Site().look(outbox=("damaged",), everywhere=frozenset({"outbox"}), queues=stuck(MANY)) == ["start outbox 1"]


def test_what_is_explained_later_is_not_over() -> None:
    site = Site()
    away: dict[str, Any] = {"away": ("no connection",)}
    before = stuck(["Gas"])
    assert site.look(queues=before) == ["start waiting 1"]
    under = stuck(["Gas"], under=frozenset({"platform-away"}))
    assert site.look(queues=under, **away) == ["start platform-away 1"]
    assert site.look(queues=before) == ["end platform-away 1"]
    assert site.look() == ["end waiting 1"]


def test_it_is_over_once_it_is_over_for_those_that_were_told() -> None:
    """One meter without room for weeks must not keep the silence of others standing, nor hide the next one."""
    site, full = Site(), silent(["Gas"], no_room=True)
    assert site.look(meters=(*silent(["Heat"]), *full, *well("Cold"))) == ["start no-room 1", "start meters-silent 1"]
    assert site.look(meters=(*well("Heat", "Cold"), *full)) == ["end meters-silent 1"]
    assert site.look(meters=(*silent(["Cold"]), *well("Heat"), *full)) == ["start meters-silent 1"]


def test_packets_that_wait_for_a_trend_log_are_no_alarm_and_end_none() -> None:
    assert Site().look(queues=stuck(["Gas"], heals=True)) == []
    site = Site()
    assert site.look(queues=stuck(["Gas"])) == ["start waiting 1"]
    assert site.look(queues=stuck(["Gas"], heals=True)) == []
    assert site.look() == ["end waiting 1"]


def test_a_refusal_of_which_nobody_knows_any_more_is_not_over() -> None:
    site = Site()
    paused: dict[str, Any] = {"credentials": ("refused",)}
    assert site.look(queues=(QueueFacts("Gas", NOON, 0, "answered 404"),)) == ["start refused 1"]
    unknown = QueueFacts("Gas", NOON, 0, under=frozenset({"credentials"}))
    assert site.look(queues=(unknown,), **paused) == ["start credentials 1"]
    assert "end refused 1" in site.look(queues=(QueueFacts("Gas", site.now, 0),))


def test_missing_fields_and_room_are_not_over_before_a_packet_is_read() -> None:
    site = Site()
    assert site.look(meters=well("Main", lacks="v_1: fault")) == ["start fields-missing 1"]
    assert site.look(meters=silent(["Main"], lacks=None)) == ["start meters-silent 1"]
    assert site.look(seconds=2 * LONG, meters=well("Main")) == ["end meters-silent 1", "end fields-missing 1"]
    full = MeterFacts("Gas", 3600, NOON + 24 * HOUR, 0, "outbox full", no_room=True)
    assert site.look(meters=(full,)) == ["start no-room 1"]
    assert site.look(meters=well("Gas", no_room=None)) == [], "since a start nothing was due"
    assert site.look(seconds=round(GONE) + 20, meters=well("Gas")) == ["end no-room 1"]
