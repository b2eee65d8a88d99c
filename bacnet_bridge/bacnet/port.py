"""The bridge's own UDP port, and addresses as people write them: sentences where they are wrong."""

import asyncio
import errno
import socket
from ipaddress import IPv4Interface
from typing import Final

from bacnet_bridge.errors import NetworkError

DEFAULT_PORT: Final = 47808
_HINTS: Final = {
    errno.EADDRINUSE: "another program has this port: stop it, or give the bridge another port (…/24:47809)",
    errno.EADDRNOTAVAIL: "no interface of this machine has this address: see `ip address`, correct the BACnet address",
    errno.EACCES: "this port needs privileges: take one above 1023",
}


def parse_own(address: str) -> tuple[IPv4Interface, int]:
    """`192.168.1.10/24` or `192.168.1.10/24:47809` → interface and port. Raises NetworkError."""
    interface, slash, tail = address.partition("/")
    prefix, _, port = tail.partition(":")
    form = "write it like 192.168.1.10/24 or 192.168.1.10/24:47809"
    if not slash:
        raise NetworkError(f"the BACnet address {address!r} has no prefix length: {form}")
    try:
        return IPv4Interface(f"{interface}/{prefix}"), int(port or DEFAULT_PORT)
    except ValueError as error:
        raise NetworkError(f"the BACnet address {address!r} is wrong ({error}): {form}") from None


def prove_bindable(host: str, port: int, *, shared: bool = False) -> None:
    """Raises NetworkError with what to do where the port cannot be opened.

    A bind beforehand: bacpypes3 would retry in silence for ever, or share a taken port and miss
    every answer.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shared)
        try:
            probe.bind((host, port))
        except OSError as error:
            hint = _HINTS.get(error.errno or 0, str(error.strerror))
            raise NetworkError(f"cannot open BACnet port {host}:{port}: {hint}") from None


async def resolve(text: str) -> str:
    """`host` or `host:port` → `IPv4:port`. Raises NetworkError."""
    host, _, port = text.partition(":")
    if port and not port.isdigit():
        raise NetworkError(f"{port!r} is not a port")
    try:
        found = await asyncio.get_running_loop().getaddrinfo(
            host, int(port or DEFAULT_PORT), family=socket.AF_INET, type=socket.SOCK_DGRAM
        )
    except OSError as error:
        raise NetworkError(f"{host!r} has no IPv4 address: {error.strerror}") from None
    return "{}:{}".format(*found[0][4])
