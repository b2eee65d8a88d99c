"""Stretches of the past, as operators write them."""

import datetime as dt
from zoneinfo import ZoneInfo

from bacnet_bridge.clock import instant_of
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.vocabulary.durations import parse_seconds


def past(from_: str, to: str | None, zone: str, now: int) -> tuple[int, int]:
    """Two instants in order, UTC milliseconds, neither later than `now`, which `to` is where it is not given.

    `2026-07-01 06:00` in the zone, or with an offset of its own; `6 h`: so long ago. Raises BridgeError.
    """
    first, last = _instant("--from", from_, zone, now), now if to is None else _instant("--to", to, zone, now)
    for option, text, instant in (("--from", from_, first), ("--to", to, last)):
        if instant > now:
            raise BridgeError(f"{option} {text!r} is yet to come: a log tells of the past")
    if first >= last:
        raise BridgeError(f"--from {from_!r} is not before --to {to or 'now'!r}: change them round")
    return first, last


def _instant(option: str, text: str, zone: str, now: int) -> int:
    try:
        return now - round(parse_seconds(text) * 1000)
    except ValueError:
        pass
    try:
        moment = dt.datetime.fromisoformat(text.strip())
        return instant_of(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))
    except (ValueError, OverflowError):
        raise BridgeError(f"{option} {text!r} is no time: write 2026-07-01 06:00, or 6 h for six hours ago") from None
