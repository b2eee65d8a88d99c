"""Server-sent events over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

import aiohttp
import pytest

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.status import events, pages
from bacnet_bridge.status.server import Place
from bacnet_bridge.status.shared import Shared
from bacnet_bridge.vocabulary.password import hashed
from tests.support.status import MadeUp, MadeUpChanges, meter, serving


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "EVERY", 0.02)
    monkeypatch.setattr(pages, "_KEPT", 0.02)


class Stream:
    """What a browser makes of the answer."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def line(self) -> str:
        return (await self.answer.content.readline()).decode()

    async def event(self) -> tuple[str, Any]:
        """The next one; comments are passed over."""
        name = ""
        while line := await self.line():
            if line.startswith("event: "):
                name = line[7:].strip()
            if line.startswith("data: "):
                return name, json.loads(line[6:])
        return "end", None


@asynccontextmanager
async def listening(port: int, **headers: str) -> AsyncIterator[Stream]:
    async with (
        aiohttp.ClientSession(read_bufsize=2**24) as client,
        client.get(f"http://127.0.0.1:{port}/api/events", headers=headers) as answer,
    ):
        assert answer.status == 200
        yield Stream(answer)


async def greeted(stream: Stream) -> None:
    assert await stream.event() == ("hello", {"now": "now", "version": "1.2.3"})


async def test_a_listener_is_greeted_and_told_what_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_QUIET", 0.05)
    told = MadeUp()
    async with serving(told) as status, listening(status.port) as stream:
        assert stream.answer.content_type == "text/event-stream"
        assert stream.answer.headers["Cache-Control"] == "no-store"
        assert await stream.line() == "retry: 3000\n"
        await greeted(stream)
        told.news.put_nowait({"meters": [meter(1, last="<b>\n\u2028\x00", waiting=3)], "gone": ["m-2"]})
        name, document = await stream.event()
        assert (name, document["meters"][0]["last"], document["gone"]) == ("changes", "<b>���", ["m-2"])
        while not (await stream.line()).startswith(": "):
            pass


async def test_where_nothing_changes_the_loop_that_looks_says_that_it_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "ALIVE", 0.1)
    hangs = asyncio.Event()

    class Hanging(MadeUpChanges):
        async def next(self) -> Mapping[str, Any]:
            if hangs.is_set():
                await asyncio.Event().wait()
            return await super().next()

    class Told(MadeUp):
        def changes(self) -> MadeUpChanges:
            return Hanging(self.news)

    monkeypatch.setattr(events, "_QUIET", 0.05)
    async with serving(Told()) as status, listening(status.port) as stream:
        await greeted(stream)
        for _ in range(3):
            assert await stream.event() == ("alive", {"now": "now"})
        hangs.set()
        await asyncio.sleep(0.3)
        stream.answer.content.read_nowait()  # what came before it hung
        for _ in range(20):
            assert await stream.line() in {": \n", "\n"}, "the connection lives, and nothing more is known"


async def test_all_listeners_share_one_and_nothing_is_done_for_nobody() -> None:
    told = MadeUp()
    async with serving(told) as status:
        async with listening(status.port) as one, listening(status.port) as two:
            await greeted(one)
            await greeted(two)
            told.news.put_nowait({"gone": ["m-1"]})
            assert await one.event() == await two.event() == ("changes", {"gone": ["m-1"]})
        told.news.put_nowait({"gone": ["m-2"]})
        told.news.put_nowait({"gone": ["m-3"]})
        async with listening(status.port) as again:
            await greeted(again)
            while (await again.event())[1] != {"gone": ["m-3"]}:
                pass


async def test_who_comes_as_the_last_one_goes_is_not_sent_away_with_it() -> None:
    told = MadeUp()
    async with serving(told) as status:
        for number in range(20):
            async with listening(status.port) as stream:
                await greeted(stream)
                told.news.put_nowait({"gone": [f"m-{number}"]})
                name, document = await stream.event()
                while (name, document) != ("changes", {"gone": [f"m-{number}"]}):
                    assert name == "changes"
                    name, document = await stream.event()


