"""What stands between the network and the status: methods, names, password, and what every answer bears.

Nothing here changes the bridge: whatever is not a GET or HEAD is refused before it is looked at, wherever it comes
from, so no other site's page can have a browser change anything. What the bridge is told goes through its control
socket, which the state folder's permissions guard.
"""

import base64
import binascii
import ipaddress
import math
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware

from bacnet_bridge.status.entry import Answer, Entry

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "no-store",
    "Server": "BACnet Bridge",
}
"""On every answer. Nothing is loaded from elsewhere, shown within another page, or kept."""
_FREE: Final = frozenset({"/healthz"})
"""Needs no password: it says nothing but that the process lives."""
_METHODS: Final = frozenset({"GET", "HEAD"})


def guarded(entry: Entry) -> Middleware:
    """Lets those through who may look. A page's own errors pass it, too."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.method not in _METHODS:
            raise web.HTTPMethodNotAllowed(
                request.method, _METHODS, text="the status only shows; to change something there are commands\n"
            )
        if entry.open and not is_own_name(request.headers.get("Host", "")):
            raise web.HTTPMisdirectedRequest(
                text="without a password the status answers to localhost only; set status.password_hash\n"
            )
        if request.path not in _FREE:
            await _admit(entry, request)
        return await handler(request)

    return guard


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """For the application's `on_response_prepare`."""
    response.headers.update(HEADERS)


def is_own_name(host: str) -> bool:
    """Whether a request's `Host` names this machine itself.

    Another name, made to lead here, would let another site's page read what only this machine may (DNS rebinding).
    """
    name = host.rpartition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
    if name.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def secret_of(authorization: str) -> str | None:
    """Of an `Authorization`: its password (Basic, with whatever user) or token (Bearer); None for neither."""
    scheme, _, said = authorization.strip().partition(" ")
    if scheme.lower() == "bearer":
        return said.strip() or None
    if scheme.lower() != "basic":
        return None
    try:
        _user, colon, password = base64.b64decode(said.strip(), validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError):
        return None
    return password if colon else None


async def _admit(entry: Entry, request: web.Request) -> None:
    address = request.remote or ""
    match await entry.asks(address, secret_of(request.headers.get("Authorization", ""))):
        case Answer.UNKNOWN:
            raise web.HTTPUnauthorized(
                headers={"WWW-Authenticate": 'Basic realm="BACnet Bridge", charset="UTF-8"'},
                text="the status wants its password\n",
            )
        case Answer.WAIT:
            raise web.HTTPTooManyRequests(
                headers={"Retry-After": str(max(1, math.ceil(entry.waits(address))))},
                text="too many wrong passwords from there; wait\n",
            )
