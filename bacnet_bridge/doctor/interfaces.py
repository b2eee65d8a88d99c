"""By which interface the bridge goes, whether the machine has that address, and whether broadcasts leave from there."""

import ctypes
import socket
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface
from pathlib import Path
from typing import Final

from bacnet_bridge.doctor.finding import Finding, failure, not_applicable, ok, unknown
from bacnet_bridge.system import IS_POSIX, posix_locks

INTERFACE: Final = "interface"
MASK: Final = "subnet mask"
CONTAINER: Final = "container network"

_SIOCETHTOOL: Final = 0x8946
_GET_DRIVER: Final = 3
_SIGNS: Final = (Path("/.dockerenv"), Path("/run/.containerenv"))
_CONTAINERS: Final = ("docker", "br-", "cni", "podman", "virbr", "veth")
"""How the interfaces are called at which a machine meets its containers."""
_HOST_NETWORK: Final = (
    "give the container the machine's own network (network_mode: host in docker-compose.yml), or register with a BBMD "
    "(docker-compose.bbmd.yml)"
)

Addresses = Mapping[str, Sequence[IPv4Interface]]
"""The machine's, by the interface's name."""


@dataclass(frozen=True, slots=True)
class Going:
    """By which address, who says so, and whether broadcasts are needed at all."""

    interface: IPv4Interface | None
    """None where nobody says and nobody can tell."""
    why: str
    bbmd: str | None = None


def judge_interface(going: Going, machine: Addresses) -> Finding:
    """Is it there? Says what else the machine has, so that a wrong choice shows."""
    listed = ", ".join(f"{address} ({name})" for name, found in machine.items() for address in found) or "no address"
    if going.interface is None:
        return failure(
            INTERFACE,
            going.why,
            "set bacnet.address to one of this machine's addresses with its mask, or to the name of an interface that "
            "gets one",
        )
    name = _label_of(going.interface, machine)
    if name is None:
        return failure(
            INTERFACE,
            f"no interface has {going.interface.ip} ({going.why}): this machine has {listed}",
            "correct bacnet.address, or see why the interface is down (cable, DHCP)",
        )
    return ok(INTERFACE, f"{name} with {going.interface} is used ({going.why}); this machine has {listed}")


def judge_mask(going: Going, machine: Addresses) -> Finding:
    """A wrong prefix length is a wrong broadcast address, at which nobody answers."""
    own = going.interface
    if own is None:
        return not_applicable(MASK, "not checked: no interface is chosen yet")
    if going.bbmd is not None:
        return not_applicable(MASK, f"broadcasts go through the BBMD {going.bbmd}")
    if own.network.prefixlen > 30:
        return failure(
            MASK,
            f"/{own.network.prefixlen} leaves no broadcast address: no device is found by itself",
            "write the network's real prefix length, name a bacnet.bbmd, or give the devices' addresses in the mapping",
        )
    there = [each for found in machine.values() for each in found if each.ip == own.ip]
    if there and own not in there:
        return failure(
            MASK,
            f"bacnet.address says /{own.network.prefixlen}, the interface has /{there[0].network.prefixlen}: "
            f"broadcasts would go to {own.network.broadcast_address} instead of {there[0].network.broadcast_address}",
            f"write {there[0]}, or correct the interface's mask",
        )
    return ok(MASK, f"/{own.network.prefixlen} ({own.netmask}), broadcasts go to {own.network.broadcast_address}")


def judge_container(name: str, driver: str | None, container: str | None, bbmd: str | None = None) -> Finding:
    """`name`: the interface's; `driver`: who drives it; `container`: by which sign this is one, if it is."""
    if container is None:
        if name.startswith(_CONTAINERS):
            return failure(
                CONTAINER,
                f"{name} leads to this machine's containers, not to the building",
                "set bacnet.address to the interface that the building's network is plugged into",
            )
        return not_applicable(CONTAINER, "this is no container")
    if name == "lo":
        return not_applicable(CONTAINER, "lo leads nowhere but to this machine itself")
    if driver is None:
        return unknown(CONTAINER, f"this is a container ({container}); whose {name} is cannot be seen", _HOST_NETWORK)
    if driver == "veth":
        return _bridge_network(f"this container ({container}) has a bridge network ({name} is a veth)", bbmd)
    return ok(CONTAINER, f"this container ({container}) has {name} of the machine ({driver})")


def _bridge_network(it: str, bbmd: str | None) -> Finding:
    if bbmd is None:
        says = f"{it}: BACnet's broadcasts neither leave nor arrive, and devices see another address"
        return failure(CONTAINER, says, _HOST_NETWORK)
    says = f"{it}; the BBMD {bbmd} passes broadcasts on, and answers come by the published port of the same number"
    return ok(CONTAINER, says)


def _has(address: IPv4Interface, own: IPv4Interface) -> bool:
    """All of the loopback's network is this machine's (RFC 1122, 3.2.1.3), by whatever address of it."""
    return address.ip == own.ip or (own.ip.is_loopback and own.ip in address.network)


def name_of(own: IPv4Interface, machine: Addresses) -> str | None:
    """The interface's name, without an alias's number."""
    name = _label_of(own, machine)
    return None if name is None else name.partition(":")[0]


def _label_of(own: IPv4Interface, machine: Addresses) -> str | None:
    found = (name for name, addresses in machine.items() if any(_has(each, own) for each in addresses))
    return next(found, None)


def container_sign() -> str | None:
    """By which sign this is a container; None where nothing speaks for it."""
    found = next((str(path) for path in _SIGNS if path.exists()), None)
    if found is not None:
        return found
    try:
        words = Path("/proc/1/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    return next((word.decode(errors="replace") for word in words if word.startswith(b"container=")), None)


def driver_of(name: str) -> str | None:
    """Which driver an interface has (ethtool(8) -i); None where the system does not say."""
    if not IS_POSIX:
        return None
    answer = ctypes.create_string_buffer(struct.pack("I192x", _GET_DRIVER), 196)
    request = struct.pack("16sP8x", name.encode()[:15], ctypes.addressof(answer))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        try:
            posix_locks.ioctl(door, _SIOCETHTOOL, request)
        except OSError:
            return None
    return answer.raw[4:36].split(b"\0")[0].decode(errors="replace") or None
