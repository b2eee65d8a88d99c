import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from bacnet_bridge.mapping import schema
from bacnet_bridge.mapping.keys import DEFAULT_KEYS, FILE_KEYS, METER_KEYS, POINT_KEYS
from bacnet_bridge.vocabulary.fields import FIELDS

STORED: dict[str, Any] = json.loads(schema.TARGET.read_text(encoding="utf-8"))


def _valid(text: str) -> bool:
    return jsonschema.Draft202012Validator(STORED).is_valid(yaml.safe_load(text))


def test_the_stored_schema_is_current() -> None:
    current = schema.TARGET.read_text(encoding="utf-8")
    assert current == schema.text(), "run python -m bacnet_bridge.mapping.schema"


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(STORED)


def test_the_schema_has_the_validators_keys_and_explains_each() -> None:
    meter = STORED["$defs"]["meter"]["properties"]
    assert set(STORED["properties"]) == set(FILE_KEYS)
    assert set(STORED["properties"]["defaults"]["properties"]) == set(DEFAULT_KEYS)
    assert set(meter) == {*METER_KEYS, *FIELDS}
    assert set(STORED["$defs"]["register"]["properties"]) == set(POINT_KEYS)
    assert all(len(key["description"]) > 20 for key in meter.values())


@pytest.mark.parametrize(
    "text",
    [
        "meters: {A: {id: a, device: 1, value: AI1}}",
        "meters: {A: {id: 17, device: 1, interval: 5 min, value: {object: AI1, multiplier: 0.1, unit: kW}}}",
        "meters: {A: {id: , aP_1: {sum: [AI1, {object: AI2}]}, invert: [1, 3], ct: 200/5}}",
        "defaults: {device: 1}\nmeters:",
        "defaults:\nmeters: {A: {id: a, device: , address: , as: , ct: , invert: , require_all: , value: AI1}}",
        "meters: {A: {id: a, device: 1, falls: yes, max_rate: 5, flags: {fault: send}, value: {object: AI1, flags: }}}",
        "defaults: {valid_when: BI7 = active, frozen_after: 0, frozen: refuse, after_fall: hold}",
        "meters: {A: {value: {object: ACC1, rollover: 99999999, max_rate: '0.5', flags: 'fault: send'}}}",
        "meters: {A: {id: a, device: 1, invert: '1, 3', aP_1: {object: AI1, name: 123, unit: , index: }}}",
    ],
)
def test_what_the_schema_lets_pass(text: str) -> None:
    assert _valid(text)


@pytest.mark.parametrize(
    "text",
    [
        "meter: {}",
        "meters: [{id: a}]",
        "meters: {A: {devise: 1}}",
        "meters: {A: {value: AI1, aP_1: AI2}}",
        "meters: {A: {aP_1: {unit: kW}}}",
        "meters: {A: {aP_1: {sum: []}}}",
        "meters: {A: {as: diff}}",
        "meters: {A: {invert: [4]}}",
        "meters: {A: {flags: {fault: drop}}}",
        "meters: {A: {frozen: drop}}",
        "defaults: {max_rate: 5}",
    ],
)
def test_what_the_schema_marks(text: str) -> None:
    assert not _valid(text)


def test_the_schema_travels_with_the_package() -> None:
    assert Path(schema.__file__).with_name("schema.json") == schema.TARGET
