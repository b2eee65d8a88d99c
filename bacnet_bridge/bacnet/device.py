"""One device: what is wanted of it at one moment is gathered into few requests, one in flight at a time.

A refusal splits a request and costs only what cannot be read; what the device proved unable to do is remembered
for an hour and then tried again. A silent device is given up quickly, and then tried with one datagram at a time.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from bacnet_bridge.bacnet.client import Client, RefusedError
from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.discover import Binding, Directory
from bacnet_bridge.bacnet.rpm import (
    READ_PROPERTY,
    READ_PROPERTY_MULTIPLE,
    DecodeError,
    Refusal,
    decode_read,
    decode_read_multiple,
    encode_read,
    encode_read_multiple,
)
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import OBJECT_NAME, ObjectId

_log = structlog.get_logger()

_GATHER: Final = 0.05
"""Seconds at most for which a batch stays open to those who are due at the same moment."""
_TRIES: Final = 2
_TRY_AGAIN: Final = 3600.0
"""Seconds until what a device refused is tried again: it may have been replaced or updated."""
_OCTETS_PER_VALUE: Final = 23
"""Of an answer, on average, with object, property and tags; gives 20 values in 480 octets, 64 in 1476."""
_OCTETS_PER_NAME: Final = 60


class UnreadableError(ReadError):
    """The device said no to this one property; `code` is BACnet's error code, None where it was no plain error.

    `detail` says it without the device.
    """

    def __init__(self, instance: int, ref: PropertyRef, cause: str, code: int | None) -> None:
        self.detail = f"{ref}: {cause}"
        super().__init__(f"device {instance}, {self.detail}")
        self.code = code


Answers = dict[PropertyRef, Datum | UnreadableError]


@dataclass(frozen=True, slots=True)
class _Wish:
    """What one caller waits for."""

    refs: tuple[PropertyRef, ...]
    answer: asyncio.Future[Answers]

    def deliver(self, outcome: Answers | Exception) -> None:
        if self.answer.done():
            return
        if isinstance(outcome, Exception):
            self.answer.set_exception(outcome)
        else:
            self.answer.set_result({ref: outcome[ref] for ref in self.refs})


class Device:
    """A device as the reader talks to it: an instance, and where the mapping says so, at this address only.

    `slots` bounds the requests in flight over all devices.
    """

    def __init__(
        self,
        instance: int,
        address: str | None,
        client: Client,
        directory: Directory,
        clock: Clock,
        slots: asyncio.Semaphore,
    ) -> None:
        self.instance = instance
        self.silences = 0
        """How often the device fell silent: what was known of its objects before may be outdated."""
        self._address = address
        self._client = client
        self._directory = directory
        self._clock = clock
        self._slots = slots
        self._waiting: list[_Wish] = []
        self._worker: asyncio.Task[None] | None = None
        self._silent = False
        self._singly_until = 0.0
        self._unheard = 0
        self._most = 0
        self._most_until = 0.0
        self._apart: dict[ObjectId, float] = {}

    async def read_properties(self, refs: Iterable[PropertyRef]) -> Answers:
        """Every ref with its value or the reason why it has none. Raises ReadError where the whole device fails.

        The caller may be cancelled: the request runs on, so that the stack's transaction ends in its own time.
        """
        answer: asyncio.Future[Answers] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Wish(tuple(refs), answer))
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work(), name=f"device {self.instance}")
        return await answer

    async def stop(self) -> None:
        """End what is in flight; those who wait get a DeviceSilentError."""
        if self._worker is not None:
            self._worker.cancel()
            await asyncio.gather(self._worker, return_exceptions=True)
        for wish in self._waiting:
            wish.deliver(DeviceSilentError(f"device {self.instance}: reading was stopped"))

    async def _work(self) -> None:
        while self._waiting:
            await self._gather()
            batch = list(self._waiting)
            wanted = list(dict.fromkeys(ref for wish in batch for ref in wish.refs))
            outcome: Answers | Exception
            try:
                async with self._slots:
                    outcome = await self._read(wanted)
            except Exception as error:  # noqa: BLE001 raised in those who wait; they must not wait for ever
                outcome = error
            del self._waiting[: len(batch)]
            for wish in batch:
                wish.deliver(outcome)

    async def _gather(self) -> None:
        """The batch closes when nobody joined for one turn of the loop, at most 50 ms later."""
        loop = asyncio.get_running_loop()
        closes = loop.time() + _GATHER
        joined = 0
        while joined != len(self._waiting) and loop.time() < closes:
            joined = len(self._waiting)
            await asyncio.sleep(0)

    async def _read(self, wanted: list[PropertyRef]) -> Answers:
        try:
            binding = await self._directory.find(self.instance, self._address, tries=1 if self._silent else 3)
            answers: Answers = {}
            for chunk in self._chunks(wanted, binding):
                answers |= await self._ask(chunk, binding)
        except DeviceSilentError as error:
            self._directory.forget(self.instance, self._address)
            self._fell_silent(error)
            raise DeviceSilentError(f"device {self.instance}: {error}") from None
        except ReadError as error:
            raise ReadError(f"device {self.instance}: {error}") from None
        self._spoke()
        return answers

    def _fell_silent(self, error: DeviceSilentError) -> None:
        self.silences += 1
        if not self._silent:
            _log.warning("device is silent", device=self.instance, cause=str(error))
        self._silent = True

    def _spoke(self) -> None:
        if self._silent:
            _log.info("device answers again", device=self.instance)
        self._silent = False

    def _chunks(self, wanted: list[PropertyRef], binding: Binding) -> list[list[PropertyRef]]:
        """Requests whose answers should fit into one message; an object that spoiled a request stands alone."""
        now = self._clock.monotonic()
        self._apart = {object_id: until for object_id, until in self._apart.items() if until > now}
        room = binding.max_apdu - _OCTETS_PER_VALUE
        most = self._most if self._most_until > now else len(wanted)
        chunks: list[list[PropertyRef]] = []
        left = 0
        for ref in sorted(wanted, key=lambda ref: (ref.object in self._apart, ref.object)):
            octets = _OCTETS_PER_NAME if ref.property == OBJECT_NAME else _OCTETS_PER_VALUE
            alone = ref.object in self._apart and chunks and chunks[-1][0].object != ref.object
            if not chunks or octets > left or len(chunks[-1]) >= most or alone:
                chunks.append([])
                left = room
            chunks[-1].append(ref)
            left -= octets
        return chunks

    async def _ask(self, refs: Sequence[PropertyRef], binding: Binding) -> Answers:
        """One chunk: as a whole, else its halves, down to single properties."""
        if len(refs) == 1 or self._reads_singly:
            return await self._ask_singly(refs, binding)
        try:
            return await self._ask_together(refs, binding)
        except DeviceSilentError as silence:
            return await self._ask_unheard(refs, binding, silence)
        except RefusedError as refusal:
            self._unheard = 0
            if refusal.unrecognized_service:
                self._read_singly_from_now(refusal)
                return await self._ask_singly(refs, binding)
            return await self._ask_in_parts(refs, binding, refusal)

    async def _ask_unheard(self, refs: Sequence[PropertyRef], binding: Binding, silence: DeviceSilentError) -> Answers:
        """Once is a loss; twice, from a device that was found in between, may mean that it drops what is too much."""
        self._unheard += 1
        if self._unheard == 1:
            raise silence
        answers = await self._ask_singly(refs, binding)
        self._read_singly_from_now(silence)
        return answers

    async def _ask_in_parts(self, refs: Sequence[PropertyRef], binding: Binding, refusal: RefusedError) -> Answers:
        objects = list(dict.fromkeys(ref.object for ref in refs))
        if len(objects) == 1:
            return await self._ask_object_singly(refs, binding, refusal)
        known_spoilers = len(self._apart)
        half = set(objects[: len(objects) // 2])
        parts = [ref for ref in refs if ref.object in half], [ref for ref in refs if ref.object not in half]
        answers: Answers = {}
        for part in parts:
            answers |= await self._ask(part, binding)
        if len(self._apart) == known_spoilers and not self._reads_singly:
            self._learn_most(max(len(part) for part in parts))
        return answers

    async def _ask_object_singly(self, refs: Sequence[PropertyRef], binding: Binding, refusal: RefusedError) -> Answers:
        """Tells a device that refuses ReadPropertyMultiple from an object that spoils it."""
        answers = await self._ask_singly(refs, binding)
        if all(isinstance(answer, Datum) for answer in answers.values()):
            self._read_singly_from_now(refusal)
        else:
            self._apart[refs[0].object] = self._clock.monotonic() + _TRY_AGAIN
        return answers

    @property
    def _reads_singly(self) -> bool:
        return self._singly_until > self._clock.monotonic()

    @property
    def _tries(self) -> int:
        return 1 if self._silent else _TRIES

    def _learn_most(self, values: int) -> None:
        now = self._clock.monotonic()
        if self._most_until <= now or values < self._most:
            self._most, self._most_until = values, now + _TRY_AGAIN
            _log.info("device answers smaller requests only", device=self.instance, values=values)

    def _read_singly_from_now(self, refusal: ReadError) -> None:
        """The device does not do ReadPropertyMultiple, whatever its reason."""
        self._singly_until = self._clock.monotonic() + _TRY_AGAIN
        _log.info("device refuses ReadPropertyMultiple, reading one by one", device=self.instance, cause=str(refusal))

    async def _ask_together(self, refs: Sequence[PropertyRef], binding: Binding) -> Answers:
        request = encode_read_multiple(refs)
        data = await self._client.ask(binding.address, READ_PROPERTY_MULTIPLE, request, tries=self._tries)
        self._unheard = 0
        try:
            found = decode_read_multiple(data)
        except DecodeError as error:
            raise RefusedError("error", 0, f"the answer cannot be decoded ({error})") from None
        answers: Answers = {ref: self._judge(ref, found[ref]) for ref in refs if ref in found}
        # Some devices leave out what did not fit, and say nothing of it.
        return answers | await self._ask_singly([ref for ref in refs if ref not in found], binding)

    async def _ask_singly(self, refs: Sequence[PropertyRef], binding: Binding) -> Answers:
        return {ref: await self._ask_one(ref, binding) for ref in refs}

    async def _ask_one(self, ref: PropertyRef, binding: Binding) -> Datum | UnreadableError:
        try:
            data = await self._client.ask(binding.address, READ_PROPERTY, encode_read(ref), tries=self._tries)
            answered, datum = decode_read(data)
        except RefusedError as refusal:
            return self._unreadable(ref, str(refusal), refusal.code if refusal.kind == "error" else None)
        except DecodeError as error:
            return self._unreadable(ref, f"the answer cannot be decoded ({error})", None)
        return self._judge(ref, datum if answered == ref else None)

    def _judge(self, ref: PropertyRef, found: Datum | Refusal | None) -> Datum | UnreadableError:
        """Guarantee 4: only what stands in the answer under this object, property and index is this value."""
        if isinstance(found, Datum):
            return found
        if found is None:
            return self._unreadable(ref, "not in the device's answer", None)
        return self._unreadable(ref, str(found), found.code)

    def _unreadable(self, ref: PropertyRef, cause: str, code: int | None) -> UnreadableError:
        return UnreadableError(self.instance, ref, cause, code)
