"""The keys of a mapping, declared once: the validator reads with them, schema.json is written from them.

The same names are a YAML file's keys and a CSV file's columns.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from bacnet_bridge.mapping import texts
from bacnet_bridge.mapping.backfill_key import BACKFILL
from bacnet_bridge.mapping.key import Key
from bacnet_bridge.mapping.watch_keys import WATCH_KEYS
from bacnet_bridge.model import Nature
from bacnet_bridge.vocabulary.fields import FIELDS, SINGLE
from bacnet_bridge.vocabulary.objects import ObjectId, parse_object, parse_property
from bacnet_bridge.vocabulary.units import Unit, parse_unit

TEXT: Final[Mapping[str, Any]] = {"type": ["string", "number", "boolean"]}
NUMBER: Final[Mapping[str, Any]] = {"type": ["number", "string"]}
WHOLE: Final[Mapping[str, Any]] = {"type": ["integer", "string"]}
LENGTH: Final[Mapping[str, Any]] = {"type": ["integer", "string"], "examples": [300, "5 min", "1 h"]}

ID: Final = Key(
    "id",
    texts.identifier,
    "The id under which the platform knows the meter. Without one the meter is a draft: listed, not read, not sent.",
    {"type": ["string", "integer"]},
)
DEVICE: Final = Key(
    "device",
    texts.device,
    "The BACnet device instance, 0 to 4194302. The device is found by it wherever its address is.",
    {"type": ["integer", "string"], "examples": [1001]},
    shared=True,
)
ADDRESS: Final = Key(
    "address",
    texts.address,
    "Only where broadcast cannot reach the device: 10.0.0.5, 10.0.0.5:47809, or network:station behind a router.",
    {"type": "string", "examples": ["10.0.0.5", "10.0.0.5:47809", "100:12"]},
    shared=True,
)
INTERVAL: Final = Key(
    "interval",
    texts.interval,
    "The time between packets, as registered with the platform: 300 (seconds), 5 min, 1 h. "
    "A wrong one shows no data there.",
    LENGTH,
    shared=True,
)
ZONE: Final = Key(
    "zone",
    texts.zone,
    "The IANA time zone of the meter's place, where it is not the site's.",
    {"type": "string", "examples": ["Europe/Dublin"]},
    shared=True,
)
ACCOUNT: Final = Key(
    "account",
    texts.label,
    "The name of the account in the settings whose credentials send this meter's packets.",
    TEXT,
    shared=True,
)
TOLERANCE: Final = Key(
    "tolerance",
    texts.seconds,
    "How late after its instant a reading may begin. If not given: a quarter of the interval, at most 60 s.",
    {"type": ["number", "string"], "examples": [30, "30 s"]},
    shared=True,
)
REQUIRE_ALL: Final = Key(
    "require_all",
    texts.flag,
    "yes: send a packet only when every field could be read. Otherwise a missing field is left out and counted.",
    {"enum": [True, False, "yes", "no"]},
    shared=True,
)
AS: Final = Key(
    "as",
    texts.nature,
    "What `value` is. instant: a measurement; index: a counter's reading, sent as it stands; "
    "delta: a counter's growth since the slot before, worked out by the bridge.",
    {"enum": [nature.value for nature in Nature]},
)
CT: Final = Key(
    "ct",
    texts.ratio,
    "Current transformers' ratio, where the device shows secondary values: 200/5 or 40. "
    "Multiplies powers, currents and energies.",
    {"type": ["number", "string"], "examples": ["200/5"]},
)
VT: Final = Key(
    "vt",
    texts.ratio,
    "Voltage transformers' ratio, where the device shows secondary values: 11000/110 or 100. "
    "Multiplies powers, voltages and energies.",
    {"type": ["number", "string"], "examples": ["11000/110"]},
)
INVERT: Final = Key(
    "invert",
    texts.phases,
    "Phases whose current transformer is mounted backwards. Active and reactive power of the phase change their sign; "
    "energies do not: such a meter has counted them in its other register.",
    {
        "oneOf": [
            {"enum": [1, 2, 3]},
            {"type": "array", "items": {"enum": [1, 2, 3]}, "minItems": 1},
            {"type": "string", "pattern": "^[1-3 ,;+/]+$"},
        ]
    },
)

OBJECT: Final[Key[ObjectId]] = Key(
    "object",
    parse_object,
    "The BACnet object: analog-input,1; also AI1, analogInput:1 or 0,1.",
    {"type": "string", "minLength": 2, "examples": ["AI1", "analog-input,1"]},
)
PROPERTY: Final[Key[int]] = Key(
    "property",
    parse_property,
    "The object's property, by name or number. If not given: present-value.",
    {"type": ["string", "integer"], "examples": ["present-value"]},
)
INDEX: Final = Key("index", texts.array_index, "The element, from 1, where the property is an array.", WHOLE)
NAME: Final = Key(
    "name",
    texts.label,
    "The object's name as the device gives it. If the device one day shows another one (it was loaded anew, and its "
    "numbers have moved), the point is held, and nothing wrong is sent.",
    TEXT,
)
MULTIPLIER: Final[Key[Decimal]] = Key(
    "multiplier", texts.factor, "What the device's number is multiplied by. If not given: 1.", NUMBER
)
OFFSET: Final[Key[Decimal]] = Key(
    "offset", texts.number, "What is added after the multiplication. If not given: 0.", NUMBER
)
UNIT: Final[Key[Unit]] = Key(
    "unit",
    parse_unit,
    "The unit of the number after multiplier and offset. If not given: what the device says. "
    "Units of one quantity are converted (kW to W, MJ to Wh), everything else is refused.",
    {"type": ["string", "integer"], "examples": ["kW", "kWh", "m³"]},
)
COV: Final = Key(
    "cov",
    texts.flag,
    "yes: the device is asked to tell changes of the value (COV). What it told last is sent, without reading it, in "
    "slots in which the device answers anything at all. It is as fine as the object's COV increment.",
    {"enum": [True, False, "yes", "no"]},
)

METER_KEYS: Final[Mapping[str, Key[Any]]] = {
    **{
        key.name: key
        for key in (ID, DEVICE, ADDRESS, INTERVAL, ZONE, ACCOUNT, TOLERANCE, REQUIRE_ALL, AS, CT, VT, INVERT)
    },
    **WATCH_KEYS,
}
DEFAULT_KEYS: Final[Mapping[str, Key[Any]]] = {name: key for name, key in METER_KEYS.items() if key.shared}
POINT_KEYS: Final[Mapping[str, Key[Any]]] = {
    **{key.name: key for key in (OBJECT, PROPERTY, INDEX, NAME, MULTIPLIER, OFFSET, UNIT, COV, BACKFILL)},
    **WATCH_KEYS,
}
DEFAULTS: Final = "defaults"
METERS: Final = "meters"
FILE_KEYS: Final = (METERS, DEFAULTS)
SUM: Final = "sum"


def field_says(name: str) -> str:
    """What a field of the packet means, for people."""
    field = FIELDS[name]
    if field is SINGLE:
        return "The one number of a single-value meter: gas, water, heat, a temperature, a state."
    where = name.rpartition("_")[2]
    phase = f"of phase {where}" if len(where) == 1 else f"between phases {where[0]} and {where[1]}"
    return f"{field.quantity.value.capitalize()} {phase}, sent in {field.unit}."
