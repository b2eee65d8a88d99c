"""What YAML and CSV have in common: texts with their places, not yet understood.

Both readers end here, and one validator (meters.py) begins here, so that the two formats cannot differ in meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from bacnet_bridge.model import Place


@dataclass(frozen=True, slots=True)
class Cell:
    """A text of a file and where it begins. Never blank: a blank text is an absent one."""

    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class RawPoint:
    """One register that feeds `field`; `cells` by the names of keys.POINT_KEYS."""

    field: Cell
    cells: Mapping[str, Cell]
    summed: bool = False
    """Declared as a register of a sum; a field with several registers must say so."""


@dataclass(frozen=True, slots=True)
class RawMeter:
    """A meter as its file states it; `cells` by the names of keys.METER_KEYS, file defaults filled in."""

    name: Cell
    cells: Mapping[str, Cell]
    points: tuple[RawPoint, ...]
    tried: bool
    """The file states a field, however wrongly; only a meter without any is told that it has none."""
