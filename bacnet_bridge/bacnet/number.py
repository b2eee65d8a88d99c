"""Datum → the number that the device meant, exactly. Pure."""

import math
import struct
from decimal import Decimal
from typing import Final

from bacnet_bridge.bacnet.datum import Datum, Kind

_packed = struct.Struct(">f").pack
_NORMAL: Final = 2.0**-126
_LARGEST_EXPONENT: Final = 30
_WHOLE: Final = frozenset({Kind.UNSIGNED, Kind.INTEGER, Kind.ENUMERATED, Kind.BOOLEAN})
_REAL, _DOUBLE = Kind.REAL, Kind.DOUBLE
_ONE: Final = Decimal(1)


class NoValueError(Exception):
    """Why there is no value, in a sentence; becomes the reading's Problem."""


def number(datum: Datum) -> tuple[Decimal, str]:
    """The number that the device meant, and its text for people.

    A Real is the shortest decimal that reads back the same; a state its number. Raises NoValueError for what is not a
    finite number.
    """
    kind, value = datum.kind, datum.value
    if isinstance(value, float) and (kind is _REAL or kind is _DOUBLE):
        if not math.isfinite(value):
            raise NoValueError(f"the value is {'NaN' if math.isnan(value) else 'infinite'}")
        text = shortest_real(value) if kind is _REAL else repr(value)
        exact = Decimal(text)
        return exact, plain(exact) if "e" in text or not value else text
    if isinstance(value, int) and kind in _WHOLE:
        return Decimal(int(value)), str(value)
    if kind is Kind.NULL:
        raise NoValueError("the value is null, not a number: the device has none at present")
    raise NoValueError(f"the value is a {datum.kind}, not a number")


def scale_of(datum: Datum) -> Decimal | None:
    """An Accumulator's Scale (clause 12.1.10): a float, or a power of ten. None for anything else."""
    value = datum.value
    if datum.choice == 1 and isinstance(value, bytes):
        exponent = int.from_bytes(value, signed=True)
        return Decimal(10) ** exponent if abs(exponent) <= _LARGEST_EXPONENT else None
    if datum.choice == 0 and isinstance(value, bytes) and len(value) == 4:
        (value,) = struct.unpack(">f", value)
    if isinstance(value, float) and math.isfinite(value) and value != 0:
        return Decimal(shortest_real(value))
    return None


def resolution(datum: Datum, exact: Decimal) -> Decimal:
    """The smallest step that this number can be known to make: of its last digit, and of a Real's last bit."""
    exponent = exact.normalize().as_tuple().exponent
    last_digit = Decimal(1).scaleb(exponent) if isinstance(exponent, int) and exponent < 0 else _ONE
    if datum.kind is not Kind.REAL or abs(exact) < 2**24:
        return last_digit
    _, power = math.frexp(float(exact))
    return Decimal(2) ** (power - 24)


def shortest_real(value: float) -> str:
    """The shortest text of a finite 32-bit float that reads back the same; from 2²⁴ upwards the exact integer."""
    if abs(value) >= 2**24:
        return str(int(value))
    exact = _packed(value)
    # Six digits always survive a normal Real, so that the text of six is also the shortest of fewer.
    text = f"{value:.6g}"
    if _packed(float(text)) == exact:
        return text if abs(value) >= _NORMAL else _shortest_subnormal(value, exact)
    text = f"{value:.8g}"
    if _packed(float(text)) != exact:
        return f"{value:.9g}"
    shorter = f"{value:.7g}"
    return shorter if _packed(float(shorter)) == exact else text


def _shortest_subnormal(value: float, exact: bytes) -> str:
    texts = (f"{value:.{digits}g}" for digits in range(1, 7))
    return next(text for text in texts if _packed(float(text)) == exact)


def shown(datum: Datum) -> str:
    """For people, as short as `number` has it."""
    if datum.kind is Kind.REAL and isinstance(datum.value, float) and math.isfinite(datum.value):
        return plain(Decimal(shortest_real(datum.value)))
    return str(datum)


def plain(value: Decimal) -> str:
    """Without exponent, without trailing zeros, without a negative zero."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
