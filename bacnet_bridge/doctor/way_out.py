"""The way to the platform, step by step: name, connection, the proxy's CONNECT, the TLS handshake. Sends no request."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bacnet_bridge.wattics.credentials import Proxy
from bacnet_bridge.wattics.session import trust

STEP: Final = 8.0
"""Seconds that each step may take."""
_LONGEST_HEAD: Final = 65_536

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Shaken:
    """What a handshake showed. `certificate`: the server's own, DER; None where it came to none.

    `error`: why it is not trusted, or why there was no handshake. `by_system`: trusted without the site's own CA file.
    """

    certificate: bytes | None
    error: Exception | None = None
    by_system: bool = False
    version: str = ""


class ProxyRefusalError(Exception):
    """The proxy's answer to CONNECT, `403 Forbidden`."""


async def resolved(host: str, port: int) -> list[str]:
    """The name's addresses. Raises OSError or UnicodeError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


async def shake(host: str, port: int, ca: Path | None, proxy: Proxy | None) -> Shaken:
    """Trusting what the service trusts; where that fails, once more trusting anything, to see who is there.

    Raises SettingsError where the CA file cannot be used.
    """
    trusted = trust(ca)
    try:
        shaken = await _handshake(host, port, trusted, proxy)
    except ssl.SSLCertVerificationError as error:
        return Shaken(await _shown(host, port, proxy), error)
    except (OSError, TimeoutError, ProxyRefusalError) as error:
        return Shaken(None, error)
    if ca is None:
        return shaken
    try:
        return await _handshake(host, port, trust(None), proxy)
    except (OSError, TimeoutError, ProxyRefusalError):
        return Shaken(shaken.certificate, version=shaken.version)


async def _shown(host: str, port: int, proxy: Proxy | None) -> bytes | None:
    """The certificate that is not trusted. Nothing is said over this connection."""
    anything = ssl.create_default_context()
    anything.check_hostname = False
    anything.verify_mode = ssl.CERT_NONE
    with suppress(OSError, TimeoutError, ProxyRefusalError):
        return (await _handshake(host, port, anything, proxy)).certificate
    return None


async def _handshake(host: str, port: int, trusted: ssl.SSLContext, proxy: Proxy | None) -> Shaken:
    async with asyncio.timeout(STEP), _connected(host, port, proxy) as (_, writer):
        await writer.start_tls(trusted, server_hostname=host, ssl_handshake_timeout=STEP)
        shown = writer.get_extra_info("ssl_object")
        return Shaken(shown.getpeercert(binary_form=True), by_system=True, version=shown.version() or "")


@asynccontextmanager
async def _connected(host: str, port: int, proxy: Proxy | None) -> AsyncIterator[Streams]:
    there = (host, port) if proxy is None else proxy.station
    reader, writer = await asyncio.open_connection(*there, limit=_LONGEST_HEAD)
    try:
        if proxy is not None:
            await _through(proxy, host, port, reader, writer)
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError, ssl.SSLError):
            await writer.wait_closed()


async def _through(
    proxy: Proxy, host: str, port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """CONNECT (RFC 9110, 9.3.6). Raises ProxyRefusalError, OSError."""
    target = f"{host}:{port}"
    fields = "".join(f"{name}: {value}\r\n" for name, value in proxy.headers().items())
    writer.write(f"CONNECT {target} HTTP/1.1\r\nHost: {target}\r\n{fields}\r\n".encode())
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        raise ProxyRefusalError("no answer that HTTP knows") from None
    _, _, answer = head.splitlines()[0].partition(" ")
    if not answer.startswith("2"):
        raise ProxyRefusalError(proxy.hide(answer))
