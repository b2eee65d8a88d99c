"""SubscribeCOV and notifications, as bytes."""

import math

import pytest
from bacpypes3.apdu import (
    ConfirmedCOVNotificationRequest,
    SubscribeCOVRequest,
    UnconfirmedCOVNotificationRequest,
)
from bacpypes3.basetypes import PropertyValue, StatusFlags
from bacpypes3.primitivedata import Double, Enumerated, Real
from hypothesis import given
from hypothesis import strategies as st

from bacnet_bridge.bacnet.cov import Notification, decode_notification, encode_cancel, encode_subscribe
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.tags import DecodeError
from bacnet_bridge.vocabulary.objects import ObjectId

# The standard's own example (annex F.1.2), with status-flags.
EXAMPLE = bytes.fromhex("09 12 1C 02000004 2C 0000000A 39 00 4E 09 55 2E 44 42820000 2F 09 6F 2E 82 04 00 2F 4F")


def test_the_standards_example() -> None:
    values = {85: Datum(Kind.REAL, 65.0), 111: Datum(Kind.BITS, (False,) * 4)}
    assert decode_notification(EXAMPLE) == Notification(18, 4, ObjectId(0, 10), 0, values)


@given(st.integers(0, 2**32 - 1), st.integers(0, 60), st.integers(0, 2**22 - 1), st.integers(1, 2**32 - 1))
def test_what_is_asked_is_what_bacpypes3_would_ask(process: int, kind: int, instance: int, lifetime: int) -> None:
    wanted = (kind, instance)
    theirs = SubscribeCOVRequest(
        subscriberProcessIdentifier=process,
        monitoredObjectIdentifier=wanted,
        issueConfirmedNotifications=True,
        lifetime=lifetime,
    )
    assert encode_subscribe(process, ObjectId(*wanted), lifetime) == bytes(theirs.encode().pduData)
    ending = SubscribeCOVRequest(subscriberProcessIdentifier=process, monitoredObjectIdentifier=wanted)
    assert encode_cancel(process, ObjectId(*wanted)) == bytes(ending.encode().pduData)


SAID = {
    "real": (Real(21.5), Datum(Kind.REAL, 21.5)),
    "double": (Double(1e9 + 0.5), Datum(Kind.DOUBLE, 1e9 + 0.5)),
    "state": (Enumerated(1), Datum(Kind.ENUMERATED, 1)),
}


@pytest.mark.parametrize("service", [ConfirmedCOVNotificationRequest, UnconfirmedCOVNotificationRequest])
@pytest.mark.parametrize("said", SAID)
def test_what_bacpypes3_tells_is_understood(said: str, service: type) -> None:
    value, datum = SAID[said]
    theirs = service(
        subscriberProcessIdentifier=135,
        initiatingDeviceIdentifier=(8, 1001),
        monitoredObjectIdentifier=(2, 7),
        timeRemaining=299,
        listOfValues=[
            PropertyValue(propertyIdentifier=85, value=value, priority=8),
            PropertyValue(propertyIdentifier=111, value=StatusFlags([0, 1, 0, 1])),
            PropertyValue(propertyIdentifier=87, propertyArrayIndex=3, value=Real(1.0)),
        ],
    )
    assert decode_notification(bytes(theirs.encode().pduData)) == Notification(
        135, 1001, ObjectId(2, 7), 299, {85: datum, 111: Datum(Kind.BITS, (False, True, False, True))}
    )


@pytest.mark.parametrize("cut", range(len(EXAMPLE)))
def test_what_is_cut_short_is_no_notification(cut: int) -> None:
    with pytest.raises(DecodeError):
        decode_notification(EXAMPLE[:cut])


@pytest.mark.parametrize(
    "wrong",
    [
        EXAMPLE + b"\x00",
        EXAMPLE.replace(b"\x1c\x02", b"\x1c\x00"),
        EXAMPLE.replace(b"\x09\x12", b"\x0e\x12"),
        EXAMPLE[:-1] + b"\x5f",
        EXAMPLE.replace(b"\x2f\x09\x6f", b"\x4f\x09\x6f"),
        b"",
    ],
)
def test_what_is_malformed_is_no_notification(wrong: bytes) -> None:
    with pytest.raises(DecodeError):
        decode_notification(wrong)


@given(st.data())
def test_noise_raises_one_error_only(data: st.DataObject) -> None:
    octets = bytearray(data.draw(st.one_of(st.binary(max_size=60), st.just(EXAMPLE))))
    for _ in range(data.draw(st.integers(0, 4))):
        if octets:
            octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
    try:
        decoded = decode_notification(bytes(octets))
    except DecodeError:
        return
    assert isinstance(decoded, Notification)
    assert decoded.remaining < math.inf
