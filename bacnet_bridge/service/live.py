"""Reads mapped meters and drafts at once, for `check --live`: beside the schedule, or where no service runs.

Nothing is put, and nothing of what was read is kept. Each look is a whole slot of all meters at one moment; the second
one of a check shows what a slot costs, because the first one learned what the devices can do.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, Protocol

from bacnet_bridge.bacnet.client import Client, Identity
from bacnet_bridge.bacnet.kept import Kept
from bacnet_bridge.bacnet.pacing import Limits
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.clock import Clock, SystemClock, moment_of
from bacnet_bridge.control.door import ask
from bacnet_bridge.errors import BridgeError, NoServiceError, StateError
from bacnet_bridge.mapping import Mapping as Mapped
from bacnet_bridge.model import Account, Meter, Packet, Problem, Queue, Reading
from bacnet_bridge.outbox import look as outbox_look
from bacnet_bridge.packet.build import build
from bacnet_bridge.service.log_seen import LogSeen, log_from_document, see_logs
from bacnet_bridge.service.mapped import load_for
from bacnet_bridge.service.trial import document as trial_document
from bacnet_bridge.service.trial import marks_from, try_backfill
from bacnet_bridge.settings import Settings
from bacnet_bridge.state import StateFolder, peek_table
from bacnet_bridge.vocabulary.holes import HoleReason
from bacnet_bridge.vocabulary.slots import Grid, grid

_PATIENCE: Final = 900.0
"""Seconds that the service has for one look: the slowest site's slot, and then some."""

Remembered = Callable[[str], Awaitable[Mapping[str, str]]]
"""By a meter's id: its points' memories, as its next slot would find them."""


@dataclass(frozen=True, slots=True)
class Glance:
    """One meter, read once; `took` is seconds. Either the line that would be sent, or why none would."""

    meter: str
    took: float
    readings: tuple[Reading, ...]
    body: str
    hole: str


@dataclass(frozen=True, slots=True)
class Cost:
    """One device in one look: seconds until it had answered everything, and what it was asked with."""

    device: int
    mapped_address: str | None
    address: str
    requests: int
    took: float


@dataclass(frozen=True, slots=True)
class Look:
    """In the order of the meters that were asked for."""

    glances: tuple[Glance, ...]
    costs: tuple[Cost, ...]
    logs: tuple[LogSeen, ...] = ()
    """The trend logs that the meters name; looked at by the second look only, after the values."""


class Looking(Protocol):
    """Read these meters now. `again`: counters go on from the look before."""

    async def __call__(self, meters: Sequence[Meter], *, again: bool) -> Look: ...


def live_meters(mapping: Mapped) -> tuple[Meter, ...]:
    """All that can be read: the meters, then the drafts that have a device and a field."""
    return (*mapping.meters, *(draft.meter for draft in mapping.drafts if draft.meter is not None))


class Live:
    """Its `answer` goes to the control door, `look` straight to a command that reads by itself."""

    def __init__(
        self, reader: Reader, clock: Clock, load: Callable[[Path | None], Mapped], remembered: Remembered
    ) -> None:
        self._reader, self._clock, self._load, self._remembered = reader, clock, load, remembered
        self._memory: dict[str, Mapping[str, str]] = {}
        self._one = asyncio.Lock()

    async def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Without meters: only that it is there. The mapping is read from the files, as they are now."""
        trial = question.get("trial")
        names = question.get("meters") if trial is None else [trial]
        if names is None:
            return {}
        folder = question.get("mapping")
        mapping = await asyncio.to_thread(self._load, None if folder is None else Path(str(folder)))
        known = {meter.name: meter for meter in live_meters(mapping)}
        if unknown := [name for name in names if name not in known]:
            raise BridgeError(f"the mapping changed just now, and has no meter {unknown[0]!r}: check it again")
        if trial is not None:
            return await self._try(known[trial], question)
        return _document(await self.look([known[name] for name in names], again=bool(question.get("again"))))

    async def _try(self, meter: Meter, question: Mapping[str, Any]) -> dict[str, Any]:
        first, last, marks = int(question["first"]), int(question["last"]), marks_from(question["marks"])
        async with self._one:
            self._reader.begin_anew()
            return trial_document(await try_backfill(self._reader, meter, first, last, marks))

    async def look(self, meters: Sequence[Meter], *, again: bool) -> Look:
        """All of them at the same moment. Never raises for a device's trouble: it stands in the readings."""
        asked = [replace(meter, points=tuple(replace(point, cov=False) for point in meter.points)) for meter in meters]
        async with self._one:
            if not again:
                self._reader.begin_anew()
                self._memory = {meter.id: await self._remembered(meter.id) for meter in asked}
            glances = await asyncio.gather(*(self._glance(meter) for meter in asked))
            told = [_as_mapped(glance, meter) for glance, meter in zip(glances, meters, strict=True)]
            costs = tuple(self._costs(meters, told))
            return Look(tuple(told), costs, await see_logs(self._reader, self._clock, meters) if again else ())

    async def _glance(self, meter: Meter) -> Glance:
        began, slots = self._clock.monotonic(), _grid(meter, self._clock)
        gathering = await self._reader.read(meter, self._memory.get(meter.id, {}))
        took = self._clock.monotonic() - began
        self._memory[meter.id] = gathering.memory
        now = self._clock.wall()
        slot = now - (now - slots.phase) % slots.interval
        outcome = build(meter, Queue(Account("", meter.account), meter.id), slot, gathering.readings)
        if isinstance(outcome, Packet):
            return Glance(meter.name, took, gathering.readings, outcome.body, "")
        return Glance(meter.name, took, gathering.readings, "", f"{outcome.reason}: {outcome.detail}")

    def _costs(self, meters: Sequence[Meter], glances: Sequence[Glance]) -> list[Cost]:
        took: dict[tuple[int, str | None], float] = {}
        for meter, glance in zip(meters, glances, strict=True):
            at = meter.device, meter.address
            took[at] = max(took.get(at, 0.0), glance.took)
        profiles = {(each.instance, each.mapped_address): each for each in self._reader.profiles}
        return [
            Cost(*at, profiles[at].address, profiles[at].requests, seconds)
            for at, seconds in sorted(took.items(), key=str)
            if at in profiles
        ]


