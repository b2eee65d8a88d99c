import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.alarms.conditions import GONE, RULES, Condition, Found
from bacnet_bridge.alarms.standing import Event, Message, Moment, Standing, as_kept, from_kept, step
from tests.support.clock import NOON

REMIND = 86_400.0
EVERY = 10.0


@dataclass
class Site:
    """Looks every ten seconds at what a test says."""

    standing: Mapping[str, Standing] = field(default_factory=dict)
    now: float = 5_000.0
    told: list[Message] = field(default_factory=list)

    @property
    def moment(self) -> Moment:
        return Moment(NOON + round(self.now * 1000), self.now)

    def look(self, *holding: Condition, seconds: float = EVERY, doubtful: Iterable[str] = ()) -> list[str]:
        """For so long it is so, of the meter Gas; what was told, as `event name`."""
        before = len(self.told)
        for _ in range(round(seconds / EVERY)):
            self.now += EVERY
            about = {each.name: frozenset({"Gas"}) for each in holding}
            found = Found({each.name: each for each in holding}, about, dict.fromkeys(doubtful, frozenset({"Gas"})))
            self.standing, messages = step(self.standing, found, self.moment, REMIND)
            self.told += messages
        return [f"{message.event} {message.condition.name}" for message in self.told[before:]]


def condition(name: str, extent: int = 1) -> Condition:
    return Condition(name, f"{name} holds", (f"{extent} of them",), extent)


SILENT, AWAY, MAPPING = condition("meters-silent"), condition("platform-away"), condition("mapping")


def test_a_condition_is_told_once_reminded_of_and_ended() -> None:
    site = Site()
    assert site.look(AWAY, seconds=890) == []
    assert site.look(AWAY, seconds=30) == ["start platform-away"]
    assert site.look(AWAY, seconds=REMIND - 60) == []
    assert site.look(AWAY, seconds=60) == ["reminder platform-away"]
    assert site.look(AWAY, seconds=REMIND) == ["reminder platform-away"]
    assert site.look(seconds=890) == []
    assert site.look(seconds=30) == ["end platform-away"]
    assert site.look(seconds=REMIND) == []
    start, *_, end = site.told
    assert start.since == end.since < start.at < end.at
    assert len({message.key for message in site.told}) == 1


def test_an_end_is_when_it_ended_and_not_when_that_was_sure() -> None:
    site = Site()
    site.look(AWAY, seconds=1000)
    site.look(seconds=300)
    site.look(AWAY, seconds=EVERY)
    gone = site.moment.wall + round(EVERY * 1000)
    assert site.look(seconds=1000) == ["end platform-away"]
    assert site.told[-1].at == gone


def test_what_passes_by_itself_is_never_told() -> None:
    site = Site()
    for _ in range(50):
        assert site.look(AWAY, seconds=800) + site.look(seconds=10) == []


def test_what_comes_and_goes_is_one_condition() -> None:
    site = Site()
    told = site.look(SILENT)
    for _ in range(200):
        told += site.look(seconds=GONE - 20) + site.look(SILENT, seconds=20)
    assert told == ["start meters-silent"]
    assert site.look(seconds=GONE + 10) == ["end meters-silent"]


def test_it_is_told_again_when_twice_as_many_are_concerned() -> None:
    site = Site()
    told: list[str] = []
    for extent in range(1, 5001):
        told += site.look(condition("meters-silent", extent))
    assert told == ["start meters-silent", *["worse meters-silent"] * 12]


def test_what_another_condition_explains_is_not_told_beside_it() -> None:
    site, port, lacks = Site(), condition("no-port"), condition("fields-missing")
    assert site.look(port, seconds=REMIND / 2, doubtful=["meters-silent"]) == ["start no-port"]
    assert site.look(SILENT, seconds=GONE + 10) == ["start meters-silent", "end no-port"], "it lasts without its cause"
    assert site.look(SILENT, seconds=4000, doubtful=["fields-missing"]) == []
    assert site.look(lacks, seconds=3590) == ["end meters-silent"], "its own time begins where its cause ends"
    assert site.look(lacks, seconds=30) == ["start fields-missing"]


