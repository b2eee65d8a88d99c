"""Asking one device at its address: one request after the other, split where it is refused, learned from.

A refusal or a question that is never answered costs only the objects that it is about. What was read before a
silence is kept.
"""

import contextlib
from collections.abc import Sequence
from itertools import takewhile
from typing import cast

import structlog

from bacnet_bridge.bacnet import profile as learning
from bacnet_bridge.bacnet.answer import Answer, UnheardError, UnreadableError
from bacnet_bridge.bacnet.batch import Octets, Refs, Request, answer_octets, divisible, halves, request_for
from bacnet_bridge.bacnet.client import Client
from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.discover import Binding
from bacnet_bridge.bacnet.line import TRIES, Line, who_are_you
from bacnet_bridge.bacnet.pacing import Gate
from bacnet_bridge.bacnet.profile import Profile
from bacnet_bridge.bacnet.refused import RefusedError
from bacnet_bridge.bacnet.rpm import (
    READ_PROPERTY,
    READ_PROPERTY_MULTIPLE,
    DecodeError,
    Refusal,
    decode_read,
    encode_read,
    likely_octets,
    results,
)
from bacnet_bridge.bacnet.shape import Shape
from bacnet_bridge.clock import Clock
from bacnet_bridge.errors import DeviceSilentError, ReadError
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

_log = structlog.get_logger()


_Found = dict[PropertyRef, Answer]


