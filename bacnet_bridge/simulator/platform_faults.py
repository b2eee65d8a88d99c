"""How the strict platform is told to misbehave: faults for the next requests, and a standing behaviour."""

import random
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from bacnet_bridge.simulator.platform_record import Order


class Fault(BaseModel):
    """What happens to the next `times` posts that it fits. Parts combine: a delay, then a cut or a status.

    Without `after_storing` the packet of a cut or refused post is not stored, and a delayed one is stored once
    the delay is over, even if the client has gone meanwhile. With it the packet is stored first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    status: int | None = Field(default=None, ge=200, le=599)
    """Answer this instead of what is due."""
    body: str = "<!DOCTYPE html><html><body><h1>Told to misbehave</h1></body></html>"
    headers: dict[str, str] = Field(default_factory=dict)
    """Of that answer; `Retry-After`, `Location` …"""
    delay: float = Field(default=0.0, ge=0)
    """Seconds."""
    cut: Literal["reset", "close"] | None = None
    """End the connection instead of answering: by RST, or by FIN."""
    idle: float | None = Field(default=None, ge=0)
    """So many seconds after its answer the connection is closed, even if the next request is just coming."""
    after_storing: bool = False
    times: int | None = Field(default=1, ge=1)
    """null: until it is cleared."""
    id: str | None = None
    """Only posts for this id."""
    probability: float = Field(default=1.0, ge=0, le=1)
    """Of the posts that fit, this share, drawn by `seed`."""
    seed: int = 0

    @property
    def replaces(self) -> bool:
        """The answer that is due is not given."""
        return self.status is not None or self.cut is not None


class Behaviour(BaseModel):
    """What holds for every request until it is changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    duplicates: Literal[200, 400, 409] = 200
    """The status that a duplicate gets."""
    order: Order = "instant"
    """What decides which packet is later: the instant, or the text of the local time."""
    latest: bool = True
    """Whether the GET of the latest packet answers; 404 otherwise."""
    lag: int = Field(default=0, ge=0)
    """So many packets the GET is behind."""
    cookie: Literal[400, 401] | None = None
    """Demand a cookie back: the status that requests without it get. The first answer sets it."""
    ahead: float = 0.0
    """Seconds that the `Date` of its answers is ahead of this machine's clock."""
    users: dict[str, str]
    """Name → password."""
    registry: dict[str, str] | None = None
    """Id → the user that it is registered for; null: every id is known and anyone's."""


class Faults:
    """The faults told and not yet used up, in the order in which they were told."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []

    def add(self, fault: Fault) -> None:
        self._waiting.append(_Waiting(fault))

    def clear(self) -> None:
        self._waiting.clear()

    def waiting(self) -> list[Fault]:
        """What is still to come; `times` counts what is left."""
        return [each.fault.model_copy(update={"times": each.left}) for each in self._waiting]

    def strike(self, meter: str) -> Fault | None:
        """The fault for this post, if any; it is used up by one."""
        for each in self._waiting:
            if each.strikes(meter):
                if each.left == 0:
                    self._waiting.remove(each)
                return each.fault
        return None


class _Waiting:
    """A fault, how often it is still to strike, and its dice."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.left = fault.times
        self._dice = random.Random(fault.seed)  # noqa: S311 - repeatable on purpose, no secret depends on it

    def strikes(self, meter: str) -> bool:
        if self.fault.id not in {None, meter}:
            return False
        if self.fault.probability < 1 and self._dice.random() >= self.fault.probability:
            return False
        if self.left is not None:
            self.left -= 1
        return True


def redirect(to: str, status: int = 307) -> Fault:
    """Send the next post elsewhere."""
    return Fault(status=status, headers={"Location": to})


def captive_portal() -> Fault:
    """Answer the next post as a hotel's or a firewall's log-in page does: 200, HTML, nothing stored."""
    return Fault(status=200, body="<!DOCTYPE html><html><body><h1>Please log in</h1></body></html>")
