"""The status's own web server: health, metrics, documents and the page, on the bridge's event loop."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import structlog
from aiohttp import web

from bacnet_bridge.status.conversation import Conversation
from bacnet_bridge.status.entry import Entry
from bacnet_bridge.status.guard import add_headers, guarded
from bacnet_bridge.status.lag import watch_lag
from bacnet_bridge.status.metrics import Metrics
from bacnet_bridge.status.pages import Pages
from bacnet_bridge.status.sources import Sources
from bacnet_bridge.status.tls import cause, use_certificate
from bacnet_bridge.vocabulary.password import Hashed

_AGAIN: Final = 30.0
"""Seconds between two tries to listen, and between two looks whether the certificate was renewed."""
_CONNECTIONS: Final = 64
"""At once; of more, the newest are hung up on, so that descriptors are left for the bridge's own work."""
_IDLE: Final = 75.0
_GRACE: Final = 1.0
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Place:
    """Where to listen: an IP address and a port; 0 takes a free one. With certificate and key it is HTTPS only."""

    address: str
    port: int
    password: Hashed | None = None
    certificate: Path | None = None
    key: Path | None = None


class StatusServer:
    """Serves for ever. Nothing that happens to it ends or delays the bridge; `attention` tells of it."""

    def __init__(self, place: Place, sources: Sources, metrics: Metrics) -> None:
        self._place, self._metrics = place, metrics
        self._entry = Entry(place.password, lambda: asyncio.get_running_loop().time())
        self._pages = Pages(sources, metrics)
        self._seen: tuple[int, ...] = ()
        self.attention = ""
        """A sentence, where it cannot listen."""
        self.port = 0
        """Where it listens; 0 while it does not."""
        self.listening = asyncio.Event()

    async def run(self) -> None:
        """Listen as soon as that is possible, until cancelled."""
        lag = asyncio.create_task(watch_lag(self._metrics.loop_lag_seconds.observe), name="loop lag")
        try:
            while True:
                try:
                    async with self._listening():
                        await self._look_after_certificate()
                except OSError as error:  # ssl.SSLError is one
                    self._tell(error)
                await asyncio.sleep(_AGAIN)
        finally:
            lag.cancel()

    @asynccontextmanager
    async def _listening(self) -> AsyncIterator[None]:
        """Raises OSError."""
        self._context = self._tls()
        app = web.Application(middlewares=[guarded(self._entry)])
        app.on_response_prepare.append(add_headers)
        self._pages.add_to(app)
        runner = web.AppRunner(app, shutdown_timeout=_GRACE)
        await runner.setup()
        try:
            listener = await self._listen(runner)
            try:
                self.port, self.attention = listener.sockets[0].getsockname()[1], ""
                self.listening.set()
                if self._place.password is not None and self._context is None and not self._at_home:
                    _log.warning("the status page's password crosses the network in clear; set status.certificate")
                _log.info("status page", address=self._place.address, port=self.port, tls=self._context is not None)
                yield
            finally:
                self.port = 0
                self.listening.clear()
                listener.close()
        finally:
            await self._pages.stop()
            await runner.cleanup()

    @property
    def _at_home(self) -> bool:
        """Only this machine can reach it."""
        return ip_address(self._place.address).is_loopback

    async def _listen(self, runner: web.AppRunner) -> asyncio.Server:
        server = runner.server
        assert server is not None  # noqa: S101  setup makes it

        loop = asyncio.get_running_loop()

        def protocol() -> asyncio.Protocol:
            if len(server.connections) >= _CONNECTIONS:
                return _HangUp()
            return Conversation(server, loop=loop, keepalive_timeout=_IDLE)

        place, tls = self._place, self._context
        return await loop.create_server(
            protocol, place.address, place.port, ssl=tls, ssl_handshake_timeout=None if tls is None else 5.0
        )

    async def _look_after_certificate(self) -> None:
        """A renewed one is taken for the connections that come."""
        while True:
            await asyncio.sleep(_AGAIN)
            try:
                if self._context is not None and self._stamps() != self._seen:
                    self._load(self._context)
                    self.attention = ""
                    _log.info("the status page's certificate was renewed")
            except OSError as error:  # half written, perhaps: the old one serves on
                self._seen = ()
                self._tell(error)

    def _tls(self) -> ssl.SSLContext | None:
        if self._place.certificate is None:
            return None
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._load(context)
        return context

    def _load(self, context: ssl.SSLContext) -> None:
        """Raises OSError."""
        certificate, key = self._place.certificate, self._place.key
        assert certificate is not None  # noqa: S101  the caller looked
        self._seen = self._stamps()
        use_certificate(context, certificate, key)

    def _stamps(self) -> tuple[int, ...]:
        files = (self._place.certificate, self._place.key)
        return tuple(file.stat().st_mtime_ns for file in files if file is not None)

    def _tell(self, error: OSError) -> None:
        place = self._place
        why = cause(error, place.certificate, place.key)
        sentence = (
            f"the status page cannot be shown at {place.address} port {place.port}: {why}; "
            "see status.address, status.port and the certificate's files in the settings"
        )
        if sentence != self.attention:
            _log.warning("no status page", reason=sentence, again_in_seconds=_AGAIN)
        self.attention = sentence


class _HangUp(asyncio.Protocol):
    """There are enough connections."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101  a stream's
        transport.abort()
