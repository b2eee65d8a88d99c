import asyncio
import base64
import contextlib
import gzip
import socket
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bacnet_bridge import __version__
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.model import Account
from bacnet_bridge.simulator.certificate import Certificate, make_certificate
from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.wattics.address import check_address
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.excerpt import shown
from bacnet_bridge.wattics.session import Sessions
from bacnet_bridge.wattics.verdict import Answer, NoAnswer, Trouble
from tests.wattics.conftest import MakeServer, RawServer
from tests.wattics.rig import packet

SECRET = "corréct horse:battery"
WHO = Credentials("sité", SecretStr(SECRET))
TOKEN = base64.b64encode(f"sité:{SECRET}".encode()).decode()
BODY = '{"id":"é","tsISO8601":"2027-01-15T12:00:00.000+00:00","value":1}'


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


async def post(server: RawServer, ca: Path | None, time_out: float = 5) -> Answer | NoAnswer:
    sessions = Sessions({server.account: WHO}, site_ca=ca, time_out=time_out)
    try:
        return await sessions.post(server.account, BODY)
    finally:
        await sessions.close()


async def test_a_request_is_one_line_of_json_with_basic_authentication(
    raw_server: MakeServer, certificate: Certificate
) -> None:
    server = await raw_server(answer("200 OK", b"thanks", "Date: Sun, 06 Nov 1994 08:49:37 GMT", "Retry-After: 3"))

    got = await post(server, certificate.ca)

    assert got == Answer(200, "Sun, 06 Nov 1994 08:49:37 GMT", "3")
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    assert body == BODY.encode()
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /packets/ HTTP/1.1"
    headers = dict(line.split(": ", 1) for line in lines[1:])
    assert headers["Authorization"] == f"Basic {TOKEN}"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"] == f"bacnet-bridge/{__version__}"
    assert headers["Content-Length"] == str(len(BODY.encode()))
    assert "Content-Encoding" not in headers


async def test_cookies_and_connections_are_kept(platform: StrictPlatform, account: Account, sessions: Sessions) -> None:
    platform.behave(cookie=400)

    answers = [await sessions.post(account, packet(account, "m", n).body) for n in range(5)]

    assert [got.status for got in answers if isinstance(got, Answer)] == [200] * 5
    assert platform.record.cookies_seen == 4
    assert platform.record.tls_sessions == 1


async def test_a_401_drops_the_cookies_but_those_that_it_brings(
    platform: StrictPlatform, account: Account, sessions: Sessions
) -> None:
    platform.behave(cookie=401)
    statuses = []
    for n, told in enumerate([None, "expire", None, "refuse", None]):
        if told == "expire":
            platform.expire_cookies()  # answered 401, with a new cookie
        elif told == "refuse":
            platform.fail(401)  # without a cookie
        got = await sessions.post(account, packet(account, "m", n).body)
        statuses.append(got.status if isinstance(got, Answer) else got)

    assert statuses == [200, 401, 200, 401, 401]
    assert platform.record.cookies_missing == 2


async def test_cookies_of_one_account_are_not_shown_to_another(
    platform: StrictPlatform, credentials: Credentials
) -> None:
    platform.behave(cookie=400)
    one, two = Account(platform.url, "one"), Account(platform.url, "two")
    sessions = Sessions({one: credentials, two: credentials}, site_ca=platform.ca)

    await sessions.post(one, packet(one, "m", 0).body)
    await sessions.post(two, packet(two, "m", 1).body)

    await sessions.close()
    assert platform.record.cookies_seen == 0
    assert platform.record.cookies_set == 2


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_never_followed(raw_server: MakeServer, certificate: Certificate, status: str) -> None:
    elsewhere = await raw_server(answer("200 OK"))
    server = await raw_server(answer(status, b"", f"Location: {elsewhere.account.address}"))

    got = await post(server, certificate.ca)

    assert isinstance(got, Answer)
    assert got.status == int(status[:3])
    assert elsewhere.heard == []


async def test_an_untrusted_certificate_gets_neither_body_nor_credentials(
    raw_server: MakeServer, tmp_path: Path
) -> None:
    server = await raw_server(answer("200 OK", b"<html>Welcome to the hotel's network</html>"))
    other_ca = make_certificate(tmp_path / "other").ca

    for ca in (None, other_ca):
        got = await post(server, ca)

        assert isinstance(got, NoAnswer)
        assert got.trouble is Trouble.CERTIFICATE
        assert not got.may_have_arrived
        assert "certificate" in got.text.lower()
        assert ("nobody in ca.pem signed it, which may be an old platform.ca" in got.text) == (ca is not None)
    assert server.begun == 0


@pytest.fixture
def expired(tmp_path: Path, certificate: Certificate) -> Certificate:
    """In the place of the server's good one."""
    made = make_certificate(tmp_path / "expired", timedelta(minutes=-30))
    certificate.chain.write_bytes(made.chain.read_bytes())
    certificate.key.write_bytes(made.key.read_bytes())
    return made


