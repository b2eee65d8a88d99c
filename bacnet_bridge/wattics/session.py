"""One HTTPS session per account: its connections are kept open and its cookies kept, as the platform asks.

The edge: everything that can be decided without a socket is decided in `verdict.py`.
"""

import html
import re
import ssl
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import SimpleNamespace
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractCookieJar
from pydantic import SecretStr

from bacnet_bridge import __version__
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.model import Account
from bacnet_bridge.wattics.trouble import said_plainly, trouble_of
from bacnet_bridge.wattics.verdict import Answer, NoAnswer, Trouble

KEEP_ALIVE: Final = 15.0
"""Seconds until an idle connection is closed: sooner than a usual server does (Apache 5 to 15, nginx 75, load
balancers 60), because a POST that meets a connection just being closed is an attempt of unknown outcome."""

_READ, _SHOWN = 4096, 200
"""Bytes of an answer's body that are read, and characters that are shown. A body is never parsed."""

_PAGE: Final = re.compile(r"\s*<(!doctype\s+)?html\b", re.IGNORECASE)
_UNSEEN: Final = re.compile(r"<!--.*?(-->|$)|<(script|style)\b.*?(</\2\s*>|$)", re.IGNORECASE | re.DOTALL)
_TAGS: Final = re.compile(r"<[^>]*(>|$)")
"""Each also matches what the end of the reading cut off."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password of basic authentication. The password does not show in repr or str."""

    username: str
    password: SecretStr

    def header(self) -> str:
        """The value of `Authorization` (RFC 7617, in UTF-8). A secret."""
        return "Basic " + b64encode(self._pair()).decode()

    def hide(self, text: str) -> str:
        """`text` without the secret, for a far end that echoes what it was sent."""
        secrets = (self.password.get_secret_value(), b64encode(self._pair()).decode())
        for secret in filter(None, secrets):
            text = text.replace(secret, "***")
        return text

    def _pair(self) -> bytes:
        return f"{self.username}:{self.password.get_secret_value()}".encode()


class Sessions:
    """Posts packets. Only the accounts handed in can send; all others wait for their credentials.

    `limit` is the most connections per account, `time_out` and `connect_time_out` are seconds per attempt. `site_ca`
    is a file of certificates trusted beside the system's. Made within the event loop that uses it, closed with `close`.
    Raises SettingsError: an address that is not https, a username that basic authentication cannot carry, a CA
    file that cannot be read.
    """

    def __init__(
        self,
        accounts: Mapping[Account, Credentials],
        *,
        site_ca: Path | None = None,
        limit: int = 32,
        time_out: float = 30.0,
        connect_time_out: float = 10.0,
    ) -> None:
        self._credentials = dict(accounts)
        for account, credentials in accounts.items():
            check_address(account.address)
            if ":" in credentials.username:
                raise SettingsError(
                    f"the username of the account {account.credentials} holds a colon, which basic authentication "
                    "cannot carry; correct it"
                )
        self._trust = trust(site_ca)
        self._limit = limit
        self._time_out = aiohttp.ClientTimeout(total=time_out, connect=min(connect_time_out, time_out))
        self._open: dict[Account, aiohttp.ClientSession] = {}

    async def post(self, account: Account, body: str) -> Answer | NoAnswer:
        """One attempt: one packet, one request. Never follows a redirect and never raises for the network's sake.

        Certificate errors end the attempt before credentials or body leave. A 401 drops the session's cookies.
        """
        credentials = self._credentials.get(account)
        if credentials is None:
            return NoAnswer(
                Trouble.NO_CREDENTIALS, f"the settings hold none named {account.credentials} for {account.address}"
            )
        session, leaving = self._session(account, credentials), SimpleNamespace(begun=False)
        try:
            async with session.post(
                account.address, data=body.encode(), allow_redirects=False, trace_request_ctx=leaving
            ) as response:
                if response.status == HTTPStatus.UNAUTHORIZED:
                    _renew(session.cookie_jar, response)
                return Answer(
                    status=response.status,
                    date=response.headers.get("Date"),
                    retry_after=response.headers.get("Retry-After"),
                    excerpt=shown(
                        credentials.hide(text_of(credentials.hide(await _beginning(response)), response.headers))
                    ),
                )
        except (aiohttp.ClientError, TimeoutError) as error:
            text = shown(credentials.hide(self._text(error)))
            return NoAnswer(trouble_of(error), text, may_have_arrived=leaving.begun)

    async def close(self) -> None:
        """Close every connection."""
        for session in self._open.values():
            await session.close()
        self._open.clear()

    def _session(self, account: Account, credentials: Credentials) -> aiohttp.ClientSession:
        if account not in self._open:
            self._open[account] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._trust, limit=self._limit, keepalive_timeout=KEEP_ALIVE),
                headers={
                    "Authorization": credentials.header(),
                    "Content-Type": "application/json",
                    "User-Agent": f"bacnet-bridge/{__version__}",
                    "Accept-Encoding": "identity",  # the body is only shown: nothing to unpack, no bomb
                },
                timeout=self._time_out,
                trust_env=False,  # neither a proxy nor a .netrc of whoever started the service
                auto_decompress=False,
                trace_configs=[_when_leaving()],
            )
        return self._open[account]

    def _text(self, error: Exception) -> str:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return f"no connection within {self._time_out.connect:g} s"
        if isinstance(error, TimeoutError):
            return f"nothing within {self._time_out.total:g} s"
        return said_plainly(error)


