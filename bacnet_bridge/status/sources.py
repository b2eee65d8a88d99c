"""What the status asks of the running service. Figures are counted since the start; times are seconds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class DeviceFigures:
    """One device that is read. `device` is its instance, and its address where the mapping names it by that."""

    device: str
    requests: int
    unanswered: int
    refused: int
    round_trip: float
    silent: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """The whole bridge in numbers; by meter there are none, because monitoring pays for every label."""

    version: str
    started: float
    """Seconds since 1970."""
    meters: int
    meters_without_packet: int
    """Those whose newest slot is a hole."""
    packed: int
    """Slots whose packet is in the outbox."""
    holes: Mapping[str, int]
    """Slots by reason; every reason is there."""
    waiting: int
    oldest: float
    """Age of the slot of the oldest packet that waits; 0 where none does."""
    attempts: Mapping[str, int]
    """By verdict; every verdict is there."""
    accepted: int
    unknown_outcomes: int
    in_flight: int
    queues_failing: int
    queues_on_hold: int
    queues_healing: int
    """On hold for a gap to be healed, and for nothing else."""
    healed: int
    """Slots that were filled from trend logs."""
    gaps: Mapping[str, int]
    """Gaps that are over, by what became of them."""
    accounts_paused: int
    platforms_away: int
    clock_offset: float | None
    """By how much the platform's clock is ahead of the bridge's; None where it is not known."""
    clock_credible: bool
    moves: bool
    devices: Sequence[DeviceFigures]


class Changing(Protocol):
    """Made for those who listen, one for all of them."""

    @property
    def now(self) -> str:
        """As of the latest call, as the overview has it."""

    async def next(self) -> Mapping[str, Any]:
        """What changed since the call before; empty where nothing did. What the first call gives is not told."""


class Sources(Protocol):
    """Documents are what JSON can say."""

    async def overview(self) -> Mapping[str, Any]:
        """The document of `bacnet-bridge status --json`."""

    async def curves(self, rows: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
        """The overview's rows of meters, each with its curve of a day; nobody else pays for drawing them."""

    async def meter(self, meter: str) -> Mapping[str, Any] | None:
        """All there is to say of one meter, by its id; None where none of that id is mapped."""

    async def delivery(self) -> Mapping[str, Any]:
        """What waits, for what, and how fast it leaves."""

    def is_mapped(self, meter: str) -> bool:
        """Whether there is a meter of this id."""

    async def history(self, meter: str) -> Mapping[str, Any] | None:
        """A meter's values of a day; None where none of that id is mapped."""

    async def mapping(self) -> Mapping[str, Any]:
        """The mapping's files, what is wrong with them, and what of them is in force."""

    def changes(self) -> Changing:
        """What is otherwise than at its first call."""

    def devices(self) -> Sequence[Mapping[str, Any]]:
        """What was learned of each device."""

    async def moving(self) -> Sequence[str]:
        """Why the bridge does not move, in sentences; none where it does."""

    async def figures(self) -> Figures: ...
