"""One HTTPS session per account: its connections are kept open and its cookies kept, as the platform asks.

The edge: everything that can be decided without a socket is decided in `verdict.py`.
"""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp
from aiohttp.abc import AbstractCookieJar, AbstractStreamWriter

from bacnet_bridge import __version__
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.model import Account
from bacnet_bridge.wattics.address import check_address
from bacnet_bridge.wattics.credentials import Credentials, Proxy
from bacnet_bridge.wattics.excerpt import shown, text_of
from bacnet_bridge.wattics.latest import Answered, NotUnderstood, latest_instant
from bacnet_bridge.wattics.trouble import said_plainly, trouble_of
from bacnet_bridge.wattics.validity import valid_at
from bacnet_bridge.wattics.verdict import Answer, NoAnswer, Trouble

KEEP_ALIVE: Final = 15.0
"""Seconds until an idle connection is closed: sooner than a usual server does (Apache 5 to 15, nginx 75, load
balancers 60), because a POST that meets a connection just being closed is an attempt of unknown outcome."""

_READ: Final = 4096
"""Bytes of an answer's body that are read."""

_READING_BACK: Final = 10.0
"""Seconds that the GET of a latest packet may take: its meter's next packet waits meanwhile."""

Secrets = Mapping[Account, Credentials]