async def test_more_listeners_than_enough_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LISTENERS", 1)
    async with serving(MadeUp()) as status, listening(status.port) as one:
        await greeted(one)
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://127.0.0.1:{status.port}/api/events") as refused,
        ):
            assert (refused.status, refused.headers["Retry-After"]) == (503, "30")
        async with aiohttp.ClientSession() as client, client.head(one.answer.url) as head:
            assert head.status == 405


async def test_who_takes_nothing_is_hung_up_on_and_the_others_miss_nothing() -> None:
    told, many = MadeUp(), 12
    async with serving(told) as status:
        slow, writer = await asyncio.open_connection("127.0.0.1", status.port, limit=1024)
        writer.write(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        await slow.readuntil(b"hello")
        async with listening(status.port) as other:
            await greeted(other)
            for _ in range(many):
                told.news.put_nowait({"meters": [meter(n, last="x" * 4000) for n in range(500)]})
            for _ in range(many):
                while not (await other.line()).startswith("data: "):
                    pass
            taken = b""
            with suppress(ConnectionError):
                while chunk := await slow.read(2**20):
                    taken += chunk
            assert taken.count(b"event: changes") < many
        writer.close()


async def test_it_ends_with_the_bridge() -> None:
    async with serving(MadeUp()) as status:
        client = aiohttp.ClientSession()
        answer = await client.get(f"http://127.0.0.1:{status.port}/api/events")
        stream = Stream(answer)
        await greeted(stream)
        began = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - began < 0.9
    assert await stream.event() == ("end", None)
    await client.close()


async def test_where_nothing_can_be_told_listeners_are_sent_away(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(MadeUp):
        def changes(self) -> Any:
            raise BridgeError("the file cannot be read")

    async with serving(Broken()) as status, listening(status.port) as stream:
        await greeted(stream)
        assert await stream.event() == ("end", None)
    assert "Traceback" not in caplog.text


async def test_who_comes_while_one_of_the_sent_away_still_goes_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """One takes nothing, so its last text hangs, for half a minute at most; what broke is mended before."""
    broken, write, stuck = asyncio.Event(), events._write, list[Any]()

    class Breaking(MadeUpChanges):
        async def next(self) -> Mapping[str, Any]:
            if broken.is_set():
                broken.clear()
                raise BridgeError("the file cannot be read")
            return await super().next()

    class Told(MadeUp):
        def changes(self) -> MadeUpChanges:
            return Breaking(self.news)

    async def slow(response: Any, text: bytes) -> None:
        if b"stuck" in text:
            stuck.append(response)
            await asyncio.Event().wait()
        await write(response, text)

    monkeypatch.setattr(events, "_write", slow)
    told = Told()
    async with serving(told) as status, listening(status.port) as first:
        await greeted(first)
        told.news.put_nowait({"gone": ["stuck"]})
        while not stuck:  # noqa: ASYNC110  nothing announces it
            await asyncio.sleep(0.01)
        broken.set()
        while broken.is_set():  # noqa: ASYNC110  nothing announces it
            await asyncio.sleep(0.01)
        async with listening(status.port) as second:
            await greeted(second)
            told.news.put_nowait({"gone": ["m-1"]})
            async with asyncio.timeout(10):
                assert await second.event() == ("changes", {"gone": ["m-1"]})


async def test_a_listener_needs_the_password_too() -> None:
    place = Place("127.0.0.1", 0, hashed("correct horse battery"))
    async with serving(MadeUp(), place) as status:
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://127.0.0.1:{status.port}/api/events") as answer,
        ):
            assert answer.status == 401
        async with listening(status.port, Authorization="Bearer correct horse battery") as stream:
            await greeted(stream)


async def test_a_newer_answer_was_begun_later_than_the_call() -> None:
    begun: list[float] = []

    async def work() -> int:
        begun.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.01)
        return len(begun)

    shared = Shared(work, 0.05)
    first = asyncio.create_task(shared.get())
    await asyncio.sleep(0.001)
    called = asyncio.get_running_loop().time()
    assert await shared.newer() == 2
    assert (await first, begun[1] > called) == (1, True)
    assert await shared.get() == 2
    await shared.stop()
