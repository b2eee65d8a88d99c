"""The keys by which a point's values are watched. With a meter they are for all its points, with a field for one."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from bacnet_bridge.mapping import texts
from bacnet_bridge.mapping.key import Key
from bacnet_bridge.mapping.problems import meant, quoted
from bacnet_bridge.model import RELIABILITY_FLAG, AfterFall, Condition, PropertyRef
from bacnet_bridge.vocabulary.objects import WITHOUT_VALUE, parse_object

FLAGS: Final = ("in-alarm", "fault", "overridden", "out-of-service", RELIABILITY_FLAG)
SKIP, SEND = "skip", "send"
NOTICE, REFUSE = "notice", "refuse"

_BINARY: Final = frozenset({3, 4, 5})
_ACTIVE: Final = {"active": Decimal(1), "inactive": Decimal(0)}


def condition(text: str) -> Condition:
    """`BI7 = active`, `MSV3 = 2` → what a property must be."""
    head, equals, tail = text.partition("=")
    name, state = head.strip(), tail.removeprefix("=").strip()
    if not equals or not name or not state:
        raise ValueError(f"{quoted(text)} is not a condition; write it like BI7 = active or MSV3 = 2")
    wanted = parse_object(name)
    if wanted.type in WITHOUT_VALUE:
        raise ValueError(f"{wanted} has no state and no number; name another object, like BI7 = active")
    if wanted.type in _BINARY and state.lower() in _ACTIVE:
        return Condition(PropertyRef(wanted), _ACTIVE[state.lower()], text)
    try:
        number = texts.number(state)
    except ValueError:
        known = "active, inactive, 0 or 1" if wanted.type in _BINARY else "the state's or value's number"
        raise ValueError(f"{quoted(state)} is no state of {wanted}; write {known}") from None
    if wanted.type in _BINARY and number not in {0, 1}:
        raise ValueError(f"{quoted(state)} is no state of {wanted}; write active or inactive")
    return Condition(PropertyRef(wanted), number, text)


def flags(text: str) -> dict[str, str]:
    """`fault: skip, overridden: send` → what is done with a value that bears the flag."""
    rules: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in re.split(r"[,;]", text))):
        name, _, rule = (piece.strip().lower() for piece in part.replace("=", ":").partition(":"))
        name = re.sub(r"[ _]", "-", name)
        if name not in FLAGS:
            raise ValueError(f"{quoted(name)} is no status flag{meant(name, FLAGS)}")
        if rule not in {SKIP, SEND}:
            raise ValueError(f"{quoted(rule)} is not what can be done with {name}; write skip or send")
        if name in rules:
            raise ValueError(f"{name} is there twice; keep one of them")
        rules[name] = rule
    if not rules:
        raise ValueError("it names no flag; write it like {fault: skip, overridden: send}")
    return rules


def positive(text: str) -> Decimal:
    """A number larger than zero."""
    value = texts.number(text)
    if value <= 0:
        raise ValueError(f"{quoted(text)} is not larger than zero; write it like 50")
    return value


def readings(text: str) -> int:
    """How many readings: 0, or 2 and more."""
    if not re.fullmatch(r"\d{1,6}", text, re.ASCII) or int(text) == 1:
        raise ValueError(f"{quoted(text)} is not a number of readings; write 12, or 0 to turn it off")
    return int(text)


def after_fall(text: str) -> AfterFall:
    """`follow` or `hold`."""
    if text.lower() not in list(AfterFall):
        raise ValueError(f"{quoted(text)} is not what can be done after a fall{meant(text, list(AfterFall))}")
    return AfterFall(text.lower())


def frozen(text: str) -> bool:
    """`notice` or `refuse`; whether it is refused."""
    if text.lower() not in {NOTICE, REFUSE}:
        raise ValueError(f"{quoted(text)} is not what can be done with a frozen value{meant(text, (NOTICE, REFUSE))}")
    return text.lower() == REFUSE


NUMBER: Final[Mapping[str, Any]] = {"type": ["number", "string"]}

VALID_WHEN: Final = Key(
    "valid_when",
    condition,
    "What another object of the device must be for the value to count, like the gateway's status of its meter: "
    "BI7 = active, MSV3 = 2. It is read together with the value; otherwise the value is refused.",
    {"type": "string", "examples": ["BI7 = active", "MSV3 = 2"]},
    shared=True,
)
FLAG_RULES: Final = Key(
    "flags",
    flags,
    "What is done with a value whose status flag is set: skip or send, for each of in-alarm, fault, overridden, "
    "out-of-service. If not given: fault and out-of-service are skipped, the others sent. With reliability, the "
    "object's reliability is read, too.",
    {
        "oneOf": [
            {
                "type": "object",
                "additionalProperties": False,
                "minProperties": 1,
                "properties": {name: {"enum": [SKIP, SEND]} for name in FLAGS},
            },
            {"type": "string", "examples": ["fault: skip, overridden: send"]},
        ]
    },
    shared=True,
)
FROZEN_AFTER: Final = Key(
    "frozen_after",
    readings,
    "Readings in a row, identical to the bit, after which a measurement is called frozen; 0 turns it off. If not "
    "given: 12 for voltages and currents of electrical meters that are read, 0 for all else. Zero is never frozen.",
    {"type": ["integer", "string"], "examples": [12, 0]},
    shared=True,
)
FROZEN: Final = Key(
    "frozen",
    frozen,
    "What is done with a frozen value. notice: it is sent, and the status shows it; refuse: it is a hole. "
    "If not given: notice.",
    {"enum": [NOTICE, REFUSE]},
    shared=True,
)
AFTER_FALL: Final = Key(
    "after_fall",
    after_fall,
    "What is done with a counter that was reset or exchanged, once that is certain. follow: go on from the new count; "
    "hold: send nothing until the mapping says follow. If not given: follow.",
    {"enum": [rule.value for rule in AfterFall]},
    shared=True,
)
MAX_RATE: Final = Key(
    "max_rate",
    positive,
    "The most that a counter can count in an hour, in its own unit: what the device shows, before multiplier. "
    "If not given: ten times the highest rate seen.",
    {**NUMBER, "examples": [50]},
)
ROLLOVER: Final = Key(
    "rollover",
    positive,
    "The largest number that the counter shows before it starts again at 0, before its scale. "
    "If not given: what an Accumulator says of itself.",
    {**NUMBER, "examples": [99999999]},
)
FALLS: Final = Key(
    "falls",
    texts.flag,
    "yes: the counter counts both ways, as a net meter does, and a fall is as good as a rise.",
    {"enum": [True, False, "yes", "no"]},
)

WATCH_KEYS: Final[Mapping[str, Key[Any]]] = {
    key.name: key for key in (VALID_WHEN, FLAG_RULES, FROZEN_AFTER, FROZEN, AFTER_FALL, MAX_RATE, ROLLOVER, FALLS)
}