@asynccontextmanager
async def looking(settings: Settings, folder: Path | None) -> AsyncIterator[Looking]:
    """Through the running service, which has the BACnet port; by a port of one's own where none runs.

    Raises NetworkError where the port cannot be opened.
    """
    control = StateFolder(settings.state).control

    async def of_service(meters: Sequence[Meter], *, again: bool) -> Look:
        where = None if folder is None else str(folder.absolute())
        named = [meter.name for meter in meters]
        told = await ask(control, "live", patience=_PATIENCE, meters=named, mapping=where, again=again)
        return _from_document(told, meters)

    try:
        await ask(control, "live")
    except NoServiceError:
        async with _alone(settings) as live:
            yield live.look
    else:
        yield of_service


@asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[Live]:
    state, clock = StateFolder(settings.state), SystemClock()

    async def remembered(meter: str) -> Mapping[str, str]:
        with suppress(StateError), outbox_look.opened(state.database) as connection:
            return outbox_look.memory(connection, meter)
        return {}

    async with own_reader(settings, clock) as reader:
        yield Live(reader, clock, lambda _: load_for(settings, None), remembered)


@asynccontextmanager
async def own_reader(settings: Settings, clock: Clock) -> AsyncIterator[Reader]:
    """A reader on the bridge's own port; it holds what the service would hold, and keeps nothing."""
    bacnet = settings.bacnet
    identity = Identity(bacnet.instance, bacnet.address, bacnet.name, bacnet.vendor_id, bacnet.bbmd, bacnet.bbmd_ttl)
    client = Client(identity, bacnet.timeout)
    pins = Kept()
    for key, entry in (peek_table(StateFolder(settings.state).pins) or {}).items():
        pins.put(key, entry)
    await client.start()
    try:
        limits = Limits(bacnet.in_flight, bacnet.per_device, bacnet.per_router, bacnet.gap)
        reader = Reader(client, clock, pins=pins, limits=limits)
        try:
            yield reader
        finally:
            await reader.stop()
    finally:
        await client.stop()


def _as_mapped(glance: Glance, meter: Meter) -> Glance:
    """Readings bear the points that were asked about."""
    readings = zip(glance.readings, meter.points, strict=True)
    return replace(glance, readings=tuple(reading._replace(point=point) for reading, point in readings))


def _document(look: Look) -> dict[str, Any]:
    return {
        "glances": [
            {
                "meter": glance.meter,
                "took": glance.took,
                "body": glance.body,
                "hole": glance.hole,
                "readings": [_reading(each) for each in glance.readings],
            }
            for glance in look.glances
        ],
        "costs": [asdict(each) for each in look.costs],
        "logs": [asdict(each) for each in look.logs],
    }


def _reading(reading: Reading) -> dict[str, Any]:
    problem = reading.problem
    return {
        "at": reading.at,
        "value": None if reading.value is None else str(reading.value),
        "problem": None if problem is None else [problem.reason.value, problem.detail],
        "raw": reading.raw,
        "unit": reading.unit,
        "flags": list(reading.flags),
        "notice": reading.notice,
    }


def _from_document(told: Mapping[str, Any], meters: Sequence[Meter]) -> Look:
    glances = []
    for said, meter in zip(told["glances"], meters, strict=True):
        readings = tuple(
            Reading(
                point,
                each["at"],
                None if each["value"] is None else Decimal(each["value"]),
                None if each["problem"] is None else Problem(HoleReason(each["problem"][0]), each["problem"][1]),
                each["raw"],
                each["unit"],
                tuple(each["flags"]),
                each["notice"],
            )
            for point, each in zip(meter.points, said["readings"], strict=True)
        )
        glances.append(Glance(said["meter"], said["took"], readings, said["body"], said["hole"]))
    costs = tuple(Cost(**each) for each in told["costs"])
    return Look(tuple(glances), costs, tuple(map(log_from_document, told.get("logs", ()))))


def _grid(meter: Meter, clock: Clock) -> Grid:
    return grid(meter.interval, meter.zone, moment_of(clock.wall()).year)
