"""The platform's rules about one packet, pure: bytes in, a `Submission` out, or a sentence about what is wrong.

Source: the platform's "REST API" page; see docs/wattics.md. Where that page leaves room, the strict reading is
taken here, so that what passes here passes everywhere.
"""

import base64
import binascii
import json
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, NoReturn

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.vocabulary.fields import ELECTRICAL, SINGLE

PATH: Final = "/measurements/v2/unifiedjson/"

_POSITION: Final = {field.key: n for n, field in enumerate(ELECTRICAL)}
_CONTENT_TYPES: Final = frozenset({"application/json", "text/json"})
_TIMESTAMP: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})([+-])([0-9]{2}):([0-9]{2})"
)
_EPOCH: Final = date(1970, 1, 1).toordinal()
_FARTHEST: Final = 14 * 60
"""No place on earth is farther from UTC than this, in minutes."""


class MalformedError(BridgeError):
    """The request breaks a rule; `str(error)` says which. Answered 400."""


@dataclass(frozen=True, slots=True)
class Submission:
    """A packet that keeps every rule. `instant` is UTC milliseconds, exactly; `text` the timestamp as written."""

    id: str
    instant: int
    text: str
    body: str


def check_headers(headers: Mapping[str, str]) -> None:
    """The content is JSON, in UTF-8 and not compressed; no content type at all is fine. Raises MalformedError."""
    kind, _, parameters = headers.get("Content-Type", "application/json").lower().partition(";")
    if kind.strip() not in _CONTENT_TYPES:
        raise MalformedError(f"Content-Type {kind.strip()!r} is not application/json")
    if "charset" in parameters and "utf-8" not in parameters:
        raise MalformedError(f"the content must be UTF-8, not{parameters}")
    if headers.get("Content-Encoding", "identity").lower() != "identity":
        raise MalformedError("the content must not be compressed")


def parse(content: bytes) -> Submission:
    """One packet, on one line, with exactly the keys, order and types that the platform names.

    Raises MalformedError.
    """
    try:
        body = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise MalformedError(f"the body is not UTF-8: {error}") from error
    if "\n" in body or "\r" in body:
        raise MalformedError("the JSON must be on one line")
    try:
        packet = json.loads(body, object_pairs_hook=_pairs, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise MalformedError(f"the body is not JSON: {error}") from error
    if isinstance(packet, list):
        raise MalformedError("one packet per request: a list was sent")
    if not isinstance(packet, _Pairs):
        raise MalformedError(f"a packet is a JSON object, not {body[:40]!r}")
    return _submission(packet, body)


def instant(text: str) -> int:
    """A local time with milliseconds and offset, like `2016-02-10T21:45:31.070+11:00`, as UTC milliseconds.

    Raises MalformedError for any other form, for dates that do not exist and offsets beyond ±14 hours.
    """
    match = _TIMESTAMP.fullmatch(text)
    if match is None:
        raise MalformedError(
            f"tsISO8601 {text!r} is not local time with three digits of milliseconds and offset, "
            "like 2016-02-10T21:45:31.070+11:00"
        )
    year, month, day, hour, minute, second, milliseconds = map(int, match.groups()[:7])
    sign, offset_hours, offset_minutes = match[8], int(match[9]), int(match[10])
    try:
        days = date(year, month, day).toordinal() - _EPOCH
    except ValueError as error:
        raise MalformedError(f"tsISO8601 {text!r} is no date: {error}") from error
    if hour > 23 or minute > 59 or second > 59:
        raise MalformedError(f"tsISO8601 {text!r} is no time of day")
    offset = offset_hours * 60 + offset_minutes
    if offset_minutes > 59 or offset > _FARTHEST or (sign == "-" and offset == 0):
        raise MalformedError(f"tsISO8601 {text!r} has an offset that no place has")
    if sign == "-":
        offset = -offset
    minutes = (days * 24 + hour) * 60 + minute - offset
    return (minutes * 60 + second) * 1000 + milliseconds


def credentials(authorization: str | None) -> tuple[str, str] | None:
    """User's name and password of a basic `Authorization` header (RFC 7617, UTF-8); None where it is none."""
    scheme, _, encoded = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        plain = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return None
    name, colon, password = plain.partition(":")
    return (name, password) if colon else None


class _Pairs(tuple[tuple[str, object], ...]):
    """An object's keys and values as they were written: order and repetitions are still there."""

    __slots__ = ()


def _pairs(pairs: list[tuple[str, object]]) -> _Pairs:
    return _Pairs(pairs)


def _no_constant(name: str) -> NoReturn:
    raise MalformedError(f"{name} is not a number of JSON")


def _submission(packet: _Pairs, body: str) -> Submission:
    keys = [key for key, _ in packet]
    if len(set(keys)) != len(keys):
        raise MalformedError(f"a key stands twice: {_listed(keys)}")
    if keys[:2] != ["id", "tsISO8601"]:
        raise MalformedError(f"the keys begin with id, tsISO8601, not with {_listed(keys[:2])}")
    meter, text = packet[0][1], packet[1][1]
    if not isinstance(meter, str) or not meter or not meter.isprintable():
        raise MalformedError(f"id must be a text that can be printed, not {meter!r}")
    if not isinstance(text, str):
        raise MalformedError(f"tsISO8601 must be a text, not {text!r}")
    _check_fields(keys[2:])
    for key, value in packet[2:]:
        _check_number(key, value)
    return Submission(meter, instant(text), text, body)


def _check_fields(keys: list[str]) -> None:
    if not keys:
        raise MalformedError("the packet has no value")
    if keys == [SINGLE.key]:
        return
    if SINGLE.key in keys:
        raise MalformedError("value stands alone: no other field goes with it")
    positions = []
    for key in keys:
        if key not in _POSITION:
            raise MalformedError(f"{key!r} is not a key of the platform")
        positions.append(_POSITION[key])
    if positions != sorted(positions):
        raise MalformedError(f"the electrical keys are out of order: {_listed(keys)}")


def _check_number(key: str, value: object) -> None:
    if value is None:
        raise MalformedError(f"{key} is null: what is absent is left out")
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedError(f"{key} must be a number")
    if not -sys.float_info.max <= value <= sys.float_info.max:
        raise MalformedError(f"{key} is too large for a number")


def _listed(keys: list[str]) -> str:
    return ", ".join(repr(key) for key in keys) or "nothing"
