"""BACnet object types and properties: numbers, standard names, and the spellings that people and tools use.

Source: ANSI/ASHRAE 135, clause 21 (BACnetObjectType, BACnetPropertyIdentifier).
"""

import difflib
import re
from dataclasses import dataclass
from typing import Final

OBJECT_TYPES: Final = {
    0: "analog-input",
    1: "analog-output",
    2: "analog-value",
    3: "binary-input",
    4: "binary-output",
    5: "binary-value",
    6: "calendar",
    7: "command",
    8: "device",
    9: "event-enrollment",
    10: "file",
    11: "group",
    12: "loop",
    13: "multi-state-input",
    14: "multi-state-output",
    15: "notification-class",
    16: "program",
    17: "schedule",
    18: "averaging",
    19: "multi-state-value",
    20: "trend-log",
    21: "life-safety-point",
    22: "life-safety-zone",
    23: "accumulator",
    24: "pulse-converter",
    25: "event-log",
    26: "global-group",
    27: "trend-log-multiple",
    28: "load-control",
    29: "structured-view",
    30: "access-door",
    31: "timer",
    32: "access-credential",
    33: "access-point",
    34: "access-rights",
    35: "access-user",
    36: "access-zone",
    37: "credential-data-input",
    38: "network-security",
    39: "bitstring-value",
    40: "characterstring-value",
    41: "date-pattern-value",
    42: "date-value",
    43: "datetime-pattern-value",
    44: "datetime-value",
    45: "integer-value",
    46: "large-analog-value",
    47: "octetstring-value",
    48: "positive-integer-value",
    49: "time-pattern-value",
    50: "time-value",
    51: "notification-forwarder",
    52: "alert-enrollment",
    53: "channel",
    54: "lighting-output",
    55: "binary-lighting-output",
    56: "network-port",
    57: "elevator-group",
    58: "escalator",
    59: "lift",
    60: "staging",
    61: "audit-log",
    62: "audit-reporter",
}
"""Number → standard name. Numbers 128 … 1023 are vendors' own and are written as a number."""

ABBREVIATIONS: Final = {
    "AI": 0, "AO": 1, "AV": 2, "BI": 3, "BO": 4, "BV": 5, "DEV": 8, "MSI": 13, "MI": 13, "MSO": 14, "MO": 14,
    "MSV": 19, "MV": 19, "TL": 20, "ACC": 23, "PC": 24, "TLM": 27, "IV": 45, "LAV": 46, "PIV": 48,
}  # fmt: skip
"""As spreadsheets and controllers' lists write them."""

TREND_LOG: Final = 20
ACCUMULATOR: Final = 23
TREND_LOG_MULTIPLE: Final = 27

MAX_PRES_VALUE: Final = 65
OBJECT_NAME: Final = 77
PRESENT_VALUE: Final = 85
RELIABILITY: Final = 103
STATUS_FLAGS: Final = 111
UNITS: Final = 117

PROPERTIES: Final = {
    OBJECT_NAME: "object-name",
    PRESENT_VALUE: "present-value",
    STATUS_FLAGS: "status-flags",
    UNITS: "units",
    4: "active-text",
    8: "all",
    12: "application-software-version",
    15: "change-of-state-count",
    22: "cov-increment",
    28: "description",
    33: "elapsed-active-time",
    36: "event-state",
    44: "firmware-revision",
    46: "inactive-text",
    58: "location",
    62: "max-apdu-length-accepted",
    MAX_PRES_VALUE: "max-pres-value",
    69: "min-pres-value",
    70: "model-name",
    74: "number-of-states",
    75: "object-identifier",
    76: "object-list",
    79: "object-type",
    80: "optional",
    81: "out-of-service",
    87: "priority-array",
    97: "protocol-services-supported",
    RELIABILITY: "reliability",
    104: "relinquish-default",
    105: "required",
    106: "resolution",
    107: "segmentation-supported",
    110: "state-text",
    120: "vendor-identifier",
    121: "vendor-name",
    126: "buffer-size",
    131: "log-buffer",
    132: "log-device-object-property",
    133: "enable",
    134: "log-interval",
    139: "protocol-revision",
    141: "record-count",
    144: "stop-when-full",
    155: "database-revision",
    164: "tracking-value",
    178: "count-before-change",
    185: "prescale",
    186: "pulse-rate",
    187: "scale",
    188: "scale-factor",
    189: "update-time",
    190: "value-before-change",
    191: "value-set",
    192: "value-change-time",
    372: "serial-number",
}
"""Number → standard name of the properties that the bridge itself reads or that a mapping may name."""

COUNTERS: Final = frozenset({23, 24})
"""Object types whose present-value counts on: accumulator, pulse-converter."""

LIKE_PRESENT_VALUE: Final = frozenset({PRESENT_VALUE, 22, 65, 69, 87, 104, 106, 190, 191})
"""Properties that are in the unit and the scale of the object's present-value."""

