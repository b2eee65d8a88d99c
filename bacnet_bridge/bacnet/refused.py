"""What a device says instead of an answer, and what bacpypes3 says instead of a device, as errors of ours."""

from typing import Any

from bacpypes3.apdu import AbortPDU, Error, RejectPDU

from bacnet_bridge.bacnet.rpm import UNKNOWN_OBJECT, UNRECOGNIZED_SERVICE, refusal_of
from bacnet_bridge.bacnet.tags import DecodeError
from bacnet_bridge.errors import DeviceSilentError, ReadError


class RefusedError(ReadError):
    """The device answered, but with an error, a reject or an abort.

    `kind` is one of `error`, `reject`, `abort`; `code` is BACnet's number of it.
    """

    def __init__(self, kind: str, code: int, cause: str) -> None:
        super().__init__(cause)
        self.kind = kind
        self.code = code

    @property
    def unrecognized_service(self) -> bool:
        """Told by a reject as the standard has it (clause 18.9), or by an error, as some devices do."""
        return (self.kind, self.code) in {("reject", 9), ("error", UNRECOGNIZED_SERVICE)}

    @property
    def unknown_object(self) -> bool:
        return (self.kind, self.code) == ("error", UNKNOWN_OBJECT)


def error_of(nack: Any) -> ReadError:
    """What the stack ends a question with, as one of our errors: RefusedError, or DeviceSilentError."""
    if isinstance(nack, AbortPDU):
        if not nack.apduSrv and nack.apduAbortRejectReason == 65:  # made by our own stack: nobody answered
            return DeviceSilentError("no answer")
        return RefusedError("abort", int(nack.apduAbortRejectReason), f"abort {nack.apduAbortRejectReason}")
    if isinstance(nack, RejectPDU):
        return RefusedError("reject", int(nack.apduAbortRejectReason), f"reject {nack.apduAbortRejectReason}")
    if isinstance(nack, Error):  # made by our own stack, without a network to send on: a device's come undecoded
        return DeviceSilentError("no router to its network answers")
    try:
        refusal = refusal_of(bytes(nack.pduData))
    except DecodeError:
        return RefusedError("error", 0, "an error that says nothing")
    return RefusedError("error", refusal.code, str(refusal))
