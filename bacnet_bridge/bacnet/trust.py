"""Whether a value may be believed at all: its object's flags and reliability, and the point's condition. Pure.

Guarantee 4: what is faulty or out of service is refused, by the point's own rule.
"""

from collections.abc import Mapping
from typing import Final

from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.number import NoValueError, number, shown
from bacnet_bridge.model import RELIABILITY_FLAG, Condition, Point, PropertyRef
from bacnet_bridge.vocabulary.objects import RELIABILITY

FLAGS: Final = ("in-alarm", "fault", "overridden", "out-of-service")
"""StatusFlags in the order of their bits (clause 21, BACnetStatusFlags)."""
_TOLD: Final = frozenset({"fault", "overridden", "out-of-service"})
"""Flags of which people are told where the value is sent all the same."""
_RELIABILITY: Final = (
    "no-fault-detected",
    "no-sensor",
    "over-range",
    "under-range",
    "open-loop",
    "shorted-loop",
    "no-output",
    "unreliable-other",
    "process-error",
    "multi-state-fault",
    "configuration-error",
    "reserved",
    "communication-failure",
    "member-fault",
    "monitored-object-fault",
    "tripped",
    "lamp-failure",
    "activation-failure",
    "renew-dhcp-failure",
    "renew-fd-registration-failure",
    "restart-auto-negotiation-failure",
    "restart-failure",
    "proprietary-command-failure",
    "faults-listed",
    "referenced-object-fault",
)
"""By number (clause 21, BACnetReliability)."""


def raised_flags(flags: Datum) -> tuple[str, ...] | None:
    """The flags that are set; None where these are no status flags."""
    if not isinstance(flags.value, tuple) or len(flags.value) < len(FLAGS):
        return None
    if True not in flags.value:
        return ()
    return tuple(name for name, bit in zip(FLAGS, flags.value, strict=False) if bit)


def check_flags(point: Point, raised: tuple[str, ...] | None, beside: Mapping[PropertyRef, Datum]) -> str:
    """What people are to be told of flags that let the value pass; raises NoValueError where one does not."""
    if raised is None:
        raise NoValueError("its status-flags cannot be understood")
    if refused := next((flag for flag in raised if flag in point.skip), None):
        raise NoValueError(f"the device flags it: {refused}")
    if not raised and not beside:
        return ""
    told = [flag for flag in raised if flag in _TOLD]
    if fault := _unreliable(beside.get(PropertyRef(point.source.object, RELIABILITY))):
        if RELIABILITY_FLAG in point.skip:
            raise NoValueError(f"the device says of its reliability: {fault}")
        told.append(fault)
    return f"sent although the device flags it: {', '.join(told)}" if told else ""


def check_condition(wanted: Condition, beside: Mapping[PropertyRef, Datum]) -> None:
    """Raises NoValueError where the point's `valid_when` is not fulfilled."""
    found = beside.get(wanted.source)
    try:
        fulfilled = found is not None and number(found)[0] == wanted.value
    except NoValueError:
        fulfilled = False
    if not fulfilled:
        said = "not there" if found is None else _state(wanted, found)
        raise NoValueError(f"valid only when {wanted.text}, and {wanted.source.object} is {said}")


def _state(wanted: Condition, found: Datum) -> str:
    if wanted.source.object.type in {3, 4, 5} and found.kind is Kind.ENUMERATED and found.value in {0, 1}:
        return "active" if found.value else "inactive"
    return shown(found)


def _unreliable(reliability: Datum | None) -> str:
    """Empty where the device says that all is well, or nothing."""
    if reliability is None or reliability.value == 0:
        return ""
    code = reliability.value
    return reliability_text(code) if isinstance(code, int) else f"reliability {shown(reliability)}"


def reliability_text(code: int) -> str:
    """By its name, or its number where it has none."""
    return _RELIABILITY[code] if code < len(_RELIABILITY) else f"reliability {code}"
