"""What operators ask of queues, as the commands say it and the control socket carries it: a frozen dataclass each.

Instants are UTC milliseconds.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from bacnet_bridge.control.door import Command
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import Packet, Queue

Q = TypeVar("Q")


@dataclass(frozen=True, slots=True)
class Retrying:
    """`wait`: for a while, for what comes of it."""

    queue: Queue
    wait: bool


@dataclass(frozen=True, slots=True)
class Skip:
    """`instant`: the head's, as the operator saw it."""

    queue: Queue
    instant: int
    why: str


@dataclass(frozen=True, slots=True)
class Holding:
    """`until`: an instant; None: until it is released. `keep`: one that is there stays, for ever."""

    queue: Queue
    until: int | None
    why: str
    keep: bool = False


@dataclass(frozen=True, slots=True)
class Release:
    queue: Queue


@dataclass(frozen=True, slots=True)
class Reassign:
    """`to`: an account's name in the settings."""

    queue: Queue
    to: str


@dataclass(frozen=True, slots=True)
class Recover:
    """`latest`: the instant of the platform's latest packet; None: all that waits is sent."""

    queue: Queue
    why: str
    latest: int | None = None


@dataclass(frozen=True, slots=True)
class Abandon:
    queue: Queue
    why: str


@dataclass(frozen=True, slots=True)
class Move:
    """To the meter with the id `to`."""

    queue: Queue
    to: str


@dataclass(frozen=True, slots=True)
class Moved:
    """So many packets, up to that instant, are safe in the file of this move."""

    queue: Queue
    until: int
    packets: int
    move: str


@dataclass(frozen=True, slots=True)
class Receive:
    """Packets up to that instant come."""

    queue: Queue
    newest: int


@dataclass(frozen=True, slots=True)
class Fill:
    """Packets of one queue that receives."""

    packets: tuple[Packet, ...]


@dataclass(frozen=True, slots=True)
class Received:
    """All came. `attempted`: the instant of one that may have been sent before, by another bridge."""

    queue: Queue
    attempted: int | None


def answering(kind: type[Q], act: Callable[[Q], Awaitable[dict[str, Any]]]) -> Command:
    """A command of the control socket that takes a question of this kind."""
    questions = TypeAdapter(kind)

    async def answer(question: Mapping[str, Any]) -> dict[str, Any]:
        try:
            asked = questions.validate_python({key: said for key, said in question.items() if key != "command"})
        except ValidationError:
            raise BridgeError(
                "the bridge does not understand this question: service and command are of two versions; restart it"
            ) from None
        return await act(asked)

    return answer
