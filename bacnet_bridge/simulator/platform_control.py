"""The strict platform's control address: plain HTTP on 127.0.0.1, JSON in and out.

| request | what it does |
|---|---|
| `GET /record` | everything remembered (`platform_record.Record`); `?bodies=0` leaves the packets' texts out |
| `GET /counts` | attempts, accepted, duplicates, discarded, malformed, in_flight; `?id=ID` those of one id |
| `GET /wait?what=accepted&at_least=5` | the counts, once that one is reached; `&id=`, `&seconds=10`; else 408 |
| `POST /faults` | tell a fault, or a list of them (`platform_faults.Fault`) |
| `GET /faults`, `DELETE /faults` | those that have not struck yet; forget them |
| `GET /behaviour`, `PATCH /behaviour` | what holds for every request (`platform_faults.Behaviour`); change some of it |
| `DELETE /cookies` | the sessions expire: requests must get a new cookie |
| `POST /down`, `POST /up` | an outage begins, cutting all connections; it ends. The record stays |
| `POST /reset` | forget record, faults and sessions |

What is told wrongly is answered 400 with `{"error": …}`.

    curl -d '{"status": 503, "times": 3, "id": "demo-gas"}' http://127.0.0.1:8444/faults
    curl -d '{"cut": "reset", "after_storing": true}' http://127.0.0.1:8444/faults
    curl -X PATCH -d '{"duplicates": 409}' http://127.0.0.1:8444/behaviour
"""

from typing import TYPE_CHECKING, Final, get_args

from aiohttp import web
from aiohttp.typedefs import Handler

from bacnet_bridge.simulator.platform_faults import Behaviour, Fault
from bacnet_bridge.simulator.platform_listener import ADDRESS
from bacnet_bridge.simulator.platform_record import Counted
from bacnet_bridge.simulator.told import checked, from_json, keyed

if TYPE_CHECKING:
    from bacnet_bridge.simulator.platform import StrictPlatform

_FAULT: Final = '{"status": 503, "times": 3}'
_BEHAVIOUR: Final = '{"duplicates": 409}'


class Control:
    """Puts the control address in front of a platform."""

    def __init__(self, platform: "StrictPlatform") -> None:
        self._platform = platform
        self._runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0)
        self._port = 0

    @property
    def url(self) -> str:
        return f"http://{ADDRESS}:{self._port}"

    async def open(self, port: int) -> None:
        await self._runner.setup()
        await web.TCPSite(self._runner, ADDRESS, port).start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        await self._runner.cleanup()

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[_explain])
        application.add_routes(
            [
                web.get("/record", self._record),
                web.get("/counts", self._counts),
                web.get("/wait", self._wait),
                web.get("/faults", self._told),
                web.post("/faults", self._tell),
                web.delete("/faults", self._clear),
                web.get("/behaviour", self._behaviour),
                web.patch("/behaviour", self._behave),
                web.delete("/cookies", self._expire),
                web.post("/down", self._down),
                web.post("/up", self._up),
                web.post("/reset", self._reset),
            ]
        )
        return application

    async def _record(self, request: web.Request) -> web.Response:
        left_out = {"bodies"} if request.query.get("bodies") == "0" else set()
        return _json(self._platform.record.model_dump_json(exclude=left_out))

    async def _counts(self, request: web.Request) -> web.Response:
        return _json(self._platform.counts(request.query.get("id")).model_dump_json())

    async def _wait(self, request: web.Request) -> web.Response:
        query = request.query
        wanted = query.get("what", "accepted")
        if wanted not in get_args(Counted):
            raise ValueError(f"{wanted!r} is not counted; write what= and one of {', '.join(get_args(Counted))}")
        what: Counted = wanted  # type: ignore[assignment]  # just looked
        try:
            at_least, seconds = int(query.get("at_least", "1")), float(query.get("seconds", "10"))
        except ValueError:
            raise ValueError("at_least and seconds must be numbers") from None
        try:
            counts = await self._platform.until(what, at_least, query.get("id"), seconds)
        except TimeoutError as error:
            return web.json_response({"error": str(error)}, status=408)
        return _json(counts.model_dump_json())

    async def _told(self, _request: web.Request) -> web.Response:
        return web.json_response([fault.model_dump() for fault in self._platform.faults()])

    async def _tell(self, request: web.Request) -> web.Response:
        told = from_json(await request.text(), _FAULT)
        faults = [checked(Fault, keyed(each, _FAULT)) for each in (told if isinstance(told, list) else [told])]
        self._platform.misbehave(*faults)
        return await self._told(request)

    async def _clear(self, request: web.Request) -> web.Response:
        self._platform.clear_faults()
        return await self._told(request)

    async def _behaviour(self, _request: web.Request) -> web.Response:
        # a password is shown: it is the simulator's own
        return _json(self._platform.behaviour.model_dump_json())

    async def _behave(self, request: web.Request) -> web.Response:
        changes = keyed(from_json(await request.text(), _BEHAVIOUR), _BEHAVIOUR)
        self._platform.behave(**checked(Behaviour, self._platform.behaviour.model_dump() | changes).model_dump())
        return await self._behaviour(request)

    async def _expire(self, _request: web.Request) -> web.Response:
        self._platform.expire_cookies()
        return web.json_response({})

    async def _down(self, _request: web.Request) -> web.Response:
        await self._platform.go_down()
        return web.json_response({"up": False})

    async def _up(self, _request: web.Request) -> web.Response:
        await self._platform.come_up()
        return web.json_response({"up": True})

    async def _reset(self, _request: web.Request) -> web.Response:
        self._platform.reset()
        return web.json_response({})


@web.middleware
async def _explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except ValueError as error:
        return web.json_response({"error": str(error)}, status=400)


def _json(text: str) -> web.Response:
    return web.Response(text=text, content_type="application/json")
