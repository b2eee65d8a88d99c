"""The worked example in point_mappings/: sound, complete, and what the editors' line promises."""

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from bacnet_bridge.mapping import Defaults, load
from bacnet_bridge.model import Nature
from bacnet_bridge.vocabulary.fields import ELECTRICAL

EXAMPLE = Path(__file__).parents[2] / "point_mappings"
SITE = Defaults("Europe/Dublin", 300)


def test_the_example_is_sound() -> None:
    mapping = load(EXAMPLE, SITE)
    assert mapping.warnings == ()
    assert [draft.name for draft in mapping.drafts] == ["Car park"]
    assert {meter.id: [point.nature for point in meter.points][-1] for meter in mapping.meters if meter.single} == {
        "demo-gas": Nature.INDEX,
        "demo-water": Nature.DELTA,
        "demo-heat": Nature.INDEX,
        **dict.fromkeys(
            (
                *("demo-supply-temp", "demo-return-temp", "demo-fan", "demo-mode", "demo-boiler-flow"),
                *("demo-boiler-return", "demo-outside-temp", "demo-exhaust-temp", "demo-co2"),
            ),
            Nature.INSTANT,
        ),
    }


def test_the_main_incomer_has_every_field() -> None:
    meters = {meter.id: meter for meter in load(EXAMPLE, SITE).meters}
    assert {point.field for point in meters["demo-main"].points} == {field.key for field in ELECTRICAL}
    assert [point.field for point in meters["demo-tenant"].points] == ["aP_1", "pC_1"]


def test_every_point_names_the_object_that_it_expects() -> None:
    assert all(point.name for meter in load(EXAMPLE, SITE).meters for point in meter.points)


@pytest.mark.parametrize("interval", [5, 300])
def test_the_interval_is_the_sites(interval: int) -> None:
    assert {meter.interval for meter in load(EXAMPLE, Defaults("UTC", interval)).meters} == {interval}


@pytest.mark.parametrize("file", sorted(EXAMPLE.glob("*.yaml")), ids=lambda file: file.name)
def test_editors_find_the_schema_and_it_accepts_the_example(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    first = text.splitlines()[0]
    prefix = "# yaml-language-server: $schema="
    assert first.startswith(prefix)
    schema = json.loads((file.parent / first.removeprefix(prefix)).read_text(encoding="utf-8"))
    jsonschema.validate(yaml.safe_load(text), schema)
