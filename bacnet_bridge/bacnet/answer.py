"""What comes back for one property: a value, or why there is none."""

from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.errors import ReadError
from bacnet_bridge.model import PropertyRef


class UnreadableError(ReadError):
    """The device said no to this one property; `code` is BACnet's error code, None where it was no plain error.

    `detail` says it without the device.
    """

    def __init__(self, instance: int, ref: PropertyRef, cause: str, code: int | None) -> None:
        self.detail = f"{ref}: {cause}"
        super().__init__(f"device {instance}, {self.detail}")
        self.cause = cause
        self.code = code


class UnheardError(UnreadableError):
    """The device said nothing to this one."""


Answer = Datum | UnreadableError
