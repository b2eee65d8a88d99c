"""Times as operators write them."""

import datetime as dt
from zoneinfo import ZoneInfo

from bacnet_bridge.clock import instant_of
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.vocabulary.durations import parse_seconds


def instant_from(text: str, zone: str, now: int) -> int:
    """`2026-07-01 06:00` in the zone or with an offset of its own; `2 h` from `now`, an instant.

    Raises BridgeError for anything else.
    """
    try:
        return now + round(parse_seconds(text) * 1000)
    except ValueError:
        pass
    try:
        moment = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise BridgeError(f"{text!r} is no time: write 2026-07-01 06:00, or 2 h for two hours from now") from None
    return instant_of(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)))
