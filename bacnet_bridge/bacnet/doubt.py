"""What a counter can do, what is watched of one that is not believed, and what an operator told of it. Pure."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

HOUR: Final = 3_600_000
_IN_AN_HOUR: Final = Decimal(HOUR)
PER: Final = Context(prec=12, rounding=ROUND_CEILING)
"""For what is divided: rates and times are bounds, not values, and rather wide than narrow."""


class Surprise(StrEnum):
    """What a count that was not believed at once turned out to be."""

    ROLLOVER = "rollover"
    RESET = "reset"
    EXCHANGE = "exchanged meter"
    RETURN = "back where it was before it fell"
    MORE_LOAD = "more load than ever before"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one counter can do, in its own unit: after the device's scale, before the multiplier."""

    max_rate: Decimal | None = None
    """Per hour; None: derived from the highest rate seen."""
    modulus: Decimal | None = None
    """What is lost where it rolls over; None where that is not known."""
    falls: bool = False
    """It counts both ways: a fall is as good as a rise."""
    hold: bool = False
    """A reset or an exchange is not believed before the mapping says so."""
    resolution: Decimal = Decimal(0)
    """The smallest step that the device can show."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """Counts that are watched, from the first that was not believed. Instants in UTC milliseconds."""

    first: Decimal
    latest: Decimal
    seen: int = 1
    first_at: int | None = None
    latest_at: int | None = None
    fastest: Decimal = Decimal(0)
    """The highest rate among themselves, per hour."""


class Told(NamedTuple):
    """An operator's word that a meter was exchanged. Figures in the counter's own unit, as its register shows them."""

    number: int
    """Counts up: a later word has a greater one."""
    old_final: Decimal
    new_start: Decimal
    continues: bool
    """`as: index`: what is sent goes on from where the old meter ended."""
    at: int
    """An instant; earlier readings are the old meter's."""

    def __str__(self) -> str:
        on = ", and goes on from there" if self.continues else ""
        return (
            f"the meter was exchanged, as told: the old one ended at {self.old_final:f}, "
            f"the new one began at {self.new_start:f}{on}"
        )


class Break(NamedTuple):
    """A reset or an exchange that was believed: the old meter's last count, and the one that growth goes on from."""

    last: Decimal
    first: Decimal
    most: Decimal | None
    """What can have been counted between the two; None where that is not known."""


def hours_between(since: int | None, until: int | None) -> Decimal | None:
    """None where the time between is not known: the clock was set back, or the memory is older than this rule."""
    return None if since is None or until is None or until <= since else PER.divide(Decimal(until - since), _IN_AN_HOUR)
