"""Requests by their octets, as clause 20.1 lays them out."""

import pytest

from bacnet_bridge.simulator.building_wire import asked_service, limited

PLAIN = "01 04"
ROUTED = "01 2c 0064 01 0a 0001 06 7f000001bac1 ff"
WHO_IS = "10 08"


@pytest.mark.parametrize("header", [PLAIN, ROUTED])
@pytest.mark.parametrize(
    ("apdu", "service"),
    [
        (WHO_IS, "who-is"),
        ("00 05 01 0c 0c 00000001 19 55", "read-property"),
        ("02 75 01 0e 0c", "read-property-multiple"),
        ("00 05 01 0f 0c", "write-property"),
        ("0c 05 01 00 04 10 0c", "write-property-multiple"),  # a first segment
        ("00 05 01 63", "99"),
        ("30 01 0c", None),  # a ComplexAck
        ("00 05 01", None),
        ("10", None),
        ("", None),
    ],
)
def test_service_is_told_from_the_octets(header: str, apdu: str, service: str | None) -> None:
    assert asked_service(bytes.fromhex(header + apdu)) == service


def test_network_layers_own_messages_ask_for_nothing() -> None:
    assert asked_service(bytes.fromhex("01 80 00 0064")) is None


@pytest.mark.parametrize(
    ("asked", "max_apdu", "granted"),
    [("75", 480, "73"), ("75", 1476, "75"), ("73", 1476, "73"), ("05", 50, "00"), ("71", 480, "71")],
)
def test_device_grants_the_smaller_of_both_sizes(asked: str, max_apdu: int, granted: str) -> None:
    request = f"{ROUTED} 02 {{}} 01 0e 0c"
    assert limited(bytes.fromhex(request.format(asked)), max_apdu) == bytes.fromhex(request.format(granted))


@pytest.mark.parametrize("text", [f"{PLAIN} {WHO_IS}", f"{PLAIN} 00", "01 80 00 0064"])
def test_what_is_no_confirmed_request_stays_as_it_is(text: str) -> None:
    assert limited(bytes.fromhex(text), 480) == bytes.fromhex(text)
