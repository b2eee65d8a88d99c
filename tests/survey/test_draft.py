"""Drafts are mappings: whatever devices call their objects, the mapping's reader takes the file without a problem."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bacnet_bridge.mapping import Defaults, Mapping, parse
from bacnet_bridge.survey.draft import Draft, draft, selected
from bacnet_bridge.survey.draft_csv import as_csv
from bacnet_bridge.survey.draft_yaml import as_yaml
from bacnet_bridge.survey.model import Survey
from bacnet_bridge.survey.only import parse_only
from bacnet_bridge.survey.suggest import suggest
from tests.support.surveys import demo, device, survey

FORMATS = {".yaml": as_yaml, ".csv": as_csv}


def made(found: Survey) -> Draft:
    return draft(found, suggest(found))


def mapping(text: str, suffix: str) -> Mapping:
    return parse([(Path(f"draft{suffix}"), text.encode())], Defaults("UTC", 300))


def with_ids(text: str, suffix: str) -> str:
    """As an integrator fills them in."""
    if suffix == ".yaml":
        return re.sub(r"^    # id:$", "    id: some", text, flags=re.MULTILINE)
    return text.replace(";;", ";some;", 1)


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_demo_s_draft_is_a_mapping_without_a_problem(suffix: str) -> None:
    read = mapping(FORMATS[suffix](made(demo())), suffix)
    fields = {each.name: each.fields for each in read.drafts}
    assert len(fields) == 14
    assert len(fields["Main incomer"]) == 21
    assert fields["Gas Volume"] == ("value",)
    assert [str(each) for each in read.warnings] == [
        "no meter has an id, so nothing will be read or sent; enter the platform's ids"
    ]


@pytest.mark.parametrize("suffix", FORMATS)
def test_an_id_makes_a_meter_of_it(suffix: str) -> None:
    tenant = Survey(0, 0, True, devices=demo().devices[3:4])
    read = mapping(with_ids(FORMATS[suffix](made(tenant)), suffix), suffix)
    (meter,) = read.meters
    assert (meter.id, meter.device) == ("some", 1004)
    assert {each.field: (str(each.source.object), each.name) for each in meter.points} == {
        "aP_1": ("analog-input,1", "Total Active Power"),
        "pC_1": ("large-analog-value,1", "Total Energy"),
    }


def test_a_gateway_s_object_becomes_valid_when_and_a_spelled_unit_is_stated() -> None:
    lines = [*(f"M1_kWL{n} | | " for n in (1, 2, 3)), "M1_kWh", "M1 Comm Error | | | BI | OK/Error"]
    read = mapping(with_ids(as_yaml(made(survey(device("Gateway", lines)))), ".yaml"), ".yaml")
    (meter,) = read.meters
    assert {str(each.unit) for each in meter.points} == {"kW", "kWh"}
    assert all(each.valid_when and each.valid_when.text == "BI5 = inactive" for each in meter.points)


def test_what_is_unsure_is_a_comment_that_needs_only_its_sign_taken_away() -> None:
    text = as_yaml(made(survey(device("Plant", ["Meter 4 | Zähler | kWh", "Supply temp | | °C"]))))
    assert [each.name for each in mapping(text, ".yaml").drafts] == ["Supply temp"]
    assert "# unsure" not in text
    assert "unsure: of electricity or of heat?" in text
    taken = re.sub(r"^#(?= )(?!  ?[A-Z0-9][^\n]*\.$)", "", text, flags=re.MULTILINE)
    assert len(mapping(taken.replace("pC_1", "value"), ".yaml").drafts) == 2


@pytest.mark.parametrize("suffix", FORMATS)
def test_nothing_suggested_is_a_sound_file(suffix: str) -> None:
    assert mapping(FORMATS[suffix](made(survey())), suffix).meters == ()


def test_meters_of_one_name_get_their_device_s_and_then_a_number() -> None:
    same = ["Supply temp | | °C"]
    found = survey(device("A", same, 1), device("B", same, 2), device("B", same * 2, 3))
    names = [each.name for each in made(found).meters]
    assert names == ["A Supply temp", "B Supply temp", "B Supply temp (2)", "B Supply temp (3)"]


def test_two_devices_of_one_instance_are_told_apart_by_their_address() -> None:
    first, second = device("A", ["Supply temp | | °C"], 7), device("B", ["Room temp | | °C"], 7)
    addresses = [each.address for each in made(survey(first, second)).meters]
    assert addresses == ["10.0.0.7", "10.0.0.7"]


def test_only_some_objects() -> None:
    found = suggest(demo())
    kept = parse_only(["device=1001", "unit=kWh"])
    some = selected(found, lambda where, each: kept.device(where) and kept.object(each))
    assert [[each.field for each in meter.points] for meter in some.meters] == [["pC_1", "pC_2", "pC_3"]]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.text(max_size=30), min_size=1, max_size=6), st.sampled_from(sorted(FORMATS)))
def test_hostile_names_make_no_broken_file(names: list[str], suffix: str) -> None:
    objects = [device("x", ["a temp | | °C"], at).objects[0] for at in range(len(names))]
    devices = [
        type(device("x", []))(
            at, "10.0.0.1", name=name, objects=(type(each)(each.id, name=name, description=name, units=62),)
        )
        for at, (name, each) in enumerate(zip(names, objects, strict=True))
    ]
    read = mapping(FORMATS[suffix](made(survey(*devices))), suffix)
    assert len(read.drafts) == len(suggest(survey(*devices)).meters)


def test_what_an_accumulator_shows_is_said_with_its_scale() -> None:
    panel = device("panel", ["Gas Volume | | m3 | ACC | | 13445037"])
    scaled = replace(panel, objects=(replace(panel.objects[0], scale="0.01"),))
    assert "# 13445037 × 0.01 m³; high: unit m³" in as_yaml(made(survey(scaled)))
