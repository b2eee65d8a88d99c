"""Declared objects as BAC0 makes them. For the simulator's own process only: importing BAC0 has side effects."""

import math
from typing import Any
from zoneinfo import ZoneInfo

from BAC0.core.devices.local.factory import ObjectFactory
from bacpypes3.basetypes import Prescale, Scale
from bacpypes3.local.analog import AnalogInputObject, AnalogValueObject
from bacpypes3.local.binary import BinaryInputObject, BinaryValueObject
from bacpypes3.local.multistate import MultiStateInputObject, MultiStateValueObject
from bacpypes3.local.object import Object as LocalObject
from bacpypes3.object import (
    AccumulatorObject,
    IntegerValueObject,
    LargeAnalogValueObject,
    PositiveIntegerValueObject,
    PulseConverterObject,
)
from bacpypes3.primitivedata import CharacterString

from bacnet_bridge.simulator.behaviour import Health
from bacnet_bridge.simulator.declaration import (
    ACCUMULATOR,
    BINARIES,
    BINARY_INPUT,
    MULTI_STATES,
    PULSE_CONVERTER,
    REALS,
    WHOLE,
    ObjectDeclaration,
)
from bacnet_bridge.simulator.trend_log import Sample
from bacnet_bridge.simulator.values import Constant, States, number, state
from bacnet_bridge.vocabulary.units import parse_unit


def _local(bare: type) -> type:
    """A local class (status-flags and property-list follow the object) of a type that bacpypes3 has none for.

    BAC0's factory makes whatever class it is given, so that these types, too, come from it.
    """
    return type(bare.__name__, (LocalObject, bare), {})


_CLASSES: dict[int, Any] = {
    0: AnalogInputObject,
    2: AnalogValueObject,
    3: BinaryInputObject,
    5: BinaryValueObject,
    13: MultiStateInputObject,
    19: MultiStateValueObject,
    ACCUMULATOR: _local(AccumulatorObject),
    PULSE_CONVERTER: _local(PulseConverterObject),
    45: _local(IntegerValueObject),
    46: _local(LargeAnalogValueObject),
    48: _local(PositiveIntegerValueObject),
}

INTEGER, LARGE_ANALOG = 45, 46

Shown = float | int | str
"""What a present-value shows: a number, or the name of a state."""


