"""One real packet through the site's one outbox, for `check --send`: read now, put behind whatever waits, accepted.

Guarantee 2, nothing out of order: it is put where live packets are, by the service or under the state folder's lock,
after the slots that are due already. Where that outbox is not, nothing is sent: a packet that goes past it makes the
platform discard all that waits in it.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.control.door import ask
from bacnet_bridge.errors import BridgeError, NoServiceError, SettingsError, StateError
from bacnet_bridge.model import Hole, Meter, Queue
from bacnet_bridge.outbox.contract import Outbox, QueueState
from bacnet_bridge.schedule.credibility import ClockMode, Credibility
from bacnet_bridge.schedule.kernel import kernel_synchronised
from bacnet_bridge.service.alone import alone, delivering
from bacnet_bridge.service.batch import Ask
from bacnet_bridge.service.collect import Collected, Collector
from bacnet_bridge.service.live import own_reader
from bacnet_bridge.settings import DEFAULT_ACCOUNT, Settings, lacking_credentials
from bacnet_bridge.state import StateFolder

_READING: Final = 120.0
"""Seconds that reading and putting may take."""
_ASKING: Final = _READING + 15.0


class Ready(Protocol):
    """Whether all slots of the meter up to that instant are put or booked. Raises BridgeError where none can be."""

    def __call__(self, meter: Meter, instant: int) -> bool: ...


class Extra:
    """Its `answer` goes to the control door, or straight to a command that has the state folder for itself."""

    def __init__(
        self,
        collector: Collector,
        outbox: Outbox,
        meters: Callable[[], Sequence[Meter]],
        ready: Ready,
        clock: Clock,
    ) -> None:
        self._collector, self._outbox, self._meters, self._ready = collector, outbox, meters, ready
        self._clock = clock

    async def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """One step: `put` or `look`. Raises BridgeError with a sentence."""
        meter = next((each for each in self._meters() if each.id == question.get("meter")), None)
        if meter is None:
            raise BridgeError(
                f"the bridge does not read a meter {question.get('meter')!r}: the mapping was edited since it started"
            )
        queue = self._collector.queue(meter)
        return await self._put(meter, queue) if question.get("step") == "put" else await self._look(queue)

    async def _put(self, meter: Meter, queue: Queue) -> dict[str, Any]:
        before = await self._state(queue)
        if before is not None:
            self._check_may_leave(before)
        collected = await self._read(meter)
        outcome = collected.outcome
        if isinstance(outcome, Hole):
            raise BridgeError(f"meter {meter.id}: nothing was sent. {outcome.reason}: {outcome.detail}")
        waiting = 0 if before is None else before.waiting
        return {"instant": outcome.instant, "body": outcome.body, "ahead": waiting}

    async def _read(self, meter: Meter) -> Collected:
        try:
            async with asyncio.timeout(_READING):
                return await self._collector.once(meter, lambda now: self._ready(meter, now))
        except TimeoutError:
            raise BridgeError(
                f"meter {meter.id}: its slots are still being read after {_READING:g} s; nothing was sent. "
                "`bacnet-bridge status` says how its device does"
            ) from None

    def _check_may_leave(self, state: QueueState) -> None:
        """What would only collect is not put. Raises BridgeError."""
        meter = state.queue.id
        if state.unproven:
            raise BridgeError(f"meter {meter}: nothing was sent, because its queue collects: {state.unproven}")
        if state.held_until is not None and state.held_until > self._clock.wall():
            why = " while a gap is filled from its log" if state.heals else f". {state.retry.reason}"
            raise BridgeError(f"meter {meter}: nothing was sent, because it is on hold{why}".strip())

    async def _look(self, queue: Queue) -> dict[str, Any]:
        state = await self._state(queue)
        if state is None:
            return {"oldest": None, "waiting": 0, "reason": "", "held": False}
        held = state.held_until is not None and state.held_until > self._clock.wall()
        reason = state.unproven or (state.retry.reason if state.retry.attempts else "")
        return {"oldest": state.oldest, "waiting": state.waiting, "reason": reason, "held": held}

    async def _state(self, queue: Queue) -> QueueState | None:
        return next((state for state in await self._outbox.states(queue) if state.queue == queue), None)


@asynccontextmanager
async def sending(settings: Settings, meter: Meter) -> AsyncIterator[Ask]:
    """The way to the site's outbox: the running service, or the state folder's lock, a reader and delivery alone.

    Raises StateError where the outbox is not here, SettingsError where nothing could be sent.
    """
    state = StateFolder(settings.state)

    async def of_service(**step: Any) -> dict[str, Any]:
        answered: dict[str, Any] = await ask(state.control, "send", patience=_ASKING, meter=meter.id, **step)
        return answered

    try:
        await of_service(step="look")
    except NoServiceError:
        _check_there(state)
        async with _delivering(settings, meter) as extra:
            yield lambda **step: extra.answer({"meter": meter.id, **step})
    else:
        yield of_service


def _check_there(state: StateFolder) -> None:
    if not state.has_outbox:
        raise StateError(
            f"there is no outbox in {state.folder.absolute()}, so nothing is sent: a packet that goes past the site's "
            "outbox makes the platform discard all that waits in it. Send from the machine that the bridge runs on, "
            "or name its folder with --state. On a new site, start `bacnet-bridge run` first: it makes the outbox"
        )


@asynccontextmanager
async def _delivering(settings: Settings, meter: Meter) -> AsyncIterator[Extra]:
    """All that waits is sent meanwhile, in order."""
    if meter.account == DEFAULT_ACCOUNT and (lacking := lacking_credentials(settings)):
        raise SettingsError(lacking)
    async with alone(settings) as rest, own_reader(settings, rest.clock) as reader:
        credibility = Credibility(rest.clock, ClockMode(settings.clock), kernel_synchronised)
        collector = Collector(reader, rest.outbox, rest.ledger, rest.clock, rest.accounts)
        async with delivering(settings, rest):
            extra = Extra(collector, rest.outbox, lambda: rest.meters, _believed(credibility), rest.clock)
            yield extra


def _believed(credibility: Credibility) -> Ready:
    def ready(meter: Meter, instant: int) -> bool:
        if not credibility.credible():
            now = moment_of(instant).isoformat()
            raise BridgeError(
                f"meter {meter.id}: nothing was sent, because nothing confirms that it is {now}, and a packet from "
                "the future makes the platform discard all that follow. Start a time service, or the bridge with "
                "`bacnet-bridge run`, which asks the platform, or vouch for the clock with `clock: trust`"
            )
        return True

    return ready
