"""What time the platform thinks it is: the `Date` of an answer to a request that carries no packet."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path

import aiohttp

from bacnet_bridge.clock import instant_of, moment_of
from bacnet_bridge.wattics.credentials import Proxy
from bacnet_bridge.wattics.excerpt import shown
from bacnet_bridge.wattics.trouble import said_plainly, trouble_of
from bacnet_bridge.wattics.validity import Shown


@dataclass(frozen=True, slots=True)
class NoDate:
    """There is none; `reason` is a sentence's end for people: what to do about it."""

    reason: str


async def platform_date(
    address: str,
    trusted: ssl.SSLContext | Shown,
    time_out: float = 10.0,
    proxy: Proxy | None = None,
    site_ca: Path | None = None,
) -> int | NoDate:
    """The instant of the answer's `Date`, to the second, plus its `Age`; or why there is none. `time_out`: seconds.

    `site_ca` is the file that `trusted` was made with, to be named where it does not help.

    Asks with HEAD and without credentials: any status has a date. TLS is verified, and no redirect is followed, so
    that only the platform's own word counts. With `Shown` a date counts that the server's certificates are valid at.
    """
    context = trusted.context if isinstance(trusted, Shown) else trusted
    connector = aiohttp.TCPConnector(ssl=context, force_close=True)
    patience = aiohttp.ClientTimeout(total=time_out)
    async with aiohttp.ClientSession(connector=connector, timeout=patience, trust_env=False) as session:
        try:
            async with session.head(
                address,
                allow_redirects=False,
                proxy=None if proxy is None else proxy.address,
                proxy_headers=None if proxy is None else proxy.headers(),
            ) as answer:
                date = date_of(answer.headers)
                if date is None:
                    return _none(answer.status, answer.headers)
                if isinstance(trusted, Shown) and not trusted.vouches_for(date):
                    return NoDate(
                        f"the platform is not trusted: its Date, {moment_of(date).isoformat()}, lies outside the time "
                        "for which its certificate is valid"
                    )
                return date
        except TimeoutError as error:
            return NoDate(f"{trouble_of(error)}: nothing within {time_out:g} s")
        except aiohttp.ClientError as error:
            return NoDate(f"{trouble_of(error)}: {shown(said_plainly(error, site_ca))}")


def _none(status: int, headers: Mapping[str, str]) -> NoDate:
    if "Date" not in headers:
        return NoDate(f"its answer {status} has no Date")
    age = f", Age {shown(headers['Age'])}" if "Age" in headers else ""
    return NoDate(f"the Date of its answer {status} makes no sense: {shown(headers['Date'])}{age}")


def date_of(headers: Mapping[str, str]) -> int | None:
    """`Date` plus `Age` (RFC 9110, 6.6.1; RFC 9111, 5.1) as an instant; None where they make no sense."""
    try:
        instant = instant_of(parsedate_to_datetime(headers["Date"])) + int(headers.get("Age", "0")) * 1000
        moment_of(instant)  # an Age of millennia is no time that anything else could show
    except (KeyError, ValueError, OverflowError, OSError):
        return None
    return instant
