"""What is kept of looks at devices' clocks: bounded, and never without what a changed clock needs."""

from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.device_clock import look
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.logged import ClockMark, LogFacts
from bacnet_bridge.model import Backfill, LogColumn
from bacnet_bridge.service.clock_marks import MOST, ClockMarks, logs_of, thinned
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import meter, point
from tests.support.clock import DrivenClock

HOUR = 3_600_000
LOG, OTHER = ObjectId(20, 1), ObjectId(27, 3)
METER = meter(
    1001,
    point("AI1", backfill=Backfill(LogColumn(LOG), condition=LogColumn(OTHER, 2))),
    point("AI2", "aP_2", backfill=Backfill(LogColumn(LOG))),
    point("AI3", "aP_3"),
)


def mark(hour: int, offset: int = 0) -> ClockMark:
    return ClockMark(hour * HOUR, offset, 20, hour * 12)


def facts(clock: ClockMark, interval: int | None = 300_000) -> LogFacts:
    return LogFacts(LOG, (None,), interval, True, 100, 50, 50, False, clock)


def test_a_meter_s_logs_are_those_of_its_points_and_their_conditions() -> None:
    assert logs_of(METER) == [LOG, OTHER]


async def test_looks_outlive_a_start(tmp_path: Path) -> None:
    marks = ClockMarks(Kept(tmp_path / "clocks.json"))
    assert (marks.of(METER, LOG), marks.interval(METER, LOG)) == ([], None)
    marks.keep(METER, facts(mark(1)))
    marks.keep(METER, facts(mark(2), None))
    marks.keep(METER, facts(ClockMark(3 * HOUR, 0, 20)))
    marks.keep(METER, facts(ClockMark(3 * HOUR, 0, 900, 40)))
    await marks.flush()
    again = ClockMarks(Kept(tmp_path / "clocks.json"))
    assert again.of(METER, LOG) == [mark(1), mark(2)], "not one without a number, nor one that is less certain"
    assert again.interval(METER, LOG) == 300_000
    again.only([])
    assert again.of(METER, LOG), "the mapping may be unreadable"
    again.only([meter(1001, point("AI1"))])
    assert again.of(METER, LOG) == []


class SlowLine:
    """To a device that shows whole seconds, and is asked for one property after the other."""

    profile = SimpleNamespace(instance=1001, reads_singly=lambda _now: True)

    def __init__(self, clock: DrivenClock) -> None:
        self.clock, self.took = clock, 0.0

    async def send(self, _service: int, request: bytes, _properties: int) -> bytes:
        self.clock.stall(self.took / 2)
        now = datetime.fromtimestamp(self.clock.wall() / 1000, UTC)
        said = {
            56: bytes((0xA4, now.year - 1900, now.month, now.day, now.isoweekday())),
            57: bytes((0xB4, now.hour, now.minute, now.second, 0)),
        }
        self.clock.stall(self.took / 2)
        return request + b"\x3e" + said.get(request[-1], b"\x21\x32") + b"\x3f"

    async def looked(self, seconds: float) -> ClockMark:
        """An hour later, with answers that take so long."""
        self.clock.stall(3600)
        self.took = seconds
        looked = await look(cast("Any", self), self.clock, LOG)
        assert looked.offset is not None
        assert looked.total == 50
        assert abs(looked.offset) <= looked.uncertainty
        return ClockMark(looked.at, looked.offset, looked.uncertainty, looked.total)


@pytest.mark.parametrize("seconds", [0.0005, 0.005, 1.0, 3.0])
async def test_looks_at_a_clock_of_whole_seconds_are_kept_however_long_its_answers_take(seconds: float) -> None:
    marks, line = ClockMarks(Kept()), SlowLine(DrivenClock())
    made = [await line.looked(seconds) for _ in range(MOST)]
    for each in made:
        marks.keep(METER, facts(each))
    assert marks.of(METER, LOG) == made
    assert {each.within for each in made} == {500 + round(500 * seconds)}


async def test_a_device_that_becomes_slow_for_good_is_not_without_looks() -> None:
    """One answer that is late is left out, until there are only such."""
    marks, line = ClockMarks(Kept()), SlowLine(DrivenClock())
    for hour in range(20):
        marks.keep(METER, facts(await line.looked(0.005 if hour in {0, 1, 3} else 3.0)))
    kept = marks.of(METER, LOG)
    assert [each.within for each in kept[:3]] == [502] * 3
    assert len(kept) > 5
    assert all(after.at - before.at < 4.5 * HOUR for before, after in pairwise(kept))


@pytest.mark.parametrize(
    "marks",
    [["1 2 3"], ["1 2 3 4 5"], ["1 2 3 four"], [["1", "2", "3", "4"]], ["1 2 3 4", None], 7, None],
    ids=["short", "long", "no number", "a list", "nothing", "one number", "null"],
)
def test_looks_that_are_damaged_are_forgotten_and_told_once(marks: object) -> None:
    kept = Kept()
    kept.put(f"1001 {LOG}", {"interval": 300_000, "marks": marks})
    kept.put(f"1001 {OTHER}", {"interval": "often", "marks": ["3600000 0 20 12"]})
    looked = ClockMarks(kept)
    with capture_logs() as told:
        assert (looked.of(METER, LOG), looked.interval(METER, LOG)) == ([], None)
    assert [each["log"] for each in told] == [f"1001 {LOG}"]
    assert (looked.of(METER, OTHER), looked.interval(METER, OTHER)) == ([mark(1)], None)
    looked.keep(METER, facts(mark(2)))
    assert looked.of(METER, LOG) == [mark(2)], "and begun anew"


def test_marks_grow_fewer_with_their_age_and_those_of_another_clock_stay() -> None:
    kept: list[ClockMark] = []
    for hour in range(24 * 35):
        offset = -HOUR if 100 <= hour < 130 else 0
        kept = thinned([*kept, mark(hour, offset)])
        assert len(kept) <= MOST
    hours = [each.at // HOUR for each in kept]
    assert hours[-3:] == [837, 838, 839]
    assert hours[0] == 0
    assert {99, 100, 129, 130} <= set(hours), "both sides of each change"
    day, month = (sum(1 for hour in hours if low <= hour < high) for low, high in ((815, 840), (0, 815)))
    assert day > 8
    assert month > 8


def test_a_look_that_is_an_hour_later_than_the_newest_is_no_trouble() -> None:
    """Our own clock was put back."""
    looks = [*map(mark, range(MOST - 1)), mark(MOST), mark(MOST - 1)]
    assert len(thinned(looks)) == MOST
