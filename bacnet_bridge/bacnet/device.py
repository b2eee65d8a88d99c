"""One device: what is wanted of it at one moment is gathered into few requests, one in flight at a time.

A silent device is given up quickly. From then on it gets one cheap try whenever something of it is due, at least
every five minutes, and at once when its I-Am is heard.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import structlog

from bacnet_bridge.bacnet import profile as learning
from bacnet_bridge.bacnet.answer import Answer, UnheardError, UnreadableError
from bacnet_bridge.bacnet.asking import Asking
from bacnet_bridge.bacnet.batch import Octets, Refs, Room
from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.discover import Binding, Directory
from bacnet_bridge.bacnet.line import who_are_you
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.profile import Profile
from bacnet_bridge.bacnet.rounds import Round, Rounds, round_of
from bacnet_bridge.bacnet.rpm import likely_octets
from bacnet_bridge.bacnet.traffic import device_key
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef

__all__ = ["UnheardError", "UnreadableError"]  # what a device's answers may hold in place of values

_log = structlog.get_logger()

_GATHER: Final = 0.05
"""Seconds at most for which a batch stays open to those who are due at the same moment."""
_TRY_AT_LEAST: Final = 240.0
"""Seconds between two tries of a silent device of which nothing is due; looked at every minute, five at most."""

Answers = dict[PropertyRef, Answer]


@dataclass(slots=True, eq=False)
class Wish:
    """What one caller waits for: every ref, in order, with its value or the reason why it has none.

    Cheapest with the same tuple each time, for which what was worked out is kept; `once` is for all others.
    For `patience` seconds after a try of a device that was silent before, its silence is known and not tried.
    Not frozen: there is one per meter and slot, and frozen ones cost twice as much.
    """

    refs: Refs
    patience: float
    once: bool
    answer: asyncio.Future[Any]

    def grant(self, answers: Sequence[Answer]) -> None:
        """Called once at most, while nobody has set `answer`. Raises nothing."""
        self.answer.set_result(answers)

    def refuse(self, error: Exception) -> None:
        """In place of `grant`: DeviceSilentError where nothing is answered, ReadError where the device fails."""
        self.answer.set_exception(error)


class Device:
    """A device as the reader talks to it: an instance, and where the mapping says so, at this address only."""

    def __init__(
        self,
        instance: int,
        address: str | None,
        client: Client,
        directory: Directory,
        clock: Clock,
        gate: Gate,
        likely: Octets = likely_octets,
    ) -> None:
        """`likely` guesses how long a value is that was never seen."""
        self.instance = instance
        self.silences = 0
        """How often the device fell silent: what was known of its objects before may be outdated."""
        self._address = address
        self._directory = directory
        self._clock = clock
        self._gate = gate
        self._asking = Asking(client, gate, clock, Profile(instance, address), likely)
        self._waiting: list[Wish] = []
        self._worker: asyncio.Task[None] | None = None
        self._rounds = Rounds()
        self._found = False
        self._silence: str | None = None
        self._silent_from = self._tried = 0.0

    @property
    def key(self) -> str:
        """Names it among all that are kept."""
        return device_key(self.instance, self._address)

    @property
    def asked(self) -> int:
        """Questions that it was ever asked."""
        return self._asking.asked

    @property
    def failed(self) -> tuple[int, int]:
        """Of these, how many were not answered, and how many were refused."""
        return self._asking.failed

    def measured(self, ref: PropertyRef) -> int | None:
        """Octets that the value took when it was read; None where it was not."""
        return self._asking.measured(ref)

    @property
    def profile(self) -> Profile:
        """What was learned of it."""
        return self._asking.profile

    @profile.setter
    def profile(self, profile: Profile) -> None:
        """What was learned in an earlier run; whether it is silent now shows when it is read."""
        self._asking.profile = replace(profile, mapped_address=self._address, silent_since=0)

    async def read_properties(self, refs: Iterable[PropertyRef], patience: float = 0.0) -> Answers:
        """Every ref with its value or the reason why it has none; see `read`."""
        wanted = tuple(refs)
        return dict(zip(wanted, await self.read(wanted, patience, once=True), strict=True))

    def read(self, refs: Refs, patience: float = 0.0, *, once: bool = False) -> asyncio.Future[Sequence[Answer]]:
        """See Wish. Raises DeviceSilentError where nothing is answered, ReadError where the device fails otherwise."""
        answer: asyncio.Future[Sequence[Answer]] = asyncio.get_running_loop().create_future()
        self.ask(Wish(refs, patience, once, answer))
        return answer

    def ask(self, wish: Wish) -> None:
        """With whatever else is wanted at this moment.

        Whoever waits may be cancelled: the request runs on, so that the stack's transaction ends in its own time.
        """
        self._waiting.append(wish)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name=f"device {self.instance}")

    def heard(self) -> None:
        """Its I-Am came: where it was silent, it is tried at once."""
        if self._silence is not None and (self._worker is None or self._worker.done()):
            # Nobody waits for this; what comes of it shows in the log and in the next reading.
            self.read((who_are_you(self.instance),), once=True).add_done_callback(lambda wish: wish.exception())

    def try_if_due(self) -> None:
        """To be called now and then: a silent device of which nothing is due is tried all the same."""
        if self._clock.monotonic() - self._tried >= _TRY_AT_LEAST:
            self.heard()

    async def stop(self) -> None:
        """End what is in flight; those who wait get a DeviceSilentError."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        _refuse(self._waiting, DeviceSilentError(f"device {self.instance}: reading was stopped"))

    async def _work(self) -> None:
        while self._waiting:
            await self._gather()
            batch = list(self._waiting)
            error: Exception | None = None
            try:
                await self._read(batch)
            except DeviceSilentError as silence:
                error = DeviceSilentError(f"device {self.instance}: {silence}")
            except ReadError as trouble:
                error = ReadError(f"device {self.instance}: {trouble}")
            except Exception as defect:  # noqa: BLE001 raised in those who wait; they must not wait for ever
                error = defect
            del self._waiting[: len(batch)]
            if error is not None:
                _refuse(batch, error)

    async def _gather(self) -> None:
        """The batch closes when nobody joined for one turn of the loop, at most 50 ms later."""
        loop = asyncio.get_running_loop()
        closes = loop.time() + _GATHER
        joined = 0
        while joined != len(self._waiting) and loop.time() < closes:
            joined = len(self._waiting)
            await asyncio.sleep(0)

    async def _read(self, batch: list[Wish]) -> None:
        patience = min(wish.patience for wish in batch)
        now = self._clock.monotonic()
        if self._silence is not None and now - self._tried < patience <= now - self._silent_from:
            raise DeviceSilentError(self._silence)
        self._tried = now
        binding = await self._reach()
        self._asking.begin(binding, silent=self._silence is not None, patience=patience)
        await self._converse(batch)
        self._asking.end()
        if self._asking.gone is not None:
            self._fell_silent(self._asking.gone)
            raise self._asking.gone
        self._spoke()

    async def _reach(self) -> Binding:
        """Where it is; looked for in a line of its own, so that what is dead does not hold up what answers."""
        try:
            if self._found:
                return await self._directory.find(self.instance, self._address)
            silent = self._silence is not None
            async with self._gate.search(self.profile.address, silent=silent):
                binding = await self._directory.find(self.instance, self._address, tries=1 if silent else 3)
        except DeviceSilentError as silence:
            self._fell_silent(silence)
            raise
        self._found = True
        return binding

    async def _converse(self, batch: list[Wish]) -> None:
        """One request after the other; whoever has all that he waits for need not wait for the rest."""
        this = self._round(batch)
        after = this.after
        pending = sorted(batch, key=lambda wish: after[id(wish.refs)], reverse=True)
        answers: list[Answer] = []
        ahead: list[bytes | None] = []
        for number, request in enumerate(this.requests):
            if self._asking.gone is not None:
                answers += map(self._asking.unheard, request.refs)
            else:
                if number and not ahead:  # the first one goes alone: it shows whether the device is there
                    ahead += await self._asking.ahead(this.requests[number:])
                answers += await self._asking.ask(request, ahead.pop(0) if ahead else None)
            while pending and after[id(pending[-1].refs)] <= len(answers):
                self._deliver(pending.pop(), this, answers)
        for wish in pending:  # they want nothing, and must not wait for ever
            self._deliver(wish, this, answers)

    def _deliver(self, wish: Wish, this: Round, answers: list[Answer]) -> None:
        if wish.answer.done():
            return
        own = this.of(wish.refs, answers)
        if own and isinstance(own[0], UnheardError) and all(isinstance(each, UnheardError) for each in own):
            wish.refuse(DeviceSilentError(f"device {self.instance}: {own[0].cause}"))
        else:
            wish.grant(own)

    def _round(self, batch: list[Wish]) -> Round:
        """As the last time the same was due, unless something was learned since."""
        now = self._clock.wall()
        room = Room(
            self.profile.max_apdu,
            self.profile.most_together(now),
            self.profile.apart(now),
            self.profile.dumb,
        )
        if any(wish.once for wish in batch):
            return round_of(tuple(wish.refs for wish in batch), room, self._asking.octets)
        return self._rounds.of([wish.refs for wish in batch], room, self._asking.octets, self._asking.sized)

    def _fell_silent(self, cause: DeviceSilentError) -> None:
        self._found = False
        self._directory.forget(self.instance, self._address)
        self.silences += 1
        self._tried = self._clock.monotonic()
        if self._silence is None:
            self._silent_from = self._tried
            _log.warning("device is silent", device=self.instance, cause=str(cause))
        self._silence = str(cause)
        self._asking.profile = learning.after_silence(self.profile, self._clock.wall())

    def _spoke(self) -> None:
        if self._silence is not None:
            _log.info("device answers again", device=self.instance)
        self._silence = None


def _refuse(wishes: Iterable[Wish], error: Exception) -> None:
    """Whatever of them is open."""
    for wish in wishes:
        if not wish.answer.done():
            wish.refuse(error)
