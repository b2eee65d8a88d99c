"""A counter's value between two records. Pure.

Only where the mapping says so: it is worked out, not read. It lies between the two records' and never shows more digits
than they do, and those of several slots never fall where the records do not.
"""

from decimal import ROUND_FLOOR, Context, Decimal
from typing import Final

from bacnet_bridge.logged import LogRecord, Recorded

_WIDE: Final = Context(prec=400)
"""A Double has up to 309 digits before the point."""


def between(before: LogRecord, after: LogRecord, instant: int, *, falls: bool) -> Recorded | None:
    """On the straight line from one record to the next, rounded down; at a record's own instant its own value.

    None where there is no such line: one of them is no number, they are of different kinds, or the counter fell; or
    they are so far apart that it would have more digits than any counter.
    """
    one, other = before.content, after.content
    if not isinstance(one, Recorded) or not isinstance(other, Recorded) or one.kind != other.kind:
        return None
    if one.number is None or other.number is None or (other.number < one.number and not falls):
        return None
    if instant == before.instant:
        return one
    if instant == after.instant:
        return other
    grown = _WIDE.multiply(_WIDE.subtract(other.number, one.number), Decimal(instant - before.instant))
    exact = _WIDE.add(one.number, _WIDE.divide(grown, Decimal(after.instant - before.instant)))
    try:
        number = exact.quantize(_step(one.number, other.number), rounding=ROUND_FLOOR, context=_WIDE)
    except ArithmeticError:
        return None
    return Recorded(one.kind, number, f"{number:f}")


def _step(*numbers: Decimal) -> Decimal:
    """The last digit that one of them shows; at least whole numbers."""
    exponents = [number.normalize().as_tuple().exponent for number in numbers]
    return Decimal(1).scaleb(min(0, *(each for each in exponents if isinstance(each, int))))
