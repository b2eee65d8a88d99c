"""A strict stand-in for the platform, on `https://localhost`: it checks every rule and remembers everything.

    async with StrictPlatform(folder=tmp_path) as platform:
        platform.fail(status=503, times=2, id="demo-gas")
        ...  # send to platform.url, trust platform.ca
        await platform.until("accepted", 5)
        assert platform.record.discarded == {}

`platform_remote.run_platform` gives the same in a process of its own. Both obey the control address
(`platform_control`).
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from bacnet_bridge.simulator.certificate import HOST, Certificate, make_certificate
from bacnet_bridge.simulator.platform_control import Control
from bacnet_bridge.simulator.platform_faults import Behaviour, Fault, Faults
from bacnet_bridge.simulator.platform_listener import Listener
from bacnet_bridge.simulator.platform_record import Book, Counted, Counts, Record
from bacnet_bridge.simulator.platform_rules import PATH
from bacnet_bridge.simulator.platform_server import Desk

USERNAME = "demo"
PASSWORD = "demo-password"  # noqa: S105 - the simulator's own, for a server on the loopback address


@dataclass(frozen=True, slots=True)
class _Waiter:
    what: Counted
    at_least: int
    id: str | None
    reached: asyncio.Future[None]


class StrictPlatform:
    """The platform in this process. Its certificate's files go into `folder`."""

    def __init__(
        self,
        folder: Path,
        *,
        username: str = USERNAME,
        password: str = PASSWORD,
        users: Mapping[str, str] | None = None,
        registry: Mapping[str, str] | None = None,
        port: int = 0,
        control_port: int = 0,
    ) -> None:
        """`users` are further ones, name → password; `registry` says whose each id is (None: any id goes).

        A port of 0 takes a free one.
        """
        self.username, self.password = username, password
        self._ports = (port, control_port)
        self._waiters: list[_Waiter] = []
        self._book = Book(self._changed)
        self._faults = Faults()
        behaviour = Behaviour(
            users={**(users or {}), username: password}, registry=None if registry is None else dict(registry)
        )
        self._desk = Desk(behaviour, self._faults, self._book)
        self.certificate: Certificate = make_certificate(folder)
        self._listener: Listener | None = None

    async def __aenter__(self) -> Self:
        files = self.certificate
        async with AsyncExitStack() as open_so_far:
            self._listener = Listener(self._desk.handle, files.chain, files.key, self._book)
            open_so_far.push_async_callback(self._listener.leave)
            await self._listener.open(self._ports[0])
            open_so_far.push_async_callback(self._desk.close)
            self._control = Control(self)
            open_so_far.push_async_callback(self._control.close)
            await self._control.open(self._ports[1])
            self._open = open_so_far.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    @property
    def url(self) -> str:
        """Where packets go."""
        return f"https://{HOST}:{self._door.port}{PATH}"

    @property
    def ca(self) -> Path:
        """The authority to trust, as PEM."""
        return self.certificate.ca

    @property
    def control_url(self) -> str:
        return self._control.url

    @property
    def record(self) -> Record:
        """A copy of all that is remembered."""
        return self._book.record()

    def counts(self, id: str | None = None) -> Counts:  # noqa: A002 - the packet's own word
        """The totals or those of one id, cheaply."""
        return self._book.counts(id)

    def misbehave(self, *faults: Fault) -> None:
        """Tell faults; they strike in this order."""
        for fault in faults:
            self._faults.add(fault)

    def fail(self, status: int, times: int | None = 1, id: str | None = None) -> None:  # noqa: A002
        """Answer the next posts with `status` and store nothing."""
        self.misbehave(Fault(status=status, times=times, id=id))

    def cut(self, *, after_storing: bool = False, times: int | None = 1, id: str | None = None) -> None:  # noqa: A002
        """Reset the connection of the next posts instead of answering."""
        self.misbehave(Fault(cut="reset", after_storing=after_storing, times=times, id=id))

    def delay(
        self,
        seconds: float,
        times: int | None = 1,
        id: str | None = None,  # noqa: A002 - the packet's own word
        *,
        after_storing: bool = False,
    ) -> None:
        """Answer the next posts as is due, but later."""
        self.misbehave(Fault(delay=seconds, after_storing=after_storing, times=times, id=id))

    def faults(self) -> list[Fault]:
        """What was told and has not struck yet."""
        return self._faults.waiting()

    def clear_faults(self) -> None:
        self._faults.clear()

    @property
    def behaviour(self) -> Behaviour:
        return self._desk.behaviour

    def behave(self, **changes: object) -> None:
        """Change fields of `Behaviour`; the others stay. Raises pydantic's ValidationError."""
        self._desk.behaviour = Behaviour.model_validate({**self.behaviour.model_dump(), **changes})

    def expire_cookies(self) -> None:
        """Forget the sessions: requests must get a new cookie."""
        self._desk.expire_sessions()

    def reset(self) -> None:
        """Forget the record, the faults and the sessions; the behaviour stays."""
        self._faults.clear()
        self._desk.reset()
        self._book.reset()

    async def go_down(self) -> None:
        """An outage: connections are cut and refused. The record stays."""
        self._door.close()

    async def come_up(self) -> None:
        """The outage is over: the same port listens again."""
        if not self._door.up:
            await self._door.open()

    async def until(
        self,
        what: Counted,
        at_least: int,
        id: str | None = None,  # noqa: A002 - the packet's own word
        seconds: float = 30.0,
    ) -> Counts:
        """Wait until a count has reached a number; gives the counts. Raises TimeoutError."""
        waiter = _Waiter(what, at_least, id, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        self._changed()
        try:
            async with asyncio.timeout(seconds):
                await waiter.reached
        except TimeoutError as error:
            message = f"{what} of {id or 'all ids'} did not reach {at_least} in {seconds} s: {self.counts(id)}"
            raise TimeoutError(message) from error
        finally:
            self._waiters.remove(waiter)
        return self.counts(id)

    def _changed(self) -> None:
        for waiter in self._waiters:
            count: int = getattr(self._book.counts(waiter.id), waiter.what)
            if count >= waiter.at_least and not waiter.reached.done():
                waiter.reached.set_result(None)

    @property
    def _door(self) -> Listener:
        if self._listener is None:
            raise RuntimeError("use it as: async with StrictPlatform(...) as platform")
        return self._listener