def test_its_cause_does_not_end_what_was_told_before() -> None:
    site = Site()
    site.look(SILENT)
    assert site.look(condition("no-port"), seconds=1000, doubtful=["meters-silent"]) == ["start no-port"]


def test_what_nobody_can_tell_neither_begins_nor_ends() -> None:
    site = Site()
    assert site.look(SILENT) == ["start meters-silent"]
    assert site.look(seconds=10_000, doubtful=["meters-silent"]) == []
    assert site.look(SILENT, seconds=100) == []
    assert site.look(seconds=GONE + 10) == ["end meters-silent"]
    assert site.look(seconds=1000, doubtful=["meters-silent"]) == []


def test_the_grave_ones_are_told_first() -> None:
    site = Site()
    assert site.look(SILENT, condition("outbox")) == ["start outbox", "start meters-silent"]
    told = site.look(MAPPING, AWAY, seconds=910)
    assert told == ["end outbox", "end meters-silent", "start platform-away", "start mapping"]


def restarted(site: Site, away: float) -> Site:
    """The machine was off for so long: boot time begins anew, wall time goes on."""
    kept = json.loads(json.dumps(as_kept(site.standing, site.moment)))
    fresh = Site(now=20.0, told=site.told)
    wall = site.moment.wall + round(away * 1000)
    fresh.standing = from_kept(kept, Moment(wall, fresh.now), REMIND)
    return fresh


def test_a_restart_tells_nothing_twice() -> None:
    site = Site()
    site.look(SILENT, AWAY, seconds=1000)
    site = restarted(site, 3600)
    assert site.look(SILENT, AWAY, seconds=1000) == []
    assert site.look(SILENT, AWAY, seconds=REMIND - 6000) == []
    assert site.look(SILENT, AWAY, seconds=2000) == ["reminder meters-silent", "reminder platform-away"]
    assert site.look(seconds=1000) == ["end meters-silent", "end platform-away"]


def test_after_a_long_rest_the_reminder_is_due() -> None:
    site = Site()
    site.look(AWAY, seconds=1000)
    assert restarted(site, 30 * REMIND).look(AWAY) == ["reminder platform-away"]


def test_of_which_meters_it_was_told_outlives_a_restart_and_older_versions_did_not_say() -> None:
    site = Site()
    site.look(SILENT)
    kept = as_kept(site.standing, site.moment)["meters-silent"]
    assert kept.pop("about") == ["Gas"]
    for about, ended in ({"about": ["Gas"]}, []), ({"about": ["Water"]}, ["end meters-silent"]), ({}, []):
        standing = from_kept({"meters-silent": kept | about}, Moment(NOON, 20.0), REMIND)
        fresh = Site(standing, now=20.0)
        assert fresh.look(seconds=GONE + 20, doubtful=["meters-silent"]) == ended


@pytest.mark.parametrize("kept", [{"clock": 5}, {"clock": {"since": 1}}, {"unheard-of": {}}, {"clock": None}])
def test_what_another_version_kept_does_not_stop_it(kept: dict[str, object]) -> None:
    assert from_kept(kept, Moment(NOON, 20.0), REMIND) == {}


@given(st.lists(st.tuples(st.sampled_from(sorted(RULES)), st.integers(1, 400), st.integers(1, 5000)), max_size=60))
def test_whatever_comes_and_goes_starts_and_ends_alternate_and_no_hour_is_a_flood(
    story: list[tuple[str, int, int]],
) -> None:
    site = Site()
    for name, looks, extent in story:
        site.look(condition(name, extent), seconds=looks * EVERY)
    site.look(seconds=2 * max(rule.after for rule in RULES.values()))
    for name in RULES:
        own = [message for message in site.told if message.condition.name == name]
        ends = [message.event for message in own if message.event in {Event.START, Event.END}]
        assert ends == [Event.START, Event.END] * (len(ends) // 2), "and all have ended"
        for start in (message for message in own if message.event is Event.START):
            hour = [message for message in own if 0 <= message.at - start.at < 3_600_000]
            assert len([each for each in hour if each.event is Event.START]) <= 3600 / GONE
            assert len([each for each in hour if each.key == start.key]) <= 2 + 13
