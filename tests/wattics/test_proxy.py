"""Through a site's HTTP proxy: it carries what it cannot read, and is told nothing that is not its own."""

import base64
import logging
import socket
import ssl
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.model import Account
from bacnet_bridge.outbox.sqlite import SqliteOutbox
from bacnet_bridge.simulator.certificate import make_certificate
from bacnet_bridge.simulator.platform import PASSWORD, USERNAME, StrictPlatform
from bacnet_bridge.wattics.address import check_proxy
from bacnet_bridge.wattics.credentials import Credentials, Proxy
from bacnet_bridge.wattics.date import platform_date
from bacnet_bridge.wattics.deliver import Courier
from bacnet_bridge.wattics.session import Sessions
from bacnet_bridge.wattics.verdict import Answer, NoAnswer, Trouble
from tests.support.proxy import LittleProxy, little_proxy
from tests.wattics.rig import HastyClock, packet, running, until

SECRET = "proxy-söcret"
TOKEN = base64.b64encode(f"site:{SECRET}".encode()).decode()


def through(proxy: LittleProxy, password: str = SECRET) -> Proxy:
    return Proxy(proxy.address, Credentials("site", SecretStr(password)))


async def post(platform: StrictPlatform, proxy: Proxy, ca: Path | None = None, times: int = 1) -> Answer | NoAnswer:
    account = Account(platform.url, "default")
    accounts = {account: Credentials(USERNAME, SecretStr(PASSWORD))}
    sessions = Sessions(accounts, site_ca=ca or platform.ca, time_out=5, proxy=proxy)
    try:
        for n in range(times):
            got = await sessions.post(account, packet(account, "m", n).body)
        return got
    finally:
        await sessions.close()


async def test_packets_go_through_it_over_one_connection_and_it_can_read_nothing(platform: StrictPlatform) -> None:
    async with little_proxy("site", SECRET) as proxy:
        got = await post(platform, through(proxy), times=5)

    assert isinstance(got, Answer)
    assert got.status == 200
    assert platform.record.accepted["m"]
    assert platform.record.tls_sessions == 1
    (head,) = proxy.heads
    assert head.startswith(f"CONNECT localhost:{platform.url.split(':')[2].split('/')[0]} HTTP/1.1\r\n")
    assert f"Basic {TOKEN}" in head
    ours = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode())
    assert ours.decode() not in head
    assert "tsISO8601" not in head
    assert proxy.passed
    assert ours not in proxy.passed
    assert b"tsISO8601" not in proxy.passed


async def test_date_and_latest_packet_come_through_it_too(platform: StrictPlatform) -> None:
    account = Account(platform.url, "default")
    async with little_proxy("site", SECRET) as proxy:
        trusted = ssl.create_default_context(cafile=platform.ca)
        assert isinstance(await platform_date(platform.url, trusted, proxy=through(proxy)), int)
        sessions = Sessions(
            {account: Credentials(USERNAME, SecretStr(PASSWORD))}, site_ca=platform.ca, proxy=through(proxy)
        )
        await sessions.post(account, packet(account, "m", 3).body)
        assert await sessions.latest(account, "m") == packet(account, "m", 3).instant
        await sessions.close()

    assert len(proxy.heads) == 2
    assert platform.record.connections == 2


@pytest.mark.parametrize(
    ("refusal", "advice"),
    [
        (None, "it answered 407 Proxy Authentication Required; correct platform.proxy_username and"),
        ("403 Forbidden", "it answered 403 Forbidden; ask whoever keeps it to let connections"),
        ("503 Service Unavailable", "it answered 503 Service Unavailable; it cannot reach the platform"),
        ("302 Found\r\nLocation: https://portal.example/", "it answered 302 Found; ask whoever keeps it"),
    ],
)
async def test_a_proxy_that_refuses_gets_nothing_and_says_what_to_do(
    platform: StrictPlatform, refusal: str | None, advice: str
) -> None:
    async with little_proxy("site", SECRET) as proxy:
        proxy.refusal = refusal
        got = await post(platform, through(proxy, "wrong"))

    assert isinstance(got, NoAnswer)
    assert got.trouble is Trouble.PROXY
    assert not got.may_have_arrived
    assert got.text.startswith(advice)
    assert proxy.passed == b""
    assert platform.record.connections == 0


async def test_a_proxy_that_pretends_to_be_the_platform_gets_no_request(
    platform: StrictPlatform, tmp_path: Path
) -> None:
    other_ca = make_certificate(tmp_path / "other").ca
    async with little_proxy("site", SECRET) as proxy:
        got = await post(platform, through(proxy), ca=other_ca)

    assert isinstance(got, NoAnswer)
    assert (got.trouble, got.may_have_arrived) == (Trouble.CERTIFICATE, False)
    assert platform.record.attempts == 0


async def test_a_proxy_that_is_not_there_is_named(platform: StrictPlatform) -> None:
    with socket.socket() as taken:  # bound without listening: refuses
        taken.bind(("127.0.0.1", 0))
        got = await post(platform, Proxy(f"http://127.0.0.1:{taken.getsockname()[1]}"))
    unknown = await post(platform, Proxy("http://proxy.invalid:3128"))

    assert isinstance(got, NoAnswer)
    assert got.trouble is Trouble.NO_CONNECTION
    assert got.text.endswith("refuses it; check platform.proxy")
    assert isinstance(unknown, NoAnswer)
    assert unknown.text.startswith("proxy.invalid (")
    assert "check platform.proxy " in unknown.text


@pytest.mark.parametrize("address", ["http://proxy:3128", "http://10.0.0.1:8080/", "http://[::1]:3128"])
def test_an_http_proxy_will_do(address: str) -> None:
    check_proxy(address)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("socks5://proxy:1080", "neither a SOCKS nor an https:// one; write http://host:port"),
        ("https://proxy:3128", "neither a SOCKS nor an https:// one; write http://host:port"),
        ("proxy:3128", "write http://host:port"),
        ("proxy", "write http://host:port"),
        ("http://", "write http://host:port"),
        ("http://proxy:3128/path", "write http://host:port"),
        ("http://proxy:99999", "cannot be understood"),
        ("http://site:geheim@proxy:3128", "platform.proxy_username and platform.proxy_password"),
    ],
)
def test_any_other_is_refused_in_one_sentence(address: str, says: str) -> None:
    with pytest.raises(SettingsError) as raised:
        check_proxy(address)
    assert says in str(raised.value)
    assert "\n" not in str(raised.value)
    assert "geheim" not in str(raised.value)


async def test_its_password_is_never_told(
    platform: StrictPlatform, outbox: SqliteOutbox, clock: HastyClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    account = Account(platform.url, "default")
    async with little_proxy("site", SECRET) as proxy:
        proxy.refusal = f"403 you sent {TOKEN} and {SECRET.replace('ö', '')}"
        accounts = {account: Credentials(USERNAME, SecretStr(PASSWORD))}
        sessions = Sessions(accounts, site_ca=platform.ca, proxy=through(proxy))
        await outbox.put(packet(account, "m", 0))
        courier = Courier(outbox, sessions, clock)
        with capture_logs() as logs:
            async with running(courier):
                await until(lambda: bool(courier.snapshot().failing))
                said = f"{logs}{courier.snapshot()}{caplog.text}{vars(sessions)}{await outbox.states()}"
        await sessions.close()

    assert "you sent" in said
    assert TOKEN not in said
    assert SECRET not in said
