"""The sheet with which the customer's IT is asked to let the bridge through: Markdown, or plain text. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface
from typing import Final
from urllib.parse import urlsplit

from bacnet_bridge.doctor.site import Site
from bacnet_bridge.vocabulary.addresses import BACNET_PORT, parse_host, parse_own

_HEADINGS: Final = ("from", "to", "protocol and port", "direction", "what for")
_OUT, _BOTH = "out, answers come back", "both ways"
_UNSAID: Final = "(this machine's address on the building's network)"


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the sheet. `direction` is as the bridge's machine sees it."""

    source: str
    target: str
    port: str
    direction: str
    purpose: str

    @property
    def cells(self) -> tuple[str, ...]:
        return self.source, self.target, self.port, self.direction, self.purpose


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is asked for, and what is to be known of it."""

    rules: Sequence[Rule]
    notes: Sequence[str]


def sheet(site: Site, interface: str | None) -> Sheet:
    """`interface`: the name of the one with the site's own address."""
    own, port = (None, BACNET_PORT) if site.bacnet is None else parse_own(site.bacnet.address)
    here = _UNSAID if own is None else f"{own.ip}" + (f" ({interface})" if interface else "")
    return Sheet((*_bacnet(site, own, port, here), *_internet(site)), _notes(site, port))


def _bacnet(site: Site, own: IPv4Interface | None, port: int, here: str) -> list[Rule]:
    bbmd = site.settings.bacnet.bbmd
    if bbmd is not None:
        host, other = parse_host(bbmd)
        rules = [Rule(here, host, f"UDP {port} → {other}", _BOTH, "BACnet/IP: the BBMD that forwards broadcasts")]
    else:
        everyone = (
            "the building's subnet" if own is None else f"{own.network} (broadcasts: {own.network.broadcast_address})"
        )
        rules = [Rule(here, everyone, f"UDP {port} → {BACNET_PORT}", _BOTH, "BACnet/IP: devices, and finding them")]
    if bbmd is not None:
        target = "each BACnet device and router"
        rules.append(Rule(here, target, f"UDP {port} → {BACNET_PORT}", _BOTH, "BACnet/IP: reading (never writing)"))
    for host, other in _mapped(site, own):
        rules.append(Rule(here, host, f"UDP {port} → {other}", _BOTH, "BACnet/IP: a device in another subnet"))
    return rules


def _mapped(site: Site, own: IPv4Interface | None) -> list[tuple[str, int]]:
    """Devices' addresses that the mapping names and that are not in the own subnet."""
    found = []
    for text in sorted({meter.address for meter in site.meters if meter.address and ":" not in meter.address[:6]}):
        host, port = parse_host(text)
        if own is None or not _within(host, own):
            found.append((host, port))
    return found


def _within(host: str, own: IPv4Interface) -> bool:
    try:
        return IPv4Interface(host).ip in own.network
    except ValueError:
        return False


def _internet(site: Site) -> list[Rule]:
    platform = site.settings.platform
    machine = "this machine"
    hosts = {urlsplit(each).hostname or "" for each in addresses(site)}
    ports = {urlsplit(each).hostname or "": urlsplit(each).port or 443 for each in addresses(site)}
    rules = []
    if platform.proxy is not None:
        proxy = urlsplit(platform.proxy)
        asked = ", ".join(f"CONNECT {host}:{ports[host]}" for host in sorted(hosts))
        rules.append(Rule(machine, proxy.hostname or "", f"TCP {proxy.port or 80} ({asked})", _OUT, "the proxy"))
        machine = f"the proxy {proxy.hostname}"
    for host in sorted(hosts):
        rules.append(Rule(machine, host, f"TCP {ports[host]} (HTTPS)", _OUT, "the energy platform: measurements"))
    if platform.proxy is None:
        rules.append(Rule("this machine", "its DNS servers", "UDP and TCP 53", _OUT, "the platform's name"))
    if site.settings.clock != "trust":
        rules.append(Rule("this machine", "a time server of yours", "UDP 123 (NTP)", _OUT, "a right clock"))
    return rules


def addresses(site: Site) -> list[str]:
    """Of the platform, for all accounts."""
    accounts = (account.address for account in site.settings.accounts.values())
    return list(dict.fromkeys([site.settings.platform.address, *(each for each in accounts if each)]))


def _notes(site: Site, port: int) -> list[str]:
    notes = [
        "No connection from outside to this machine is needed: no port forwarding, no VPN.",
        "Please exempt the platform's host from TLS inspection. If that cannot be, please send us the inspecting CA's "
        "certificate as a PEM file.",
        "The platform's address may change: please allow it by its name, not by an IP address.",
        "The bridge reads BACnet and never writes: it sends Who-Is, ReadProperty, ReadPropertyMultiple, ReadRange, "
        "SubscribeCOV, and answers what others ask of it.",
        f"BACnet's answers come from any device's port {BACNET_PORT} to UDP {port} here, broadcasts among them: a firewall "
        "that only lets answers to the same address back stops them.",
    ]
    if site.lacking:
        notes.append(f"Not settled yet: {', '.join(sorted(site.lacking))}.")
    return notes


def markdown(made: Sheet) -> str:
    head = f"| {' | '.join(_HEADINGS)} |\n|{'---|' * len(_HEADINGS)}"
    rows = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in rule.cells) + " |" for rule in made.rules)
    notes = "\n".join(f"- {note}" for note in made.notes)
    return f"# Firewall request for the BACnet Bridge\n\n{head}\n{rows}\n\n{notes}\n"


def plain(made: Sheet) -> str:
    """For mail and tickets that know no tables."""
    parts = ["Firewall request for the BACnet Bridge", "=" * 38, ""]
    for number, rule in enumerate(made.rules, 1):
        parts.append(f"{number}. {rule.purpose}")
        parts += [f"   {name + ':':19}{cell}" for name, cell in zip(_HEADINGS[:4], rule.cells, strict=False)]
        parts.append("")
    parts += [f"* {note}" for note in made.notes]
    return "\n".join(parts) + "\n"
