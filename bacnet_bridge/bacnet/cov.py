"""Changes that a device tells of by itself: SubscribeCOV and its notifications. Pure (clauses 13.1, 13.14, 20.2).

A notification's values are decoded by their tags, as a read's are: a value of an unexpected type costs only itself.
"""

import struct
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.tags import DecodeError, Tag, Tags, unsigned
from bacnet_bridge.vocabulary.objects import ObjectId

SUBSCRIBE_COV: Final = 5
CONFIRMED_NOTIFICATION: Final = 1
UNCONFIRMED_NOTIFICATION: Final = 2

_DEVICE: Final = 8


@dataclass(frozen=True, slots=True)
class Notification:
    """What a device tells of one object, for one subscription.

    `remaining` is how many seconds the subscription lasts, 0 where the device does not say. `values` is by property;
    elements of arrays are left out.
    """

    process: int
    device: int
    object: ObjectId
    remaining: int
    values: dict[int, Datum]


def encode_subscribe(process: int, wanted: ObjectId, lifetime: int) -> bytes:
    """A SubscribeCOV-Request for confirmed notifications over `lifetime` seconds; renews one that there is."""
    return encode_cancel(process, wanted) + b"\x29\x01" + _context_unsigned(3, lifetime)


def encode_cancel(process: int, wanted: ObjectId) -> bytes:
    """A SubscribeCOV-Request that ends the subscription: it says nothing of notifications and lifetime."""
    return _context_unsigned(0, process) + struct.pack(">BI", 0x1C, wanted.type << 22 | wanted.instance)


def decode_notification(data: bytes) -> Notification:
    """A ConfirmedCOVNotification-Request or UnconfirmedCOVNotification-Request. Raises DecodeError."""
    tags = Tags(data)
    process = unsigned(tags.context(0).data)
    device = _object_id(tags.context(1))
    about = _object_id(tags.context(2))
    remaining = unsigned(tags.context(3).data)
    tags.expect_opening(4)
    values: dict[int, Datum] = {}
    while not tags.take_closing(4):
        _value(tags, values)
    if device.type != _DEVICE or not tags.done:
        raise DecodeError("not a notification of a device")
    return Notification(process, device.instance, about, remaining, values)


def _value(tags: Tags, values: dict[int, Datum]) -> None:
    number = unsigned(tags.context(0).data)
    element = tags.take_context(1)
    tags.expect_opening(2)
    value = tags.value(2)
    tags.take_context(3)  # the priority of a command, which says nothing of the value
    if element is None:
        values[number] = value


def _object_id(tag: Tag) -> ObjectId:
    if len(tag.data) != 4:
        raise DecodeError("an object identifier has four octets")
    number = int.from_bytes(tag.data)
    return ObjectId(number >> 22, number & 0x3FFFFF)


def _context_unsigned(tag: int, number: int) -> bytes:
    data = number.to_bytes(max(1, (number.bit_length() + 7) // 8))
    return bytes([tag << 4 | 0x08 | len(data)]) + data
