"""The server over real sockets."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bacnet_bridge.errors import OutboxError
from bacnet_bridge.simulator.certificate import make_certificate
from bacnet_bridge.status import entry, pages, server, tls
from bacnet_bridge.status.guard import HEADERS
from bacnet_bridge.status.metrics import Metrics
from bacnet_bridge.status.server import Place
from bacnet_bridge.vocabulary.password import hashed
from tests.support.status import MadeUp, meter, serving

ADDRESSES = [
    "/", "/meters", "/meters/m-1", "/devices", "/delivery", "/mapping", "/style.css", "/page/main.js", "/page/icon.svg",
    "/readyz", "/metrics", "/api/overview", "/api/meters", "/api/meters/m-1", "/api/devices",
    "/api/delivery", "/api/mapping", "/api/meters/m-1/history",
]  # fmt: skip


@pytest.fixture
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def get(client: aiohttp.ClientSession, port: int, path: str, **more: str) -> tuple[int, str]:
    async with client.get(f"http://127.0.0.1:{port}{path}", headers=more) as answer:
        return answer.status, await answer.text()


async def test_every_address_answers_and_bears_the_headers(client: aiohttp.ClientSession) -> None:
    async with serving(MadeUp()) as status:
        for path in ["/healthz", *ADDRESSES, "/nothing", "/api/meters/nobody"]:
            async with client.get(f"http://127.0.0.1:{status.port}{path}") as answer:
                assert answer.status == (404 if path.endswith(("nothing", "nobody")) else 200)
                assert {name: answer.headers[name] for name in HEADERS} == HEADERS, path


async def test_a_meter_that_is_not_mapped_is_a_page_that_says_so(client: aiohttp.ClientSession) -> None:
    async with serving(MadeUp()) as status:
        for name in "nosuch", "%3Cb%3E":
            answered, text = await get(client, status.port, f"/meters/{name}")
            assert (answered, "no meter of this id is mapped" in text) == (404, True)
            assert text.startswith("<!doctype html>")
            assert 'href="/meters"' in text, "the ways to the other views"
            assert "<b>" not in text
        assert "no meter of this id" not in (await get(client, status.port, "/meters/m-1"))[1]


async def test_health_is_the_process_and_readiness_says_why_not(client: aiohttp.ClientSession) -> None:
    told = MadeUp()
    async with serving(told) as status:
        assert await get(client, status.port, "/readyz") == (200, "ready\n")
        told.standstill = ["packets wait", "no\nslot"]
        assert await get(client, status.port, "/readyz") == (503, "packets wait\nno�slot\n")
        assert await get(client, status.port, "/healthz") == (200, "ok\n")


async def test_a_service_that_hangs_is_not_ready(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_PATIENCE", 0.05)
    async with serving(MadeUp(stalled=asyncio.Event())) as status:
        assert await get(client, status.port, "/readyz") == (503, "the service does not answer in time\n")
        assert (await get(client, status.port, "/healthz"))[0] == 200


async def test_an_overview_is_worked_out_once_for_all_who_ask(client: aiohttp.ClientSession) -> None:
    told = MadeUp(stalled=asyncio.Event())
    async with serving(told) as status:
        asking = [asyncio.create_task(get(client, status.port, "/api/meters")) for _ in range(20)]
        while not told.looks:  # noqa: ASYNC110  sockets move
            await asyncio.sleep(0)
        assert told.stalled is not None
        told.stalled.set()
        assert {code for code, _ in await asyncio.gather(*asking)} == {200}
    assert told.looks == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
async def test_nothing_can_be_changed(client: aiohttp.ClientSession, method: str) -> None:
    async with (
        serving(MadeUp()) as status,
        client.request(method, f"http://127.0.0.1:{status.port}/api/meters") as answer,
    ):
        assert answer.status == 405


async def test_without_a_password_only_this_machine_s_names_are_answered(client: aiohttp.ClientSession) -> None:
    async with serving(MadeUp()) as status:
        assert (await get(client, status.port, "/api/meters", Host="evil.example"))[0] == 421
        assert (await get(client, status.port, "/api/meters", Host=f"localhost:{status.port}"))[0] == 200


async def test_with_a_password_nothing_but_health_is_answered_without_it(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry, "_FIRST_WAIT", 60.0)  # longer than a machine under load takes for the next question
    place = Place("127.0.0.1", 0, hashed("correct horse battery"))
    async with serving(MadeUp(), place) as status:
        for path in [*ADDRESSES, "/nothing"]:
            async with client.get(f"http://127.0.0.1:{status.port}{path}") as answer:
                assert answer.status == 401
                assert "meter" not in (await answer.text()).lower()
                assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert await get(client, status.port, "/healthz") == (200, "ok\n")
        right = "Basic " + base64.b64encode(b"anybody:correct horse battery").decode()
        for said in (right, "Bearer correct horse battery"):
            assert (await get(client, status.port, "/readyz", Authorization=said, Host="bridge.example"))[0] == 200
        assert (await get(client, status.port, "/metrics", Authorization="Bearer wrong"))[0] == 401
        async with client.get(f"http://127.0.0.1:{status.port}/", headers={"Authorization": right}) as answer:
            assert (answer.status, answer.headers["Retry-After"].isdigit()) == (429, True)


async def test_tls_and_a_renewed_certificate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_AGAIN", 0.05)
    first, second = (make_certificate(tmp_path / name) for name in ("first", "second"))
    for name, source in (("cert.pem", first.chain), ("key.pem", first.key)):
        (tmp_path / name).write_bytes(source.read_bytes())
    place = Place("127.0.0.1", 0, None, tmp_path / "cert.pem", tmp_path / "key.pem")
    async with serving(MadeUp(), place) as status:
        assert await shows(status.port, first.ca)
        (tmp_path / "cert.pem").write_bytes(b"half a certif")
        while not status.attention:  # noqa: ASYNC110  nothing announces it
            await asyncio.sleep(0.01)
        assert await shows(status.port, first.ca), "the old one serves on"
        (tmp_path / "key.pem").write_bytes(second.key.read_bytes())
        (tmp_path / "cert.pem").write_bytes(second.chain.read_bytes())
        while status.attention:  # noqa: ASYNC110  nothing announces it
            await asyncio.sleep(0.01)
        assert await shows(status.port, second.ca)


async def shows(port: int, ca: Path) -> bool:
    trusted = ssl.create_default_context(cafile=ca)
    async with (
        aiohttp.ClientSession() as client,
        client.get(f"https://localhost:{port}/readyz", ssl=trusted) as answer,
    ):
        return answer.status == 200


async def test_a_certificate_that_is_not_there_is_named(tmp_path: Path) -> None:
    certificate = tmp_path / "cert.pem"
    status = server.StatusServer(Place("127.0.0.1", 0, None, certificate), MadeUp(), Metrics())
    for content, cause in ((None, f"{certificate}: No such file"), (b"x", "certificate and key cannot be used")):
        if content is not None:
            certificate.write_bytes(content)
        task = asyncio.create_task(status.run())
        while cause not in status.attention:  # noqa: ASYNC110  nothing announces it
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def test_what_is_wrong_with_its_files_names_them(tmp_path: Path) -> None:
    made, other = make_certificate(tmp_path / "made"), make_certificate(tmp_path / "other")
    assert tls.trouble(made.chain, made.key) == ""
    assert tls.trouble(made.chain, None) == f"{made.chain} holds no private key: set status.key"
    assert tls.trouble(made.chain, made.chain) == f"{made.chain} holds no private key: correct status.key"
    assert tls.trouble(made.chain, tmp_path / "gone") == f"{tmp_path / 'gone'}: No such file or directory"
    mixed = tls.trouble(made.chain, other.key)
    assert f"({made.chain} and {other.key}): they must be PEM, belong together" in mixed
    assert "_ssl.c" not in mixed
    folder = tls.trouble(made.chain, tmp_path)  # cannot be read, for root too
    assert folder == f"{tmp_path}: Is a directory"


async def test_a_port_that_is_taken_is_told_and_waited_for(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "_AGAIN", 0.05)
    async with serving(MadeUp()) as first:
        port = first.port
        waiting = asyncio.create_task(opened(port))
        late = server.StatusServer(Place("127.0.0.1", port), MadeUp(), Metrics())
        task = asyncio.create_task(late.run())
        while not late.attention:  # noqa: ASYNC110  nothing announces it
            await asyncio.sleep(0.01)
        assert f"port {port}" in late.attention
        assert "status.port" in late.attention
        await waiting
    await late.listening.wait()
    assert await get(client, port, "/healthz") == (200, "ok\n")
    assert late.attention == ""
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def opened(port: int) -> None:
    _reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()


async def test_more_connections_than_enough_are_hung_up_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "_CONNECTIONS", 3)
    async with serving(MadeUp()) as status:
        held = [await asyncio.open_connection("127.0.0.1", status.port) for _ in range(3)]
        for _reader, writer in held:  # answered, so surely counted
            writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await _reader.readuntil(b"ok\n")
        reader, writer = await asyncio.open_connection("127.0.0.1", status.port)
        writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await reader.readuntil(b"ok\n")
        for _reader, each in [*held, (reader, writer)]:
            each.close()


@pytest.mark.parametrize(
    "garbled",
    [
        b"BREW / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x00\xa5\x01\x00",
        b"GET /<script>\x00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer hun\x00ter2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
    ],
    ids=["method", "TLS", "path", "long path", "many headers", "header", "two hosts", "no host"],
)
async def test_what_is_garbled_is_neither_shown_nor_logged(garbled: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async with serving(MadeUp()) as status:
        reader, writer = await asyncio.open_connection("127.0.0.1", status.port)
        writer.write(garbled)
        said = await reader.read()
        writer.close()
    assert said.startswith(b"HTTP/1.0 400 "), said
    assert said.endswith(b"\r\n\r\nnot a request that can be answered\n")
    assert b"aiohttp" not in said
    assert [record for record in caplog.records if record.levelname not in {"DEBUG", "INFO"}] == []


async def test_a_defect_of_ours_is_logged_and_not_shown(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(MadeUp(meters=[{}])) as status:
        code, text = await get(client, status.port, "/api/overview")
    assert (code, "KeyError" in text, "KeyError" in caplog.text) == (500, False, True)


class Unreadable(MadeUp):
    """Its figures need no file."""

    async def overview(self) -> Mapping[str, Any]:
        raise OutboxError("the outbox's file cannot be read: <disk I/O error>")


async def test_what_cannot_be_read_is_told_in_words_and_logged_once(
    client: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    sentence = "the outbox's file cannot be read: <disk I/O error>\n"
    async with serving(Unreadable()) as status:
        for path in ("/api/overview", "/api/meters", "/readyz") * 3:
            assert await get(client, status.port, path) == (503, sentence), path
        code, page = await get(client, status.port, "/")
        assert (code, "&lt;disk I/O error&gt;" in page, "/page/main.js" in page) == (503, True, True)
        assert (await get(client, status.port, "/healthz"))[0] == 200
    assert capsys.readouterr().out.count("the outbox's file cannot be read") == 1
    assert "Traceback" not in caplog.text


async def test_metrics_are_served_without_what_cannot_be_read(
    client: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "_PATIENCE", 0.05)
    for told in (Unreadable(), MadeUp(stalled=asyncio.Event())):
        async with serving(told) as status:
            code, text = await get(client, status.port, "/metrics")
        assert code == 200
        assert "bacnet_bridge_problems 1.0" in text
        assert "bacnet_bridge_waiting_packets 7.0" in text


async def test_thousands_of_meters_and_hostile_names_arrive_as_json(client: aiohttp.ClientSession) -> None:
    told = MadeUp(meters=[meter(n, last="\ud800<b>\x00" + "x" * 70_000 * (n == 3)) for n in range(5000)])
    async with serving(told) as status, client.get(f"http://127.0.0.1:{status.port}/api/meters") as answer:
        assert answer.content_type == "application/json"
        found = await answer.json()
    assert len(found) == 5000
    assert found[3]["last"].startswith("�<b>�xxx")
    assert len(found[3]["last"]) == 4096
