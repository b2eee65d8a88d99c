"""What the way to the platform showed, and what it thinks of our credentials. Pure."""

import ssl
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Final

from bacnet_bridge.doctor.certificate import Certificate, read_certificate
from bacnet_bridge.doctor.finding import Finding, failure, not_applicable, ok, unknown, warning
from bacnet_bridge.doctor.way_out import STEP, ProxyRefusalError, Shaken
from bacnet_bridge.wattics.trouble import certificate_trouble, connection_trouble

DNS: Final = "DNS"
PROXY: Final = "proxy"
TLS: Final = "TLS"
AUTHORITIES: Final = "own CA file"
CREDENTIALS: Final = "credentials"

_SOON: Final = timedelta(days=14)
"""A server's certificate is mostly renewed thirty days before its end."""
_YEARLY: Final = timedelta(days=60)
"""An authority of the site's is renewed by people, who need time."""
_INVISIBLE: Final = "only the first packet will show whether the platform takes them"


def judge_dns(host: str, found: list[str] | OSError | UnicodeError, *, proxy: bool) -> Finding:
    whose = "the proxy's name" if proxy else "the platform's name"
    if not isinstance(found, list):
        why = (found.strerror or str(found)) if isinstance(found, OSError) else "it is no name"
        setting = "platform.proxy" if proxy else "platform.address"
        return failure(
            DNS, f"{host} ({whose}) has no address: {why}", f"check {setting} and this machine's DNS servers"
        )
    if found == [host]:
        return not_applicable(DNS, f"{host} is an address")
    return ok(DNS, f"{host} ({whose}) is {', '.join(found[:3])}")


def is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def judge_proxy(proxy: str | None, host: str, shaken: Shaken) -> Finding:
    if proxy is None:
        return not_applicable(PROXY, "no platform.proxy is set: the platform is reached directly")
    if isinstance(shaken.error, ProxyRefusalError):
        need = "correct platform.proxy_username and platform.proxy_password"
        ask = f"ask whoever keeps it to let CONNECT {host}:443 through"
        return failure(PROXY, f"{proxy} refuses us: {shaken.error}", need if "407" in str(shaken.error) else ask)
    if shaken.certificate is None and not isinstance(shaken.error, ssl.SSLError):
        return failure(PROXY, f"{proxy}: {_why(proxy, None, shaken.error)}", "check platform.proxy")
    return ok(PROXY, f"{proxy} lets us through to {host}")


def judge_tls(host: str, port: int, shaken: Shaken, now: datetime) -> Finding:
    """Is it the platform's own certificate, or did somebody on the way put his own in its place?"""
    if isinstance(shaken.error, ProxyRefusalError):
        return unknown(TLS, "not checked: the proxy does not let us through")
    certificate = None if shaken.certificate is None else read_certificate(shaken.certificate)
    if shaken.error is not None or certificate is None:
        return _untrusted(host, port, shaken.error, certificate)
    left = certificate.left(now)
    says = f"{shaken.version}, issued by {certificate.issuer}, ends {certificate.ends:%Y-%m-%d}"
    if not shaken.by_system:
        return warning(
            TLS,
            f"trusted through platform.ca alone ({says}): {_breaker(certificate)} stands between and reads everything",
            f"it works; better have {host} exempted from TLS inspection: a changed CA there stops all sending",
        )
    if left < _SOON:
        return warning(TLS, f"{says}: in {left.days} days", f"tell whoever keeps {host} that it needs renewing")
    return ok(TLS, says)


def _untrusted(host: str, port: int, error: Exception | None, certificate: Certificate | None) -> Finding:
    if certificate is None or not isinstance(error, ssl.SSLCertVerificationError):
        return failure(
            TLS,
            f"{_why(host, port, error)}",
            f"let TCP {port} to {host} out at the firewall (`bacnet-bridge doctor --firewall` prints what to ask for)",
        )
    says, _, remedy = certificate_trouble(host, error).partition("; ")
    if remedy.startswith("give its CA"):
        return failure(
            TLS,
            f"the certificate of {host} is issued by {certificate.issuer}, which is not trusted: "
            f"{_breaker(certificate)} breaks TLS open",
            f"have {host} exempted from TLS inspection, or give the issuer's CA file as platform.ca",
        )
    named = (
        f" (it bears {', '.join(certificate.names[:3])}; issued by {certificate.issuer})" if certificate.names else ""
    )
    ends = f"; it ended {certificate.ends:%Y-%m-%d}" if "expired" in says else ""
    return failure(TLS, f"{says}{named}{ends}", remedy or f"set the clock right, or tell whoever keeps {host}")


def _breaker(certificate: Certificate) -> str:
    return (
        f"a product of {certificate.inspector}" if certificate.inspector else "somebody, probably a firewall or proxy,"
    )


def _why(host: str, port: int | None, error: Exception | None) -> str:
    if isinstance(error, TimeoutError):
        return f"no connection within {STEP:g} s"
    if isinstance(error, ssl.SSLError):
        return f"{host} does not speak TLS as it should ({(error.reason or 'broken off').replace('_', ' ').lower()})"
    if isinstance(error, OSError):
        return connection_trouble(host, port, error).partition(";")[0]
    return "no certificate was shown"


def judge_authorities(found: list[tuple[str, datetime]] | str, now: datetime) -> Finding:
    """`found`: who stands in the site's CA file; or why it cannot be used."""
    if isinstance(found, str):
        return failure(AUTHORITIES, found, "platform.ca must be a readable file of certificates in PEM form")
    ended = [(name, ends) for name, ends in found if ends - now < _YEARLY]
    if ended:
        name, ends = min(ended, key=lambda each: each[1])
        says = f"{name} in platform.ca ends {ends:%Y-%m-%d}"
        remedy = "get the next one from whoever keeps the firewall, and put both into the file"
        return (failure if ends < now else warning)(AUTHORITIES, says, remedy)
    listed = ", ".join(f"{name} (until {ends:%Y-%m-%d})" for name, ends in found)
    return ok(AUTHORITIES, listed)


def judge_credentials(name: str, with_them: int | str, without: int | str, meter: str | None) -> Finding:
    """By the statuses of two GETs without a packet, or why there was none; `meter`: whose latest was asked for.

    Only where the platform refuses to answer strangers does its answer say anything about us.
    """
    check = CREDENTIALS if name == "default" else f"{CREDENTIALS} of {name}"
    if isinstance(with_them, str):
        return unknown(check, f"not checked: {with_them}")
    if with_them == 401:
        return failure(
            check, "the platform refuses them (401)", "correct username and password; ask the platform's staff"
        )
    if with_them >= 500:
        return unknown(check, f"the platform answers {with_them}", "try again later")
    if without != 401:
        return unknown(check, f"it answers strangers alike ({without}, and {with_them} with them): {_INVISIBLE}")
    return _known(check, with_them, meter)


def _known(check: str, with_them: int, meter: str | None) -> Finding:
    """Strangers are refused, we are not."""
    if with_them == 403 and meter is not None:
        return warning(
            check,
            f"they are known, but may not see the meter {meter} (403)",
            "ask the platform's staff for the right to its id, or see whether the id is right",
        )
    if with_them == 404 and meter is not None:
        return ok(check, f"accepted; of the meter {meter} the platform has nothing (404): new, or not registered")
    return ok(check, f"accepted (its answer to a question for a latest packet is {with_them}, without them 401)")
