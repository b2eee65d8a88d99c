"""The strict platform as a fixture, and a client that trusts it: `from tests.support.platform import platform`."""

import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bacnet_bridge.simulator.platform import StrictPlatform
from bacnet_bridge.simulator.platform_remote import RemotePlatform


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[StrictPlatform]:
    async with StrictPlatform(tmp_path / "platform") as strict:
        yield strict


@pytest.fixture
async def client(platform: StrictPlatform) -> AsyncIterator[aiohttp.ClientSession]:
    async with trusting(platform) as session:
        yield session


def trusting(platform: StrictPlatform | RemotePlatform) -> aiohttp.ClientSession:
    """A session that knows the credentials and trusts the certificate."""
    return aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=platform.ca)),
        headers={"Content-Type": "application/json", **basic(platform.username, platform.password)},
    )


def basic(username: str, password: str) -> dict[str, str]:
    """aiohttp.BasicAuth is deprecated since 3.14, and its successor is not in 3.11."""
    return {"Authorization": f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"}


def body(meter: str = "m1", text: str = "2026-03-01T12:00:00.000+00:00", value: float = 1.5) -> bytes:
    """A packet that keeps every rule."""
    return f'{{"id":"{meter}","tsISO8601":"{text}","value":{value}}}'.encode()


def minute(n: int) -> str:
    """The n-th minute of an hour as a timestamp."""
    return f"2026-03-01T12:{n:02}:00.000+00:00"
