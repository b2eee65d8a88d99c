"""The platform's fields: one `value`, or up to 21 electrical ones, in the order and units of its REST API page.

Source: the platform's "REST API" page; see docs/wattics.md.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Quantity(StrEnum):
    """What a field measures; a current transformer's ratio acts on some, a voltage transformer's on others."""

    ACTIVE_POWER = "active power"
    REACTIVE_POWER = "reactive power"
    APPARENT_POWER = "apparent power"
    VOLTAGE = "voltage"
    CURRENT = "current"
    ENERGY = "energy"
    ANY = "any"


POWERS: Final = frozenset({Quantity.ACTIVE_POWER, Quantity.REACTIVE_POWER, Quantity.APPARENT_POWER})
SCALED_BY_CT: Final = POWERS | {Quantity.CURRENT, Quantity.ENERGY}
SCALED_BY_VT: Final = POWERS | {Quantity.VOLTAGE, Quantity.ENERGY}


@dataclass(frozen=True, slots=True)
class Field:
    """A key of the packet. `unit` is the symbol of the unit that the platform demands; None: any number goes."""

    key: str
    quantity: Quantity
    unit: str | None


def _electrical() -> tuple[Field, ...]:
    per_phase = (
        ("aP", Quantity.ACTIVE_POWER, "W"),
        ("rP", Quantity.REACTIVE_POWER, "VAr"),
        ("apP", Quantity.APPARENT_POWER, "VA"),
        ("v", Quantity.VOLTAGE, "V"),
        ("c", Quantity.CURRENT, "A"),
        ("pC", Quantity.ENERGY, "Wh"),
    )
    phases = tuple(Field(f"{stem}_{n}", quantity, unit) for stem, quantity, unit in per_phase for n in (1, 2, 3))
    lines = tuple(Field(f"v_{pair}", Quantity.VOLTAGE, "V") for pair in (12, 13, 23))
    return phases + lines


SINGLE: Final = Field("value", Quantity.ANY, None)
ELECTRICAL: Final = _electrical()
"""The 21 keys, in the order in which a packet bears them."""

FIELDS: Final = {field.key: field for field in (SINGLE, *ELECTRICAL)}
