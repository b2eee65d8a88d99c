"""Packet → the one line of JSON, and back. Pure.

Source: the platform's REST API page: JSON on one line; `id`, `tsISO8601`, then `value` or any of the 21
electrical keys in their order; values are JSON numbers; what is absent is left out, never null.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from bacnet_bridge.clock import moment_of
from bacnet_bridge.vocabulary.fields import ELECTRICAL, FIELDS, SINGLE

_PLAIN: Final = 64
"""Digits up to which a number is written out: the largest Real has 39, the smallest 47."""


def line(meter_id: str, instant: int, zone: str, fields: Mapping[str, Decimal]) -> str:
    """The packet's body: one line, only ASCII (other characters of the id are escaped), no spaces.

    The fields are put in the platform's order. Raises ValueError where no packet can be made of them: none at
    all, an unknown key, `value` beside electrical ones, a number that is not finite.
    """
    unknown = fields.keys() - FIELDS.keys()
    if unknown:
        raise ValueError(f"{_named(unknown)}: no such field; the platform knows value and {len(ELECTRICAL)} others")
    if not fields:
        raise ValueError("a packet without a field says nothing")
    if SINGLE.key in fields and len(fields) > 1:
        raise ValueError(f"{_named(fields)}: value stands alone or not at all")
    members = [f'"id":{json.dumps(meter_id)}', f'"tsISO8601":"{timestamp(instant, zone)}"']
    members += (f'"{key}":{number(fields[key])}' for key in FIELDS if key in fields)
    return "{" + ",".join(members) + "}"


def values(body: str) -> dict[str, Decimal]:
    """The fields of a line that `line` wrote, exactly and in their order."""
    members = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    return {key: members[key] for key in FIELDS if key in members}


def renamed(body: str, old: str, new: str) -> str:
    """A line that `line` wrote, with another id. Raises ValueError where it does not bear the id `old`."""
    head = f'{{"id":{json.dumps(old)},'
    if not body.startswith(head):
        raise ValueError(f"this packet does not bear the id {old}: {body[:80]}")
    return f'{{"id":{json.dumps(new)},{body.removeprefix(head)}'


def timestamp(instant: int, zone: str) -> str:
    """Local time where the meter is, with milliseconds and offset: `2016-02-10T21:45:31.070+11:00`.

    Raises ValueError where the offset has seconds, which the form cannot say; no zone has had such since 1972.
    """
    local = _local(instant, zone)
    if (local.utcoffset() or timedelta()) % timedelta(minutes=1):
        raise ValueError(f"{local} in {zone} has an offset with seconds: no such instant is sent")
    return local.isoformat(timespec="milliseconds")


def local_day(instant: int, zone: str) -> str:
    """The building's local date, `2026-03-29`, that a packet is counted under."""
    return _local(instant, zone).date().isoformat()


def number(value: Decimal) -> str:
    """The shortest plain JSON number that is exactly `value`; beyond 64 digits with an exponent.

    It never goes through a float, and there is no -0. Raises ValueError for NaN and infinity.
    """
    if not value.is_finite():
        raise ValueError(f"{value} is not a number that JSON can carry")
    if not value:
        return "0"
    if not -_PLAIN < value.adjusted() < _PLAIN:
        digits, exponent = f"{value:E}".split("E")
        return f"{_trimmed(digits)}E{exponent}"
    return _trimmed(f"{value:f}")


def _trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _local(instant: int, zone: str) -> datetime:
    return moment_of(instant).astimezone(ZoneInfo(zone))


def _named(keys: Iterable[str]) -> str:
    return ", ".join(sorted(keys))
