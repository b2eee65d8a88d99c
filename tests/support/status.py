"""The status's server over sources that a test makes up: hostile ones, failing ones, thousands of meters."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bacnet_bridge.status.metrics import Metrics
from bacnet_bridge.status.server import Place, StatusServer
from bacnet_bridge.status.sources import DeviceFigures, Figures

FIGURES = Figures(
    version="1.2.3",
    started=1_790_000_000.0,
    meters=2,
    meters_without_packet=1,
    packed=40,
    holes={"device silent": 2, "quota": 0},
    waiting=7,
    oldest=300.0,
    attempts={"accepted": 33, "backing off": 1},
    accepted=33,
    unknown_outcomes=0,
    in_flight=1,
    queues_failing=1,
    queues_on_hold=0,
    queues_healing=1,
    healed=12,
    gaps={"filled": 2, "given up": 1},
    accounts_paused=0,
    platforms_away=0,
    clock_offset=-0.25,
    clock_credible=True,
    moves=True,
    devices=(DeviceFigures("1001", 90, 3, 1, 0.025, silent=False),),
)


def meter(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "id": f"m-{number}", "name": f"Meter {number}", "device": 1001, "interval": 300, "last": "21.3 °C",
        "slot": "2026-11-23T10:00:00.000+00:00", "accepted": 10, "waiting": 1, "holes": 2, "reasons": {}, "missing": {},
        "attention": "", "problem": "", "next_attempt": None,
    } | more  # fmt: skip


@dataclass(slots=True)
class MadeUpChanges:
    """Gives what a test says."""

    news: "asyncio.Queue[dict[str, Any]]"
    begun: bool = False
    now: str = "now"

    async def next(self) -> Mapping[str, Any]:
        if not self.begun:
            self.begun = True
            return {"overview": {"healthy": True}}
        return {} if self.news.empty() else self.news.get_nowait()


@dataclass(slots=True)
class MadeUp:
    """What the service would tell."""

    problems: list[str] = field(default_factory=list)
    standstill: list[str] = field(default_factory=list)
    meters: list[dict[str, Any]] = field(default_factory=lambda: [meter()])
    device_list: list[dict[str, Any]] = field(default_factory=list)
    looks: int = 0
    stalled: asyncio.Event | None = None
    news: "asyncio.Queue[dict[str, Any]]" = field(default_factory=asyncio.Queue)
    """What changes next; nothing does while it is empty."""

    async def overview(self) -> Mapping[str, Any]:
        self.looks += 1
        if self.stalled is not None:
            await self.stalled.wait()
        return {
            "healthy": not self.problems, "version": "1.2.3", "now": "now", "started": "then",
            "problems": self.problems, "attention": [], "meters": self.meters, "other_queues": [], "exchanges": [],
        }  # fmt: skip

    async def curves(self, rows: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        return list(rows)

    async def meter(self, meter: str) -> Mapping[str, Any] | None:
        return next(({"id": each["id"], "points": []} for each in self.meters if each["id"] == meter), None)

    def is_mapped(self, meter: str) -> bool:
        return any(each["id"] == meter for each in self.meters)

    async def history(self, meter: str) -> Mapping[str, Any] | None:
        return {"id": meter, "values": [1.5, None], "holes": [0, 1]} if self.is_mapped(meter) else None

    async def mapping(self) -> Mapping[str, Any]:
        return {"state": "in force", "problems": []}

    def changes(self) -> "MadeUpChanges":
        return MadeUpChanges(self.news)

    async def delivery(self) -> Mapping[str, Any]:
        return {"waiting": 7}

    def devices(self) -> Sequence[Mapping[str, Any]]:
        return self.device_list

    async def moving(self) -> Sequence[str]:
        return self.standstill

    async def figures(self) -> Figures:
        return FIGURES


@asynccontextmanager
async def serving(sources: MadeUp, place: Place | None = None) -> AsyncIterator[StatusServer]:
    """A server that listens, at a free port of the loopback where no place is given."""
    server = StatusServer(place or Place("127.0.0.1", 0), sources, Metrics())
    task = asyncio.create_task(server.run())
    try:
        await server.listening.wait()
        yield server
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
