"""What a simulated device sees of a datagram before its stack does. Pure: octets in, octets or a name out."""

from bacpypes3.apdu import ConfirmedServiceChoice, UnconfirmedServiceChoice
from bacpypes3.npdu import NPDU
from bacpypes3.pdu import PDU

_SIZES = (50, 128, 206, 480, 1024, 1476)
"""The longest APDU, by its code in the low half of a confirmed request's second octet (clause 20.1.2.5)."""
_CONFIRMED, _UNCONFIRMED = 0, 1
"""PDU types, in the high half of the first octet (clause 20.1)."""
_SEGMENTED = 0x08


def asked_service(network_message: bytes) -> str | None:
    """The service that a request asks for, by name (`read-property`), an unknown one by number; None if none does."""
    apdu = _apdu(network_message)
    kind = apdu[0] >> 4 if apdu else None
    if kind == _CONFIRMED:
        choice = apdu[5:6] if apdu[0] & _SEGMENTED else apdu[3:4]
        return str(ConfirmedServiceChoice(choice[0])) if choice else None
    if kind == _UNCONFIRMED:
        return str(UnconfirmedServiceChoice(apdu[1])) if len(apdu) > 1 else None
    return None


def limited(network_message: bytes, max_apdu: int) -> bytes:
    """The same, but a client that takes longer answers than the device can send is said to take what the device can.

    bacpypes3 fits its answers to the client's size only, which no small controller could.
    """
    apdu = _apdu(network_message)
    if len(apdu) < 2 or apdu[0] >> 4 != _CONFIRMED:
        return network_message
    before = network_message[: len(network_message) - len(apdu)]
    size = apdu[1] & 0xF0 | min(apdu[1] & 0x0F, _SIZES.index(max_apdu))
    return before + bytes([apdu[0], size]) + apdu[2:]


def _apdu(network_message: bytes) -> bytes:
    """The application's part; empty for the network layer's own messages."""
    npdu = NPDU.decode(PDU(network_message))
    return b"" if npdu.npduNetMessage is not None else bytes(npdu.pduData)