class Sessions:
    """Posts packets. Only the accounts handed in can send; all others wait for their credentials.

    `limit` is the most connections per account, `time_out` and `connect_time_out` are seconds per attempt. `site_ca`
    is a file of certificates trusted beside the system's; all goes through `proxy`, if there is one; `again` reads the
    secrets again. Certificates have to be valid at the instant that `now` gives, without it by the machine's clock.
    Made within the event loop that uses it, closed with `close`.
    Raises SettingsError: an address that is not https, a username that basic authentication cannot carry, a CA
    file that cannot be read.
    """

    def __init__(
        self,
        accounts: Secrets,
        *,
        site_ca: Path | None = None,
        limit: int = 32,
        time_out: float = 30.0,
        connect_time_out: float = 10.0,
        proxy: Proxy | None = None,
        again: Callable[[], Awaitable[Secrets]] | None = None,
        now: Callable[[], int] | None = None,
    ) -> None:
        self._credentials = dict(accounts)
        for account, credentials in accounts.items():
            check_address(account.address)
            if ":" in credentials.username:
                raise SettingsError(
                    f"the username of the account {account.credentials} holds a colon, which basic authentication "
                    "cannot carry; correct it"
                )
        self._site_ca = site_ca
        self._trust = trust(site_ca) if now is None else valid_at(trust(site_ca), now)
        self._limit = limit
        self._time_out = aiohttp.ClientTimeout(total=time_out, connect=min(connect_time_out, time_out))
        self._proxy, self._again = proxy, again
        self._open: dict[Account, aiohttp.ClientSession] = {}
        self.changes = 0
        """How often secrets were other ones when they were read again."""

    async def post(self, account: Account, body: str) -> Answer | NoAnswer:
        """One attempt: one packet, one request. Never follows a redirect and never raises for the network's sake.

        Certificate errors end the attempt before credentials or body leave. A 401 drops the session's cookies.
        """
        credentials = self._credentials.get(account)
        if credentials is None:
            return NoAnswer(
                Trouble.NO_CREDENTIALS, f"the settings hold none named {account.credentials} for {account.address}"
            )
        session, packet = self._session(account), _Body(body.encode())
        try:
            async with session.post(
                account.address,
                data=packet,
                headers=_headers(credentials),
                allow_redirects=False,
                proxy=None if self._proxy is None else self._proxy.address,
                proxy_headers=None if self._proxy is None else self._proxy.headers(),
            ) as response:
                if response.status == HTTPStatus.UNAUTHORIZED:
                    _renew(session.cookie_jar, response)
                return await _answer(response, credentials)
        except (aiohttp.ClientError, TimeoutError) as error:
            text = shown(self._hide(credentials, self._text(error)))
            return NoAnswer(trouble_of(error), text, may_have_arrived=packet.leaving)

    async def latest(self, account: Account, meter: str) -> int | NotUnderstood:
        """The instant of the latest packet that the platform has processed of the id `meter`, if that can be had."""
        answered = await self.read_back(account, meter)
        if isinstance(answered, NotUnderstood):
            return answered
        if answered.status != HTTPStatus.OK:
            return NotUnderstood(f"it was answered {answered.status}")
        return latest_instant(answered.body, meter)

    async def read_back(self, account: Account, meter: str) -> Answered | NotUnderstood:
        """What the platform answers when it is asked for its latest packet of the id `meter`."""
        credentials = self._credentials.get(account)
        if credentials is None:
            return NotUnderstood("there are no credentials to ask with")
        try:
            async with self._session(account).get(
                account.address,
                params={"stream": meter},
                headers=_headers(credentials),
                allow_redirects=False,
                proxy=None if self._proxy is None else self._proxy.address,
                proxy_headers=None if self._proxy is None else self._proxy.headers(),
                timeout=aiohttp.ClientTimeout(total=_READING_BACK),
            ) as response:
                return Answered(response.status, credentials.hide(await _beginning(response)))
        except (aiohttp.ClientError, TimeoutError) as error:
            return NotUnderstood(shown(self._hide(credentials, self._text(error))))

    async def read_secrets(self) -> set[Account]:
        """Read the secrets again; gives the accounts whose credentials are other ones now, and used from here on."""
        if self._again is None:
            return set()
        now = await self._again()
        changed = {
            account
            for account, credentials in now.items()
            if self._credentials.get(account) != credentials and ":" not in credentials.username
        }
        self.changes += bool(changed)
        for account in changed:
            self._credentials[account] = now[account]
            if account in self._open:
                self._open[account].cookie_jar.clear()
        return changed

    async def close(self) -> None:
        """Close every connection."""
        for session in self._open.values():
            await session.close()
        self._open.clear()

    def _session(self, account: Account) -> aiohttp.ClientSession:
        """Has no headers of its own: aiohttp would show them to the proxy, too."""
        if account not in self._open:
            self._open[account] = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=self._trust, limit=self._limit, keepalive_timeout=KEEP_ALIVE),
                timeout=self._time_out,
                trust_env=False,  # neither a proxy nor a .netrc of whoever started the service
                auto_decompress=False,
            )
        return self._open[account]

    def _hide(self, credentials: Credentials, text: str) -> str:
        return credentials.hide(text if self._proxy is None else self._proxy.hide(text))

    def _text(self, error: Exception) -> str:
        if isinstance(error, aiohttp.ConnectionTimeoutError):
            return f"no connection within {self._time_out.connect:g} s"
        if isinstance(error, TimeoutError):
            return f"nothing within {self._time_out.total:g} s"
        sentence = said_plainly(error, self._site_ca)
        if self._proxy is not None and isinstance(error, aiohttp.ClientConnectorDNSError):
            return sentence.replace("platform.address", "platform.proxy")  # only the proxy's name is resolved here
        return sentence


def _headers(credentials: Credentials) -> dict[str, str]:
    return {
        "Authorization": credentials.header(),
        "Content-Type": "application/json",
        "User-Agent": f"bacnet-bridge/{__version__}",
        "Accept-Encoding": "identity",  # the body is only shown: nothing to unpack, no bomb
    }


async def _answer(response: aiohttp.ClientResponse, credentials: Credentials) -> Answer:
    """What an acceptance says besides is read, so that its connection can be used again, and shown to nobody."""
    beginning = await _beginning(response)
    said = "" if response.status == HTTPStatus.OK else credentials.hide(beginning)
    return Answer(
        status=response.status,
        date=response.headers.get("Date"),
        retry_after=response.headers.get("Retry-After"),
        excerpt=shown(credentials.hide(text_of(said, response.headers))) if said else "",
    )


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


class _Body(aiohttp.BytesPayload):
    """A packet that knows whether it has begun to leave: from then on it may have reached the platform."""

    leaving = False

    async def write(self, writer: AbstractStreamWriter) -> None:
        self.leaving = True
        await super().write(writer)

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        self.leaving = True
        await super().write_with_length(writer, content_length)
