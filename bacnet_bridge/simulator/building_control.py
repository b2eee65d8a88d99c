"""The simulated building's control address: plain HTTP on 127.0.0.1, where it is watched and told to misbehave.

GET /values, GET /requests                       what objects show now; what devices were asked so far
PUT /devices/1003                                a Behaviour's keys; `{}` returns to the declaration
PUT /devices/1003/objects/analog-input,1         a Health's keys; `{}` returns to the declaration
POST /devices/1003/mishaps                       a Mishap's keys: what happens to the device, its clock and its logs now
Either PUT takes `seconds` besides, after which the declaration holds again.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeVar

from aiohttp import web
from pydantic import BaseModel

from bacnet_bridge.simulator.building_device import SimulatedDevice
from bacnet_bridge.simulator.building_network import SimulatedNetwork
from bacnet_bridge.simulator.building_objects import SimulatedObject
from bacnet_bridge.simulator.log_declaration import Mishap
from bacnet_bridge.simulator.told import checked, from_json, keyed, seconds
from bacnet_bridge.vocabulary.objects import parse_object

_MISHAP: Final = '{"down": 600, "ahead": -3600}'
_EXAMPLE: Final = '{"silent": true, "seconds": 30}'


class Control:
    """The handlers, over one network."""

    def __init__(self, network: SimulatedNetwork) -> None:
        self._network = network
        self._ends: dict[tuple[str, str], asyncio.TimerHandle] = {}
        self.application = web.Application()
        self.application.add_routes(
            [
                web.get("/values", self._values),
                web.get("/requests", self._requests),
                web.put("/devices/{device}", self._misbehave),
                web.post("/devices/{device}/mishaps", self._happen),
                web.put("/devices/{device}/objects/{object}", self._sicken),
            ]
        )

    async def _values(self, _request: web.Request) -> web.Response:
        return web.json_response({number: each.values() for number, each in self._network.devices.items()})

    async def _requests(self, _request: web.Request) -> web.Response:
        return web.json_response({number: each.requests for number, each in self._network.devices.items()})

    async def _misbehave(self, request: web.Request) -> web.Response:
        device = self._device(request)
        declared = device.declared.behaviour
        behaviour, duration = await _deviation(request, declared)
        self._apply(request, lambda: device.misbehave(behaviour), lambda: device.misbehave(declared), duration)
        return web.json_response(behaviour.model_dump(mode="json"))

    async def _happen(self, request: web.Request) -> web.Response:
        device = self._device(request)
        try:
            mishap = checked(Mishap, keyed(from_json(await request.text(), _MISHAP), _MISHAP))
        except ValueError as error:
            raise web.HTTPBadRequest(text=f"not understood: {error}\n") from error
        device.happens(mishap)
        return web.json_response(mishap.model_dump(mode="json"))

    async def _sicken(self, request: web.Request) -> web.Response:
        sick = self._object(request)
        declared = sick.declared.health
        health, duration = await _deviation(request, declared)
        try:
            self._apply(request, lambda: sick.sicken(health), lambda: sick.sicken(declared), duration)
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        return web.json_response(health.model_dump(mode="json"))

    def _apply(
        self, request: web.Request, begin: Callable[[], None], end: Callable[[], None], duration: float | None
    ) -> None:
        """Do it now, undo it after `duration` seconds; what is told later about the same thing takes its place."""

        def do(change: Callable[[], None]) -> None:
            change()
            self._network.refresh()

        do(begin)
        key = (request.match_info["device"], request.match_info.get("object", ""))
        if key in self._ends:
            self._ends.pop(key).cancel()
        if duration is not None:
            self._ends[key] = asyncio.get_running_loop().call_later(duration, do, end)

    def _device(self, request: web.Request) -> SimulatedDevice:
        text = request.match_info["device"]
        known = {str(number): each for number, each in self._network.devices.items()}
        if text not in known:
            raise web.HTTPNotFound(text=f"there is no device {text}; the building has {', '.join(known)}")
        return known[text]

    def _object(self, request: web.Request) -> SimulatedObject:
        device = self._device(request)
        try:
            return device.objects[parse_object(request.match_info["object"])]
        except ValueError as error:
            raise web.HTTPBadRequest(text=str(error)) from error
        except KeyError as error:
            text = f"device {device.declared.instance} has no object {request.match_info['object']}"
            raise web.HTTPNotFound(text=text) from error


_Deviation = TypeVar("_Deviation", bound=BaseModel)


async def _deviation(request: web.Request, declared: _Deviation) -> tuple[_Deviation, float | None]:
    """What the request asks for on top of the declaration, and for how many seconds."""
    try:
        asked = dict(keyed(from_json(await request.text(), _EXAMPLE), _EXAMPLE))
        duration = seconds(asked.pop("seconds", None))
        return checked(type(declared), {**declared.model_dump(), **asked}, also=["seconds"]), duration
    except ValueError as error:
        raise web.HTTPBadRequest(text=f"not understood: {error}\n") from error
