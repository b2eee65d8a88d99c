"""Engineering units: BACnet's numbers and names, the symbols that people write, and exact conversions.

Source: ANSI/ASHRAE 135, clause 21, BACnetEngineeringUnits.
"""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit. `code` is BACnet's number (None where BACnet has none), `name` its standard name, `symbol` ours."""

    code: int | None
    name: str
    symbol: str

    def __str__(self) -> str:
        return self.symbol


def unit_by_code(code: int) -> Unit:
    """The unit that a device's `units` property names. A code that is not known gets a name that shows it."""
    raise NotImplementedError(code)


def parse_unit(text: str) -> Unit:
    """`kW`, `kilowatts`, `m³`, `m3`, `48` → the unit. Raises ValueError with a suggestion."""
    raise NotImplementedError(text)


def conversion(have: Unit, want: Unit) -> Decimal | None:
    """The exact factor that turns a number in `have` into one in `want`; None where there is none.

    Only decimal prefixes of one and the same unit convert (kW → W, MWh → Wh, mV → V).
    """
    raise NotImplementedError(have, want)
