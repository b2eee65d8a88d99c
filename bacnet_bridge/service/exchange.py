"""Exchanged meters: an operator's word goes into the book, and from there into the reading of the next slots.

Guarantee 4: the word is no packet and changes no memory by itself. It stands beside a point's memory until a reading
is the new meter's; that reading's memory bears the word's number and commits with its packet, so that a crash neither
forgets an offset nor counts one twice.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

import structlog

from bacnet_bridge.bacnet.count_text import count_from_text, text_of
from bacnet_bridge.bacnet.counter import Count
from bacnet_bridge.bacnet.doubt import Limits, Told
from bacnet_bridge.bacnet.plan import memory_key
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import Exchange, Meter, Nature, Point
from bacnet_bridge.packet.local_times import parse_time, resolve
from bacnet_bridge.packet.wire import timestamp
from bacnet_bridge.service.named import meter_named
from bacnet_bridge.vocabulary.objects import parse_object

Memory = Callable[[str], Awaitable[Mapping[str, str]]]
"""A meter's id → the memories of its points after its latest reading."""
_SHOWN: Final = 90 * 86_400_000
"""Milliseconds for which the status shows an exchange."""
_NOTHING: Final = Told(-1, Decimal(0), Decimal(0), continues=False, at=0)
_log = structlog.get_logger()


class Book(Protocol):
    """Where the words are kept: see `ledger/exchanges.py`."""

    async def exchanges(self) -> Sequence[Exchange]: ...
    async def tell_exchange(self, exchange: Exchange, instead: Sequence[int] = ()) -> Exchange: ...
    async def withdraw_exchanges(self, numbers: Sequence[int], at: int) -> None: ...


class Exchanges:
    """What was told, and what of it is still to be seen."""

    def __init__(self, book: Book, clock: Clock, meters: Callable[[], Iterable[Meter]], memory: Memory) -> None:
        self._book, self._clock, self._meters, self._memory = book, clock, meters, memory
        self._told: dict[str, dict[str, Told]] = {}
        """By meter and point, the latest that was not taken back."""
        self._all: tuple[Exchange, ...] = ()

    async def load(self) -> None:
        """Take up what the book says."""
        self._all = tuple(await self._book.exchanges())
        self._told = {}
        for each in self._all:
            points = self._told.setdefault(each.meter, {})
            if each.withdrawn_at is None:
                points[each.point] = _told(each)
            else:
                points.setdefault(each.point, _NOTHING)  # a memory may have been told of it

    def into(self, meter: str, memory: Mapping[str, str]) -> Mapping[str, str]:
        """The meter's memory with what is still to be seen of exchanges, as its next reading is to have it."""
        found: dict[str, str] = {}
        for point, told in self._told.get(meter, {}).items():
            count = count_from_text(memory.get(point))
            if count is None:
                continue
            pending = told if told.number > count.exchange else None
            if count.told != pending:
                found[point] = text_of(replace(count, told=pending))
        return {**memory, **found} if found else memory

    async def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """For the `exchange` command: record a word or take it back. Raises BridgeError."""
        meter = meter_named(str(question.get("meter")), self._meters())
        point = _point(meter, question.get("field"), question.get("object"))
        key = memory_key(meter, point)
        memory = await self._memory(meter.id)
        count = count_from_text(memory.get(key))
        if count is None:
            raise BridgeError(
                f"meter {meter.id}: {point.source} was never read, so there is no old meter to go on from. An index "
                "that is to begin higher gets an `offset:` in the mapping"
            )
        pending = [
            each.number
            for each in self._all
            if (each.meter, each.point) == (meter.id, key) and each.withdrawn_at is None
            if each.number > count.exchange
        ]
        if question.get("withdraw"):
            return await self._withdraw(meter, pending)
        exchange = self._exchange(meter, key, question)
        _check(exchange, replace(count, told=None), point, self._clock.wall())
        recorded = await self._book.tell_exchange(exchange, pending)
        await self.load()
        _log.warning("an exchanged meter was told", meter=meter.id, what=str(_told(recorded)), by=recorded.told_by)
        return {
            "told": f"meter {meter.id}, {point.source}: {_told(recorded)}",
            "unit": count.of.partition(" ")[2],
            "last": f"{count.last:f}",
            "late": count.follows(_told(recorded), _limits(point)),
            "index": point.nature is Nature.INDEX,
            "replaced": len(pending),
        }

    async def sentences(self) -> tuple[str, ...]:
        """What the status says of exchanges told lately, and of older ones that no reading has taken in."""
        zones = {meter.id: meter.zone for meter in self._meters()}
        said = []
        for each in self._all:
            if each.withdrawn_at is None and each.meter in zones:
                count = count_from_text((await self._memory(each.meter)).get(each.point))
                pending = count is None or each.number > count.exchange
                if pending or self._clock.wall() - each.told_at < _SHOWN:
                    said.append(sentence(each, zones[each.meter], pending=pending))
        return tuple(said)

    async def _withdraw(self, meter: Meter, pending: Sequence[int]) -> dict[str, Any]:
        if not pending:
            raise BridgeError(f"meter {meter.id}: no exchange waits to be seen; one that is in force stays")
        await self._book.withdraw_exchanges(pending, self._clock.wall())
        await self.load()
        _log.warning("an exchanged meter was taken back", meter=meter.id)
        return {"withdrawn": len(pending)}

    def _exchange(self, meter: Meter, key: str, question: Mapping[str, Any]) -> Exchange:
        now = self._clock.wall()
        at = _instant(question.get("at"), meter.zone)
        if at > now:
            raise BridgeError("an exchange is told once it is done: --at is not later than now")
        return Exchange(
            meter.id,
            key,
            _figure(question, "old_final"),
            _figure(question, "new_start"),
            bool(question.get("continue")),
            at=at,
            told_at=now,
            told_by=str(question.get("by") or "unknown")[:100],
        )


