"""What is kept of looks at devices' clocks: bounded, and never without what a changed clock needs."""

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.logged import ClockMark, LogFacts
from bacnet_bridge.model import Backfill, LogColumn
from bacnet_bridge.service.clock_marks import MOST, ClockMarks, logs_of, thinned
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.bacnet import meter, point

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
