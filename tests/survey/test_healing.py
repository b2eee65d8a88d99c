"""Which trend logs of a survey a draft names, and what it says of the others."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bacnet_bridge.logged import LoggedProperty
from bacnet_bridge.mapping import Defaults, parse
from bacnet_bridge.model import Backfill, LogColumn
from bacnet_bridge.survey.draft import Draft, draft
from bacnet_bridge.survey.draft_csv import as_csv
from bacnet_bridge.survey.draft_yaml import as_yaml
from bacnet_bridge.survey.healing import proposal
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Survey, Trend
from bacnet_bridge.survey.suggest import suggest
from bacnet_bridge.vocabulary.objects import ObjectId
from tests.support.surveys import device, survey

ENERGY, COMMUNICATION = ObjectId(0, 4), ObjectId(3, 5)
GOOD = Trend(ENERGY, 85, interval=300, enabled=True, buffer=2016, records=2016, stops_when_full=False)


def gateway(*trends: Trend | Sequence[LoggedProperty | None]) -> FoundDevice:
    """A meter behind a gateway, and these logs: TL1, TL2 …, TLM where columns are given."""
    plain = device("Gateway", [*(f"M1_kWL{n} | | kW" for n in (1, 2, 3)), "M1_kWh | | kWh"])
    logs = tuple(
        FoundObject(ObjectId(20, at), True, f"Log {at}", trend=each)
        if isinstance(each, Trend)
        else FoundObject(ObjectId(27, at), True, f"Log {at}", trend=replace(GOOD, object=None, members=tuple(each)))
        for at, each in enumerate(trends, start=1)
    )
    return replace(plain, objects=(*plain.objects, *logs))


def heard(found: FoundDevice) -> FoundDevice:
    """The same, with an object that says whether the gateway hears the meter."""
    state = device("x", [*(["-"] * 4), "M1 Comm Error | | | BI | OK/Error"]).objects[4]
    return replace(found, objects=(*found.objects, state))


def said(*trends: Trend | Sequence[LoggedProperty | None], interval: int = 300, counter: bool = True) -> str:
    found = proposal(gateway(*trends), ENERGY, interval, counter=counter)
    return "" if found is None else f"{found.log}: {found.note}"


def test_a_log_that_has_every_slot_is_proposed_with_its_reach() -> None:
    assert said(GOOD) == "TL1: TL1 every 5 min, heals gaps of up to 7 days"
    assert said(replace(GOOD, interval=60)) == "TL1: TL1 every 60 s, heals gaps of up to 33.6 hours"
    assert said(replace(GOOD, interval=70)) == "TL1: TL1 every 70 s, heals gaps of up to 39.2 hours", "whatever phase"
    assert said(GOOD, interval=900) == "TL1: TL1 every 5 min, heals gaps of up to 7 days"


def test_of_several_the_one_that_reaches_furthest() -> None:
    assert said(replace(GOOD, interval=60), GOOD, replace(GOOD, enabled=False)).startswith("TL2: ")


@pytest.mark.parametrize(
    ("trend", "why"),
    [
        (replace(GOOD, enabled=False), "TL1 is disabled"),
        (replace(GOOD, enabled=None), "TL1 does not say whether it is enabled"),
        (replace(GOOD, stops_when_full=True), "TL1 stops when it is full"),
        (replace(GOOD, stops_when_full=None), "TL1 does not say whether it stops when it is full"),
        (replace(GOOD, interval=None), "TL1 does not say how often it records, or how much"),
        (replace(GOOD, buffer=None), "TL1 does not say how often it records, or how much"),
        (replace(GOOD, interval=0), "TL1 records changes, or when it is triggered: backfill: TL1 only where you know"),
        (replace(GOOD, buffer=11), "TL1 forgets after 55 min"),
        (replace(GOOD, interval=900), "has 3 slots in that time; to have the slots between worked out: backfill: {log"),
        (replace(GOOD, interval=420), "it records every 7 min, which do not meet the slots of a meter of 5 min"),
    ],
)
def test_what_would_be_wrong_is_not_proposed_and_says_why(trend: Trend, why: str) -> None:
    found = said(trend)
    assert found.startswith("None: no backfill: TL1")
    assert why in found


def test_nothing_is_worked_out_of_a_measurement() -> None:
    assert "interpolate" not in said(replace(GOOD, interval=900), counter=False)


@pytest.mark.parametrize(
    "other",
    [
        replace(GOOD, object=ObjectId(0, 3)),
        replace(GOOD, property=111),
        replace(GOOD, index=2),
        replace(GOOD, device=77),
        replace(GOOD, object=None),
    ],
)
def test_a_log_of_something_else_is_not_the_point_s(other: Trend) -> None:
    assert said(other) == ""
    assert said(replace(GOOD, device=1)).startswith("TL1: "), "the device names itself"


def test_a_log_without_flags_is_a_person_s_decision() -> None:
    columns = (None, LoggedProperty(ENERGY, 85))
    assert said(columns) == (
        "None: no backfill: TLM1 column 2 keeps no status flags; "
        "to take its records for good: backfill: {log: TLM1 column 2, unflagged: send}"
    )
    assert said(columns, GOOD).startswith("TL2: "), "one that keeps them goes before it"


def test_behind_a_gateway_the_state_s_log_is_named_too() -> None:
    alone, state = heard(gateway(GOOD)), replace(GOOD, object=COMMUNICATION)
    found = proposal(alone, ENERGY, 300, counter=True, heard=COMMUNICATION)
    assert found is not None
    assert found.log is None
    assert found.note == (
        "no backfill: no log tells whether valid_when held; name a log of BI5 as condition, to heal from TL1"
    )
    found = proposal(heard(gateway(GOOD, state)), ENERGY, 300, counter=True, heard=COMMUNICATION)
    assert found is not None
    assert (found.log, found.condition) == ("TL1", "TL2")


@pytest.mark.parametrize(("write", "suffix"), [(as_yaml, ".yaml"), (as_csv, ".csv")])
@pytest.mark.parametrize("behind", [False, True])
def test_the_mapping_s_reader_takes_what_is_proposed(write: Callable[[Draft], str], suffix: str, behind: bool) -> None:
    found = gateway(GOOD, replace(GOOD, object=COMMUNICATION))
    whole = survey(heard(found) if behind else found)
    made = draft(whole, suggest(whole))
    assert "Points with a trend log that heals their gaps (backfill) at an interval of 5 min: 1." in str(made)
    text = re.sub("# id:", "id: some", write(made)) if suffix == ".yaml" else write(made).replace(";;", ";some;", 1)
    mapping = parse([(Path(f"draft{suffix}"), text.encode())], Defaults("UTC", 300))
    assert mapping.warnings == ()
    (meter,) = mapping.meters
    condition = LogColumn(ObjectId(20, 2)) if behind else None
    assert {point.field: point.backfill for point in meter.points} == {
        "aP_1": None, "aP_2": None, "aP_3": None,
        "pC_1": Backfill(LogColumn(ObjectId(20, 1)), condition=condition),
    }  # fmt: skip


def test_without_logs_nothing_is_said_of_them() -> None:
    plain = Survey(0, 0, True, devices=(device("Gateway", ["M1_kWh | | kWh", "M1_kW | | kW"]),))
    assert "backfill" not in as_yaml(draft(plain, suggest(plain)))
