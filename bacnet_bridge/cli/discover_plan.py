"""What `discover` is told, and what it makes of it: an address to go by, a scope, a pace."""

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bacnet_bridge.bacnet.client import Identity
from bacnet_bridge.bacnet.own_address import choose
from bacnet_bridge.bacnet.pacing import Limits
from bacnet_bridge.bacnet.port import is_taken, own_addresses
from bacnet_bridge.bacnet.roll_call import Scope
from bacnet_bridge.bacnet.standing import own_now
from bacnet_bridge.bacnet.survey import GENTLE
from bacnet_bridge.bacnet.windows import ALL
from bacnet_bridge.errors import NetworkError, SettingsError
from bacnet_bridge.settings import PREFIX, BacnetSettings, load_settings, site_file
from bacnet_bridge.survey.model import FoundDevice
from bacnet_bridge.survey.only import Only, parse_only
from bacnet_bridge.vocabulary.addresses import BACNET_PORT, parse_host
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE
from bacnet_bridge.vocabulary.ranges import Range, parse_ranges, unmet, within

_CUSTOMARY: Final = range(BACNET_PORT + 1, BACNET_PORT + 16)
"""Ports that people use beside BACnet's own, BAC1 to BACF in hexadecimal; firewalls mostly know them."""
_ROUTED: Final = re.compile(r"\d+:(\d+|0x[0-9A-Fa-f]+|\d+\.\d+\.\d+\.\d+(:\d+)?)")
"""`100:10`, and `100:0x0a000005bac0` or `100:10.0.0.5` for a BACnet/IP device behind a router."""
_PASSING: Final = 1_000
"""Of the highest instances, one is taken for the time of a survey."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """The command's options, as they are written."""

    devices: str | None = None
    address: tuple[str, ...] = ()
    network: int | None = None
    only: tuple[str, ...] = ()
    bind: str | None = None
    bbmd: str | None = None
    timeout: float | None = None
    fast: bool = False
    site: Path | None = None

    @property
    def ranges(self) -> tuple[Range, ...]:
        """Raises SettingsError."""
        try:
            return (ALL,) if self.devices is None else parse_ranges(self.devices)
        except ValueError as error:
            raise SettingsError(f"--devices: {error}") from None

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.strip() for each in self.address for one in each.split(",") if one.strip()))

    def unmet(self, devices: Iterable[FoundDevice]) -> Iterator[str]:
        """Of the instances that were asked for, those that nobody has: sentences."""
        there = {device.instance for device in devices}
        filters = [(key.strip(), values) for key, _, values in (term.partition("=") for term in self.only)]
        asked = {"--devices": self.devices or "", "--only": ",".join(each for key, each in filters if key == "device")}
        for option, text in asked.items():
            if text and (missing := unmet(text, there)):
                yield f"{option}: no device {', '.join(missing)} was found"

    def is_in_scope(self, device: FoundDevice) -> bool:
        """Whether such a device would be found if it were there."""
        return (
            within(self.ranges, device.instance)
            and (not self.addresses or device.address in self.addresses)
            and self.network in {None, device.network}
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a survey needs; `told` says how it came about, in sentences."""

    identity: Identity
    timeout: float
    scope: Scope
    limits: Limits
    only: Only
    told: tuple[str, ...]


def plan_of(wishes: Wishes) -> Plan:
    """Raises SettingsError or NetworkError, with what to write instead."""
    try:
        only = parse_only(wishes.only)
    except ValueError as error:
        raise SettingsError(f"--only: {error}") from None
    if only.names or only.units:
        raise SettingsError("--only: names and units are known only when all was read: write device= or type= here")
    _check_hosts(wishes)
    scope = Scope(wishes.ranges, wishes.addresses, broadcast=not wishes.addresses, network=wishes.network)
    site = _site(wishes)
    identity, told = identity_of(wishes, site)
    limits = _limits(wishes, site)
    pace = "without rests (--fast)" if wishes.fast else "a fifth of each trunk's time at most"
    timeout = wishes.timeout or (3.0 if site is None else site.timeout)
    return Plan(identity, timeout, scope, limits, only, (*told, f"Looking for {_scope(wishes)}; {pace}."))


def _check_hosts(wishes: Wishes) -> None:
    hosts = [each for each in wishes.addresses if not _ROUTED.fullmatch(each)]
    for option, host in (*(("--address", each) for each in hosts), ("--bbmd", wishes.bbmd)):
        try:
            if host is not None:
                parse_host(host)
        except ValueError as error:
            raise SettingsError(f"{option}: {host!r:.60} {error}") from None


def _limits(wishes: Wishes, site: BacnetSettings | None) -> Limits:
    if not wishes.fast:
        return GENTLE if site is None else replace(GENTLE, total=site.in_flight, gap=site.gap)
    return Limits() if site is None else Limits(site.in_flight, site.per_device, site.per_router, site.gap)


def _scope(wishes: Wishes) -> str:
    where = f" at {', '.join(wishes.addresses)}" if wishes.addresses else ""
    where += f" on network {wishes.network}" if wishes.network else ""
    return f"devices {wishes.devices}{where}" if wishes.devices else f"all devices{where}"


def _site(wishes: Wishes) -> BacnetSettings | None:
    """What the site says of BACnet; None where there is no site. A laptop has none, and needs none."""
    there = site_file(wishes.site).there or any(name.startswith(f"{PREFIX}BACNET") for name in os.environ)
    # The zone does not matter here, and a site that is being made may not state it yet.
    return load_settings(wishes.site, zone="UTC").bacnet if there else None


def identity_of(wishes: Wishes, site: BacnetSettings | None) -> tuple[Identity, list[str]]:
    """Own address and port, and what there is to say of them. Raises NetworkError, with what to write instead."""
    bbmd = wishes.bbmd or (site.bbmd if site is not None else None)
    address, why = own_address(wishes.bind, site)
    interface, port = own_now(address)
    told = [f"Going by {interface}, port {port} ({why})." + (f" BBMD {bbmd}." if bbmd else "")]
    passing = MAX_INSTANCE - os.getpid() % _PASSING
    identity = Identity(passing, f"{interface}:{port}", "BACnet Bridge, discovering", bbmd=bbmd)
    if site is not None:
        identity = replace(identity, ttl=site.bbmd_ttl)
    if not is_taken(str(interface.ip), port):
        own = identity if site is None else replace(identity, instance=site.instance, name=site.name)
        return own, told
    other = next((each for each in _CUSTOMARY if not is_taken(str(interface.ip), each)), None)
    if other is None:
        raise NetworkError(f"port {port} of {interface.ip} is taken, and so are {_CUSTOMARY[0]} to {_CUSTOMARY[-1]}")
    shares_port = bbmd is None and interface.network.prefixlen < 31
    identity = replace(identity, address=f"{interface}:{other}", shares_port=shares_port)
    told.append(f"Port {port} is taken, mostly by a running bridge: asking from port {other} instead.")
    if identity.shares_port and is_taken(str(interface.network.broadcast_address), BACNET_PORT, shared=True):
        if not wishes.addresses:
            raise NetworkError(
                f"port {port} is taken by a program that lets nobody listen beside it, so answers to broadcasts cannot "
                "be heard: stop it for so long, run this as the same user, name a --bbmd, or give --address"
            )
        identity = replace(identity, shares_port=False)
    return identity, told


def own_address(bind: str | None, site: BacnetSettings | None) -> tuple[str, str]:
    """As it is written, and why it is this one. Raises NetworkError where nobody says and nobody can tell."""
    if bind is not None:
        return bind, "--bind"
    return (site.address, "the site's settings") if site is not None else _chosen()


def _chosen() -> tuple[str, str]:
    try:
        choice = choose(own_addresses(), lambda name: Path(f"/sys/class/net/{name}/wireless").exists())
    except ValueError as error:
        raise NetworkError(f"{error} Say it with --bind 192.168.1.10/24") from None
    return choice.address, f"{choice.why}; another one: --bind"
