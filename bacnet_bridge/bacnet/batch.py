"""What is due on a device, in as few requests as it can answer. Pure.

Questions stay in one piece, and answers do unless they were asked for in segments, so both are counted in octets: the
question exactly, the answer by what each value took before, or may take.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from bacnet_bridge.bacnet.rpm import (
    ANSWER_HEAD,
    AROUND_OBJECT,
    QUESTION_HEAD,
    encode_read_multiple,
    property_octets,
    result_octets,
)
from bacnet_bridge.bacnet.shape import Shape
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.vocabulary.objects import ObjectId

Refs = tuple[PropertyRef, ...]
Octets = Callable[[PropertyRef], int]
"""What a property's value takes in an answer."""

_NO_LIMIT: Final = 1 << 30
_LONG: Final = 16
"""More properties than any object's that are asked for together: these are a list's elements."""


@dataclass(slots=True)
class Request:
    """What is asked at once, and what is known of its answer."""

    refs: Refs
    encoded: bytes
    shape: Shape | None = None


def request_for(refs: Refs) -> Request:
    """With its octets made once, for all the slots in which the same is due."""
    return Request(refs, encode_read_multiple(refs))


@dataclass(frozen=True, slots=True)
class Room:
    """What one request to a device may hold."""

    max_apdu: int
    most: int = 0
    """Properties; 0 for as many as fit."""
    apart: frozenset[str] = frozenset()
    """Objects that stand alone."""
    dumb: tuple[str, ...] = ()
    """Objects that stand alone, and last, in this order."""
    longest: int = 0
    """Octets of an answer, where it may come in segments; 0 for `max_apdu`, as of the question."""


def batches(wanted: Iterable[PropertyRef], room: Room, octets: Octets) -> list[Refs]:
    """The requests, in the order in which they are to be made. What stands alone costs no one else anything.

    A property that fits nowhere gets a request of its own; the device will say what it thinks of it.
    """
    made: list[Refs] = []
    open_batch = _Batch(room, octets)
    for wanted_object, refs in _by_object(wanted, room):
        alone = str(wanted_object) in room.apart or str(wanted_object) in room.dumb
        for part in open_batch.parts(refs):
            if alone or not open_batch.takes(part):
                made += open_batch.close()
            open_batch.add(part)
        if alone:
            made += open_batch.close()
    return made + open_batch.close()


def answer_octets(refs: Iterable[PropertyRef], octets: Octets) -> int:
    """The length of the whole APDU that answers these, objects' neighbours merged."""
    return ANSWER_HEAD + sum(
        AROUND_OBJECT + sum(result_octets(ref, octets(ref)) for ref in group)
        for _, group in groupby(refs, key=lambda ref: ref.object)
    )


def question_octets(refs: Iterable[PropertyRef]) -> int:
    """The length of the whole APDU that asks for these."""
    return QUESTION_HEAD + sum(
        AROUND_OBJECT + sum(property_octets(ref) for ref in group)
        for _, group in groupby(refs, key=lambda ref: ref.object)
    )


def _by_object(wanted: Iterable[PropertyRef], room: Room) -> Iterator[tuple[ObjectId, Refs]]:
    def order(ref: PropertyRef) -> tuple[int, bool, ObjectId]:
        if not (room.dumb or room.apart):
            return 0, False, ref.object
        name = str(ref.object)
        return 1 + room.dumb.index(name) if name in room.dumb else 0, name in room.apart, ref.object

    for wanted_object, group in groupby(sorted(wanted, key=order), key=lambda ref: ref.object):
        yield wanted_object, tuple(group)


def divisible(refs: Refs) -> bool:
    """Into objects, of which one may be to blame; or a list's elements, which are as good as objects."""
    return len(refs) > _LONG or len({ref.object for ref in refs}) > 1


def halves(refs: Refs) -> tuple[Refs, Refs]:
    """Of what is divisible, an object's properties together. Neither is empty."""
    objects = list(dict.fromkeys(ref.object for ref in refs))
    if len(objects) == 1:
        return refs[: len(refs) // 2], refs[len(refs) // 2 :]
    half = set(objects[: len(objects) // 2])
    return tuple(ref for ref in refs if ref.object in half), tuple(ref for ref in refs if ref.object not in half)


class _Batch:
    """The request that is being filled."""

    def __init__(self, room: Room, octets: Octets) -> None:
        self._octets = octets
        self._longest_question, self._longest_answer = room.max_apdu, room.longest or room.max_apdu
        self._most = room.most or _NO_LIMIT
        self._refs: list[PropertyRef] = []
        self._question, self._answer = QUESTION_HEAD, ANSWER_HEAD

    def parts(self, refs: Refs) -> Iterator[Refs]:
        """An object's properties whole, if a request can hold them; else one by one."""
        question, answer = self._sizes(refs)
        if self._fits(question + QUESTION_HEAD, answer + ANSWER_HEAD) and len(refs) <= self._most:
            yield refs
        else:
            yield from ((ref,) for ref in refs)

    def takes(self, refs: Refs) -> bool:
        question, answer = self._sizes(refs)
        fits = self._fits(self._question + question, self._answer + answer)
        return fits and len(self._refs) + len(refs) <= self._most

    def add(self, refs: Refs) -> None:
        question, answer = self._sizes(refs)
        self._refs += refs
        self._question += question
        self._answer += answer

    def close(self) -> list[Refs]:
        """What it holds, in a list, and begin anew; nothing where it is empty."""
        closed = [tuple(self._refs)] if self._refs else []
        self._refs, self._question, self._answer = [], QUESTION_HEAD, ANSWER_HEAD
        return closed

    def _fits(self, question: int, answer: int) -> bool:
        return question <= self._longest_question and answer <= self._longest_answer

    def _sizes(self, refs: Refs) -> tuple[int, int]:
        """Of an object's properties; neighbours of the object that is open already share its octets."""
        around = 0 if self._refs and self._refs[-1].object == refs[0].object else AROUND_OBJECT
        question = around + sum(property_octets(ref) for ref in refs)
        return question, around + sum(result_octets(ref, self._octets(ref)) for ref in refs)
