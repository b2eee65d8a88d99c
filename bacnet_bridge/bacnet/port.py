"""The bridge's own UDP port, and the addresses behind what people write: sentences where they are wrong."""

import asyncio
import contextlib
import ctypes
import errno
import os
import socket
import struct
from ipaddress import IPv4Address, IPv4Interface
from typing import Final

from bacnet_bridge.errors import NetworkError
from bacnet_bridge.system import IS_POSIX, posix_locks
from bacnet_bridge.vocabulary import addresses

_HINTS: Final = {
    errno.EADDRINUSE: "another program has this port: stop it, or give the bridge another port (…/24:47809)",
    errno.EACCES: "this port needs privileges: take one above 1023",
}
_SIOCGIFCONF: Final = 0x8912
_SIOCGIFFLAGS: Final = 0x8913
_SIOCGIFNETMASK: Final = 0x891B
_UP: Final = 1
_ENTRY: Final = 40 if struct.calcsize("P") == 8 else 32
"""Octets of a `struct ifreq`: name, address family, port, address."""
_MOST_ENTRIES: Final = 256


def prove_bindable(host: str, port: int, *, shared: bool = False) -> None:
    """Raises NetworkError with what to do where the port cannot be opened.

    A bind beforehand: bacpypes3 would retry in silence for ever, or share a taken port and miss
    every answer.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        _share(probe, shared=shared)
        try:
            probe.bind((host, port))
        except OSError as error:
            hint = _HINTS.get(error.errno or 0, str(error.strerror))
            if error.errno == errno.EADDRNOTAVAIL:
                hint = _not_ours(host)
            raise NetworkError(f"cannot open BACnet port {host}:{port}: {hint}") from None


def is_taken(host: str, port: int, *, shared: bool = False) -> bool:
    """Whether another program has the port. Raises NetworkError where it cannot be opened for another reason."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        _share(probe, shared=shared)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
    prove_bindable(host, port, shared=shared)
    return False


def prove_there(own: IPv4Interface) -> None:
    """Raises NetworkError where nothing leaves by a port that was opened: the machine has its address no more, or keeps
    it for an interface that is down.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(own.ip), 0))
        except OSError as error:
            if error.errno == errno.EADDRNOTAVAIL:
                raise NetworkError(_not_ours(str(own.ip))) from None
    names = [name for name, found in own_addresses().items() if own.ip in {each.ip for each in found}]
    if names and not any(map(_is_up, names)):
        raise NetworkError(_down(names[0]))


def own_addresses() -> dict[str, list[IPv4Interface]]:
    """The machine's IPv4 addresses with their masks, by the interface's name (`eth0`, and `eth0:1` of an alias).

    One without an address is there, too. By two questions to the kernel (netdevice(7)), because the standard library
    lists interfaces without addresses.
    """
    if not IS_POSIX:
        return _listed_by_psutil()
    found: dict[str, list[IPv4Interface]] = {}
    with contextlib.suppress(OSError):  # a sandbox may not let it look; those with addresses are seen all the same
        found = {name: [] for _, name in socket.if_nameindex()}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        room = bytearray(_MOST_ENTRIES * _ENTRY)
        place = (ctypes.c_char * len(room)).from_buffer(room)
        request = struct.pack("iP", len(room), ctypes.addressof(place))
        (used,) = struct.unpack_from("i", posix_locks.ioctl(door, _SIOCGIFCONF, request))
        for at in range(0, used, _ENTRY):
            entry = bytes(room[at : at + _ENTRY])
            try:
                mask = posix_locks.ioctl(door, _SIOCGIFNETMASK, entry)
            except OSError:  # the address went at this moment
                continue
            interface = IPv4Interface((IPv4Address(entry[20:24]), str(IPv4Address(mask[20:24]))))
            found.setdefault(os.fsdecode(entry[:16].rstrip(b"\0")), []).append(interface)
    return found


def _is_up(name: str) -> bool:
    """Windows takes the addresses from an interface that is not."""
    if not IS_POSIX:
        return True
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        request = os.fsencode(name).ljust(_ENTRY, b"\0")
        try:
            (flags,) = struct.unpack_from("H", posix_locks.ioctl(door, _SIOCGIFFLAGS, request), 16)
        except OSError:  # it went at this moment
            return False
    return bool(flags & _UP)


def _listed_by_psutil() -> dict[str, list[IPv4Interface]]:
    """Windows, which the kernel's questions are none of."""
    import psutil

    return {
        name: [
            IPv4Interface((each.address, each.netmask or "255.255.255.255"))
            for each in addresses
            if each.family == socket.AF_INET
        ]
        for name, addresses in psutil.net_if_addrs().items()
    }


def _share(probe: socket.socket, *, shared: bool) -> None:
    """Windows shares a port without being asked, and so is asked for the opposite."""
    if IS_POSIX:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, shared)
    elif not shared:
        probe.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR), 1)


def _down(name: str) -> str:
    return f"its interface {name} is down"


def _not_ours(host: str) -> str:
    try:
        machine = [(name, address) for name, found in own_addresses().items() for address in found]
    except OSError:
        machine = []
    down = [name for name, each in machine if host in {str(each.ip), str(each.network.broadcast_address)}]
    if down:
        return _down(down[0])
    ours = [f"{address} ({name})" for name, address in machine]
    return (
        "no interface of this machine has this address with this prefix length; "
        f"it has {', '.join(ours) or 'none'}: correct the BACnet address"
    )


async def resolve(text: str) -> str:
    """`host` or `host:port` → `IPv4:port`. Raises NetworkError."""
    try:
        host, port = addresses.parse_host(text)
    except ValueError as error:
        raise NetworkError(f"the address {text!r} {error}") from None
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=socket.AF_INET, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no name"
        raise NetworkError(f"{host!r} has no IPv4 address: {why}") from None
    return "{}:{}".format(*found[0][4])
