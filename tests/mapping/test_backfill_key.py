# ruff: noqa: E501 - a sentence stays on one line, as it is printed and searched for
"""The log from which a field is healed: its forms in YAML and CSV, and the one sentence that each mistake gets."""

from pathlib import Path

import pytest

from bacnet_bridge.mapping import BrokenMappingError, Defaults, Mapping, difference, parse
from bacnet_bridge.model import Backfill, LogColumn
from bacnet_bridge.vocabulary.objects import ObjectId

TL5 = LogColumn(ObjectId(20, 5))
HEAD = "meter;id;device;as;field;object;backfill;valid_when\n"


def read(text: str, name: str = "m.yaml") -> Mapping:
    return parse([(Path(name), text.encode())], Defaults("Europe/Dublin", 300))


def said(keys: str) -> Backfill | None:
    (meter,) = read(f"meters:\n  A: {{id: a, device: 1, as: index, value: {{object: ACC1, {keys}}}}}\n").meters
    return meter.points[0].backfill


@pytest.mark.parametrize(
    ("text", "backfill"),
    [
        ("TL5", Backfill(TL5)),
        ("'trend-log,5'", Backfill(TL5)),
        ("trendLog:5", Backfill(TL5)),
        ("TLM3 column 2", Backfill(LogColumn(ObjectId(27, 3), 2))),
        ("{log: TL5}", Backfill(TL5)),
        ("{log: 'trend-log,5', age: 2 h, tolerance: 30}", Backfill(TL5, 30_000, 7_200_000)),
        ("{log: 'trend-log:5', interpolate: yes, unflagged: send}", Backfill(TL5, interpolate=True, unflagged=True)),
        ("'log=trend-log,5, tolerance=0.5 s; age: 90 min'", Backfill(TL5, 500, 5_400_000)),
        ("{log: TL5, tolerance: }", Backfill(TL5)),
    ],
)
def test_a_log_is_named_alone_or_with_how_it_is_used(text: str, backfill: Backfill) -> None:
    assert said(f"backfill: {text}") == backfill


def test_a_condition_has_a_log_of_its_own() -> None:
    assert said("valid_when: BI7 = active, backfill: {log: TL5, condition: TL6}") == Backfill(
        TL5, condition=LogColumn(ObjectId(20, 6))
    )


def test_csv_says_the_same_in_one_cell() -> None:
    (meter,) = read(HEAD + "A;a;1;index;value;ACC1;log=TL5, age=2 h, interpolate=yes;\n", "m.csv").meters
    assert meter.points[0].backfill == Backfill(TL5, age=7_200_000, interpolate=True)
    (meter,) = read(HEAD + "A;a;1;index;value;ACC1;TL5;\n", "m.csv").meters
    assert meter.points[0].backfill == Backfill(TL5)


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("backfill: AI5", "backfill: analog-input,5 is no trend log; write one like TL5, or TLM3 column 2"),
        ("backfill: TL5 column 1", "backfill: trend-log,5 has no columns; write TL5"),
        ("backfill: TLM5", "backfill: trend-log-multiple,5 has a column for each of its members, from 1; write TLM5 column 1"),
        ("backfill: TLM5 column 0", "backfill: trend-log-multiple,5 has a column for each of its members, from 1; write TLM5 column 1"),
        ("backfill: yes", "backfill: 'yes' is not an object; write a type and an instance, like analog-input,1 or AI1"),
        ("backfill: {age: 1 h}", "backfill: it names no log; write it like TL5, or {log: TL5, age: 2 h}"),
        ("backfill: {log: TL5, ages: 1 h}", "backfill: 'ages' is nothing that backfill has; did you mean age?"),
        ("backfill: 'log=TL5, log=TL6'", "backfill: log is there twice; keep one of them"),
        ("backfill: {log: TL5, age: long}", "backfill: 'long' is not a length of time; write 300, 5 min or 1 h"),
        ("backfill: {log: TL5, interpolate: linear}", "backfill: 'linear' is neither yes nor no; write yes or no"),
        ("backfill: {log: TL5, unflagged: yes}", "backfill: 'yes' is not what can be done with records without flags; write skip or send"),
        ("backfill: {log: TL5, condition: TL6}", "backfill: condition is for the object of a valid_when; leave it out"),
        ("backfill: {log: [TL5, TL6]}", "'log' holds more than one value; write one value, as in {log: TL5, age: 2 h}"),
        ("backfill: [TL5]", "backfill holds more than one value; write backfill: and the value behind it"),
        ("backfill: {log: TL5, tolerance: 150}", "backfill: a tolerance of 150 s is not less than half the interval, 150 s; leave it out to have 60 s"),
    ],
)  # fmt: skip
def test_what_people_get_wrong_gets_one_sentence(keys: str, sentence: str) -> None:
    with pytest.raises(BrokenMappingError) as caught:
        said(keys)
    (problem,) = caught.value.problems
    assert str(problem).split(": ", 1)[1] == sentence


def test_a_measurement_is_not_guessed_between_two_records() -> None:
    with pytest.raises(
        BrokenMappingError, match="interpolate is for counters; leave it out, a measurement is not guessed"
    ):
        read("meters:\n  A: {id: a, device: 1, value: {object: AI1, backfill: {log: TL5, interpolate: yes}}}\n")


def test_one_log_for_two_objects_is_a_slip_and_for_one_in_two_meters_is_none() -> None:
    text = "meters:\n  A: {id: a, device: 1, value: {object: AI1, backfill: TL5}}\n  B: {id: b, device: {}, value: {object: {}, backfill: TL5}}\n"
    with pytest.raises(BrokenMappingError) as caught:
        read(text.replace("{}", "1", 1).replace("{}", "AI2", 1))
    assert str(caught.value) == (
        "m.yaml:3:25: backfill: trend-log,5 is named as the log of analog-input,2 here and of analog-input,1 at m.yaml:2:25; mend one of them"
    )
    for device, source in (("1", "AI1"), ("2", "AI2")):
        assert len(read(text.replace("{}", device, 1).replace("{}", source, 1)).meters) == 2


@pytest.mark.parametrize(
    ("fields", "warning"),
    [
        (
            "valid_when: BI7 = active, value: {object: AI1, backfill: TL5}",
            "m.yaml:2:82: backfill: whether BI7 = active held is not known of the past, so that nothing is healed; name the log of that object, as in {log: TL5, condition: TL6}",
        ),
        (
            "value: {object: AI1, backfill: TLM3 column 2}",
            "m.yaml:2:56: backfill: trend-log-multiple,3 keeps no status flags, so that nothing is healed from it; add unflagged: send to take its records for good",
        ),
        (
            "pC_1: {sum: [{object: LAV1, backfill: TL5}, LAV2]}",
            "m.yaml:2:25: large-analog-value,2 has no backfill, and other registers of the sum pC_1 have; without it no gap of pC_1 is healed",
        ),
    ],
)
def test_what_heals_nothing_is_said(fields: str, warning: str) -> None:
    found = read(f"meters:\n  A: {{id: a, device: 1, {fields}}}\n")
    assert [str(each) for each in found.warnings] == [warning]


def test_an_edit_of_it_is_told_in_words() -> None:
    text = "meters:\n  A: {id: a, device: 1, value: {object: AI1%s}}\n"
    plain, healed = read(text % "").meters, read(text % ", backfill: {log: TL5, age: 2 h, unflagged: send}").meters
    assert difference(plain, healed).sentences == ("A (a): value backfill none → trend-log,5, age 7200 s, unflagged",)