class SimulatedObject:
    """One object on the network, kept up to date by `refresh`."""

    def __init__(self, declared: ObjectDeclaration, seed: str, zone: ZoneInfo) -> None:
        self.declared = declared
        self.health = declared.health
        self.bacnet = _build(declared)
        self._seed = seed
        self._zone = zone

    def sicken(self, health: Health) -> None:
        """Takes effect with the next refresh. Raises ValueError for a value that the object cannot show."""
        kind = self.declared.object.type
        if health.nan and kind not in REALS:
            raise ValueError(f"{self.declared.object} cannot be NaN")
        if health.value is not None:
            if self.declared.states and health.value not in self.declared.states:
                raise ValueError(f"{health.value!r} is not one of {', '.join(self.declared.states)}")
            if not self.declared.states and not math.isfinite(float(health.value)):
                raise ValueError(f"{health.value} is not a number; for NaN say nan")
        self.health = health

    def refresh(self, instant: int, *, zero: bool) -> None:
        """Show what the object shows at that instant. `zero`: numbers read 0 with good flags."""
        numeric = self.declared.units is not None
        health = Health() if zero and numeric else self.health
        self.bacnet.reliability = "unreliable-other" if health.fault else "no-fault-detected"
        self.bacnet.outOfService = health.out_of_service
        if not numeric:
            self.bacnet.presentValue = self._code(self._state(instant))
            return
        quantity = 0.0 if zero else self._number(instant)
        counts = self._counts(quantity)
        if counts is None:
            self.bacnet.presentValue = quantity
        elif self.declared.object.type == PULSE_CONVERTER:
            self.bacnet.count = counts
            self.bacnet.presentValue = counts * self.declared.scale
        else:
            self.bacnet.presentValue = counts

    def shown(self) -> Shown | None:
        """The present-value as it stands; None for NaN, which JSON cannot say; a state by its name."""
        value = self.bacnet.presentValue
        if self.declared.object.type in BINARIES:
            return self.declared.states[int(value)]
        if self.declared.object.type in MULTI_STATES:
            return self.declared.states[int(value) - 1]
        if self.declared.object.type in WHOLE:
            return int(value)
        return None if math.isnan(value) else float(value)

    def sample(self, instant: int) -> Sample:
        """What a log of the present-value records at that instant."""
        kind = self.declared.object.type
        flags = tuple(bit for bit, raised in ((1, self.health.fault), (3, self.health.out_of_service)) if raised)
        if self.declared.units is None:
            code = self.declared.states.index(self._state(instant)) + (kind in MULTI_STATES)
            return Sample("unsigned" if kind in MULTI_STATES else "enumerated", code, flags)
        quantity = self._number(instant)
        counts = self._counts(quantity)
        if counts is None or kind == PULSE_CONVERTER:
            shown = quantity if counts is None else counts * self.declared.scale
            return Sample("double" if kind == LARGE_ANALOG else "real", shown, flags)
        return Sample("integer" if kind == INTEGER else "unsigned", counts, flags)

    def _number(self, instant: int) -> float:
        if self.health.nan:
            return math.nan
        if self.health.value is not None:
            return float(self.health.value)
        if isinstance(self.declared.value, States):
            raise TypeError(f"{self.declared.object} is a number: the declaration has checked it")
        return number(self.declared.value, self._seed, instant, self._zone)

    def _state(self, instant: int) -> str:
        if self.health.value is not None:
            return str(self.health.value)
        if not isinstance(self.declared.value, States | Constant):
            raise TypeError(f"{self.declared.object} is a state: the declaration has checked it")
        return state(self.declared.value, instant, self._zone)

    def _counts(self, quantity: float) -> int | None:
        """A counting object's count; None for the others. Tiny slack: 0.3 / 0.1 is 3, not 2."""
        kind = self.declared.object.type
        if (kind not in WHOLE and kind != PULSE_CONVERTER) or math.isnan(quantity):
            return None
        counts = math.floor(quantity / self.declared.scale + 1e-6)
        return counts % (self.declared.maximum + 1) if kind == ACCUMULATOR else counts

    def _code(self, name: str) -> int | str:
        if self.declared.object.type in BINARIES:
            return name
        return self.declared.states.index(name) + 1


def _build(declared: ObjectDeclaration) -> Any:
    """The object from BAC0's factory, without a value yet.

    The factory keeps objects and instances of all devices in one place, renames what bears a name twice and moves
    what bears an instance twice: it is emptied before each object.
    """
    ObjectFactory.clear_objects()
    factory = ObjectFactory(
        _CLASSES[declared.object.type],
        declared.object.instance,
        declared.name,
        properties=_properties(declared),
        description=declared.description,
        presentValue="inactive" if declared.object.type in BINARIES else 1,
    )
    return factory.objects[declared.name]


def _properties(declared: ObjectDeclaration) -> dict[str, Any]:
    kind = declared.object.type
    properties: dict[str, Any] = {"outOfService": False, "eventState": "normal", "reliability": "no-fault-detected"}
    if declared.units is not None:
        properties["units"] = parse_unit(declared.units).code
    if kind in {0, 2}:
        properties["covIncrement"] = 0.1
    if kind in MULTI_STATES:
        properties["numberOfStates"] = len(declared.states)
        properties["stateText"] = [CharacterString(name) for name in declared.states]
    if kind == BINARY_INPUT:
        properties["polarity"] = "normal"
    if kind == PULSE_CONVERTER:
        properties |= {"scaleFactor": declared.scale_factor, "adjustValue": 0.0, "count": 0}
    if kind == ACCUMULATOR:
        properties["maxPresValue"] = declared.maximum
        properties["scale"] = (
            Scale(floatScale=declared.float_scale)
            if declared.integer_scale is None
            else Scale(integerScale=declared.integer_scale)
        )
        if declared.prescale:
            multiplier, modulo = declared.prescale
            properties["prescale"] = Prescale(multiplier=multiplier, moduloDivide=modulo)
    return properties
