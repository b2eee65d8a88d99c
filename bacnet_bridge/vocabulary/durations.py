"""Lengths of time as people write them, in mappings and in settings. Pure."""

import re
from decimal import Decimal
from typing import Final

_LENGTH: Final = re.compile(r"(?P<count>\d{1,9}(\.\d{1,6})?)\s*(?P<unit>[A-Za-z]*)", re.ASCII)
_SECONDS: Final = {
    **dict.fromkeys(("", "s", "sec", "secs", "second", "seconds"), 1),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), 3600),
    **dict.fromkeys(("d", "day", "days"), 86_400),
}


def parse_seconds(text: str) -> Decimal:
    """`300`, `5 min`, `15m`, `1 h`, `0.5 s` → seconds, more than none.

    ValueError with what is wrong and what to write, to stand behind the text or its name: `is no time at all; write …`.
    """
    match = _LENGTH.fullmatch(text.strip())
    if match is None or match["unit"].lower() not in _SECONDS:
        raise ValueError("is not a length of time; write 300, 5 min or 1 h")
    length = Decimal(match["count"]) * _SECONDS[match["unit"].lower()]
    if length <= 0:
        raise ValueError("is no time at all; write 300, 5 min or 1 h")
    return length
