"""By which of the machine's addresses a survey goes, where nobody says: a rule that is told with its outcome. Pure.

Out of question are loopback, link-local and /32 addresses (nobody is reached by a broadcast there) and the networks of
containers and virtual machines. Of what remains, cables come before radio. Where that leaves several, nobody guesses.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface
from typing import Final

_VIRTUAL: Final = re.compile(
    r"(docker|br-|veth|virbr|vmnet|vboxnet|cni|flannel|podman|lxc|lxd|tun|tap|wg|tailscale|zt)"
)
"""By the names that they are given."""


@dataclass(frozen=True, slots=True)
class Choice:
    """An address with its prefix length, `192.168.1.10/24`, and why it is this one."""

    address: str
    why: str


Candidate = tuple[str, IPv4Interface]


def choose(addresses: Mapping[str, Sequence[IPv4Interface]], is_radio: Callable[[str], bool]) -> Choice:
    """Raises ValueError with a sentence that lists what there is, where no single one is right."""
    all_of = [(name, address) for name, found in addresses.items() for address in found]
    usable = [each for each in all_of if _usable(*each)]
    wired = [each for each in usable if not is_radio(each[0].partition(":")[0])]
    best = wired or usable
    if not best:
        raise ValueError(f"no address of this machine reaches a BACnet network by broadcast: it has {_listed(all_of)}.")
    if len(best) > 1:
        raise ValueError(f"this machine stands in several networks: {_listed(best)}. Which one has the BACnet devices?")
    ((name, address),) = best
    others = len(usable) - 1
    why = "the only one with a network of its own" if not others else "a cable; the others are radio"
    return Choice(str(address), f"{name}, {why}")


def _usable(name: str, address: IPv4Interface) -> bool:
    lonely = address.is_loopback or address.is_link_local or address.network.prefixlen > 30
    return not lonely and _VIRTUAL.match(name) is None


def _listed(found: Sequence[Candidate]) -> str:
    return ", ".join(f"{address} ({name})" for name, address in found) or "none"
