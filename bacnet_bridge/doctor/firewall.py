"""The sheet with which the customer's IT is asked to let the bridge through: Markdown, or plain text. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Interface, ip_address
from typing import Final
from urllib.parse import urlsplit

from bacnet_bridge.alarms.mail import USUAL_PORTS
from bacnet_bridge.doctor.site import Site
from bacnet_bridge.vocabulary.addresses import BACNET_PORT, parse_host, parse_own

_HEADINGS: Final = ("from", "to", "protocol and port", "direction", "what for")
_OUT, _IN, _BOTH = "out, answers come back", "in, answers go back", "both ways"
_WEB: Final = {"http": 80, "https": 443}
_ROUTED: Final = re.compile(r"\d+:.+")
"""A device behind a BACnet router: IT lets its router through."""
_HERE: Final = "this machine"
_WRONG: Final = "(an address that is wrong as yet)"
_UNSAID: Final = "(this machine's address on the building's network)"

_RESERVED: Final = (
    "This machine takes the address that DHCP gives it: please reserve that one, so that these rules go on to fit."
)


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


def sheet(site: Site, interface: str | None, now: IPv4Interface | None = None) -> Sheet:
    """`interface`: the name of the one with the site's own address; `now`: that address, where the site names it."""
    said, port = (None, BACNET_PORT) if site.bacnet is None else parse_own(site.bacnet.address)
    own = now if isinstance(said, str) else said
    here = _UNSAID if own is None else f"{own.ip}" + (f" ({interface})" if interface else "")
    notes = [*_notes(site), *([_RESERVED] if isinstance(said, str) else [])]
    return Sheet((*_bacnet(site, own, port, here), *_internet(site), *_lookers(site)), notes)


def _bacnet(site: Site, own: IPv4Interface | None, port: int, here: str) -> list[Rule]:
    devices, ports = "BACnet/IP: finding devices and reading them (never writing)", f"UDP {port} → {BACNET_PORT}"
    bbmd = site.settings.bacnet.bbmd
    if bbmd is not None:
        host, its = parse_host(bbmd)
        rules = [
            Rule(here, host, f"UDP {port} → {its}", _BOTH, "BACnet/IP: the BBMD that forwards broadcasts"),
            Rule(here, "each BACnet device and router", ports, _BOTH, devices),
        ]
    else:
        subnet = f"{own.network} (broadcasts: {own.network.broadcast_address})" if own else "the building's subnet"
        rules = [Rule(here, subnet, ports, _BOTH, devices)]
    elsewhere = "BACnet/IP: a device in another subnet"
    return rules + [Rule(here, host, f"UDP {port} → {its}", _BOTH, elsewhere) for host, its in _mapped(site, own)]


def _mapped(site: Site, own: IPv4Interface | None) -> list[tuple[str, int]]:
    """Devices' addresses that the mapping names and that are not in the own subnet."""
    texts = {meter.address for meter in site.meters if meter.address and not _ROUTED.fullmatch(meter.address)}
    found = [parse_host(text) for text in sorted(texts)]
    return [(host, port) for host, port in found if own is None or not _within(host, own)]


def _within(host: str, own: IPv4Interface) -> bool:
    try:
        return IPv4Interface(host).ip in own.network
    except ValueError:
        return False


def _internet(site: Site) -> list[Rule]:
    platform, sender = site.settings.platform, _HERE
    stations = sorted({station(each, 443) for each in addresses(site)})
    receivers = _receivers(site)
    rules = []
    if platform.proxy is not None:
        host, port = station(platform.proxy, 80)
        secure = {(name, number) for scheme, name, number in receivers if scheme == "https"}
        asked = ", ".join(f"CONNECT {name}:{number}" for name, number in sorted({*stations, *secure}))
        rules.append(Rule(_HERE, host, f"TCP {port} ({asked})", _OUT, "the proxy"))
        sender = f"the proxy {host}"
    measurements = "the energy platform: measurements"
    rules += [Rule(sender, host, f"TCP {port} (HTTPS)", _OUT, measurements) for host, port in stations]
    rules += [
        Rule(sender, host, f"TCP {port} ({scheme.upper()})", _OUT, purpose)
        for (scheme, host, port), purpose in receivers.items()
    ]
    rules += _mail(site)
    rules.append(Rule(_HERE, "its DNS servers", "UDP and TCP 53", _OUT, "names"))
    if site.settings.clock != "trust":
        rules.append(Rule(_HERE, "a time server of yours", "UDP 123 (NTP)", _OUT, "a right clock"))
    return rules


def _receivers(site: Site) -> dict[tuple[str, str, int], str]:
    """By scheme, host and port what alarms ask for there. The addresses themselves are secrets."""
    alarms, found = site.settings.alarms, dict[tuple[str, str, int], str]()
    for address, purpose in ((alarms.webhook, "alarms"), (alarms.heartbeat, "the bridge's sign of life")):
        if address is not None:
            scheme = address.get_secret_value().partition(":")[0].lower()
            scheme = scheme if scheme in _WEB else "https"
            place = scheme, *station(address.get_secret_value(), _WEB[scheme])
            found[place] = f"{found[place]}, {purpose}" if place in found else purpose
    return found


def _mail(site: Site) -> list[Rule]:
    alarms = site.settings.alarms
    if alarms.mail_server is None:
        return []
    port = alarms.mail_port or USUAL_PORTS[alarms.mail_security]
    return [Rule(_HERE, alarms.mail_server, f"TCP {port} (SMTP)", _OUT, "alarms by mail; not by the proxy")]


def _lookers(site: Site) -> list[Rule]:
    status = site.settings.status
    if not status.port or ip_address(status.address).is_loopback:
        return []
    what = f"TCP {status.port} ({'HTTP' if status.certificate is None else 'HTTPS'})"
    return [Rule("whoever is to look at it, in the building", status.address, what, _IN, "the bridge's status page")]


def station(address: str, usual: int) -> tuple[str, int]:
    """Host and port of an address. Of one that is wrong as yet nothing is shown: it may hold a password."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    return host or _WRONG, port or usual


def addresses(site: Site) -> list[str]:
    """Of the platform, for all accounts."""
    accounts = (account.address for account in site.settings.accounts.values())
    return list(dict.fromkeys([site.settings.platform.address, *(each for each in accounts if each)]))


_NOTES: Final = (
    "No connection from the internet to this machine is needed: no port forwarding, no VPN.",
    (
        "Please exempt the platform's host from TLS inspection. If that cannot be, please send us the inspecting CA's "
        "certificate as a PEM file."
    ),
    "The platform's address may change: please allow it by its name, not by an IP address.",
    (
        "The bridge reads BACnet and never writes: it sends Who-Is, ReadProperty, ReadPropertyMultiple, ReadRange, "
        "SubscribeCOV, and answers what others ask of it."
    ),
    (
        f"BACnet's answers come from any device's port, mostly {BACNET_PORT}, broadcasts among them: a firewall that "
        "lets in only what answers a question to the very same address stops them."
    ),
)


def _notes(site: Site) -> list[str]:
    unsettled = [f"Not settled yet: {', '.join(sorted(site.lacking))}."] if site.lacking else []
    return [*_NOTES, *unsettled]


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
