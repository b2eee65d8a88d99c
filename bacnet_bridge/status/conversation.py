"""One connection to the status, where what comes is no request that can be understood."""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bacnet_bridge.status.guard import HEADERS, Handler

_DEFECTS: Final = 500
_HEAD: Final = 10.0
"""Seconds from the connection to the end of its first request's head; a browser sends it at once."""


class Conversation(RequestHandler):
    """As aiohttp has it, but garbled requests are answered without their text, and not logged.

    aiohttp shows in the answer, and with a traceback in the log, the line that it stumbled over. That line may hold a
    password, and whoever reaches the port could fill the log. Who connects and asks nothing is hung up on.
    """

    def __init__(self, manager: web.Server, **more: Any) -> None:
        super().__init__(manager, **more)
        self.when_lost: Callable[[], object] = lambda: None
        """Called once there is no connection any more."""
        self.begun = False
        """It was made; so `when_lost` will be called."""
        self._patience: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  a stream's
        self.begun = True
        self._patience = asyncio.get_running_loop().call_later(_HEAD, transport.abort)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.asked()
        self.when_lost()
        super().connection_lost(exc)

    def asked(self) -> None:
        """The first request's head is there."""
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = _DEFECTS,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Our own defects are logged as ever, and their answer says nothing of them."""
        if status >= _DEFECTS:
            answer = super().handle_error(request, status, exc, message)
        else:
            answer = web.Response(status=status, text="not a request that can be answered\n")
            answer.force_close()
        answer.headers.update(HEADERS)
        return answer


@web.middleware
async def heard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Tells the conversation that it was asked."""
    if isinstance(request.protocol, Conversation):
        request.protocol.asked()
    return await handler(request)
