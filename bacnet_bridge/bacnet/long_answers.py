"""Many properties of one device in few questions, whose answers may come in segments: for discovery only.

Segments get lost and devices lie about them, so this is a way that may fail, beside one that does not (device.py). At
the first thing that is not as it should be it is over, for the rest of the discovery. What was answered before that
was answered whole; what was not is left to the other way.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Final

import structlog

from bacnet_bridge.bacnet.answer import Answer, UnreadableError
from bacnet_bridge.bacnet.batch import Octets, Refs, Room, batches
from bacnet_bridge.bacnet.client import IAm
from bacnet_bridge.bacnet.datum import Datum
from bacnet_bridge.bacnet.line import Line
from bacnet_bridge.bacnet.pacing import trunk_of
from bacnet_bridge.bacnet.presence import MAX_APDU
from bacnet_bridge.bacnet.rpm import (
    READ_PROPERTY,
    READ_PROPERTY_MULTIPLE,
    DecodeError,
    Result,
    decode_read,
    encode_read,
    encode_read_multiple,
    results,
)
from bacnet_bridge.bacnet.segments import MOST
from bacnet_bridge.errors import ReadError
from bacnet_bridge.model import PropertyRef

_log = structlog.get_logger()

SENDS_SEGMENTS: Final = frozenset({"segmented-both", "segmented-transmit"})
"""What a device says of itself that may be asked so."""
_SEGMENT_HEAD: Final = 5
"""Octets of an APDU before the part of the answer (clause 20.1.5)."""
_FIRST: Final = 100
"""Properties that are asked for at once, before it is known how long that takes."""
_SHARE: Final = 0.5
"""Share of the time that it has for an answer which a question may take it, by its pace so far."""

_LEAST: Final = 30
"""Properties below which a question gains nothing by this, and may not hold all that is asked of an object."""
_FASTEST: Final = 1e-6


def may_send_segments(i_am: IAm, segmentation: str | None) -> bool:
    """Whether a device is asked so at all: one that says that it can, and shares its wire with no other.

    Behind a router an answer of many segments would hold a trunk for seconds.
    """
    return segmentation in SENDS_SEGMENTS and trunk_of(i_am.address) == i_am.address


class LongAnswers:
    """Of one device, asked over this line; `octets` guesses how long values are. One coroutine at a time uses it."""

    def __init__(self, i_am: IAm, line: Line, octets: Octets, patience: float) -> None:
        """`patience` is how many seconds the device has for an answer."""
        self.working = True
        self._instance, self._question = i_am.instance, i_am.max_apdu
        self._answer = MOST * (min(i_am.max_apdu, MAX_APDU) - _SEGMENT_HEAD)
        self._line, self._octets = line, octets
        self._longest = _SHARE * patience
        self._pace = self._longest / _FIRST
        """Seconds for a property, the last time."""
        self._measured: dict[PropertyRef, int] = {}

    def holds(self, octets: int) -> bool:
        """Whether an answer may be as long."""
        return self.working and octets <= self._answer

    def measured(self, ref: PropertyRef) -> int:
        """Octets that the value took; 0 where the newest question was not about it."""
        return self._measured.get(ref, 0)

    def end(self, cause: str) -> None:
        """The device is asked for answers in one piece from now on."""
        if self.working:
            _log.info("device is no more asked for answers in segments", device=self._instance, cause=cause)
        self.working = False

    async def whole(self, ref: PropertyRef) -> Datum | None:
        """A whole list; None where it did not come, for whatever reason."""
        try:
            data = await self._line.send(READ_PROPERTY, encode_read(ref), 1, tries=1, segments=MOST)
            answered, datum = decode_read(data)
        except (ReadError, DecodeError) as error:
            self.end(str(error))
            return None
        if answered != ref:
            self.end("an answer to another question")
            return None
        return datum

    async def read(self, wanted: Iterable[PropertyRef]) -> AsyncIterator[Mapping[PropertyRef, Answer]]:
        """Question by question, what was answered: all of it, or nothing further, and `working` is over.

        One try each: of a question that is asked twice, two answers may be under way, and be taken for one.
        """
        left = sorted(wanted, key=lambda ref: ref.object)
        while left and self.working:
            # No question holds as many properties as its octets are; a list of ten thousands is not gone through again.
            room = Room(self._question, self._most, longest=self._answer)
            refs = batches(left[: self._question], room, self._octets)[0]
            answers = await self._together(refs)
            if answers is None:
                return
            left = left[len(refs) :]
            yield answers

    @property
    def _most(self) -> int:
        """Properties that it answers in time, at its pace."""
        return round(self._longest / self._pace)

    async def _together(self, refs: Refs) -> dict[PropertyRef, Answer] | None:
        question = encode_read_multiple(refs)
        try:
            data = await self._line.send(READ_PROPERTY_MULTIPLE, question, len(refs), tries=1, segments=MOST)
            elements = list(results(data))
        except (ReadError, DecodeError) as error:
            self.end(f"{len(refs)} properties: {error}")
            return None
        if len(elements) != len(refs) or {element.ref for element in elements} != set(refs):
            self.end(f"{len(refs)} properties were asked for, and others answered")
            return None
        self._pace = max(self._line.took / len(refs), _FASTEST)
        if self._most < _LEAST:
            self.end("it answers slowly")
        self._measured = {}
        return {element.ref: self._answered(element) for element in elements}

    def _answered(self, element: Result) -> Answer:
        """Guarantee 4: only what stands in the answer under this object, property and index is this value."""
        ref, found = element.ref, element.found
        if isinstance(found, Datum):
            self._measured[ref] = element.end - element.start
            return found
        return UnreadableError(self._instance, ref, str(found), found.code)
