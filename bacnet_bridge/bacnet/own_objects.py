"""What the bridge tells the BMS about itself: three input objects, so that the BMS can alarm where nothing gets out.

Guarantee 5, the other way round: they are inputs, which nobody commands, and `presence.QuietApplication` refuses every
request that would change anything, whatever object it names.
"""

from dataclasses import dataclass
from typing import Any, Final

from bacpypes3.basetypes import EngineeringUnits
from bacpypes3.local.analog import AnalogInputObject
from bacpypes3.local.binary import BinaryInputObject
from bacpypes3.primitivedata import ObjectType

from bacnet_bridge.vocabulary.objects import OWN_OBJECTS

_FAULT: Final = [0, 1, 0, 0]
_NO_FLAGS: Final = [0, 0, 0, 0]
_LONGEST: Final = 10 * 365 * 86_400.0
"""Seconds; nothing waits for longer than acceptances are counted."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the three objects show."""

    delivering: bool
    """Slots are read, and packets accepted."""
    oldest_waiting: float
    """Seconds since the instant of the oldest packet that waits; 0 where none does."""
    meters_silent: int


class OwnObjects:
    """As long as nothing was told yet they bear the fault flag, and the BMS believes nothing of them."""

    def __init__(self) -> None:
        self._told: Told | None = None
        self._objects: tuple[Any, ...] = ()

    def stand_in(self, app: Any) -> None:
        """Put new ones into the application: one for each opening of the port."""
        names = iter(OWN_OBJECTS)
        nothing = {"statusFlags": _FAULT, "eventState": "normal", "outOfService": False, "reliability": "no-output"}
        delivering = BinaryInputObject(
            objectIdentifier=(ObjectType.binaryInput, 1),
            objectName=next(names),
            description="Active while slots are read and packets are accepted by the energy platform",
            presentValue="inactive",
            polarity="normal",
            activeText="delivering",
            inactiveText="not delivering",
            **nothing,
        )
        oldest = AnalogInputObject(
            objectIdentifier=(ObjectType.analogInput, 1),
            objectName=next(names),
            description="Age of the oldest packet that the energy platform has not accepted yet",
            presentValue=0.0,
            units=EngineeringUnits.seconds,
            **nothing,
        )
        silent = AnalogInputObject(
            objectIdentifier=(ObjectType.analogInput, 2),
            objectName=next(names),
            description="Meters of which nothing could be read for a while",
            presentValue=0.0,
            units=EngineeringUnits.noUnits,
            **nothing,
        )
        self._objects = delivering, oldest, silent
        for each in self._objects:
            app.add_object(each)
        if self._told is not None:
            self.tell(self._told)

    def tell(self, told: Told) -> None:
        """Show this from now on."""
        self._told = told
        if not self._objects:
            return
        delivering, oldest, silent = self._objects
        delivering.presentValue = "active" if told.delivering else "inactive"
        oldest.presentValue = min(max(0.0, told.oldest_waiting), _LONGEST)
        silent.presentValue = float(told.meters_silent)
        for each in self._objects:
            each.statusFlags, each.reliability = _NO_FLAGS, "no-fault-detected"