def check_address(address: str) -> None:
    """Raises SettingsError, with a sentence, unless packets may be sent to `address`: https, a host, no credentials."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname or "", parts.port
        host.encode("idna")  # as the resolver will do it
    except ValueError as error:
        raise SettingsError(
            f"the platform's address cannot be understood ({error}); write https://host/path/"
        ) from None
    if "@" in parts.netloc:
        raise SettingsError(
            f"the platform's address for {host} holds a username or password; put them into the account's settings"
        )
    if parts.scheme == "http":
        raise SettingsError(
            f"{address} is not encrypted and the platform rejects it; write https:// instead of http://"
        )
    if parts.scheme != "https" or not host:
        raise SettingsError(f"{address!r} is not an address of the platform; write https://host/path/")


def shown(text: str) -> str:
    """Its first 200 characters on one line, everything unprintable escaped."""
    line = " ".join(text.split())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line[:_SHOWN])[:_SHOWN]


def text_of(body: str, headers: Mapping[str, str]) -> str:
    """A page's text without its tags; anything else as it is. Patterns instead of a parser, which may refuse a page."""
    if "html" not in headers.get("Content-Type", "").lower() and not _PAGE.match(body):
        return body
    return html.unescape(_TAGS.sub(" ", _UNSEEN.sub(" ", body)))


async def _beginning(response: aiohttp.ClientResponse) -> str:
    """The first bytes of the body. The status counts, so a body that breaks off or never ends takes nothing from it."""
    body = b""
    try:
        while len(body) < _READ and (chunk := await response.content.readany()):
            body += chunk
    except (aiohttp.ClientError, TimeoutError):
        pass
    return body[:_READ].decode(errors="backslashreplace")


def _renew(jar: AbstractCookieJar, response: aiohttp.ClientResponse) -> None:
    """The platform may have ended the session: its cookies are dropped; those that this answer brings stay."""
    jar.clear()
    jar.update_cookies(response.cookies, response.url)


def trust(site_ca: Path | None) -> ssl.SSLContext:
    """The system's trust store, and the site's own authorities beside it. Raises SettingsError for an unusable file."""
    context = ssl.create_default_context()
    if site_ca is not None:
        try:
            context.load_verify_locations(cafile=site_ca)
        except OSError as error:  # ssl.SSLError is one
            raise SettingsError(
                f"the CA file {site_ca} cannot be used ({error.strerror or error}); it must be readable "
                "and hold certificates in PEM form"
            ) from None
    return context


def _when_leaving() -> aiohttp.TraceConfig:
    """Notes the moment from which a request may have reached the platform."""

    async def begin(
        _session: aiohttp.ClientSession, context: SimpleNamespace, _params: aiohttp.TraceRequestHeadersSentParams
    ) -> None:  # aiohttp awaits it
        context.trace_request_ctx.begun = True

    trace = aiohttp.TraceConfig()
    trace.on_request_headers_sent.append(begin)
    return trace