STATES: Final = frozenset({3, 4, 5, 13, 14, 19})
"""Object types whose present-value numbers a state: binary and multi-state."""

WITHOUT_VALUE: Final = frozenset(
    {6, 8, 9, 10, 11, 15, 16, 18, 20, 25, 26, 27, 29, 34, 35, 36, 37, 38, *range(39, 45), 47, 49, 50, 51, 52}
    | {56, 57, 58, 61, 62}
)
"""Object types that have no present-value, or none that is a number."""

NO_NUMBERS: Final = frozenset(
    {OBJECT_NAME, STATUS_FLAGS, 4, 8, 12, 28, 44, 46, 58, 70, 75, 76, 80, 97, 105, 110, 121, 131, 132, 185, 187, 189}
    | {192, 372}
)
"""Properties that are texts, flags, lists, dates or structures, or stand for several."""

ARRAYS: Final = frozenset({76, 87, 110})
SCALARS: Final = frozenset(PROPERTIES) - ARRAYS
"""Properties known not to be arrays: an index means nothing to them."""

OWN_OBJECTS: Final = ("Delivering", "Oldest waiting", "Meters silent")
"""What the bridge's own objects are called: no other object of its device may bear these names (clause 12.1.5)."""

MAX_INSTANCE: Final = 4_194_302
"""4194303 is the wildcard (clause 12.1.2)."""

MAX_PROPERTY: Final = 4_194_303
"""Clause 21, BACnetPropertyIdentifier."""

_TYPE_BY_NAME: Final = {name.replace("-", ""): number for number, name in OBJECT_TYPES.items()}
_TYPE_BY_NAME.update({short.lower(): number for short, number in ABBREVIATIONS.items()})
_PROPERTY_BY_NAME: Final = {name.replace("-", ""): number for number, name in PROPERTIES.items()}
_SPELLING: Final = re.compile(r"(?P<type>[A-Za-z][A-Za-z _-]{0,40}?)[,:;._]?\s{0,3}(?P<instance>\d{1,10})", re.ASCII)
_NUMBERS: Final = re.compile(r"(?P<type>\d{1,10})\s{0,3}[,:;]\s{0,3}(?P<instance>\d{1,10})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class ObjectId:
    """A BACnet object identifier (clause 20.2.14): type number and instance."""

    type: int
    instance: int

    def __hash__(self) -> int:
        """The identifier's own 32 bits; the generated one costs three times as much, for every value that is read."""
        return self.type << 22 | self.instance

    def __str__(self) -> str:
        return f"{OBJECT_TYPES.get(self.type, self.type)},{self.instance}"


def parse_object(text: str) -> ObjectId:
    """`analog-input,1`, `analogInput:1`, `Analog Input 1`, `AI1`, `AI-1`, `0,1` → the identifier.

    Raises ValueError with a sentence that says what is wrong and what was probably meant.
    """
    match = _NUMBERS.fullmatch(text.strip()) or _SPELLING.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r:.60} is not an object; write a type and an instance, like analog-input,1 or AI1")
    instance = int(match["instance"])
    if instance > MAX_INSTANCE:
        raise ValueError(f"instance {instance} is larger than BACnet allows ({MAX_INSTANCE})")
    if match["type"].isdigit():
        number = int(match["type"])
        if number > 1023:
            raise ValueError(f"object type {number} is larger than BACnet allows (1023)")
        return ObjectId(number, instance)
    name = re.sub(r"[ _-]", "", match["type"]).lower()
    if name not in _TYPE_BY_NAME:
        meant = _meant(name, _TYPE_BY_NAME) or "; write one like analog-input or AI, or its number"
        raise ValueError(f"object type {match['type'].strip(' -_')!r} is unknown{meant}")
    return ObjectId(_TYPE_BY_NAME[name], instance)


def parse_property(text: str) -> int:
    """A property's name in any spelling (`present-value`, `presentValue`) or its number.

    Raises ValueError with a suggestion.
    """
    if re.fullmatch(r"\d{1,10}", text.strip(), re.ASCII):
        if int(text) > MAX_PROPERTY:
            raise ValueError(f"property {text} is larger than BACnet allows ({MAX_PROPERTY})")
        return int(text)
    name = re.sub(r"[ _-]", "", text).lower()
    if name not in _PROPERTY_BY_NAME:
        raise ValueError(
            f"property {text!r:.60} is unknown{_meant(name, _PROPERTY_BY_NAME) or '; its number also works'}"
        )
    return _PROPERTY_BY_NAME[name]


def property_name(number: int) -> str:
    """The standard name, or the number as text."""
    return PROPERTIES.get(number, str(number))


def _meant(name: str, known: dict[str, int]) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    if not close:
        return ""
    table = OBJECT_TYPES if known is _TYPE_BY_NAME else PROPERTIES
    return f"; did you mean {table[known[close[0]]]}?"
