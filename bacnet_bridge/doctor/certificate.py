"""What a server's certificate says, and whether somebody on the way breaks TLS open. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

_INSPECTORS: Final = {
    "zscaler": "Zscaler", "fortinet": "Fortinet", "fortigate": "Fortinet", "palo alto": "Palo Alto Networks",
    "sophos": "Sophos", "netskope": "Netskope", "blue coat": "Blue Coat", "bluecoat": "Blue Coat",
    "symantec web": "Symantec", "cisco umbrella": "Cisco Umbrella", "opendns": "Cisco Umbrella",
    "check point": "Check Point", "watchguard": "WatchGuard", "sonicwall": "SonicWall", "barracuda": "Barracuda",
    "forcepoint": "Forcepoint", "websense": "Forcepoint", "mcafee": "McAfee", "skyhigh": "Skyhigh",
    "trend micro": "Trend Micro", "kaspersky": "Kaspersky", "eset ssl": "ESET", "bitdefender": "Bitdefender",
    "avast": "Avast", "squid": "Squid", "mitmproxy": "mitmproxy", "untangle": "Untangle", "securly": "Securly",
    "lightspeed": "Lightspeed", "smoothwall": "Smoothwall", "securepoint": "Securepoint", "clavister": "Clavister",
    "stormshield": "Stormshield", "juniper": "Juniper", "f5 ": "F5", "a10 ": "A10", "iboss": "iboss",
}  # fmt: skip
"""How products that break TLS open call the authorities that they make, in small letters → whose they are."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """`issuer`: as people call it."""

    issuer: str
    ends: datetime
    names: tuple[str, ...]
    inspector: str | None
    """The maker of products that break TLS open, whose name is in the issuer's."""

    def left(self, now: datetime) -> timedelta:
        return self.ends - now


def read_certificate(der: bytes) -> Certificate | None:
    """None for what is no certificate."""
    try:
        found = x509.load_der_x509_certificate(der)
        issuer = _called(found.issuer)
        return Certificate(issuer, found.not_valid_after_utc, _names(found), _inspector(found.issuer.rfc4514_string()))
    except (ValueError, TypeError):
        return None


def authorities(pem: bytes) -> list[tuple[str, datetime]]:
    """Who stands in a file of certificates, and when each ends. Raises ValueError."""
    return [(_called(each.subject), each.not_valid_after_utc) for each in x509.load_pem_x509_certificates(pem)]


def today() -> datetime:
    """By the machine's clock."""
    return datetime.now(UTC)


def _called(name: x509.Name) -> str:
    wanted = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    said = [str(each.value) for oid in wanted for each in name.get_attributes_for_oid(oid)]
    return ", ".join(dict.fromkeys(said)) or name.rfc4514_string() or "nobody"


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = found.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        return ()
    return tuple(extension.value.get_values_for_type(x509.DNSName))


def _inspector(issuer: str) -> str | None:
    small = issuer.lower()
    return next((maker for sign, maker in _INSPECTORS.items() if sign in small), None)
