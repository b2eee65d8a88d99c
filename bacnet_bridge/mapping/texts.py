"""A text of the mapping → a value, or ValueError with a sentence: what is wrong; what to write. All pure.

Numbers never pass through a binary float.
"""

import functools
import ipaddress
import re
import zoneinfo
from decimal import Decimal, localcontext
from typing import Final

from bacnet_bridge.mapping.problems import meant, quoted
from bacnet_bridge.model import Nature
from bacnet_bridge.sheets.cells import ERRORS
from bacnet_bridge.vocabulary.durations import parse_seconds
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE

LONGEST_INTERVAL: Final = 86_400
"""A day: the settings allow no longer one."""

PRECISION: Final = 34
"""Digits of a ratio; 100/3 is not finite."""

_NUMBER: Final = re.compile(r"[+-]?(\d{1,30}(\.\d{0,30})?|\.\d{1,30})([eE][+-]?\d{1,2})?", re.ASCII)
_FLAGS: Final = {
    **dict.fromkeys(("true", "yes", "y", "on", "1", "x"), True),
    **dict.fromkeys(("false", "no", "n", "off", "0"), False),
}
_SPREADSHEET_NUMBER: Final = re.compile(r"\d([.,]\d+)?E\+\d+", re.ASCII | re.IGNORECASE)
_HOST: Final = re.compile(r"(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*", re.ASCII)
_STATION: Final = re.compile(r"0x([0-9a-fA-F]{2}){1,7}|\d{1,3}", re.ASCII)


def identifier(text: str) -> str:
    """The platform's id of a meter: visible characters without blanks, quotes or backslashes."""
    if _SPREADSHEET_NUMBER.fullmatch(text):
        raise ValueError(
            f"{quoted(text)} looks like a number that a spreadsheet has shortened; format the column as text "
            "and enter the id again"
        )
    if text in ERRORS:
        raise ValueError(f"{quoted(text)} is a spreadsheet's error, not an id; enter the id again")
    bad = next((char for char in text if char.isspace() or not char.isprintable() or char in '"\\'), None)
    if bad is not None:
        shown = "a blank" if bad == " " else f"the character {bad!r}"
        raise ValueError(f"{quoted(text)} contains {shown}; copy the id from the platform once more, without it")
    return text


def device(text: str) -> int:
    """A BACnet device instance (clause 12.11); 4194303 is the wildcard and names no device."""
    if not re.fullmatch(r"\d{1,10}", text, re.ASCII):
        raise ValueError(f"{quoted(text)} is not a device instance; write a whole number from 0 to {MAX_INSTANCE}")
    if int(text) > MAX_INSTANCE:
        raise ValueError(f"{text} is larger than a device instance can be; the largest is {MAX_INSTANCE}")
    return int(text)


def address(text: str) -> str:
    """`host`, `host:port`, or `network:station` behind a router; station in decimal, as 0x…, or an IP address."""
    head, colon, tail = text.partition(":")
    if colon and re.fullmatch(r"\d{1,5}", head, re.ASCII):
        sound = 1 <= int(head) <= 65_534 and (_is_station(tail) or _is_ip(tail))
    else:
        sound = _is_ip(text) or (_is_name(head) and _is_port(colon, tail))
    if not sound:
        raise ValueError(
            f"{quoted(text)} is not an address; write 10.0.0.5, 10.0.0.5:47809 or, behind a router, network:station "
            "like 100:12"
        )
    return text


def seconds(text: str) -> Decimal:
    """`300`, `5 min`, `15m`, `1 h`, `0.5 s` → seconds, more than none."""
    try:
        return parse_seconds(text)
    except ValueError as error:
        raise ValueError(f"{quoted(text)} {error}") from None


def interval(text: str) -> int:
    """The time between slots in whole seconds, up to a day."""
    length = seconds(text)
    if length != length.to_integral_value():
        raise ValueError(f"{quoted(text)} is not a whole number of seconds; write the interval that the platform knows")
    if length > LONGEST_INTERVAL:
        raise ValueError(f"{quoted(text)} is longer than a day; the platform expects at least one packet a day")
    return int(length)


