"""What a device object says of its device (clause 12.11), for a survey. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bacnet_bridge.bacnet.answer import Answer
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.describe import Described
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.survey.model import FoundDevice
from bacnet_bridge.vocabulary.objects import OBJECT_NAME, ObjectId

OBJECT_LIST: Final = 76
_VENDOR, _VENDOR_NAME, _MODEL, _FIRMWARE, _SOFTWARE = 120, 121, 70, 44, 12
_SERIAL, _LOCATION, _DESCRIPTION = 372, 58, 28
_PROTOCOL_REVISION, _DATABASE_REVISION, _SERVICES, _SEGMENTATION, _MAX_APDU = 139, 155, 97, 107, 62
IDENTITY: Final = (
    OBJECT_NAME, _VENDOR, _VENDOR_NAME, _MODEL, _FIRMWARE, _SOFTWARE, _DESCRIPTION, _LOCATION, _PROTOCOL_REVISION,
    _DATABASE_REVISION, _SERVICES, _SEGMENTATION, _MAX_APDU, _SERIAL,
)  # fmt: skip
"""Properties that are asked of every device."""
_SEGMENTED: Final = ("segmented-both", "segmented-transmit", "segmented-receive", "no-segmentation")
_SERVICE_NAMES: Final = {
    0: "acknowledge-alarm", 1: "confirmed-cov-notification", 2: "confirmed-event-notification",
    3: "get-alarm-summary", 4: "get-enrollment-summary", 5: "subscribe-cov", 6: "atomic-read-file",
    7: "atomic-write-file", 8: "add-list-element", 9: "remove-list-element", 10: "create-object",
    11: "delete-object", 12: "read-property", 14: "read-property-multiple", 15: "write-property",
    16: "write-property-multiple", 17: "device-communication-control", 18: "confirmed-private-transfer",
    19: "confirmed-text-message", 20: "reinitialize-device", 21: "vt-open", 22: "vt-close", 23: "vt-data", 26: "i-am",
    27: "i-have", 28: "unconfirmed-cov-notification", 29: "unconfirmed-event-notification",
    30: "unconfirmed-private-transfer", 31: "unconfirmed-text-message", 32: "time-synchronization", 33: "who-has",
    34: "who-is", 35: "read-range", 36: "utc-time-synchronization", 37: "life-safety-operation",
    38: "subscribe-cov-property", 39: "get-event-information", 40: "write-group",
    41: "subscribe-cov-property-multiple", 42: "confirmed-cov-notification-multiple",
    43: "unconfirmed-cov-notification-multiple", 44: "confirmed-audit-notification", 45: "audit-log-query",
    46: "unconfirmed-audit-notification", 47: "who-am-i", 48: "you-are",
}  # fmt: skip
"""BACnetServicesSupported, clause 21, by bit."""


def about_device(found: FoundDevice, own: ObjectId, answers: Mapping[PropertyRef, Answer], now: int) -> FoundDevice:
    """The device with what it says of itself; the I-Am's word on its longest message stays where it says none."""
    said = Described(answers, own)
    counted = answers.get(PropertyRef(own, OBJECT_LIST, 0))
    return replace(
        found,
        seen=now,
        identified=True,
        name=said.text(OBJECT_NAME, needed=True),
        description=said.text(_DESCRIPTION),
        location=said.text(_LOCATION),
        vendor=said.whole(_VENDOR, Kind.UNSIGNED),
        vendor_name=said.text(_VENDOR_NAME),
        model=said.text(_MODEL),
        serial=said.text(_SERIAL),
        firmware=said.text(_FIRMWARE),
        software=said.text(_SOFTWARE),
        protocol_revision=said.whole(_PROTOCOL_REVISION, Kind.UNSIGNED),
        database_revision=said.whole(_DATABASE_REVISION, Kind.UNSIGNED),
        max_apdu=said.whole(_MAX_APDU, Kind.UNSIGNED) or found.max_apdu,
        segmentation=_segmentation(said),
        services=_services(said),
        counted=counted.value if isinstance(counted, Datum) and isinstance(counted.value, int) else None,
        unread=tuple(said.unread),
    )


def _segmentation(said: Described) -> str | None:
    code = said.whole(_SEGMENTATION, Kind.ENUMERATED)
    if code is None:
        return None
    return _SEGMENTED[code] if code < len(_SEGMENTED) else f"segmentation {code}"


def _services(said: Described) -> tuple[str, ...] | None:
    datum = said.datum(_SERVICES)
    if datum is None or not isinstance(datum.value, tuple):
        return None
    bits = enumerate(datum.value)
    return tuple(_SERVICE_NAMES.get(number, f"service {number}") for number, bit in bits if bit)
