from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.clock import instant_of, moment_of
from bacnet_bridge.packet.history import History, ranges, read_history

DUBLIN = "Europe/Dublin"


def instants(history: History) -> list[str]:
    return [moment_of(row.instant).isoformat() for row in history.rows]


def faults(history: History) -> list[str]:
    return [str(fault) for fault in history.faults]


@pytest.mark.parametrize(
    "text",
    [
        "timestamp,value\n2026-07-01T12:00:00+01:00,1.5\n",
        "Time;Gas m3\n2026-07-01 12:00;1,5\n",
        "ts\tVALUE\n2026-07-01T11:00Z\t1.5\n",
        'time,value\n# a comment\n\n2026-07-01T12:00,"1,5"\n',
        "value;time\n1.50;2026-07-01T12:00\n",
    ],
)
def test_the_forms_that_are_understood(text: str) -> None:
    history = read_history(text, DUBLIN)
    assert (instants(history), faults(history)) == (["2026-07-01T11:00:00+00:00"], [])
    assert history.rows[0].fields == {"value": Decimal("1.5")}


def test_electrical_columns_and_empty_cells() -> None:
    history = read_history("time;pC_1;ap_1\n2026-01-01;10;\n2026-01-02;;5\n2026-01-03;;\n", DUBLIN)
    assert [dict(row.fields) for row in history.rows] == [{"pC_1": Decimal(10)}, {"aP_1": Decimal(5)}]
    assert faults(history) == ["line 4: no value"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("time;value\n2026-01-01;1;2\n", "line 2: 3 cells, where the header has 2"),
        ("time;value\n01/02/2026;1\n", "line 2: '01/02/2026' is no time"),
        ("time;value\n2026-01-01;NaN\n", "line 2: value: 'NaN' is no number"),
        ("time;value\n2026-01-01;1_000\n", "line 2: value: '1_000' is no number"),
        ("time;value\n2026-01-01;1.000,5\n", "line 2: value: '1.000,5' is no number"),
        ("time;value\n2026-01-01;1,000\n2026-01-02;999.5\n", "line 2: '1,000' has a comma"),
        (
            "time;value\n2026-01-01;1\n2026-01-01T00:00Z;2\n",
            "line 3: 2026-01-01 00:00:00+00:00 is the instant of line 2",
        ),
        ("time;aP_4\n2026-01-01;1\n", ""),
        ("time;pC_1;aP_4\n", "line 1: the column 'aP_4' is none that is known"),
        ("time;value;aP_1\n", "line 1: value stands alone"),
        ("time;time\n", "line 1: one column of times"),
    ],
)
def test_mistakes(text: str, said: str) -> None:
    found = faults(read_history(text, DUBLIN))
    assert [fault.startswith(said) for fault in found] == ([True] if said else [])


def test_the_night_that_repeats_an_hour_is_read_by_its_order() -> None:
    """00:30 and 01:00, then the whole hour again: local times go back once, instants never."""
    local = ["00:30", "01:00", "01:30", "01:00", "01:30", "02:00"]
    text = "time;value\n" + "".join(f"2026-10-25T{time};{n}\n" for n, time in enumerate(local))
    history = read_history(text, DUBLIN)
    assert [int(row.fields["value"]) for row in history.rows] == [0, 1, 2, 3, 4, 5]
    assert instants(history)[0] == "2026-10-24T23:30:00+00:00"
    assert instants(history)[-1] == "2026-10-25T02:00:00+00:00"
    assert history.notes[0].startswith("lines 3-6: times that exist twice in Europe/Dublin")


def test_the_night_that_skips_an_hour_is_told() -> None:
    history = read_history("time;value\n2026-03-29T00:30;1\n2026-03-29T01:00;2\n2026-03-29T02:00;3\n", DUBLIN)
    assert instants(history) == ["2026-03-29T00:30:00+00:00", "2026-03-29T01:00:00+00:00"]
    (fault,) = faults(history)
    assert fault.startswith("line 3: 2026-03-29 01:00:00 does not exist in Europe/Dublin")


@given(
    st.sampled_from([DUBLIN, "Australia/Lord_Howe", "America/New_York", "Asia/Kathmandu"]),
    st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001  local on purpose
    st.sampled_from([15, 30, 60]),
    st.booleans(),
)
def test_a_table_that_runs_through_any_night_comes_back_as_it_was(
    zone: str, start: datetime, minutes: int, newest_first: bool
) -> None:
    """Local times without offsets, over three days, either way round."""
    first = instant_of(start.replace(tzinfo=ZoneInfo(zone), second=0, microsecond=0))
    meant = [first + n * minutes * 60_000 for n in range(3 * 24 * 60 // minutes)]
    lines = [f"{moment_of(instant).astimezone(ZoneInfo(zone)):%Y-%m-%dT%H:%M};1" for instant in meant]
    text = "\n".join(["time;value", *(reversed(lines) if newest_first else lines)])
    history = read_history(text, zone)
    found = [row.instant for row in history.rows]
    assert found == meant or _begins_in_the_repeated_hour(start, zone)


def _begins_in_the_repeated_hour(start: datetime, zone: str) -> bool:
    """Then nothing before it says which is meant."""
    later = start + timedelta(minutes=60)
    offsets = {each.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for each in (start, later) for fold in (0, 1)}
    return len(offsets) > 1


@pytest.mark.parametrize(("lines", "text"), [([7], "line 7"), ([2, 3, 4], "lines 2-4"), ([9, 2, 3], "lines 2-3, 9")])
def test_lines_are_told_as_ranges(lines: list[int], text: str) -> None:
    assert ranges(lines) == text