def sentence(exchange: Exchange, zone: str, *, pending: bool) -> str:
    """One exchange, for people."""
    state = "waits for the new meter's first reading" if pending else "in force"
    if exchange.withdrawn_at is not None:
        state = "taken back"
    since = f", done by {timestamp(exchange.at, zone)}" if exchange.at else ""
    return (
        f"{exchange.meter}, {exchange.point.partition(' ')[2]}: {_told(exchange)} (told "
        f"{timestamp(exchange.told_at, zone)} by {exchange.told_by}{since}): {state}"
    )


def _told(exchange: Exchange) -> Told:
    return Told(exchange.number, exchange.old_final, exchange.new_start, exchange.continues, exchange.at)


def _limits(point: Point) -> Limits:
    return Limits(point.counting.max_rate, falls=point.counting.falls)


def _instant(text: object, zone: str) -> int:
    """0 where no time is given: any reading may be the new meter's."""
    if text is None:
        return 0
    try:
        resolved = resolve([parse_time(str(text))], zone)[0]
    except ValueError as error:
        raise BridgeError(f"--at: {error}") from None
    if resolved.instant is None:
        raise BridgeError(f"--at: {resolved.problem}")
    return resolved.instant


def _figure(question: Mapping[str, Any], name: str) -> Decimal:
    text = question.get(name)
    try:
        figure = Decimal(str(text))
    except InvalidOperation:
        figure = Decimal("NaN")
    if text is None or not figure.is_finite() or abs(figure.adjusted()) > 30:
        raise BridgeError(f"--{name.replace('_', '-')} {text} is no number: write it as the register shows it, 4711.5")
    return figure


def _point(meter: Meter, field: object, wanted: object) -> Point:
    """The counter that is meant. Raises BridgeError with those that can be."""
    counters = [point for point in meter.points if point.nature is not Nature.INSTANT]
    if not counters:
        raise BridgeError(f"meter {meter.id} has no counter: only `as: index`, `as: delta` and energies are counters")
    try:
        target = None if wanted is None else parse_object(str(wanted))
    except ValueError as error:
        raise BridgeError(str(error)) from None
    fitting = [
        point
        for point in counters
        if (field is None or point.field == field) and (target is None or point.source.object == target)
    ]
    if len(fitting) != 1:
        known = ", ".join(f"--field {point.field} --object {point.source.object}" for point in counters)
        raise BridgeError(f"meter {meter.id}: say which counter was exchanged: {known}")
    return fitting[0]


def _check(exchange: Exchange, count: Count, point: Point, now: int) -> None:
    """Never a phantom consumption: raises BridgeError for figures that cannot be, and for an index that would jump."""
    told, limits = _told(exchange), _limits(point)
    unit = count.of.partition(" ")[2]
    if exchange.continues and point.nature is Nature.DELTA:
        raise BridgeError(f"meter {exchange.meter} sends differences, which go on by themselves: leave --continue out")
    if count.follows(told, limits):
        if exchange.continues:
            raise BridgeError(
                f"meter {exchange.meter}: the new meter's index is being sent as it is, {count.last:f} {unit} was the "
                f"last. To go on from {exchange.old_final:f} now would show as consumption. Leave --continue out; "
                "`after_fall: hold` in the mapping waits for your word the next time"
            )
        return
    rest = exchange.old_final - count.last
    if rest < 0 and not limits.falls:
        raise BridgeError(
            f"meter {exchange.meter}: --old-final {exchange.old_final:f} is less than {count.last:f} {unit}, which was "
            f"read of it already. Figures are in the register's own unit, before the mapping's multiplier"
        )
    most = count.most(now, limits)
    if most is not None and abs(rest) > most:
        raise BridgeError(
            f"meter {exchange.meter}: from {count.last:f} {unit}, which was read last, to --old-final "
            f"{exchange.old_final:f} is more than it can have counted since ({most:.6g}). Look at the figure again, "
            "or state its `max_rate:` in the mapping"
        )
