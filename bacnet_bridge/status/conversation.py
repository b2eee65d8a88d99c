"""One connection to the status, where what comes is no request that can be understood."""

from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bacnet_bridge.status.guard import HEADERS

_DEFECTS: Final = 500


class Conversation(RequestHandler):
    """As aiohttp has it, but garbled requests are answered without their text, and not logged.

    aiohttp shows in the answer, and with a traceback in the log, the line that it stumbled over. That line may hold a
    password, and whoever reaches the port could fill the log.
    """

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
