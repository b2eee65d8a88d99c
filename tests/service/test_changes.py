"""What listeners are told: only what changed, a portion at a time."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from bacnet_bridge.bacnet.profile import Profile
from bacnet_bridge.bacnet.traffic import Traffic
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.model import Account, Meter, Queue, Retry
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.service import changes
from bacnet_bridge.service.changes import Changes, Shown
from bacnet_bridge.service.overview import MeterStatus, Seen, meter_status
from bacnet_bridge.service.seeing import Moment, Seeing
from bacnet_bridge.wattics.deliver import Snapshot
from tests.support.clock import NOON

IDLE = Snapshot(0, 0, 0, 0, None, {}, {})


def queue(meter: Meter) -> Queue:
    return Queue(Account("https://localhost/", "default"), meter.id)


@dataclass
class Site:
    """Stands in for `Seeing`, which needs a running bridge."""

    names: list[str]
    now: int = NOON
    waiting: dict[str, int] = field(default_factory=dict)
    counted: list[str] = field(default_factory=list)
    traffic: list[Traffic] = field(default_factory=list)
    mapping: dict[str, Any] = field(default_factory=lambda: {"state": "in force", "problems": 0})

    @property
    def meters(self) -> list[Meter]:
        return [Meter(name, name, 1001, (), 300, "Europe/Dublin", 60) for name in self.names]

    async def moment(self) -> Moment:
        return Moment(self.now, NOON, IDLE, {}, {}, {queue(meter): meter for meter in self.meters}, {})

    def seen(self, meter: Meter) -> Seen:
        state = QueueState(queue(meter), self.waiting.get(meter.id, 0), None, None, None, None, None, Retry())
        return Seen(DayCount("", "", 0, 0, 0, 0), None, {}, state, None, IDLE, None, NOON, self.now)

    async def each_seen(self, moment: Moment) -> AsyncIterator[tuple[Meter, Seen]]:
        for meter in moment.mapped.values():
            yield meter, self.seen(meter)

    async def statuses(self, _moment: Moment, meters: Sequence[Meter]) -> list[MeterStatus]:
        self.counted += [meter.id for meter in meters]
        return [meter_status(meter, self.seen(meter)) for meter in meters]

    def sentences(self, _moment: Moment, meters: Sequence[MeterStatus]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return tuple(f"{meter.name} waits" for meter in meters if meter.waiting > 9), ()

    async def exchanges(self) -> tuple[str, ...]:
        return ()


def watching(site: Site) -> Changes:
    shown = Shown(
        lambda statuses, _now: [{"id": status.id, "waiting": status.waiting} for status in statuses],
        lambda _moment: {"waiting": sum(site.waiting.values())},
        lambda traffic: [{"device": each.key} for each in traffic],
        lambda: site.traffic,
        lambda: site.mapping,
    )
    return Changes(cast(Seeing, site), shown, "Europe/Dublin")


async def test_only_what_changed_is_told_and_counted() -> None:
    site = Site(["a", "b", "c"])
    seen = watching(site)
    await seen.next()
    site.counted.clear()
    assert await seen.next() == {}
    site.waiting["b"] = 12
    told = await seen.next()
    assert told["meters"] == [{"id": "b", "waiting": 12}]
    assert site.counted == ["b"]
    assert told["overview"]["problems"] == ("b waits",)
    assert told["overview"].keys() >= {"now", "healthy", "meters", "waiting", "holes", "accepted"}
    assert told["delivery"] == {"waiting": 12}
    assert told.keys() == {"meters", "overview", "delivery"}
    assert await seen.next() == {}


async def test_what_is_mapped_no_more_is_gone_and_what_is_new_comes() -> None:
    site = Site(["a", "b"])
    seen = watching(site)
    await seen.next()
    site.names = ["b", "c"]
    told = await seen.next()
    assert (told["gone"], [row["id"] for row in told["meters"]]) == (["a"], ["c"])
    site.names = []
    assert (await seen.next())["gone"] == ["b", "c"]
    site.names = ["d"]
    assert [row["id"] for row in (await seen.next())["meters"]] == ["d"], "also after a time with no meter at all"


async def test_many_come_in_portions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "_MOST", 2)
    site = Site(list("abcde"))
    seen = watching(site)
    await seen.next()
    site.waiting = dict.fromkeys("abcde", 1)
    rows = [[row["id"] for row in (await seen.next()).get("meters", ())] for _ in range(4)]
    assert rows == [["a", "b"], ["c", "d"], ["e"], []]


async def test_midnight_begins_every_count_anew() -> None:
    site = Site(["a"])
    seen = watching(site)
    await seen.next()
    site.now += 12 * 3_600_000 - 1
    assert "meters" in await seen.next(), "nothing was read for twelve hours"
    assert "meters" not in await seen.next()
    site.now += 1
    assert [row["id"] for row in (await seen.next())["meters"]] == ["a"]


async def test_devices_are_news_when_they_fall_silent_not_when_they_are_asked() -> None:
    profile = Profile(1001, address="127.0.0.1:47809")
    site = Site([], traffic=[Traffic("1001", 1, 0, 0, profile), Traffic("1002", 1, 0, 0, profile)])
    seen = watching(site)
    await seen.next()
    site.traffic[0] = Traffic("1001", 99, 3, 1, replace(profile, round_trip=20.0))
    assert await seen.next() == {}
    site.traffic[0] = Traffic("1001", 99, 3, 1, replace(profile, silent_since=NOON))
    site.traffic[1] = Traffic("1002", 1, 0, 0, profile, conflicts=("device 1002: another one claims it",))
    assert (await seen.next())["devices"] == [{"device": "1001"}, {"device": "1002"}]
    site.mapping = {"state": "wrong", "problems": 2}
    assert await seen.next() == {"mapping": {"state": "wrong", "problems": 2}}
