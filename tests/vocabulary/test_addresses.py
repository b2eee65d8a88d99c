from ipaddress import IPv4Interface

import pytest

from bacnet_bridge.vocabulary.addresses import parse_host, parse_own


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("192.168.1.10/24", (IPv4Interface("192.168.1.10/24"), 47808)),
        (" 192.168.1.10/24:47809 ", (IPv4Interface("192.168.1.10/24"), 47809)),
        ("10.0.0.5/255.255.255.0:65535", (IPv4Interface("10.0.0.5/24"), 65535)),
        ("eth0", ("eth0", 47808)),
        (" eth0.100:47809 ", ("eth0.100", 47809)),
        ("Ethernet 2:47809", ("Ethernet 2", 47809)),
    ],
)
def test_own_addresses(text: str, own: tuple[IPv4Interface | str, int]) -> None:
    assert parse_own(text) == own


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("192.168.1.10", "has no prefix length: write it like 192.168.1.10/24"),
        ("192.168.1.10:47808/24", "is wrong, not an IPv4 address"),
        ("192.168.1.10/33", "is wrong, not an IPv4 address"),
        ("fe80::1/64", "is wrong, not an IPv4 address"),
        ("192.168.1.10/24:0", "is wrong, its port is none from 1 to 65535"),
        ("192.168.1.10/24:65536", "is wrong, its port"),
        ("192.168.1.10/24:", "is wrong, its port"),
        ("192.168.1.10/24:٤٧", "is wrong, its port"),
        ("", "has no prefix length"),
        ("192.168.1.10:47808", "has no prefix length"),
        (":47808", "has no prefix length: write it like .*, or an interface's name like eth0 or eth0:47809"),
        ("eth0/24", "is wrong, not an IPv4 address"),
        ("eth0:", "is wrong, its port is none from 1 to 65535"),
        ("fe80::1", "is wrong, its port"),
    ],
)
def test_own_addresses_that_are_none(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_own(text)


@pytest.mark.parametrize(
    ("text", "host"),
    [("192.168.1.2", ("192.168.1.2", 47808)), ("bbmd.site:47809", ("bbmd.site", 47809))],
)
def test_hosts(text: str, host: tuple[str, int]) -> None:
    assert parse_host(text) == host


@pytest.mark.parametrize("text", ["", ":47808", "a b", "192.168.1.2/24", "192.168.1.2:0", "192.168.1.2:x", "::1"])
def test_hosts_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"^is .*: write it like 192\.168\.1\.2"):
        parse_host(text)
