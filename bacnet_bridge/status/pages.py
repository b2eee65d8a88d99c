"""What is answered at which address. `docs/status.md` lists them all."""

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.status.events import Events
from bacnet_bridge.status.files import page_files
from bacnet_bridge.status.metrics import CONTENT_TYPE, Metrics
from bacnet_bridge.status.overview_page import overview_page
from bacnet_bridge.status.shared import Shared
from bacnet_bridge.status.shell import shell
from bacnet_bridge.status.sources import Sources
from bacnet_bridge.status.trend import NARROWEST, WIDEST, trend
from bacnet_bridge.status.unreadable import LATE
from bacnet_bridge.status.visible import all_visible, visible

_KEPT: Final = 2.0
"""Seconds for which an overview serves all who ask: one of thousands of meters takes a while."""
_PATIENCE: Final = 10.0
"""Seconds that the service has; longer, and it is not ready."""
_WIDTH: Final = 900
_UNKNOWN: Final = "no meter of this id is mapped"


class Pages:
    """Reads, and changes nothing."""

    def __init__(self, sources: Sources, metrics: Metrics) -> None:
        self._sources, self._metrics = sources, metrics
        self._overview = Shared(sources.overview, _KEPT)
        self._events = Events(sources.changes, self._greet)
        self._files = page_files()

    def add_to(self, app: web.Application) -> None:
        """Register every address."""
        app.router.add_get("/", self._page)
        for view in ("meters", "devices", "delivery", "mapping"):
            app.router.add_get(f"/{view}", self._view)
        app.router.add_get("/meters/{meter}", self._meter_view)
        app.router.add_get("/meters/{meter}/trend.svg", self._trend)
        app.router.add_get("/style.css", self._style)
        app.router.add_get("/page/{name}", self._file)
        app.router.add_get("/healthz", self._healthz)
        app.router.add_get("/readyz", self._readyz)
        app.router.add_get("/metrics", self._metrics_text)
        app.router.add_get("/api/overview", self._overview_document)
        app.router.add_get("/api/meters", self._meters)
        app.router.add_get("/api/meters/{meter}", self._meter)
        app.router.add_get("/api/meters/{meter}/history", self._history)
        app.router.add_get("/api/devices", self._devices)
        app.router.add_get("/api/delivery", self._delivery)
        app.router.add_get("/api/mapping", self._mapping)
        app.router.add_get("/api/events", self._events.listen, allow_head=False)

    async def stop(self) -> None:
        await self._events.stop()
        await self._overview.stop()

    async def _healthz(self, _request: web.Request) -> web.Response:
        """The process lives and its event loop turns."""
        return web.Response(text="ok\n")

    async def _readyz(self, _request: web.Request) -> web.Response:
        """200 while slots are read and packets accepted within bounds; 503, with a line for each reason, while not."""
        try:
            async with asyncio.timeout(_PATIENCE):
                problems = dict.fromkeys((*(await self._overview.get())["problems"], *await self._sources.moving()))
        except TimeoutError:
            problems = {LATE: None}
        except BridgeError as error:
            problems = {str(error): None}
        if not problems:
            return web.Response(text="ready\n")
        return web.Response(status=503, text="".join(f"{visible(each)}\n" for each in problems))

    async def _metrics_text(self, _request: web.Request) -> web.Response:
        async with asyncio.timeout(_PATIENCE):
            figures = await self._sources.figures()
        try:
            async with asyncio.timeout(_PATIENCE):
                problems = len((await self._overview.get())["problems"])
        except (BridgeError, TimeoutError):  # itself the one that /readyz tells; the figures need no ledger
            problems = 1
        text = await asyncio.to_thread(self._metrics.text, figures, problems)
        return web.Response(body=text, headers={"Content-Type": CONTENT_TYPE})

    async def _page(self, _request: web.Request) -> web.Response:
        overview = await self._overview.get()
        return _html(await asyncio.to_thread(overview_page, overview))

    async def _view(self, request: web.Request) -> web.Response:
        return _html(shell(request.path.removeprefix("/")))

    async def _meter_view(self, request: web.Request) -> web.Response:
        meter = request.match_info["meter"]
        if self._sources.is_mapped(meter):
            return _html(shell("meter", meter=meter))
        return _html(shell("meter", f"<h1>There is nothing here</h1><p>{_UNKNOWN}</p>", meter=meter), status=404)

    async def _trend(self, request: web.Request) -> web.Response:
        """The picture of a meter's last 24 hours: `width` in pixels, `dark` for a dark ground."""
        said = request.query.get("width", "")
        width = min(max(int(said), NARROWEST), WIDEST) if re.fullmatch(r"[0-9]{1,5}", said) else _WIDTH
        name = request.match_info["meter"]
        meter, history = _found(await self._sources.meter(name)), _found(await self._sources.history(name))
        drawn = await asyncio.to_thread(trend, history, meter["zone"], width, dark="dark" in request.query)
        return web.Response(text=drawn, content_type="image/svg+xml")

    async def _style(self, _request: web.Request) -> web.Response:
        return self._served("style.css")

    async def _file(self, request: web.Request) -> web.Response:
        return self._served(request.match_info["name"])

    def _served(self, name: str) -> web.Response:
        file = self._files.get(name)
        if file is None:
            raise web.HTTPNotFound(text="the page has no such file\n")
        return web.Response(body=file.body, content_type=file.content_type, charset="utf-8")

    async def _overview_document(self, _request: web.Request) -> web.Response:
        """All but the meters, which have an address of their own; of them the sums."""
        overview = await self._overview.get()
        return await _json({name: said for name, said in overview.items() if name != "meters"} | sums(overview))

    async def _meters(self, _request: web.Request) -> web.Response:
        return await _json(await self._sources.curves((await self._overview.get())["meters"]))

    async def _meter(self, request: web.Request) -> web.Response:
        name = request.match_info["meter"]
        return await _json(_found(await self._sources.meter(name)))

    async def _history(self, request: web.Request) -> web.Response:
        return await _json(_found(await self._sources.history(request.match_info["meter"])))

    async def _devices(self, _request: web.Request) -> web.Response:
        return await _json(self._sources.devices())

    async def _mapping(self, _request: web.Request) -> web.Response:
        return await _json(await self._sources.mapping())

    async def _greet(self) -> Mapping[str, Any]:
        """Whoever loads documents from here on misses nothing that changed since the call."""
        overview = await self._overview.newer()
        return {"now": overview["now"], "version": overview["version"]}

    async def _delivery(self, _request: web.Request) -> web.Response:
        return await _json(await self._sources.delivery())


def _found(document: Mapping[str, Any] | None) -> Mapping[str, Any]:
    if document is None:
        raise web.HTTPNotFound(text=f"{_UNKNOWN}\n")
    return document


def sums(overview: Mapping[str, Any]) -> dict[str, int]:
    """Of today's counts, over all meters."""
    meters = overview["meters"]
    return {
        "meters": len(meters),
        **{name: sum(meter[name] for meter in meters) for name in ("accepted", "waiting", "holes")},
    }


def _html(text: str, status: int = 200) -> web.Response:
    return web.Response(text=text, content_type="text/html", status=status)


async def _json(document: Any) -> web.Response:
    """Thousands of meters are written in a thread: slots must not wait for whoever looks."""
    body = await asyncio.to_thread(lambda: json.dumps(all_visible(document)).encode())
    return web.Response(body=body, content_type="application/json")
