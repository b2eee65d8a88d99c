"""Real TLS servers, good and bad, directly and through a proxy."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bacnet_bridge.doctor.certificate import authorities, read_certificate
from bacnet_bridge.doctor.finding import Finding, State
from bacnet_bridge.doctor.platform import judge_authorities, judge_dns, judge_proxy, judge_tls
from bacnet_bridge.doctor.way_out import resolved, shake
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.simulator.certificate import Certificate, make_certificate
from bacnet_bridge.wattics.credentials import Credentials, Proxy
from tests.support.proxy import little_proxy

NOW = datetime.now(UTC)


@asynccontextmanager
async def server(certificate: Certificate | None) -> AsyncIterator[int]:
    """On 127.0.0.1, with TLS or without. Its port."""
    context = None
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate.chain, certificate.key)

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if certificate is None:
            writer.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        try:
            await reader.read()
        except OSError:
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0, ssl=context)
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        listening.close()


async def seen(port: int, ca: Path | None = None, host: str = "localhost", proxy: Proxy | None = None) -> Finding:
    return judge_tls(host, port, await shake(host, port, ca, proxy), NOW)


async def test_the_sites_own_authority_means_that_somebody_stands_between(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, timedelta(days=400))
    async with server(made) as port:
        found = await seen(port, made.ca)
    assert found.state is State.WARNING
    assert "trusted through platform.ca alone" in found.says
    assert "issued by BACnet Bridge simulator authority" in found.says
    assert "exempted" in found.remedy


async def test_what_the_system_trusts_is_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_certificate(tmp_path, timedelta(days=400))
    monkeypatch.setenv("SSL_CERT_FILE", str(made.ca))
    async with server(made) as port:
        found = await seen(port)
        soon = judge_tls("localhost", port, await shake("localhost", port, None, None), NOW + timedelta(days=390))
    assert found.state is State.OK
    assert found.says.startswith("TLSv1.3, issued by BACnet Bridge simulator authority, ends ")
    assert soon.state is State.WARNING


async def test_an_issuer_that_nobody_knows_is_named(tmp_path: Path) -> None:
    async with server(make_certificate(tmp_path)) as port:
        found = await seen(port)
    assert found.state is State.FAILURE
    assert "issued by BACnet Bridge simulator authority, which is not trusted" in found.says
    assert "platform.ca" in found.remedy


async def test_a_certificate_that_ended(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, timedelta(minutes=-30))
    async with server(made) as port:
        found = await seen(port, made.ca)
    assert found.state is State.FAILURE
    assert "has expired" in found.says
    assert f"it ended {datetime.now(UTC) - timedelta(minutes=30):%Y-%m-%d}" in found.says


async def test_a_certificate_for_another_name(tmp_path: Path) -> None:
    made = make_certificate(tmp_path)
    async with server(made) as port:
        found = await seen(port, made.ca, host="127.0.0.1")
    assert found.state is State.FAILURE
    assert "for another name than 127.0.0.1 (it bears localhost;" in found.says


async def test_no_tls_and_nobody_there(tmp_path: Path) -> None:
    async with server(None) as port:
        found = await seen(port)
    assert found.state is State.FAILURE
    assert "does not speak TLS" in found.says
    nobody = await seen(port)
    assert nobody.state is State.FAILURE
    assert f"localhost port {port} refuses it" in nobody.says
    with pytest.raises(SettingsError):
        await seen(port, tmp_path / "none.pem")


async def test_through_a_proxy_that_lets_through_refuses_or_wants_to_know_us(tmp_path: Path) -> None:
    made = make_certificate(tmp_path)
    async with server(made) as port, little_proxy("site", "secret") as between:
        known = Proxy(between.address, Credentials("site", SecretStr("secret")))
        shaken = await shake("localhost", port, made.ca, known)
        assert judge_proxy(between.address, "localhost", shaken).state is State.OK
        assert judge_tls("localhost", port, shaken, NOW).state is State.WARNING

        stranger = await shake("localhost", port, made.ca, Proxy(between.address))
        refused = judge_proxy(between.address, "localhost", stranger)
        assert refused.state is State.FAILURE
        assert "407" in refused.says
        assert "proxy_username" in refused.remedy
        assert judge_tls("localhost", port, stranger, NOW).state is State.UNKNOWN

        between.refusal = "403 Forbidden by policy"
        forbidden = judge_proxy(between.address, "localhost", await shake("localhost", port, made.ca, known))
        assert "403 Forbidden by policy" in forbidden.says
        assert "secret" not in str(forbidden)
    gone = await shake("localhost", port, made.ca, known)
    assert judge_proxy(between.address, "localhost", gone).state is State.FAILURE


async def test_names() -> None:
    assert judge_dns("localhost", await resolved("localhost", 1), proxy=False).state is State.OK
    assert judge_dns("127.0.0.1", await resolved("127.0.0.1", 1), proxy=False).state is State.NOT_APPLICABLE
    with pytest.raises(OSError, match=r".") as raised:
        await resolved("nobody.invalid", 1)
    failed = judge_dns("nobody.invalid", raised.value, proxy=True)
    assert failed.state is State.FAILURE
    assert "platform.proxy" in failed.remedy


def test_the_sites_ca_file_and_its_end(tmp_path: Path) -> None:
    made = make_certificate(tmp_path, timedelta(days=90))
    found = authorities(made.ca.read_bytes())
    assert found[0][0] == "BACnet Bridge simulator authority"
    for after, state in ((0, State.OK), (40, State.WARNING), (91, State.FAILURE)):
        assert judge_authorities(found, NOW + timedelta(days=after)).state is state
    assert judge_authorities("x cannot be used", NOW).state is State.FAILURE


def test_what_is_no_certificate_is_none() -> None:
    assert read_certificate(b"\x30\x03abc") is None
