"""What the strict platform does with one request: credentials, rules, ownership, cookie, order, and the faults told."""

import asyncio
import secrets
import socket
import struct
import time
from collections.abc import Coroutine
from email.utils import formatdate
from html import escape
from http import HTTPStatus
from typing import Final

from aiohttp import web

from bacnet_bridge.simulator.platform_faults import Behaviour, Fault, Faults
from bacnet_bridge.simulator.platform_record import Book, Outcome
from bacnet_bridge.simulator.platform_rules import (
    PATH,
    MalformedError,
    Submission,
    check_headers,
    credentials,
    parse,
)

COOKIE: Final = "collector-session"
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER on, for 0 seconds: closing sends RST instead of FIN."""


class Desk:
    """Treats requests one by one. `behaviour` may be changed at any time, `faults` and `book` are shared."""

    def __init__(self, behaviour: Behaviour, faults: Faults, book: Book) -> None:
        self.behaviour = behaviour
        self.faults = faults
        self.book = book
        self._sessions: set[str] = set()
        self._handed_out = False
        self._running: set[asyncio.Task[web.Response | None]] = set()

    async def handle(self, request: web.BaseRequest) -> web.Response:
        """Any request that came over TLS."""
        answer = await self._handle(request)
        if self.behaviour.ahead:
            answer.headers["Date"] = formatdate(time.time() + self.behaviour.ahead, usegmt=True)
        return answer

    async def _handle(self, request: web.BaseRequest) -> web.Response:
        if request.path != PATH:
            return _page(404, f"nothing is here; packets go to {PATH}")
        if request.method == "POST":
            return await self._post(request)
        if request.method == "GET":
            return self._latest(request)
        return _page(405, "packets are sent by POST")

    def expire_sessions(self) -> None:
        """The cookies handed out so far are no longer known; each request that bears one gets a new one."""
        self._sessions.clear()

    def reset(self) -> None:
        """No cookie was ever handed out; delays under way end, and store nothing."""
        self._sessions.clear()
        self._handed_out = False
        for task in self._running:
            task.cancel()

    async def close(self) -> None:
        """End delays that are still running; what they would have stored is not stored."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _post(self, request: web.BaseRequest) -> web.Response:
        self.book.arrived()
        status = 0
        try:
            answer = await self._answer(request)
            if answer is None:
                return web.Response()  # the connection is gone: aiohttp wants one, nobody gets it
            status = answer.status
            return answer
        finally:
            self.book.answered(status)

    async def _answer(self, request: web.BaseRequest) -> web.Response | None:
        content = await request.read()
        user = self._user(request)
        if user is None:
            self.book.unauthorised += 1
            return _unauthorised()
        try:
            check_headers(request.headers)
            packet = parse(content)
        except MalformedError as error:
            self.book.broken(str(error), content)
            return _page(400, str(error))
        return await self._fly(request, user, packet)

    async def _fly(self, request: web.BaseRequest, user: str, packet: Submission) -> web.Response | None:
        loop = asyncio.get_running_loop()
        flight = self.book.depart(packet.id, loop.time())
        answered = False
        try:
            fault = self.faults.strike(packet.id)
            if fault is None:
                answer: web.Response | None = self._process(request, user, packet)
            else:
                # a platform goes on with what it has begun, though the client has left
                answer = await asyncio.shield(self._spawn(self._misbehave(fault, request, user, packet)))
            answered = True
            return answer
        finally:
            flight.land(answered=answered, now=loop.time())

    async def _misbehave(
        self, fault: Fault, request: web.BaseRequest, user: str, packet: Submission
    ) -> web.Response | None:
        answer = None
        if fault.after_storing:
            answer = self._process(request, user, packet)
        if fault.delay:
            await asyncio.sleep(fault.delay)
        if fault.idle is not None and request.transport is not None:
            asyncio.get_running_loop().call_later(fault.idle, request.transport.close)
        if fault.cut is not None:
            _cut(request, reset=fault.cut == "reset")
            return None
        if fault.status is not None:
            return _told(fault)
        return answer or self._process(request, user, packet)

    def _process(self, request: web.BaseRequest, user: str, packet: Submission) -> web.Response:
        """Ownership, cookie, order; the answer that is due."""
        refusal = self._ownership(user, packet.id)
        if refusal is not None:
            return refusal
        cookie = self._new_cookie(request)
        if cookie is not None and self._handed_out:
            self.book.cookies_missing += 1
            answer = _page(self.behaviour.cookie or 400, "the session's cookie is missing")
        else:
            outcome = self.book.store(packet, self.behaviour.order)
            late = outcome is Outcome.DUPLICATE and self.behaviour.duplicates != 200
            answer = _page(self.behaviour.duplicates, "this packet is here already") if late else web.Response()
        if cookie is not None:
            self._hand_out(cookie, answer)
        return answer

    def _latest(self, request: web.BaseRequest) -> web.Response:
        user = self._user(request)
        if user is None:
            return _unauthorised()
        meter = request.query.get("stream", "")
        refusal = self._ownership(user, meter)
        if refusal is not None:
            return refusal
        stream = self.book.streams.get(meter)
        body = stream.latest(self.behaviour.lag) if stream is not None and self.behaviour.latest else None
        if body is None:
            return _page(404, "no packet was processed")
        return web.Response(text=body, content_type="application/json")

    def _user(self, request: web.BaseRequest) -> str | None:
        given = credentials(request.headers.get("Authorization"))
        if given is None:
            return None
        name, password = given
        return name if self.behaviour.users.get(name) == password else None

    def _ownership(self, user: str, meter: str) -> web.Response | None:
        registry = self.behaviour.registry
        if registry is None:
            return None
        if meter not in registry:
            return _page(404, f"no data point {meter} is registered")
        if registry[meter] != user:
            return _page(403, f"data point {meter} belongs to another user")
        return None

    def _new_cookie(self, request: web.BaseRequest) -> str | None:
        """A cookie to hand out, where one is demanded and a known one did not come with the request."""
        if self.behaviour.cookie is None:
            return None
        if request.cookies.get(COOKIE) in self._sessions:
            self.book.cookies_seen += 1
            return None
        return secrets.token_urlsafe(8)

    def _hand_out(self, cookie: str, answer: web.Response) -> None:
        self._sessions.add(cookie)
        self._handed_out = True
        self.book.cookies_set += 1
        answer.set_cookie(COOKIE, cookie, path="/", secure=True, httponly=True)

    def _spawn(self, work: Coroutine[None, None, web.Response | None]) -> "asyncio.Task[web.Response | None]":
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        return task


def _page(status: int, why: str) -> web.Response:
    title = f"{status} {HTTPStatus(status).phrase}"
    head = f"<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n"
    text = f"{head}<body><h1>{title}</h1><p>{escape(why)}</p></body></html>\n"
    return web.Response(status=status, text=text, content_type="text/html")


def _unauthorised() -> web.Response:
    answer = _page(401, "user or password is wrong")
    answer.headers["WWW-Authenticate"] = 'Basic realm="collector"'
    return answer


def _told(fault: Fault) -> web.Response:
    headers = {"Content-Type": "text/html; charset=utf-8", **fault.headers}
    return web.Response(status=fault.status or 500, body=fault.body.encode(), headers=headers)


def _cut(request: web.BaseRequest, *, reset: bool) -> None:
    transport = request.transport
    if transport is None:
        return
    if reset:
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    transport.abort()
