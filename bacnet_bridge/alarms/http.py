"""What alarms need of HTTP: one request, by the site's proxy and trust, whose outcome is a sentence without secrets."""

import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from bacnet_bridge.alarms.spool import Refused
from bacnet_bridge.errors import SettingsError

_WITHIN: Final = 30.0
"""Seconds that a request may take, from connecting to the answer's head."""

_LATER: Final = frozenset({408, 429})
"""Request Timeout, Too Many Requests (RFC 9110, RFC 6585): later the same may be taken."""


@dataclass(frozen=True, slots=True)
class Way:
    """How requests leave. `proxy_headers` makes new ones each time, since the client writes into them."""

    agent: str
    trust: ssl.SSLContext
    proxy: str | None = None
    proxy_headers: Callable[[], dict[str, str]] = dict


async def ask(way: Way, method: str, address: str, headers: Mapping[str, str], document: Any = None) -> str:
    """Why the request was not answered with success; empty where it was. Redirects are not followed.

    `Refused` where the same request would be refused again.

    The address may hold a secret, as those of webhooks do: it is never told but for its host.
    """
    host = urlsplit(address).hostname or ""
    try:
        async with (
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=way.trust),
                timeout=aiohttp.ClientTimeout(total=_WITHIN),
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            ) as session,
            session.request(
                method,
                address,
                json=document,
                headers={"User-Agent": way.agent, **headers},
                allow_redirects=False,
                proxy=way.proxy,
                proxy_headers=None if way.proxy is None else way.proxy_headers(),
            ) as response,
        ):
            return _answered(host, response.status)
    except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:  # ValueError: a host that no name can be
        return _trouble(host, error)


def _answered(host: str, status: int) -> str:
    if 200 <= status < 300:
        return ""
    if 400 <= status < 500 and status not in _LATER:
        return Refused(f"{host} answers {status}")
    redirect = ": a redirect, which is not followed; give the final address" if 300 <= status < 400 else ""
    return f"{host} answers {status}{redirect}"


def _trouble(host: str, error: Exception) -> str:
    match error:
        case TimeoutError():
            return f"{host} does not answer within {_WITHIN:g} s"
        case aiohttp.ClientConnectorCertificateError():
            return f"the certificate of {host} is not trusted; give its CA file as platform.ca"
        case aiohttp.ClientConnectorSSLError():
            reason = str(getattr(error.os_error, "reason", None) or "broken off").replace("_", " ").lower()
            return (
                f"{host} does not speak TLS at that port as it should ({reason}); does its address begin with http://?"
            )
        case aiohttp.ClientConnectorError():
            return f"{host} cannot be reached: {error.os_error.strerror or type(error.os_error).__name__}"
        case _:
            return f"{host} cannot be asked: {type(error).__name__}"


def check_address(setting: str, address: str, *, with_secret: bool) -> None:
    """Raises SettingsError for an address that cannot be asked; the address itself is not told."""
    try:
        parts = urlsplit(address)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise SettingsError(f"{setting} is no address; it must begin with https:// (or http://) and a host")
    if with_secret and parts.scheme != "https":
        raise SettingsError(f"{setting} must begin with https://, or whoever listens gets the token")
