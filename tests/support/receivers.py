"""Where alarms go, for tests: an HTTP server and a mail server that keep what they get, with a certificate."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from aiohttp import web
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

from bacnet_bridge.simulator.certificate import make_certificate


@dataclass
class Hook:
    """An HTTP server. `status` is what it answers."""

    address: str = ""
    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str, Mapping[str, str], Any]] = field(default_factory=list)
    """Method, path, headers, JSON or None."""
    held: dict[str, threading.Event] = field(default_factory=dict)
    """By path, what is waited for before it is answered."""

    async def answer(self, request: web.Request) -> web.Response:
        document = await request.json() if request.can_read_body else None
        self.asked.append((request.method, request.path_qs, dict(request.headers), document))
        if request.path in self.held:
            await asyncio.to_thread(self.held[request.path].wait, 20)
        return web.Response(status=self.status, headers=self.headers)


@asynccontextmanager
async def hook(trust: ssl.SSLContext | None = None) -> AsyncIterator[Hook]:
    """Over TLS with that context, or plainly."""
    made = Hook()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", made.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=trust)
    await site.start()
    made.address = f"{'https' if trust else 'http'}://localhost:{runner.addresses[0][1]}"
    try:
        yield made
    finally:
        await runner.cleanup()


@dataclass
class Mailbox:
    """A mail server's handler."""

    port: int = 0
    refusal: str = ""
    """What it answers to a message."""
    nobody: str = ""
    """What it answers to each recipient."""
    received: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    logins: list[tuple[str, str]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if self.nobody:
            return self.nobody
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 aiosmtpd's name
        if self.refusal:
            return self.refusal
        message = BytesParser(policy=default).parsebytes(envelope.content)
        self.received.append((envelope.mail_from, envelope.rcpt_tos, message))
        return "250 OK"

    def authenticate(self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append((data.login.decode(), data.password.decode()))
        return AuthResult(success=data.password == b"right", handled=False)


@asynccontextmanager
async def mailbox(
    *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Mailbox]:
    """Over TLS from the beginning (`tls`), after STARTTLS, or plainly; over TLS a login is looked at."""
    made = Mailbox()

    def session() -> SMTP:
        return SMTP(
            made,
            hostname="mail.example",
            tls_context=starttls,
            require_starttls=bool(starttls),
            authenticator=made.authenticate if starttls or tls else None,
            auth_required=bool(starttls),
            auth_require_tls=bool(starttls),
        )

    server = await asyncio.get_running_loop().create_server(session, "127.0.0.1", 0, ssl=tls)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


def contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's for `localhost`, and a client's that trusts it."""
    made = make_certificate(folder)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(made.chain, made.key)
    return server, ssl.create_default_context(cafile=made.ca)
