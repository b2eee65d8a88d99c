import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs

from bacnet_bridge.bacnet.edge import objection
from tests.support.bacnet import client, overhear

LOCAL = "01 04"
ROUTED = "01 24 0064 01 0A FF"
ROUTED_BOTH_WAYS = "01 2C 0064 01 0A 0005 06 C0A80105BAC0 FF"
GLOBAL = "01 20 FFFF 00 FF"


def datagram(function: str, *rest: str) -> bytes:
    body = bytes.fromhex("".join(rest))
    return bytes([0x81, int(function, 16)]) + (len(body) + 4).to_bytes(2) + body


@pytest.mark.parametrize(
    "allowed",
    [
        datagram("0A", LOCAL, "00 05 01 0C 0C 00000001 19 55"),
        datagram("0A", LOCAL, "00 05 01 0E 0C 00000001 1E 09 55 1F"),
        datagram("0A", LOCAL, "00 05 01 1A"),
        datagram("0A", LOCAL, "00 05 01 05"),
        datagram("0A", LOCAL, "08 05 01 00 02 0E"),
        datagram("0A", ROUTED, "00 05 01 0C"),
        datagram("0A", ROUTED_BOTH_WAYS, "00 05 01 0C"),
        datagram("0B", GLOBAL, "10 08"),
        datagram("09", GLOBAL, "10 08 09 01 19 01"),
        datagram("0B", GLOBAL, "10 07"),
        datagram("0A", LOCAL, "10 00 C4 02000001"),
        datagram("0A", LOCAL, "10 01"),
        datagram("0A", LOCAL, "20 01 01"),
        datagram("0A", LOCAL, "30 01 0C"),
        datagram("0A", LOCAL, "38 01 00 02 0E"),
        datagram("0A", LOCAL, "40 01 00 02"),
        datagram("0A", LOCAL, "50 01 0C 91 02 91 20"),
        datagram("0A", LOCAL, "60 01 09"),
        datagram("0A", LOCAL, "71 01 04"),
        datagram("0B", "01 80 00 0064"),
        datagram("05", "003C"),
        datagram("00", "0030"),
        datagram("02"),
        datagram("06"),
    ],
)
def test_what_may_leave(allowed: bytes) -> None:
    assert objection(allowed) is None


@pytest.mark.parametrize("service", sorted(set(range(40)) - {5, 12, 14, 26}))
@pytest.mark.parametrize("way", [LOCAL, ROUTED, ROUTED_BOTH_WAYS, GLOBAL])
@pytest.mark.parametrize("head", ["00 05 01", "08 05 01 00 02"])
def test_every_other_confirmed_service_stays(service: int, way: str, head: str) -> None:
    assert objection(datagram("0A", way, head, f"{service:02x}")) == f"confirmed service {service}"


@pytest.mark.parametrize("service", sorted(set(range(20)) - {0, 1, 7, 8}))
@pytest.mark.parametrize("function", ["09", "0A", "0B"])
def test_every_other_unconfirmed_service_stays(service: int, function: str) -> None:
    assert objection(datagram(function, LOCAL, f"10 {service:02x}")) == f"unconfirmed service {service}"


@pytest.mark.parametrize(
    "forbidden",
    [
        *(datagram("0A", LOCAL, f"20 01 {service:02x}") for service in (15, 16, 17, 20, 9, 8)),
        *(datagram("0A", LOCAL, f"30 01 {service:02x}") for service in (26, 10, 6)),
        *(datagram("0B", f"01 80 {message:02x} 0064") for message in range(1, 0x15)),
        *(datagram(f"{function:02x}", "00") for function in (1, 3, 4, 7, 8, 12, 0xFF)),
        datagram("0A", LOCAL, "80 01"),
        datagram("0A", LOCAL),
        datagram("0A", LOCAL, "00 05"),
        bytes.fromhex("01 0A 0008 01 04 10 08"),
        b"\x81\x0a",
        b"",
    ],
)
def test_what_must_not_leave(forbidden: bytes) -> None:
    assert objection(forbidden)


@given(st.binary(max_size=40))
def test_any_bytes_get_a_verdict(noise: bytes) -> None:
    for crafted in (noise, b"\x81\x0a\x00\x20\x01" + noise):
        assert objection(crafted) is None or isinstance(objection(crafted), str)


async def test_what_may_not_leave_never_does_and_is_told_once_of_each_receiver() -> None:
    async with client() as bridge:
        forbidden = datagram("0A", LOCAL, "00 05 01 0F 0C 00000001 19 55")
        sent = overhear(bridge)
        with capture_logs() as logs:
            for _ in range(50):
                bridge._edge.send(forbidden, ("127.0.0.1", 9))
            bridge._edge.send(forbidden, ("127.0.0.2", 9))
        assert sent == []
    assert [log["to"] for log in logs] == ["('127.0.0.1', 9)", "('127.0.0.2', 9)"]
