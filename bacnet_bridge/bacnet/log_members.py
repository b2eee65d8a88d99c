"""What a trend log records: Log_DeviceObjectProperty (clauses 12.25.8, 12.30.9, 21). Pure."""

from typing import Final

from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.tags import DecodeError, Tag, Tags, unsigned
from bacnet_bridge.logged import LoggedProperty
from bacnet_bridge.vocabulary.objects import ObjectId

_NONE: Final = 4_194_303
"""The instance that says that nothing is meant."""


def logged_by(datum: Datum) -> tuple[LoggedProperty | None, ...]:
    """What it records, one or more; None for a column that is not used. Raises DecodeError."""
    if not isinstance(datum.value, bytes) or not datum.value:
        raise DecodeError(f"a {datum.kind}")
    tags = Tags(datum.value)
    found = []
    while not tags.done:
        what = _identifier(tags.context(0).data)
        number = unsigned(tags.context(1).data)
        index, device = _optional(tags, 2), _optional(tags, 3)
        where = None if device is None else _identifier(device.data).instance
        column = None if index is None else unsigned(index.data)
        nothing = _NONE in {what.instance, where}
        found.append(None if nothing else LoggedProperty(what, number, column, where))
    return tuple(found)


def _optional(tags: Tags, number: int) -> Tag | None:
    return None if tags.done else tags.take_context(number)


def _identifier(data: bytes) -> ObjectId:
    if len(data) != 4:
        raise DecodeError("an object identifier has four octets")
    number = int.from_bytes(data)
    return ObjectId(number >> 22, number & 0x3FFFFF)
