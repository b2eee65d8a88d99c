"""Simulated trend logs: what they record and what they answer, and bacpypes3's own decoder on their octets."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
from bacpypes3.basetypes import LogMultipleRecord, LogRecord
from bacpypes3.pdu import PDUData
from bacpypes3.primitivedata import TagList

from bacnet_bridge.simulator.log_declaration import LogDeclaration, Mishap
from bacnet_bridge.simulator.trend_log import DISABLED, INTERRUPTED, PURGED, DeviceTime, Entry, Sample, TrendLog
from bacnet_bridge.simulator.trend_wire import encoded
from bacnet_bridge.vocabulary.objects import ObjectId

BEGIN = 1_795_000_000_000 // 3_600_000 * 3_600_000
MINUTE = 60_000


def log_of(time: DeviceTime | None = None, buffer: int = 100, **keys: object) -> TrendLog:
    """Of a value that counts the minutes since the beginning, from the beginning on."""
    of = (ObjectId(0, 1),)
    declared = LogDeclaration(
        object=ObjectId(20, 1), name="Log", of=of, interval=60, buffer=buffer, **keys  # type: ignore[arg-type]
    )  # fmt: skip
    time = time or DeviceTime(ZoneInfo("UTC"), 0)
    return TrendLog(declared, time, lambda at: (Sample("real", (at - BEGIN) // MINUTE),), BEGIN)


def values(log: TrendLog) -> list[float]:
    return [sample.value for entry in log.entries for sample in entry.samples if sample is not None]


def test_a_record_each_interval_and_the_oldest_makes_room() -> None:
    log = log_of(buffer=5)
    log.advance(BEGIN + 10 * MINUTE)
    assert values(log) == [6, 7, 8, 9, 10]
    assert log.total == log.entries[-1].number == 12  # one of having begun, eleven values


def test_a_full_log_that_stops() -> None:
    log = log_of(buffer=3, stop_when_full=True)
    log.advance(BEGIN + 10 * MINUTE)
    assert values(log) == [0, 1]
    assert not log.enabled


def test_by_change() -> None:
    log = log_of(cov_increment=3)
    log.advance(BEGIN + 10 * MINUTE)
    assert values(log) == [0, 3, 6, 9]


def test_numbers_begin_anew_after_the_largest() -> None:
    log = log_of(first=2**32 - 2)
    log.advance(BEGIN + MINUTE)
    assert [entry.number for entry in log.entries] == [2**32 - 2, 2**32 - 1, 1]


def test_a_restart_with_another_clock() -> None:
    time = DeviceTime(ZoneInfo("Europe/Dublin"), 0)
    log = log_of(time)
    time.happens(BEGIN + 150_000, Mishap(down=240, ahead=-3600))
    log.advance(BEGIN + 8 * MINUTE)
    assert values(log) == [0, 1, 2, 7, 8]
    status = next(entry for entry in log.entries if entry.status == (INTERRUPTED,))
    assert status.local == BEGIN + 390_000 - 3_600_000
    assert time.off(BEGIN + 200_000)
    assert not time.off(BEGIN + 400_000)


def test_what_is_told_of_a_clock_that_is_set() -> None:
    time = DeviceTime(ZoneInfo("UTC"), 5)
    log = log_of(time)
    time.happens(BEGIN + 90_000, Mishap(ahead=-20))
    time.happens(BEGIN + 150_000, Mishap(ahead=0, told=False))
    log.advance(BEGIN + 3 * MINUTE)
    assert [(entry.local - BEGIN, entry.changed) for entry in log.entries if entry.changed is not None] == [
        (70_000, -25)
    ]


def test_failures_a_log_that_is_disabled_and_one_that_is_emptied() -> None:
    time = DeviceTime(ZoneInfo("UTC"), 0)
    log = log_of(time)
    time.happens(BEGIN + 30_000, Mishap(purged=True))
    time.happens(BEGIN + 90_000, Mishap(failing=60))
    time.happens(BEGIN + 210_000, Mishap(disabled=60))
    log.advance(BEGIN + 5 * MINUTE)
    assert [entry.status if entry.status is not None else entry.samples for entry in log.entries] == [
        (PURGED,),
        (Sample("real", 1),),
        (None,),
        (Sample("real", 3),),
        (DISABLED,),
        (),
        (Sample("real", 5),),
    ]


@pytest.mark.parametrize(
    ("reference", "count", "expected"),
    [(1, 2, [1, 2]), (2, -5, [1, 2]), (11, -2, [10, 11]), (11, 5, [11]), (12, -1, []), (0, 1, [])],
)
def test_by_position_and_by_sequence(reference: int, count: int, expected: list[int]) -> None:
    log = log_of()
    log.advance(BEGIN + 9 * MINUTE)
    assert [entry.number for entry in log.by_position(reference, count)] == expected
    assert [entry.number for entry in log.by_sequence(reference, count)] == expected


def test_by_time() -> None:
    log = log_of()
    log.advance(BEGIN + 9 * MINUTE)
    assert [entry.number for entry in log.by_time(BEGIN + 3 * MINUTE, 2)] == [6, 7]
    assert [entry.number for entry in log.by_time(BEGIN + 3 * MINUTE, -2)] == [3, 4]
    assert log.by_time(BEGIN, -1) == []


def entries() -> Iterator[tuple[Entry, str]]:
    yield Entry(1, BEGIN, (Sample("real", 21.5, (1, 3)),)), "realValue"
    yield Entry(1, BEGIN, (Sample("unsigned", 70_000),)), "unsignedValue"
    yield Entry(1, BEGIN, (Sample("integer", -300),)), "signedValue"
    yield Entry(1, BEGIN, (Sample("enumerated", 1),)), "enumValue"
    yield Entry(1, BEGIN, (Sample("boolean", 1),)), "booleanValue"
    yield Entry(1, BEGIN, (Sample("double", 123456.789),)), "anyValue"
    yield Entry(1, BEGIN, (None,)), "failure"
    yield Entry(1, BEGIN, status=(INTERRUPTED,)), "logStatus"
    yield Entry(1, BEGIN, changed=-25.5), "timeChange"


@pytest.mark.parametrize(("entry", "choice"), list(entries()))
def test_bacpypes3_understands_the_records(entry: Entry, choice: str) -> None:
    single = LogRecord.decode(TagList.decode(PDUData(encoded(entry, multiple=False))))
    found = getattr(single.logDatum, choice)
    assert found is not None
    assert tuple(single.timestamp.date)[:3] == (126, 11, 18)
    if entry.samples and entry.samples[0] is not None and choice != "anyValue":
        assert float(found) == entry.samples[0].value
    multiple = LogMultipleRecord.decode(TagList.decode(PDUData(encoded(entry, multiple=True))))
    data = multiple.logData
    assert getattr(data.logData[0] if entry.samples else data, choice) is not None
