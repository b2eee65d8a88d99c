"""The latest packet that the platform has processed of a meter, as its GET tells it. Pure.

Nobody has documented the answer's shape (docs/wattics.md). So only what leaves no doubt is understood: the packet as
it was sent, with this meter's id and an instant, alone or as the one element of a list. All else counts as no answer.
For people alone, `likely` looks for packets in an answer of any shape.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from bacnet_bridge.clock import instant_of

_DEEPEST: Final = 8


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """There was no answer, or none that leaves no doubt; `reason` is a sentence's end for people."""

    reason: str


def latest_instant(body: str, meter: str) -> int | NotUnderstood:
    """The instant of the latest packet of the id `meter` in the body of a 200."""
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return NotUnderstood("it is not JSON")
    if isinstance(said, list) and len(said) == 1:
        said = said[0]
    if not isinstance(said, dict) or said.get("id") != meter:
        return NotUnderstood("it is not a packet of this id")
    try:
        return instant_of(datetime.fromisoformat(str(said.get("tsISO8601"))))
    except (ValueError, OverflowError):
        return NotUnderstood("it bears no instant, a time with its offset, as tsISO8601")


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back for the GET; `body` is its beginning, without secrets."""

    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Likely:
    """A packet as it seems to stand in an answer: an instant, and numbers by name."""

    instant: int
    fields: Mapping[str, Decimal]


def likely(body: str, meter: str) -> Likely | None:
    """The latest thing with a `tsISO8601` in the answer, in whatever it is wrapped: never to conclude from.

    What names another id is left out.
    """
    try:
        said = json.loads(body, parse_float=Decimal, parse_int=Decimal)
    except (ValueError, RecursionError):
        return None
    found = [packet for each in _objects(said, 0) if (packet := _packet(each, meter)) is not None]
    return max(found, key=lambda packet: packet.instant, default=None)


def _objects(said: Any, depth: int) -> Iterator[dict[str, Any]]:
    if depth > _DEEPEST:
        return
    if isinstance(said, dict):
        yield said
    for each in said.values() if isinstance(said, dict) else said if isinstance(said, list) else ():
        yield from _objects(each, depth + 1)


def _packet(said: Mapping[str, Any], meter: str) -> Likely | None:
    if said.get("id", meter) != meter:
        return None
    try:
        instant = instant_of(datetime.fromisoformat(str(said["tsISO8601"])))
    except (KeyError, ValueError, OverflowError):
        return None
    return Likely(instant, {key: value for key, value in said.items() if isinstance(value, Decimal)})
