"""The platform's date: over verified TLS only, Age added, nonsense ignored."""

import asyncio
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.simulator.certificate import Certificate, make_certificate
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.wattics.date import NoDate, date_of, platform_date
from bacnet_bridge.wattics.session import trust
from tests.support.platform import platform as platform  # noqa: PLC0414  a fixture


async def test_any_answer_over_verified_tls_has_a_date(platform: StrictPlatform) -> None:
    before = SystemClock().wall() // 1000 * 1000
    date = await platform_date(platform.url, trust(platform.ca))
    assert isinstance(date, int)
    assert before <= date <= SystemClock().wall()
    assert platform.counts().attempts == 0


async def test_a_ca_file_of_somebody_else_is_named(platform: StrictPlatform, tmp_path: Path) -> None:
    ca = make_certificate(tmp_path / "other").ca
    got = await platform_date(platform.url, trust(ca), site_ca=ca)
    assert isinstance(got, NoDate)
    assert got.reason == (
        "the platform is not trusted: the certificate of localhost is from an issuer that is not trusted: nobody in "
        "ca.pem signed it, which may be an old platform.ca; give the CA file of those who did"
    )


async def test_who_is_not_trusted_is_not_believed(platform: StrictPlatform) -> None:
    assert await platform_date(platform.url, trust(None)) == NoDate(
        "the platform is not trusted: the certificate of localhost is from an issuer that is not trusted; "
        "give its CA file as platform.ca"
    )


async def test_nobody_there(platform: StrictPlatform) -> None:
    port = urlsplit(platform.url).port
    await platform.go_down()
    assert await platform_date(platform.url, trust(platform.ca)) == NoDate(
        f"no connection: localhost port {port} refuses it; check platform.address"
    )


async def test_a_platform_that_says_nothing(certificate: Certificate) -> None:
    with socket.socket() as silent:  # accepts into its backlog, and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"https://localhost:{silent.getsockname()[1]}/"
        assert await platform_date(address, trust(certificate.ca), time_out=0.1) == NoDate(
            "no answer in time: nothing within 0.1 s"
        )


@pytest.mark.parametrize(
    ("headers", "says"),
    [
        (b"", "its answer 200 has no Date"),
        (b"Date: yesterday\r\n", "the Date of its answer 200 makes no sense: yesterday"),
        (b"Date: " + b"y" * 500 + b"\r\n", f"the Date of its answer 200 makes no sense: {'y' * 200}"),
    ],
)
async def test_an_answer_without_a_date(certificate: Certificate, headers: bytes, says: str) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.chain, certificate.key)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n" + headers + b"\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "localhost", 0, ssl=context)
    address = f"https://localhost:{server.sockets[0].getsockname()[1]}/"
    assert await platform_date(address, trust(certificate.ca)) == NoDate(says)
    server.close()


@pytest.mark.parametrize(
    ("headers", "instant"),
    [
        ({"Date": "Thu, 01 Jan 1970 00:00:10 GMT"}, 10_000),
        ({"Date": "Thu, 01 Jan 1970 00:00:10 GMT", "Age": "5"}, 15_000),
        ({}, None),
        ({"Date": "yesterday"}, None),
        ({"Date": "Thu, 01 Jan 1970 00:00:10 -0000"}, None),
        ({"Date": "Thu, 01 Jan 1970 00:00:10 GMT", "Age": "old"}, None),
        ({"Date": "Thu, 01 Jan 1970 00:00:10 GMT", "Age": "9" * 12}, None),
        ({"Date": "Thu, 01 Jan 1970 00:00:10 GMT", "Age": "9" * 400}, None),
    ],
)
def test_date_of(headers: dict[str, str], instant: int | None) -> None:
    assert date_of(headers) == instant