async def test_a_certificate_for_another_host_is_not_trusted(raw_server: MakeServer, certificate: Certificate) -> None:
    server = await raw_server(answer("200 OK"))
    account = Account(f"https://127.0.0.1:{server.port}/", "default")
    sessions = Sessions({account: WHO}, site_ca=certificate.ca)

    got = await sessions.post(account, BODY)

    await sessions.close()
    assert isinstance(got, NoAnswer)
    assert got.trouble is Trouble.CERTIFICATE
    assert server.begun == 0


async def test_an_expired_certificate_gets_neither_body_nor_credentials(
    raw_server: MakeServer, expired: Certificate
) -> None:
    server = await raw_server(answer("200 OK"))

    got = await post(server, expired.ca)

    assert isinstance(got, NoAnswer)
    assert (got.trouble, got.may_have_arrived) == (Trouble.CERTIFICATE, False)
    assert "has expired" in got.text
    assert server.begun == 0


async def test_a_server_without_tls_gets_nothing() -> None:
    heard = []

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(100))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(plain, "localhost", 0)
    server = RawServer(listening.sockets[0].getsockname()[1])

    got = await post(server, None)

    listening.close()
    assert isinstance(got, NoAnswer)
    assert got.trouble in {Trouble.TLS, Trouble.NO_CONNECTION}
    assert not got.may_have_arrived
    assert b"POST" not in heard[0]


async def test_a_refused_connection_has_surely_not_arrived() -> None:
    with socket.socket() as bound:  # bound without listening: refuses
        bound.bind(("127.0.0.1", 0))
        got = await post(RawServer(bound.getsockname()[1]), None)

    assert isinstance(got, NoAnswer)
    assert (got.trouble, got.may_have_arrived) == (Trouble.NO_CONNECTION, False)


async def test_a_name_that_does_not_exist_has_surely_not_arrived() -> None:
    account = Account("https://platform.invalid/", "default")
    sessions = Sessions({account: WHO})

    got = await sessions.post(account, BODY)

    await sessions.close()
    assert isinstance(got, NoAnswer)
    assert (got.trouble, got.may_have_arrived) == (Trouble.NO_NAME, False)


async def test_a_handshake_that_never_ends_has_surely_not_arrived() -> None:
    with socket.socket() as silent:  # accepts into its backlog, and says nothing
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        account = Account(f"https://localhost:{silent.getsockname()[1]}/", "default")
        sessions = Sessions({account: WHO}, time_out=5, connect_time_out=0.1)
        got = await sessions.post(account, BODY)
        await sessions.close()

    assert got == NoAnswer(Trouble.TIME_OUT, "no connection within 0.1 s")


async def test_a_connection_cut_after_the_request_may_have_arrived(
    raw_server: MakeServer, certificate: Certificate
) -> None:
    got = await post(await raw_server(b""), certificate.ca)

    assert isinstance(got, NoAnswer)
    assert (got.trouble, got.may_have_arrived) == (Trouble.CUT, True)


async def test_silence_after_the_request_may_have_arrived(raw_server: MakeServer, certificate: Certificate) -> None:
    done = asyncio.Event()

    async def silence(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await done.wait()

    got = await post(await raw_server(silence), certificate.ca, time_out=0.2)

    done.set()
    assert got == NoAnswer(Trouble.TIME_OUT, "nothing within 0.2 s", may_have_arrived=True)


@pytest.mark.parametrize(
    "garbage", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 abc\r\n\r\n", b"\x00\xff" * 50 + b"\r\n\r\n"]
)
async def test_what_is_not_http_may_have_arrived(
    raw_server: MakeServer, certificate: Certificate, garbage: bytes
) -> None:
    got = await post(await raw_server(garbage), certificate.ca)

    assert isinstance(got, NoAnswer)
    assert (got.trouble, got.may_have_arrived) == (Trouble.GARBLED, True)
    assert got.text.isprintable()


@pytest.mark.parametrize(
    "body",
    [b"x" * 10_000_000, b"\x00\x1b[2J\xff\n\r\t" * 1000, "é☃".encode() * 5000, b"", b"<html>\n<b>401</b>"],
)
async def test_any_body_is_shown_in_at_most_200_printable_characters(
    raw_server: MakeServer, certificate: Certificate, body: bytes
) -> None:
    async def write(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer("401 No", body))
        with contextlib.suppress(ConnectionError):  # the client had seen enough
            await writer.drain()

    got = await post(await raw_server(write), certificate.ca)

    assert isinstance(got, Answer)
    assert got.status == 401
    assert len(got.excerpt) <= 200
    assert got.excerpt.isprintable()


async def test_a_compressed_body_is_not_unpacked(raw_server: MakeServer, certificate: Certificate) -> None:
    bomb = gzip.compress(b"a" * 50_000_000)

    got = await post(await raw_server(answer("500 No", bomb, "Content-Encoding: gzip")), certificate.ca)

    assert isinstance(got, Answer)
    assert "aaaa" not in got.excerpt


PAGE = b"""<!DOCTYPE html><html><head><title>Sign in</title><style>h1 { color: red }</style>
<script>if (1 < 2) { go("<b>") }</script></head><!-- <p>hidden</p> -->
<body class="x"><h1>Hotel&nbsp;&amp; Wi-Fi</h1><p>Please<br/>pay</p>"""


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/html; charset=utf-8", PAGE, "Sign in Hotel & Wi-Fi Please pay"),
        (None, PAGE, "Sign in Hotel & Wi-Fi Please pay"),
        ("text/html", b"<p>" + b"long " * 1000, "long " * 40),
        ("text/html", b"<![", ""),
        ("text/html", b"<script>" * 500, ""),
        ("text/html", b"1 &#x1b;&#0; 2", "1 \ufffd 2"),
        ("text/plain", b"a <b> c &amp;", "a <b> c &amp;"),
        (None, b"<error>no</error>", "<error>no</error>"),
    ],
)
async def test_a_page_is_shown_as_its_text(
    raw_server: MakeServer, certificate: Certificate, kind: str | None, body: bytes, text: str
) -> None:
    headers = [] if kind is None else [f"Content-Type: {kind}"]

    got = await post(await raw_server(answer("403 No", body, *headers)), certificate.ca)

    assert isinstance(got, Answer)
    assert got.excerpt == text


