"""Certificates judged by the site's time instead of the machine's: never a byte of a request where it is not theirs."""

import asyncio
import re
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pydantic import SecretStr

from bacnet_bridge.clock import instant_of, moment_of
from bacnet_bridge.model import Account
from bacnet_bridge.simulator import certificate as certificates
from bacnet_bridge.simulator.certificate import Certificate, make_certificate
from bacnet_bridge.simulator.platform import PASSWORD, USERNAME, StrictPlatform
from bacnet_bridge.wattics.credentials import Credentials, Proxy
from bacnet_bridge.wattics.date import NoDate, platform_date
from bacnet_bridge.wattics.session import Sessions, trust
from bacnet_bridge.wattics.validity import AnyTime, AtTime, Window
from bacnet_bridge.wattics.verdict import Answer, NoAnswer, Trouble
from tests.support.proxy import little_proxy
from tests.wattics.conftest import MakeServer
from tests.wattics.rig import packet

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
NOW = datetime.now(UTC).replace(microsecond=0)
YEARS = timedelta(days=3650)
WRONG = {"1970": datetime(1970, 1, 2, tzinfo=UTC), "2036": datetime(2036, 2, 7, tzinfo=UTC)}


def sessions(account: Account, ca: Path | None, at: datetime, proxy: Proxy | None = None) -> Sessions:
    who = Credentials(USERNAME, SecretStr(PASSWORD))
    return Sessions({account: who}, site_ca=ca, now=lambda: instant_of(at), proxy=proxy)


@pytest.fixture
def lapsed(tmp_path: Path, certificate: Certificate) -> Path:
    """The server's certificate is one that ended half an hour ago, as this machine sees it; its CA."""
    made = make_certificate(tmp_path / "lapsed", timedelta(minutes=-30))
    certificate.chain.write_bytes(made.chain.read_bytes())
    certificate.key.write_bytes(made.key.read_bytes())
    return made.ca


async def test_the_site_s_time_counts_and_not_the_machine_s(raw_server: MakeServer, lapsed: Path) -> None:
    server = await raw_server(OK)
    sending = sessions(server.account, lapsed, NOW - timedelta(minutes=40))

    assert await sending.post(server.account, "{}") == Answer(200, None, None)

    await sending.close()


@pytest.mark.parametrize(("at", "says"), [(WRONG["1970"], "is not valid yet"), (WRONG["2036"], "has expired")])
async def test_by_another_time_neither_body_nor_credentials_leave(
    raw_server: MakeServer, certificate: Certificate, at: datetime, says: str
) -> None:
    server = await raw_server(OK)
    sending = sessions(server.account, certificate.ca, at)

    got = await sending.post(server.account, "{}")
    read = await sending.read_back(server.account, "m")

    await sending.close()
    assert isinstance(got, NoAnswer)
    assert (got.trouble, got.may_have_arrived) == (Trouble.CERTIFICATE, False)
    assert got.text == f"the certificate of localhost {says}, or this machine's clock is wrong"
    assert got.text in str(read)
    assert server.begun == 0


async def test_an_issuer_is_judged_as_ever(raw_server: MakeServer) -> None:
    server = await raw_server(OK)
    sending = sessions(server.account, None, NOW)

    got = await sending.post(server.account, "{}")

    await sending.close()
    assert isinstance(got, NoAnswer)
    assert "from an issuer that is not trusted" in got.text
    assert server.begun == 0


async def test_a_name_is_judged_as_ever(raw_server: MakeServer, certificate: Certificate) -> None:
    server = await raw_server(OK)
    account = Account(f"https://127.0.0.1:{server.port}/", "default")
    sending = sessions(account, certificate.ca, NOW)

    got = await sending.post(account, "{}")

    await sending.close()
    assert isinstance(got, NoAnswer)
    assert "for another name" in got.text
    assert server.begun == 0


class Dated:
    """A TLS server whose answers bear one date; keeps the requests' heads."""

    def __init__(self, date: datetime) -> None:
        self.date, self.heard, self.address = date, list[bytes](), ""

    async def serve(self, certificate: Certificate) -> asyncio.Server:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate.chain, certificate.key)
        server = await asyncio.start_server(self._answer, "localhost", 0, ssl=context)
        self.address = f"https://localhost:{server.sockets[0].getsockname()[1]}/"
        return server

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(await reader.readuntil(b"\r\n\r\n"))
        date = format_datetime(self.date, usegmt=True)
        writer.write(f"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nDate: {date}\r\n\r\n".encode())
        writer.close()


