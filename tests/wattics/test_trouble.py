"""Real errors of a real client, as sentences that say what to do."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey

from bacnet_bridge.simulator.certificate import Certificate, make_certificate
from bacnet_bridge.wattics.trouble import said_plainly, trouble_of
from tests.wattics.conftest import MakeServer


async def failure(url: str, ca: Path | None = None) -> Exception:
    connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=ca))
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(aiohttp.ClientError) as raised:
            await session.head(url)
    return raised.value


def told(error: Exception) -> str:
    return f"{trouble_of(error)}: {said_plainly(error)}"


@asynccontextmanager
async def bound() -> AsyncIterator[int]:
    with socket.socket() as taken:  # bound without listening: refuses
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


async def test_an_issuer_that_is_not_trusted(raw_server: MakeServer) -> None:
    server = await raw_server(b"")
    assert told(await failure(server.account.address)) == (
        "the platform is not trusted: the certificate of localhost is from an issuer that is not trusted; "
        "give its CA file as platform.ca"
    )


async def test_a_certificate_for_another_name(raw_server: MakeServer, certificate: Certificate) -> None:
    server = await raw_server(b"")
    assert told(await failure(f"https://127.0.0.1:{server.port}/", certificate.ca)) == (
        "the platform is not trusted: the certificate is for another name than 127.0.0.1; "
        "write the name that it bears into platform.address"
    )


@pytest.mark.parametrize("certificate", [timedelta(minutes=-30)], indirect=True)
async def test_a_certificate_that_has_expired(raw_server: MakeServer, certificate: Certificate) -> None:
    server = await raw_server(b"")
    assert told(await failure(server.account.address, certificate.ca)) == (
        "the platform is not trusted: the certificate of localhost has expired, or this machine's clock is wrong"
    )


@pytest.fixture
def certificate(tmp_path: Path, request: pytest.FixtureRequest) -> Certificate:
    return make_certificate(tmp_path / "served", getattr(request, "param", timedelta(days=7)))


def test_other_complaints_about_a_certificate_are_openssl_s_words() -> None:
    for code, says in {9: "is not valid yet", 18: "give its CA file", 79: "CA cert does not include key usage"}.items():
        complaint = ssl.SSLCertVerificationError(1, "[SSL: …] raw")
        complaint.verify_code, complaint.verify_message = code, "CA cert does not include key usage extension"
        key = ConnectionKey("site.example", 443, True, True, None, None, None)
        sentence = said_plainly(aiohttp.ClientConnectorCertificateError(key, complaint))
        assert says in sentence
        assert "site.example" in sentence
        assert "SSL:" not in sentence


async def test_a_refused_connection() -> None:
    async with bound() as port:
        assert told(await failure(f"https://127.0.0.1:{port}/")) == (
            f"no connection: 127.0.0.1 port {port} refuses it; check platform.address"
        )


async def test_a_network_that_cannot_be_reached() -> None:
    assert told(await failure("https://255.255.255.255/")) == (
        "no connection: 255.255.255.255 cannot be reached; check this machine's network and gateway"
    )


def test_a_host_whose_addresses_fail_in_different_ways() -> None:
    key = ConnectionKey("site.example", 443, True, True, None, None, None)
    both = OSError("Multiple exceptions: [Errno 101] Network is unreachable, [Errno 111] Connect call failed")
    assert said_plainly(aiohttp.ClientConnectorError(key, both)).startswith("site.example port 443 refuses it")


async def test_a_name_that_nobody_knows() -> None:
    sentence = told(await failure("https://platform.invalid/"))
    assert sentence.startswith("the host's name cannot be resolved: platform.invalid (")
    assert sentence.endswith("); check platform.address and this machine's DNS")


async def test_a_server_without_tls() -> None:
    async with plain() as port:
        error = await failure(f"https://127.0.0.1:{port}/")
    assert (
        told(error)
        == f"no secure connection: 127.0.0.1 port {port} does not speak TLS as it should (wrong version number)"
    )


@asynccontextmanager
async def plain() -> AsyncIterator[int]:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()


def test_what_is_left_bears_no_numbers_of_the_system() -> None:
    assert said_plainly(aiohttp.ClientOSError(104, "raw")) == "Connection reset by peer"
    assert said_plainly(aiohttp.ServerDisconnectedError()) == "Server disconnected"
    assert said_plainly(aiohttp.ClientPayloadError()) == "ClientPayloadError"
