"""The strict platform's TLS door on 127.0.0.1: opens, closes and opens again on the same port."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from bacnet_bridge.simulator.platform_record import Book

ADDRESS = "127.0.0.1"

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


class Listener:
    """Counts connections and TLS sessions in the book."""

    def __init__(self, handler: Handler, chain: Path, key: Path, book: Book) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(chain, key)
        self._book = book
        self._http = _Http(handler, book)
        self._listening: asyncio.Server | None = None
        self._kept: socket.socket | None = None

    @property
    def port(self) -> int:
        if self._kept is None:
            raise RuntimeError("the listener was never opened")
        port: int = self._kept.getsockname()[1]
        return port

    @property
    def up(self) -> bool:
        return self._listening is not None

    async def open(self, port: int = 0) -> None:
        """Listen; a port of 0 takes a free one, which stays ours from then on, also while down."""
        if self._kept is None:
            self._kept = _keep(port)
        self._listening = await asyncio.get_running_loop().create_server(
            self._connect, ADDRESS, self.port, ssl=self._context, reuse_address=True, backlog=1024
        )

    def close(self) -> None:
        """Refuse new connections and cut those that are open, as a machine does that goes away."""
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        self._http.cut_all()

    async def leave(self) -> None:
        """Close for good and give the port back."""
        self.close()
        await self._http.shutdown(1)
        if self._kept is not None:
            self._kept.close()

    def _connect(self) -> RequestHandler:
        self._book.connections += 1
        return self._http()


class _Http(web.Server):
    """aiohttp's server; a handler is cancelled when its client has gone."""

    def __init__(self, handler: Handler, book: Book) -> None:
        super().__init__(handler, handler_cancellation=True, access_log=None)
        self._book = book

    def connection_made(self, handler: RequestHandler, transport: asyncio.Transport) -> None:
        """Called when the handshake is done."""
        self._book.tls_sessions += 1
        super().connection_made(handler, transport)

    def cut_all(self) -> None:
        for handler in self.connections:
            if handler.transport is not None:
                handler.transport.abort()


def _keep(port: int) -> socket.socket:
    """Bind without listening: connections are refused, and nobody else is given the port.

    Without it an outage on a port of the ephemeral range may end with the client connected to itself.
    """
    kept = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    with contextlib.ExitStack() as undo:
        undo.callback(kept.close)
        kept.bind((ADDRESS, port))
        undo.pop_all()
    return kept
