"""Logs that are long, or never end: how long they are read, and how often all that was read is looked through."""

import math
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from bacnet_bridge.bacnet import log_time, trend
from bacnet_bridge.bacnet.log_record import RawRecord
from bacnet_bridge.bacnet.log_walk import Walk
from bacnet_bridge.bacnet.trend import Logs
from bacnet_bridge.logged import ClockMark, LogFacts, LoggedProperty, LogReading, Recorded
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.clock import NOON, DrivenClock

LOG = ObjectId(20, 1)
MINUTE = 60_000
EACH = 20
"""Records an answer."""


class Device:
    """A log of so many records, one every `step` milliseconds up to noon; each answer takes a second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, records: int, step: int, *, numbered: bool = True) -> None:
        self.clock, self.questions, self.looked_through = DrivenClock(), 0, 0
        self.logs = Logs(*cast("tuple[Any, Any, Any]", (None, None, None)), self.clock)
        self.facts = LogFacts(
            LOG, (LoggedProperty(ObjectId(0, 1), 85),), step, True, records, records, records if numbered else None,
            False, ClockMark(NOON, 0, 20, records if numbered else None),
        )  # fmt: skip
        device = self

        async def facts(_logs: Logs, _log: ObjectId) -> LogFacts:
            return self.facts

        async def step_back(walk: Walk, _line: object) -> None:
            if walk._take_kept():
                return
            walk.requests += 1
            device.questions += 1
            device.clock.stall(1)
            made = range(max(1, walk.lowest - EACH), walk.lowest)
            walk._add([device.record(number, step) for number in made])
            walk.finished = walk.lowest == 1

        def offsets(records: Sequence[object], *about: Any) -> Any:
            device.looked_through += len(records)
            return honest(cast("Any", records), *about)

        honest = log_time.offsets
        monkeypatch.setattr(trend, "offsets", offsets)
        monkeypatch.setattr(Logs, "facts", facts)
        monkeypatch.setattr(Logs, "_line", lambda _logs: None)
        monkeypatch.setattr(Walk, "step", step_back)

    def record(self, number: int, step: int) -> RawRecord:
        at = NOON - (self.facts.records - number) * step
        return RawRecord(at, (Recorded("real", Decimal(number), str(number)),), ())

    async def read(self, minutes: int, seconds: float = math.inf) -> LogReading:
        return await self.logs.read(LOG, NOON - minutes * MINUTE, ZoneInfo("UTC"), (), seconds)


async def test_a_log_is_looked_through_so_often_that_it_costs_a_multiple_of_its_records(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of days of minutes, as of a log that claims a record every hundredth and never comes nearer."""
    device = Device(monkeypatch, 9_000, MINUTE)
    assert (await device.read(5 * 24 * 60)).whole
    assert device.questions == 5 * 24 * 60 // EACH + 1
    assert device.looked_through < 15 * 5 * 24 * 60
    monkeypatch.undo()
    monkeypatch.setattr(trend, "_MOST", 6_000)
    endless = Device(monkeypatch, 2**31, 10)
    reading = await endless.read(360)
    assert endless.questions == 6_000 // EACH
    assert endless.looked_through < 15 * 6_000
    assert not reading.cut, "there is no more to be had of it"
    assert reading.doubts == ("trend-log,1 was read back by 6000 records only: there was no time for more",)


async def test_who_has_no_more_time_gets_what_there_is_and_goes_on_from_there(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(monkeypatch, 1_000, MINUTE)
    first = await device.read(600, seconds=10)
    assert (device.questions, len(first.members[0]), first.whole, first.cut) == (10, 200, False, True)
    assert "was read back by 200 records only" in first.doubts[0]
    second = await device.read(600, seconds=0)
    assert (device.questions, len(second.members[0])) == (11, 220), "it gets on in any case"
    last = await device.read(600, seconds=100)
    assert (last.whole, last.cut, last.doubts) == (True, False, ())
    assert len(last.members[0]) == 601
    assert device.questions == 31


async def test_a_log_that_does_not_number_its_records_is_not_gone_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    device = Device(monkeypatch, 1_000, MINUTE, numbered=False)
    reading = await device.read(600, seconds=10)
    assert (len(reading.members[0]), reading.whole, reading.cut) == (200, False, False)
