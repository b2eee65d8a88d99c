"""`python -m bacnet_bridge.mapping.schema` writes schema.json, by which editors complete and check YAML mappings.

It is made from the declarations of keys.py that the validator reads with, and is a help only: the validator knows
more than a schema can say (names and ids that are there once, units that convert, instances, zones).
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from bacnet_bridge.mapping import keys
from bacnet_bridge.mapping.key import Key
from bacnet_bridge.vocabulary.fields import ELECTRICAL, FIELDS, SINGLE

TARGET: Final = Path(__file__).with_name("schema.json")


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a YAML mapping file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "BACnet Bridge: meters and their points",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            keys.DEFAULTS: _object(keys.DEFAULT_KEYS, "For all meters of this file that do not say otherwise.")
            | {"type": ["object", "null"]},
            keys.METERS: {
                "description": "Each meter under its name, which people see; it is unique over all files.",
                "type": ["object", "null"],
                "additionalProperties": {"$ref": "#/$defs/meter"},
            },
        },
        "$defs": {"meter": _meter(), "register": _register(), "sum": _sum()},
    }


def text() -> str:
    """The content of schema.json."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def _meter() -> dict[str, Any]:
    fields = {name: _field(name) for name in FIELDS}
    meter = _object(keys.METER_KEYS, "A data point of the platform: either `value`, or electrical fields.")
    meter["properties"] |= fields
    meter["type"] = ["object", "null"]
    meter["dependentSchemas"] = {
        SINGLE.key: {"not": {"anyOf": [{"required": [field.key]} for field in ELECTRICAL]}},
    }
    return meter


def _field(name: str) -> dict[str, Any]:
    return {
        "description": keys.field_says(name),
        "oneOf": [keys.OBJECT.schema, {"$ref": "#/$defs/register"}, {"$ref": "#/$defs/sum"}],
    }


def _register() -> dict[str, Any]:
    return _object(keys.POINT_KEYS, "One property of one BACnet object.") | {"required": [keys.OBJECT.name]}


def _sum() -> dict[str, Any]:
    items = {"oneOf": [keys.OBJECT.schema, {"$ref": "#/$defs/register"}]}
    return {
        "type": "object",
        "description": "Several registers, added up.",
        "additionalProperties": False,
        "required": [keys.SUM],
        "properties": {keys.SUM: {"type": "array", "minItems": 1, "items": items}},
    }


def _object(declared: Mapping[str, Key[Any]], says: str) -> dict[str, Any]:
    properties = {name: {"description": key.says, **_or_blank(key)} for name, key in declared.items()}
    return {"description": says, "type": "object", "additionalProperties": False, "properties": properties}


def _or_blank(key: Key[Any]) -> dict[str, Any]:
    """A blank key is an absent one; only a register without an object is none."""
    schema = dict(key.schema)
    if key is keys.OBJECT:
        return schema
    if "enum" in schema:
        return schema | {"enum": [*schema["enum"], None]}
    if "oneOf" in schema:
        return schema | {"oneOf": [*schema["oneOf"], {"type": "null"}]}
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return schema | {"type": [*kinds, "null"]}


if __name__ == "__main__":
    TARGET.write_text(text(), encoding="utf-8")