async def test_a_secret_that_a_page_escapes_is_not_shown(raw_server: MakeServer, certificate: Certificate) -> None:
    page = f"<html>you sent &#{ord(SECRET[0])};{SECRET[1:]}".encode()

    got = await post(await raw_server(answer("400 No", page)), certificate.ca)

    assert isinstance(got, Answer)
    assert "battery" not in got.excerpt


@pytest.mark.parametrize("ending", ["cut", "never"])
async def test_a_200_counts_although_its_body_does_not_end(
    raw_server: MakeServer, certificate: Certificate, ending: str
) -> None:
    done = asyncio.Event()

    async def begin(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun")
        if ending == "never":
            await done.wait()

    got = await post(await raw_server(begin), certificate.ca, time_out=0.3)

    done.set()
    assert got == Answer(200)


async def test_a_secret_that_the_far_end_echoes_is_not_shown(raw_server: MakeServer, certificate: Certificate) -> None:
    echo = b"x" * 190 + f"you sent {TOKEN}, {SECRET}".encode()

    got = await post(await raw_server(answer("400 No", echo)), certificate.ca)

    assert isinstance(got, Answer)
    assert TOKEN[:5] not in got.excerpt
    assert SECRET[:5] not in got.excerpt


async def test_an_account_without_credentials_sends_nothing(platform: StrictPlatform, sessions: Sessions) -> None:
    got = await sessions.post(Account(platform.url, "partner"), BODY)

    assert isinstance(got, NoAnswer)
    assert (got.trouble, got.may_have_arrived) == (Trouble.NO_CREDENTIALS, False)
    assert "partner" in got.text
    assert platform.record.attempts == 0


def test_credentials_do_not_show_their_password() -> None:
    for text in (repr(WHO), str(WHO), f"{WHO}"):
        assert SECRET not in text
        assert TOKEN not in text


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://web-collector.wattics.com/measurements/", "write https:// instead of http://"),
        ("HTTP://localhost/", "write https:// instead of http://"),
        ("ftp://localhost/", "not an address of the platform"),
        ("localhost/measurements", "not an address of the platform"),
        ("https:///measurements", "not an address of the platform"),
        ("", "not an address of the platform"),
        ("https://user@localhost/", "put them into the account's settings"),
        ("https://user:hunter2@localhost/", "put them into the account's settings"),
        ("http://user:hunter2@localhost/", "put them into the account's settings"),
        ("https://localhost:99999/", "cannot be understood"),
        ("https://[::1/", "cannot be understood"),
        (f"https://{'a' * 70}.com/", "cannot be understood"),
    ],
)
def test_an_address_that_must_not_be_sent_to_is_refused_with_a_sentence(address: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says) as raised:
        check_address(address)
    assert "hunter2" not in str(raised.value)
    with pytest.raises(SettingsError, match=says):
        Sessions({Account(address, "default"): WHO})


@pytest.mark.parametrize(
    "address",
    ["https://localhost/", "https://localhost:8443/a?b=c", "HTTPS://web-collector.wattics.com", "https://[::1]:1/"],
)
def test_an_https_address_is_taken(address: str) -> None:
    check_address(address)


def test_a_username_with_a_colon_is_refused_without_showing_the_secret() -> None:
    with pytest.raises(SettingsError, match="colon") as raised:
        Sessions({Account("https://localhost/", "default"): Credentials("a:b", SecretStr("hunter2"))})
    assert "hunter2" not in str(raised.value)


@pytest.mark.parametrize("content", [None, "", "not a certificate"])
def test_a_ca_file_that_cannot_be_used_is_a_setting_gone_wrong(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)

    with pytest.raises(SettingsError, match=r"the CA file .*ca\.pem cannot be used"):
        Sessions({}, site_ca=file)


def test_text_is_shown_on_one_line_and_escaped() -> None:
    assert shown("a\n b\tc\x00\u202e é") == "a b c\\x00\\u202e é"
    assert len(shown("\x00" * 500)) == 200
