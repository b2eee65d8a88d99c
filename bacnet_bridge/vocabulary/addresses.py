"""IP addresses as people write them in settings. Pure: nothing is looked up and nothing opened.

ValueErrors say what is wrong and what to write, to stand behind the address or its setting's name.
"""

import re
from ipaddress import IPv4Interface
from typing import Final

BACNET_PORT: Final = 47808
_FORM: Final = "write it like 192.168.1.10/24 or 192.168.1.10/24:47809, or an interface's name like eth0 or eth0:47809"
_NUMBERS: Final = re.compile(r"[\d.]*")
"""No interface's name, but an address, or part of one."""


def parse_own(text: str) -> tuple[IPv4Interface | str, int]:
    """`192.168.1.10/24` or `192.168.1.10/24:47809` → address with its network, and port. ValueError.

    `eth0` or `eth0:47809` → an interface's name and port. Whether there is one shows when it is asked for its address.
    """
    own, slash, tail = text.strip().partition("/")
    place, colon, port = (tail if slash else own).partition(":")
    if not slash and _NUMBERS.fullmatch(place):
        raise ValueError(f"has no prefix length: {_FORM}")
    try:
        found: IPv4Interface | str = IPv4Interface(f"{own}/{place}") if slash else place
    except ValueError:
        raise ValueError(f"is wrong, not an IPv4 address and the length of its network's mask: {_FORM}") from None
    try:
        return found, _port(colon, port)
    except ValueError as error:
        raise ValueError(f"is wrong, {error}: {_FORM}") from None


def parse_host(text: str) -> tuple[str, int]:
    """`host` or `host:port` → both, the port BACnet's own where none is given. ValueError."""
    host, colon, port = text.strip().partition(":")
    if not host or any(sign.isspace() or sign in "/\\@" for sign in host):
        raise ValueError("is not a host: write it like 192.168.1.2 or 192.168.1.2:47809")
    try:
        return host, _port(colon, port)
    except ValueError as error:
        raise ValueError(f"is wrong, {error}: write it like 192.168.1.2:47809") from None


def check_server(text: str) -> None:
    """A host alone, whose port is said elsewhere. ValueError."""
    if not text or any(sign.isspace() or sign in ":/\\@" for sign in text):
        raise ValueError("is not a host: write its name or IPv4 address alone, like mail.example.com")


def _port(colon: str, port: str) -> int:
    if not colon:
        return BACNET_PORT
    if not (port.isascii() and port.isdigit()) or not 1 <= int(port) <= 65_535:
        raise ValueError("its port is none from 1 to 65535")
    return int(port)
