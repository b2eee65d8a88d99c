"""How what is due together on a device is asked for: worked out once for all slots in which the same is due. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.bacnet.answer import Answer
from bacnet_bridge.bacnet.batch import Octets, Refs, Request, Room, batches, request_for

_KEPT: Final = 4
"""Rounds of a device: what is due together differs with the meters' intervals. While devices fail it differs by chance,
and with each such round kept hundreds of devices would grow for hours."""


@dataclass(frozen=True, slots=True)
class Round:
    """The requests for a set of refs' tuples. `places` and `after` are by the identity of such a tuple."""

    room: Room
    sized: int
    wanted: tuple[Refs, ...]
    """Held so that no other tuple takes over an identity."""
    requests: tuple[Request, ...]
    places: dict[int, slice | tuple[int, ...]]
    """Where a tuple's answers stand among all."""
    after: dict[int, int]
    """How many answers there must be for the tuple to be complete."""

    def of(self, refs: Refs, answers: Sequence[Answer]) -> Sequence[Answer]:
        """Those of one tuple."""
        place = self.places[id(refs)]
        return answers[place] if isinstance(place, slice) else [answers[index] for index in place]


def round_of(wanted: tuple[Refs, ...], room: Room, octets: Octets, sized: int = 0) -> Round:
    """Each ref is asked for once. `sized` is the state of what `octets` knows."""
    refs = dict.fromkeys(ref for each in wanted for ref in each)
    requests = tuple(map(request_for, batches(refs, room, octets)))
    index = {ref: at for at, ref in enumerate(ref for request in requests for ref in request.refs)}
    places = {id(each): tuple(index[ref] for ref in each) for each in wanted}
    return Round(
        room,
        sized,
        wanted,
        requests,
        {each: _as_slice(place) for each, place in places.items()},
        {each: max(place, default=-1) + 1 for each, place in places.items()},
    )


class Rounds:
    """The last ones of a device."""

    def __init__(self) -> None:
        self._kept: dict[frozenset[int], Round] = {}

    def of(self, wanted: Sequence[Refs], room: Room, octets: Octets, sized: int) -> Round:
        """As the last time that these very tuples were due, unless the room or the sizes are others now."""
        key = frozenset(map(id, wanted))
        found = self._kept.pop(key, None)
        if found is None or found.room != room or found.sized != sized:
            found = round_of(tuple({id(refs): refs for refs in wanted}.values()), room, octets, sized)
        if len(self._kept) >= _KEPT:
            del self._kept[next(iter(self._kept))]  # the one that was not used for longest
        self._kept[key] = found
        return found


def _as_slice(places: tuple[int, ...]) -> slice | tuple[int, ...]:
    """Neighbours can be taken at once."""
    first = places[0] if places else 0
    neighbours = places == tuple(range(first, first + len(places)))
    return slice(first, first + len(places)) if neighbours else places
