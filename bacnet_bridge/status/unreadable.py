"""What is answered where the bridge cannot tell: a file that cannot be read, a service that hangs."""

import time
from html import escape
from typing import Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Middleware

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.status.guard import Handler
from bacnet_bridge.status.shell import shell
from bacnet_bridge.status.visible import visible

LATE: Final = "the service does not answer in time"
_AGAIN: Final = 3600.0
"""Seconds until the same reason is logged again: a page asks every 15 s."""
_REASONS: Final = 16
_log = structlog.get_logger()


def in_words() -> Middleware:
    """503 with the reason, which is logged once an hour; what else goes wrong is a defect, and passes."""
    logged: dict[str, float] = {}

    @web.middleware
    async def tell(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            return await handler(request)
        except (BridgeError, TimeoutError) as error:
            reason = str(error) if isinstance(error, BridgeError) else LATE
        now = time.monotonic()
        if now >= logged.get(reason, now):
            if len(logged) >= _REASONS:
                logged.clear()
            logged[reason] = now + _AGAIN
            _log.warning("the status cannot be told", path=request.path, reason=reason)
        return _refusal(request.path, visible(reason))

    return tell


def _refusal(path: str, reason: str) -> web.Response:
    """People get a document, whose script asks again by itself."""
    if path != "/":
        return web.Response(status=503, text=f"{reason}\n")
    said = f'<p class="verdict bad" role="status"><strong>{escape(reason)}</strong></p>'
    return web.Response(status=503, text=shell("overview", said), content_type="text/html")