def zone(text: str) -> str:
    """An IANA time zone."""
    if text not in _zones():
        raise ValueError(
            f"{quoted(text)} is no IANA time zone{meant(text, sorted(_zones())) or '; write one like Europe/Dublin'}"
        )
    return text


def flag(text: str) -> bool:
    """`yes` or `no`, and what else people write for them."""
    if text.lower() not in _FLAGS:
        raise ValueError(f"{quoted(text)} is neither yes nor no; write yes or no")
    return _FLAGS[text.lower()]


def nature(text: str) -> Nature:
    """`instant`, `index` or `delta`."""
    if text.lower() not in list(Nature):
        raise ValueError(f"{quoted(text)} is not what a number can be{meant(text, list(Nature))}")
    return Nature(text.lower())


def number(text: str) -> Decimal:
    """A decimal number with a point, taken as written."""
    if _NUMBER.fullmatch(text):
        return Decimal(text)
    pointed = text.replace(",", ".")
    if _NUMBER.fullmatch(pointed):
        raise ValueError(f"{quoted(text)} has a comma; write {pointed} if it is the decimal sign")
    raise ValueError(f"{quoted(text)} is not a number; write it like 0.001")


def factor(text: str) -> Decimal:
    """A number other than zero."""
    value = number(text)
    if value == 0:
        raise ValueError("zero makes every value zero; leave it out to take the value as it is")
    return value


def ratio(text: str) -> Decimal:
    """A transformer's `primary/secondary` (also with a colon), or their quotient; at least 1.

    Exact where the quotient is finite, otherwise to 34 digits.
    """
    primary, stroke, secondary = (part.strip() for part in text.replace(":", "/").partition("/"))
    if not _NUMBER.fullmatch(primary) or (stroke and not _NUMBER.fullmatch(secondary)):
        raise ValueError(
            f"{quoted(text)} is not a transformer's ratio; write primary/secondary like 200/5 or, where a spreadsheet "
            "makes dates of that, the quotient 40"
        )
    over, under = Decimal(primary), Decimal(secondary or 1)
    if over <= 0 or under <= 0:
        raise ValueError(f"{quoted(text)} is not a transformer's ratio; both numbers are larger than zero")
    if over < under:
        raise ValueError(f"{quoted(text)} is upside down; the primary comes first, as in 200/5")
    with localcontext(prec=PRECISION):
        return over / under


def phases(text: str) -> frozenset[int]:
    """`1`, `1, 3`, `1 3` → the phases; several in any order."""
    parts = [part for part in re.split(r"[\s,;+/]+", text) if part]
    if not parts or any(part not in {"1", "2", "3"} for part in parts):
        raise ValueError(f"{quoted(text)} are not phases; write 1, 2 or 3, several as [1, 3]")
    return frozenset(int(part) for part in parts)


def array_index(text: str) -> int:
    """The number of an array's element (clause 15.5); element 0 would be the array's length."""
    if not re.fullmatch(r"\d{1,9}", text, re.ASCII) or int(text) == 0:
        raise ValueError(f"{quoted(text)} is not the number of an element; write 1 for the first")
    return int(text)


def label(text: str) -> str:
    """A name as people gave it: one line."""
    if not text.isprintable():
        raise ValueError(f"{quoted(text)} contains a character that cannot be seen; write the name again without it")
    return text


@functools.cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _is_port(colon: str, port: str) -> bool:
    return not colon or (re.fullmatch(r"\d{1,5}", port, re.ASCII) is not None and 0 < int(port) <= 65_535)


def _is_ip(text: str) -> bool:
    host, colon, port = text.partition(":")
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return _is_port(colon, port)


def _is_name(host: str) -> bool:
    return _HOST.fullmatch(host) is not None and not re.fullmatch(r"[\d.]+", host)


def _is_station(text: str) -> bool:
    return _STATION.fullmatch(text) is not None and (text.startswith("0x") or int(text) <= 255)
