"""One point through a gap: what its log says of each slot, put to the point's own rules. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, TypeGuard

from bacnet_bridge.backfill.place import How, Missing, Open, Placed, Value
from bacnet_bridge.logged import Recorded
from bacnet_bridge.model import Point, Problem, Reading
from bacnet_bridge.vocabulary.holes import HoleReason


class Measured(Protocol):
    """A reading and the point's memory: `memory` once its packet is sent, `unsent` where it is not."""

    @property
    def reading(self) -> Reading: ...
    @property
    def memory(self) -> str | None: ...
    @property
    def unsent(self) -> str | None: ...


class Measure(Protocol):
    """The point's own rules: `bacnet.from_log.measure_logged` with its rule."""

    def __call__(
        self,
        at: int,
        recorded: Recorded,
        flags: tuple[str, ...] | None,
        memory: str | None,
        *,
        carried: bool,
        condition: Recorded | None,
    ) -> Measured: ...


class Bridges(Protocol):
    """Why a counter's fill does not join the gap's ends: `bacnet.from_log.bridges` with its rule."""

    def __call__(self, before: str | None, ended: str | None, after: str | None) -> str: ...


class Step(NamedTuple):
    """What one slot is for the point: keeps `Measured`."""

    reading: Reading
    memory: str | None
    unsent: str | None


@dataclass(frozen=True, slots=True)
class Strand:
    """A point that has a log, and what was found in it."""

    point: Point
    key: str
    """Names the point's memory."""
    placed: Mapping[int, Placed]
    measure: Measure
    bridges: Bridges
    condition: Mapping[int, Placed] | None = None
    """What the log of its `valid_when` object says; None where there is none."""

    def open(self, slot: int) -> bool:
        """Its log may still tell of the slot."""
        logs = [self.placed] if self.condition is None else [self.placed, self.condition]
        return any(isinstance(log.get(slot), Open) for log in logs)

    def without_standing(self, slots: Collection[int]) -> "Strand":
        """No value is carried on from the records that tell of these slots."""
        stood = {each.at for slot in slots if (each := self.placed.get(slot)) is not None and _carried(each)}
        kept = {slot: _STOOD if _carried(each) and each.at in stood else each for slot, each in self.placed.items()}
        return replace(self, placed=kept) if stood else self

    def step(self, slot: int, memory: str | None) -> Measured:
        """The slot's reading. Without a value, the memory stays as it is."""
        placed = self.placed.get(slot, _NOT_ASKED)
        if not isinstance(placed, Value):
            return self._none(slot, placed.why, memory)
        wanted, condition = self.point.valid_when, None
        if wanted is not None:
            state = _NO_CONDITION if self.condition is None else self.condition.get(slot, _NOT_ASKED)
            if not isinstance(state, Value):
                return self._none(slot, f"valid only when {wanted.text}: {state.why}", memory)
            condition = state.recorded
        at = placed.at if placed.how is How.NEAREST else slot
        carried = placed.how is How.CARRIED
        return self.measure(at, placed.recorded, placed.flags, memory, carried=carried, condition=condition)

    def _none(self, slot: int, why: str, memory: str | None) -> Step:
        problem = Problem(HoleReason.REFUSED, f"{self.point.source}: {why}")
        return Step(Reading(self.point, slot, problem=problem), memory, memory)


def _carried(placed: Placed) -> TypeGuard[Value]:
    return isinstance(placed, Value) and placed.how is How.CARRIED


_STOOD = Missing("the log's last known value stood still when it was read beside the gap, and was refused")
_NOT_ASKED = Missing("its log was not asked for it")
_NO_CONDITION = Missing("that object's log is not named; say `condition:` with backfill")
