"""The strict platform as a fixture, and a client that trusts it: `from tests.support.platform import platform`."""

import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bacnet_bridge.simulator.platform import StrictPlatform


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[StrictPlatform]:
    async with StrictPlatform(tmp_path / "platform") as strict:
        yield strict


@pytest.fixture
async def client(platform: StrictPlatform) -> AsyncIterator[aiohttp.ClientSession]:
    """Knows the credentials, trusts the certificate, follows nothing."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=platform.ca)),
        headers=basic(platform.username, platform.password),
    ) as session:
        yield session


def basic(username: str, password: str) -> dict[str, str]:
    """aiohttp.BasicAuth is deprecated since 3.14, and its successor is not in 3.11."""
    return {"Authorization": f"Basic {b64encode(f'{username}:{password}'.encode()).decode()}"}


def body(meter: str = "m1", text: str = "2026-03-01T12:00:00.000+00:00", value: float = 1.5) -> bytes:
    """A packet that keeps every rule."""
    return f'{{"id":"{meter}","tsISO8601":"{text}","value":{value}}}'.encode()


def minute(n: int) -> str:
    """The n-th minute of an hour as a timestamp."""
    return f"2026-03-01T12:{n:02}:00.000+00:00"