class Asking:
    """One device's requests; its `profile` says what was learned. One gathering at a time uses it."""

    def __init__(
        self, client: Client, gate: Gate, clock: Clock, profile: Profile, likely: Octets = likely_octets
    ) -> None:
        """`likely` guesses how long a value is that was never seen."""
        self._line = Line(client, gate, clock, profile)
        self._likely = likely
        self.gone: DeviceSilentError | None = None
        """Set once the device answers nothing any more; the rest of the gathering is not to be asked for."""
        self.sized = 0
        """Moves on whenever more is known of how long answers are."""
        self._clock = clock
        self._octets: dict[PropertyRef, int] = {}
        self._suspects: set[ObjectId] = set()
        """Objects of this gathering that could not be read, and with which a request was refused."""
        self._ask_dumb_ones = False
        self._dumb_tried = float("-inf")

    def octets(self, ref: PropertyRef) -> int:
        """What the value takes: the most that it ever took, else a cautious guess."""
        return self._octets.get(ref) or self._likely(ref)

    def begin(self, binding: Binding, *, silent: bool, patience: float) -> None:
        """A gathering. A device that was silent gets one try, and so do dumb objects, until one stays dumb.

        For `patience` seconds after that, none of them is asked about.
        """
        self.profile = learning.found(self.profile, binding.address, binding.max_apdu)
        self.gone = None
        self._line.tries = 1 if silent else TRIES
        self._line.requests = self._line.answers = 0
        self._suspects.clear()
        self._ask_dumb_ones = self._clock.monotonic() - self._dumb_tried >= patience

    def end(self) -> None:
        """The gathering is over. Where all of it was refused, no object is to blame but the device, for the moment."""
        for each in self._suspects if self._line.answers else ():
            self.profile = learning.after_spoiling(self.profile, each, self._clock.wall())
        if self.gone is None:
            self.profile = learning.after_gathering(self.profile, self._line.requests)

    def unheard(self, ref: PropertyRef) -> UnheardError:
        """For what got no answer."""
        return UnheardError(self.profile.instance, ref, str(self.gone or "no answer"), None)

    @property
    def asked(self) -> int:
        """Questions that the device was ever asked."""
        return self._line.asked

    @property
    def failed(self) -> tuple[int, int]:
        """Of these, how many were not answered, and how many were refused."""
        return self._line.unanswered, self._line.refused

    def measured(self, ref: PropertyRef) -> int | None:
        """What the value took when it was read; None where it was not."""
        return self._octets.get(ref)

    @property
    def profile(self) -> Profile:
        """What was learned."""
        return self._line.profile

    @profile.setter
    def profile(self, profile: Profile) -> None:
        self._line.profile = profile

    async def ahead(self, requests: Sequence[Request]) -> Sequence[bytes | None]:
        """Answers to the first of these, asked at once where the device keeps up; none where it does not."""
        known = list(takewhile(lambda request: request.shape is not None, requests))
        number = min(self._line.at_once, len(known))
        return await self._line.send_at_once([request.encoded for request in known[:number]]) if number > 1 else ()

    async def ask(self, request: Request, data: bytes | None = None) -> Sequence[Answer]:
        """What the device says to each of the request's refs, in their order. Raises nothing for its trouble.

        `data` is the answer, where it is there already.
        """
        found = _Found()
        if self.profile.dumb and str(request.refs[0].object) in self.profile.dumb:
            await self._ask_dumb(request.refs, found)
        else:
            values = await self._part(request, found, data)
            if values is not None:
                return values
        return [found[ref] if ref in found else self.unheard(ref) for ref in request.refs]

    async def _part(self, request: Request, found: _Found, data: bytes | None = None) -> Sequence[Answer] | None:
        """As a whole, else its halves, down to single properties: into `found`, or in order where that is cheap."""
        refs, now = request.refs, self._clock.wall()
        if len(refs) == 1 or self.profile.reads_singly(now) or str(refs[0].object) in self.profile.apart(now):
            await self._singly(refs, found)
            return None
        try:
            if data is None:
                data = await self._line.send(READ_PROPERTY_MULTIPLE, request.encoded, len(refs))
            shape = request.shape
            values = None if shape is None else shape.values(data)
            if values is not None and shape is not None and shape.sound:
                return cast("list[Datum]", values)
            if values is not None:
                return [self._judge(ref, each) for ref, each in zip(refs, values, strict=True)]
            await self._take(request, data, found)
        except DeviceSilentError as silence:
            await self._unanswered(refs, found, silence)
        except RefusedError as refusal:
            self._note(refusal, f"{len(refs)} properties together")
            await self._refused(refs, found, refusal)
        return None

    async def _take(self, request: Request, data: bytes, found: _Found) -> None:
        """An answer of any shape. What some devices leave out without a word is asked for alone."""
        try:
            elements = list(results(data))
        except DecodeError as error:
            raise RefusedError("error", 0, f"the answer cannot be decoded ({error})") from None
        wanted = set(request.refs)
        for element in elements:
            if element.ref in wanted:
                found[element.ref] = self._judge(element.ref, element.found)
                self._measure(element.ref, element.end - element.start)
        if tuple(element.ref for element in elements) == request.refs:
            with contextlib.suppress(DecodeError):
                request.shape = Shape(data, elements)
        await self._singly([ref for ref in request.refs if ref not in found], found)

    def _measure(self, ref: PropertyRef, octets: int) -> None:
        if octets > self._octets.get(ref, 0):
            self._octets[ref] = octets
            self.sized += 1

    async def _refused(self, refs: Refs, found: _Found, refusal: RefusedError) -> None:
        if refusal.unrecognized_service:
            self._read_singly_from_now(refusal)
            await self._singly(refs, found)
        elif divisible(refs):
            await self._split(refs, found)
        else:
            await self._one_object(refs, found, refusal)

    async def _unanswered(self, refs: Refs, found: _Found, silence: DeviceSilentError) -> None:
        """Tells a device that is gone from one that a question is too much for, or an object in it."""
        if not await self._alive():
            self.gone = silence
            return
        tries, self._line.tries = self._line.tries, 1
        if self.profile.worked and divisible(refs):
            await self._split(refs, found)
        else:
            await self._one_object(refs, found, silence)
        self._line.tries = tries

    async def _split(self, refs: Refs, found: _Found) -> None:
        before = self._limits
        parts = halves(refs)
        for part in parts:
            if self.gone is None:
                await self._part_into(part, found)
        # Only now it is known how long the answer would have been, and whether its length was the reason.
        fits = answer_octets(refs, self.octets) <= self.profile.max_apdu
        if self.gone is None and fits and self._limits == before:
            self._learn_most(max(len(part) for part in parts))

    async def _part_into(self, refs: Refs, found: _Found) -> None:
        values = await self._part(request_for(refs), found)
        found.update(zip(refs, values or (), strict=False))
        if len(refs) == 1:
            self._suspects.update(ref.object for ref in refs if type(found.get(ref)) is UnreadableError)

    async def _one_object(self, refs: Refs, found: _Found, cause: ReadError) -> None:
        """Tells a device that does not do ReadPropertyMultiple from an object that spoils it."""
        await self._singly(refs, found)
        good = all(isinstance(found.get(ref), Datum) for ref in refs)
        if good and not self.profile.worked:
            self._read_singly_from_now(cause)
        elif self.gone is None:
            self._suspects.update(ref.object for ref in refs if not isinstance(found.get(ref), UnheardError))

    async def _singly(self, refs: Sequence[PropertyRef], found: _Found) -> None:
        dumb: set[ObjectId] = set()
        for ref in refs:
            if self.gone is not None:
                return
            if ref.object in dumb:
                found[ref] = self.unheard(ref)
                continue
            try:
                found[ref] = await self._one(ref)
            except DeviceSilentError as silence:
                if not await self._alive():
                    self.gone = silence
                    return
                found[ref] = self.unheard(ref)
                dumb.add(ref.object)
                self.profile = learning.after_dumb(self.profile, ref.object)
                _log.warning("device answers nothing about an object", device=self.profile.instance, what=str(ref))

    async def _ask_dumb(self, refs: Refs, found: _Found) -> None:
        """One try, unless one before it stayed dumb: so all of them together cost a gathering one time-out at most."""
        wanted = refs[0].object
        if not self._ask_dumb_ones:
            return
        self._line.tries = 1
        self.profile = learning.after_dumb_answered(self.profile, wanted)
        try:
            for ref in refs:
                found[ref] = await self._one(ref)
        except DeviceSilentError:
            self.profile = learning.after_dumb(self.profile, wanted)  # at the end of their row: it is others' turn
            self._ask_dumb_ones, self._dumb_tried = False, self._clock.monotonic()
        else:
            _log.info("device answers about an object again", device=self.profile.instance, what=str(wanted))

    async def _alive(self) -> bool:
        """Whether it answers the question that every device answers."""
        try:
            await self._line.send(READ_PROPERTY, encode_read(who_are_you(self.profile.instance)), 1, tries=1)
        except RefusedError:
            return True
        except DeviceSilentError:
            return False
        return True

    async def _one(self, ref: PropertyRef) -> Answer:
        try:
            data = await self._line.send(READ_PROPERTY, encode_read(ref), 1)
            answered, datum = decode_read(data)
        except RefusedError as refusal:
            self._note(refusal, str(ref))
            return self._unreadable(ref, str(refusal), refusal.code if refusal.kind == "error" else None)
        except DecodeError as error:
            return self._unreadable(ref, f"the answer cannot be decoded ({error})", None)
        return self._judge(ref, datum if answered == ref else None)

    def _judge(self, ref: PropertyRef, found: Datum | Refusal | None) -> Answer:
        """Guarantee 4: only what stands in the answer under this object, property and index is this value."""
        if isinstance(found, Datum):
            return found
        if found is None:
            return self._unreadable(ref, "not in the device's answer", None)
        return self._unreadable(ref, str(found), found.code)

    def _unreadable(self, ref: PropertyRef, cause: str, code: int | None) -> UnreadableError:
        return UnreadableError(self.profile.instance, ref, cause, code)

    @property
    def _limits(self) -> tuple[int, tuple[str, ...], int]:
        return self.profile.multiple_refused_at, self.profile.dumb, len(self._suspects)

    def _note(self, refusal: RefusedError, what: str) -> None:
        self.profile = learning.after_refusal(self.profile, f"{what}: {refusal}", self._clock.wall())

    def _learn_most(self, properties: int) -> None:
        before = self.profile.most_together(self._clock.wall())
        self.profile = learning.after_too_much(self.profile, properties, self._clock.wall())
        if not before or properties < before:
            _log.info("device answers smaller requests only", device=self.profile.instance, properties=properties)

    def _read_singly_from_now(self, cause: ReadError) -> None:
        """The device does not do ReadPropertyMultiple, whatever its reason."""
        self.profile = learning.after_multiple_refused(self.profile, self._clock.wall())
        _log.info(
            "device refuses ReadPropertyMultiple, reading one by one", device=self.profile.instance, cause=str(cause)
        )
