"""The run's own authority is trusted where it is named, and only there."""

import ssl
import stat
from pathlib import Path

import aiohttp
import pytest

from bacnet_bridge.simulator.certificate import make_certificate
from bacnet_bridge.simulator.platform import StrictPlatform
from tests.support.platform import basic, platform  # noqa: F401 - a fixture

_OTHER = "https://127.0.0.1:"


def _strict(ca: Path) -> ssl.SSLContext:
    """As Python 3.13 makes its default contexts."""
    context = ssl.create_default_context(cafile=ca)
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    return context


async def _get(platform: StrictPlatform, url: str, context: ssl.SSLContext) -> int:  # noqa: F811
    headers = basic(platform.username, platform.password)
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), headers=headers) as session,
        session.get(url) as answer,
    ):
        return answer.status


async def test_the_strict_checks_of_a_newer_python_pass(platform: StrictPlatform) -> None:  # noqa: F811
    assert await _get(platform, platform.url, _strict(platform.ca)) == 404


async def test_another_authority_is_refused(platform: StrictPlatform, tmp_path: Path) -> None:  # noqa: F811
    other = make_certificate(tmp_path / "other")

    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await _get(platform, platform.url, _strict(other.ca))
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await _get(platform, platform.url, ssl.create_default_context())
    assert platform.record.tls_sessions == 0


async def test_another_name_is_refused(platform: StrictPlatform) -> None:  # noqa: F811
    url = platform.url.replace("localhost", "127.0.0.1")

    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await _get(platform, url, _strict(platform.ca))


def test_the_key_is_its_owners_and_making_again_replaces(tmp_path: Path) -> None:
    first = make_certificate(tmp_path).ca.read_bytes()
    again = make_certificate(tmp_path)

    assert stat.S_IMODE(again.key.stat().st_mode) == 0o600
    assert again.ca.read_bytes() != first
