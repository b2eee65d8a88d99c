"""Where the bridge stands: the address that its setting means at this moment.

The one place that knows what an interface's name stands for. It is asked each time, because DHCP may give an interface
its address long after the start, and another one while the bridge runs.
"""

from collections.abc import Mapping, Sequence
from ipaddress import IPv4Interface

from bacnet_bridge.bacnet.port import own_addresses, prove_there
from bacnet_bridge.errors import NetworkError
from bacnet_bridge.vocabulary import addresses

Machine = Mapping[str, Sequence[IPv4Interface]]
"""Its addresses, by the interface's name; an alias's has a number behind it (`eth0:1`)."""


def parse_own(setting: str) -> tuple[IPv4Interface | str, int]:
    """Address or interface's name, and port. Raises NetworkError."""
    try:
        return addresses.parse_own(setting)
    except ValueError as error:
        raise NetworkError(f"the BACnet address {setting!r} {error}") from None


def own_now(setting: str) -> tuple[IPv4Interface, int]:
    """The address that is meant now, and the port. Raises NetworkError where a named interface has none, or is none."""
    own, port = parse_own(setting)
    return (addresses_of(own, own_addresses())[0] if isinstance(own, str) else own), port


def where_now(setting: str, open_on: IPv4Interface) -> IPv4Interface:
    """Where a port belongs that is open: where it is, as long as that is there, or where its interface is now.

    Raises NetworkError where nothing leaves and nothing can be done but to wait.
    """
    own, _ = parse_own(setting)
    try:
        found = addresses_of(own, own_addresses()) if isinstance(own, str) else [open_on]
        there = open_on if open_on in found else found[0]
        prove_there(there)
    except NetworkError as error:
        raise NetworkError(f"the BACnet address {open_on} is gone, and with it every device: {error}") from None
    return there


def addresses_of(name: str, machine: Machine) -> list[IPv4Interface]:
    """An interface's, the one to go by first: as the system orders them, but those last that it gave itself for want
    of DHCP (RFC 3927). Pure; raises NetworkError where there are none.
    """
    by_name: dict[str, list[IPv4Interface]] = {}
    for label, found in machine.items():
        by_name.setdefault(label.partition(":")[0], []).extend(found)
    if name not in by_name:
        there = ", ".join(f"{each} ({', '.join(map(str, of)) or 'no address'})" for each, of in sorted(by_name.items()))
        raise NetworkError(f"no interface is called {name!r}: this machine has {there or 'none'}")
    if not by_name[name]:
        raise NetworkError(f"interface {name} has no IPv4 address yet: see to its cable, and to DHCP")
    return sorted(by_name[name], key=lambda address: address.is_link_local)
