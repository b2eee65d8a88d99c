"""What time the platform thinks it is: the `Date` of an answer to a request that carries no packet."""

import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Final

import aiohttp

from bacnet_bridge.clock import instant_of

_PATIENCE: Final = aiohttp.ClientTimeout(total=10.0)


async def platform_date(address: str, trusted: ssl.SSLContext) -> int | None:
    """The instant of the answer's `Date`, to the second, plus its `Age`; None where there is no such answer.

    Asks with HEAD and without credentials: any status has a date. TLS is verified, and no redirect is followed, so
    that only the platform's own word counts.
    """
    connector = aiohttp.TCPConnector(ssl=trusted, force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=_PATIENCE, trust_env=False) as session:
        try:
            async with session.head(address, allow_redirects=False) as answer:
                return date_of(answer.headers)
        except (aiohttp.ClientError, TimeoutError):
            return None


def date_of(headers: Mapping[str, str]) -> int | None:
    """`Date` plus `Age` (RFC 9110, 6.6.1; RFC 9111, 5.1) as an instant; None where they make no sense."""
    try:
        date = parsedate_to_datetime(headers["Date"])
        return instant_of(date) + int(headers.get("Age", "0")) * 1000
    except (KeyError, ValueError, OverflowError):
        return None