async def asked(server: Dated, certificate: Certificate) -> int | NoDate:
    async with await server.serve(certificate):
        return await platform_date(server.address, AnyTime(trust(certificate.ca)))


async def test_a_date_at_which_the_certificate_is_valid_is_believed_whatever_the_machine_says(tmp_path: Path) -> None:
    """Its certificate is over by the machine's clock: this machine is the one that is ahead."""
    server = Dated(NOW - timedelta(minutes=40))

    date = await asked(server, make_certificate(tmp_path, timedelta(minutes=-30)))

    assert date == instant_of(server.date)
    (head,) = server.heard
    assert head.startswith(b"HEAD / ")
    assert b"authorization" not in head.lower()


@pytest.mark.parametrize("off", [timedelta(minutes=-20), -YEARS, YEARS], ids=["its end", "long before", "long after"])
async def test_a_date_outside_its_certificate_s_time_is_not(tmp_path: Path, off: timedelta) -> None:
    """Whoever has only an old certificate's key cannot tell today's time, and whoever has today's no other time."""
    date = datetime.now(UTC).replace(microsecond=0) + off
    server = Dated(date)

    got = await asked(server, make_certificate(tmp_path, timedelta(minutes=-30)))

    assert got == NoDate(
        f"the platform is not trusted: its Date, {date.isoformat()}, lies outside the time "
        "for which its certificate is valid"
    )


@pytest.mark.parametrize("date", [NOW - YEARS, NOW + YEARS], ids=["long before", "long after"])
async def test_a_date_outside_its_certificate_s_time_is_not_by_a_clock_that_is_credible_either(
    tmp_path: Path, date: datetime
) -> None:
    certificate = make_certificate(tmp_path)
    for shown in (date, NOW):
        server = Dated(shown)
        async with await server.serve(certificate):
            got = await platform_date(server.address, AtTime(trust(certificate.ca), lambda: instant_of(NOW)))
        assert isinstance(got, int) == (shown == NOW)
    async with await server.serve(certificate):
        got = await platform_date(server.address, AtTime(trust(certificate.ca), lambda: instant_of(date)))
    assert isinstance(got, NoDate)
    assert len(server.heard) == 1, "a certificate that is not valid by the site's time hears no request"


async def test_at_any_time_does_not_mean_any_issuer(tmp_path: Path) -> None:
    server = Dated(NOW)
    async with await server.serve(make_certificate(tmp_path)):
        got = await platform_date(server.address, AnyTime(trust(None)))
    assert isinstance(got, NoDate)
    assert "from an issuer that is not trusted" in got.reason
    assert server.heard == []


async def test_an_authority_that_has_ended_ends_the_window(tmp_path: Path) -> None:
    """Not the server's own certificate alone is judged: all of its chain, to the authority."""
    made = make_certificate(tmp_path)
    key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = certificates._authority(key, NOW - timedelta(minutes=30))
    server = certificates._server(server_key, authority, key, NOW + timedelta(days=7))
    made.ca.write_bytes(authority.public_bytes(Encoding.PEM))
    made.chain.write_bytes(server.public_bytes(Encoding.PEM))
    made.key.write_bytes(server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))

    assert isinstance(await asked(Dated(NOW), made), NoDate)
    assert isinstance(await asked(Dated(NOW - timedelta(minutes=40)), made), int)


@pytest.mark.parametrize("at", [NOW, WRONG["2036"]], ids=["now", "2036"])
async def test_through_a_proxy_too(platform: StrictPlatform, at: datetime) -> None:
    account = Account(platform.url, "default")
    async with little_proxy() as proxy:
        sending = sessions(account, platform.ca, at, Proxy(proxy.address))
        got = await sending.post(account, packet(account, "m", 1).body)
        await sending.close()
    assert isinstance(got, Answer if at == NOW else NoAnswer)
    assert platform.counts().attempts == (at == NOW)


def test_a_window_has_both_its_ends() -> None:
    window = Window(1000, 2000)
    for instant in (1000, 2000):
        window.check(instant)
    for instant in (999, 2001):
        with pytest.raises(ssl.SSLCertVerificationError, match=re.escape(moment_of(instant).isoformat())):
            window.check(instant)
