"""The statuses of requests that carry no packet: a GET of a meter's latest. Nothing is ever stored by one."""

import ssl

import aiohttp

from bacnet_bridge import __version__
from bacnet_bridge.wattics.credentials import Credentials, Proxy
from bacnet_bridge.wattics.excerpt import shown
from bacnet_bridge.wattics.trouble import said_plainly, trouble_of


async def status_of(
    address: str, meter: str, credentials: Credentials | None, trusted: ssl.SSLContext, proxy: Proxy | None
) -> int | str:
    """The status; or why there is none, without any secret. Cookies are not kept, redirects not followed."""
    headers = {"User-Agent": f"bacnet-bridge/{__version__}", "Accept-Encoding": "identity"}
    if credentials is not None:
        headers["Authorization"] = credentials.header()
    connector = aiohttp.TCPConnector(ssl=trusted, force_close=True)
    patience = aiohttp.ClientTimeout(total=10)
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(connector=connector, timeout=patience, cookie_jar=jar, trust_env=False) as session:
        try:
            async with session.get(
                address,
                params={"stream": meter},
                headers=headers,
                allow_redirects=False,
                proxy=None if proxy is None else proxy.address,
                proxy_headers=None if proxy is None else proxy.headers(),
            ) as answer:
                return answer.status
        except TimeoutError:
            return "no answer within 10 s"
        except aiohttp.ClientError as error:
            text = f"{trouble_of(error)}: {said_plainly(error)}"
            return shown(text if credentials is None else credentials.hide(text))
