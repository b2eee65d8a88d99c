"""What is said of values that cannot be, or hardly, be true. Pure."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

Values = Mapping[str, float]
"""By field, in the platform's units."""
NEAR: Final = 1.33
"""Two figures of one thing differ by this factor at most: registers of a meter are not all of one instant."""
_NAMED: Final = {
    1000.0: "1000 times: is a kilo (kW, kWh) missing or counted twice",
    100.0: "100 times: look at the multiplier",
    10.0: "10 times: look at the multiplier",
    3.0: "3 times: is it the total of three phases",
    math.sqrt(3): "1.73 times: is one of phase to phase, the other of phase to neutral",
}
_EXACT: Final = 1.12


class Weight(StrEnum):
    """How much it matters."""

    WRONG = "wrong"
    ODD = "odd"
    """It can be right, and should be looked at."""
    NOTE = "note"
    """Something could not be compared."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence about some of a meter's fields."""

    fields: tuple[str, ...]
    weight: Weight
    sentence: str


def factor(ratio: float) -> str:
    """What a mistake of this factor (larger or smaller than 1) mostly comes from."""
    times = max(ratio, 1 / ratio)
    for named, words in _NAMED.items():
        if named / _EXACT <= times <= named * _EXACT:
            return words
    return f"{float(f'{times:.2g}'):g} times: look at unit, multiplier and transformers (`ct`, `vt`)"


def figure(value: float, unit: str = "") -> str:
    """Four digits, for people."""
    size = abs(value)
    digits = 0 if size >= 1000 or not size else max(0, 3 - math.floor(math.log10(size)))
    text = f"{value:.{min(digits, 6)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{text} {unit}".rstrip()
