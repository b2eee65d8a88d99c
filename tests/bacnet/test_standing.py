"""What a setting means at this moment: an address, or an interface that has one, has none, or has another one."""

import errno
import socket
from fcntl import ioctl
from ipaddress import IPv4Interface
from types import SimpleNamespace

import pytest

from bacnet_bridge.bacnet.port import own_addresses
from bacnet_bridge.bacnet.standing import addresses_of, own_now, where_now
from bacnet_bridge.errors import NetworkError

A, B = IPv4Interface("127.0.0.1/8"), IPv4Interface("127.0.0.2/8")
ELSEWHERE = IPv4Interface("203.0.113.7/24")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[IPv4Interface]]:
    """Whose interfaces the test decides. 127.0.0.0/8 can be opened on any Linux, 203.0.113.0/24 on none."""
    made: dict[str, list[IPv4Interface]] = {"eth0": [A], "eth1": []}
    monkeypatch.setattr("bacnet_bridge.bacnet.standing.own_addresses", lambda: made)
    return made


def test_an_address_is_meant_as_it_is_written_and_a_name_as_its_interface_is(
    machine: dict[str, list[IPv4Interface]],
) -> None:
    assert own_now("10.0.0.5/24:47809") == (IPv4Interface("10.0.0.5/24"), 47809)
    assert own_now("eth0:47809") == (A, 47809)
    machine["eth0"] = [B]
    assert own_now("eth0") == (B, 47808)
    with pytest.raises(NetworkError, match=r"^interface eth1 has no IPv4 address yet: see to its cable, and to DHCP$"):
        own_now("eth1")
    with pytest.raises(
        NetworkError,
        match=r"^no interface is called 'etho': this machine has eth0 \(127\.0\.0\.2/8\), eth1 \(no address\)$",
    ):
        own_now("etho")
    with pytest.raises(NetworkError, match=r"the BACnet address '127\.0\.0\.1' has no prefix length"):
        own_now("127.0.0.1")


def test_an_address_that_goes_while_they_are_listed_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(door: socket.socket, question: int, request: bytes) -> bytes:
        if question == 0x891B:
            raise OSError(errno.EADDRNOTAVAIL, "gone")
        return ioctl(door, question, request)

    assert A in own_addresses()["lo"]
    monkeypatch.setattr("bacnet_bridge.bacnet.port.posix_locks", SimpleNamespace(ioctl=ask))
    assert own_addresses()["lo"] == []


def test_what_it_gave_itself_comes_last_and_an_alias_belongs_to_its_interface() -> None:
    own, others = IPv4Interface("169.254.7.7/16"), [A, B]
    assert addresses_of("eth0", {"eth0": [own, A], "eth0:1": [B]}) == [*others, own]
    assert addresses_of("eth0", {"eth0:1": [own]}) == [own]


def test_an_open_port_stays_as_long_as_its_address_is_there(machine: dict[str, list[IPv4Interface]]) -> None:
    machine["eth0"] = [B, A]
    assert where_now("eth0", A) == A
    machine["eth0"] = [B]
    assert where_now("eth0", A) == B
    machine["eth0"] = [IPv4Interface("127.0.0.1/16")]
    assert where_now("eth0", A) == machine["eth0"][0], "broadcasts go elsewhere"


def test_an_address_that_the_machine_has_no_more_is_a_sentence(machine: dict[str, list[IPv4Interface]]) -> None:
    assert where_now("127.0.0.1/8:47999", A) == A
    gone = r"^the BACnet address 203\.0\.113\.7/24 is gone, and with it every device: "
    with pytest.raises(NetworkError, match=gone + r"no interface of this machine .* 127\.0\.0\.1/8 \(lo\)"):
        where_now(str(ELSEWHERE), ELSEWHERE)
    machine["eth0"] = []
    with pytest.raises(NetworkError, match=gone + "interface eth0 has no IPv4 address yet"):
        where_now("eth0", ELSEWHERE)


def test_an_interface_that_is_down_is_a_sentence(
    machine: dict[str, list[IPv4Interface]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux lets go of its addresses, or keeps them, by how it was taken down."""
    machine["eth0"] = [ELSEWHERE]
    monkeypatch.setattr("bacnet_bridge.bacnet.port.own_addresses", lambda: machine)
    with pytest.raises(NetworkError, match="every device: its interface eth0 is down"):
        where_now("eth0", ELSEWHERE)
    machine["none0"], machine["lo"] = [A], [B]
    with pytest.raises(NetworkError, match="every device: its interface none0 is down"):
        where_now("none0", A)
    assert where_now("lo", B) == B
