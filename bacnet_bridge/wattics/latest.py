"""The latest packet that the platform has processed of a meter, as its GET tells it. Pure.

Nobody has documented the answer's shape (docs/wattics.md). So only what leaves no doubt is understood: the packet as
it was sent, with this meter's id and an instant, alone or as the one element of a list. All else counts as no answer.
"""

import json
from dataclasses import dataclass
from datetime import datetime

from bacnet_bridge.clock import instant_of


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
