"""Whose turn it is: the order in which queues are served. Pure; times are monotonic seconds.

A lane is one queue's place in delivery. It rests (nothing waits), stands in line, waits for its retry time, is parked
behind its account's closed gate, or is taken by the attempt under way. It is in exactly one of these places, so
a queue never has two attempts in flight (guarantee 2). The line is first come, first served, and a queue that was
served goes to its end: no queue holds up the others. Lanes at rest cost nothing.
"""

import heapq
import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from urllib.parse import urlsplit

from bacnet_bridge.model import Account, Packet, Queue, Retry
from bacnet_bridge.wattics.repeats import Repeats


class Place(Enum):
    """Where a lane is."""

    RESTING = auto()
    IN_LINE = auto()
    WAITING = auto()
    PARKED = auto()
    TAKEN = auto()


@dataclass(slots=True, eq=False)
class Host:
    """A host of the platform: what works for one of its queues may work again for others."""

    stalled: OrderedDict["Lane", None] = field(default_factory=OrderedDict)
    """Lanes that wait after trouble that may be over; who has waited longest comes first."""


@dataclass(slots=True, eq=False)
class Gate:
    """An account's gate. Closed after a 401: its lanes park, and when its time has come one of them probes."""

    account: Account
    host: Host
    closed: bool = False
    due: float = 0.0
    may_probe: bool = False
    parked: deque["Lane"] = field(default_factory=deque)
    accepted: int = 0
    knows_ids: bool = False
    """An id of the account got an answer other than 404."""
    retry: Retry = field(default_factory=Retry)
    repeats: Repeats = field(default_factory=Repeats)


@dataclass(slots=True, eq=False)
class Lane:
    """One queue's place in delivery, and what is remembered of its failures."""

    queue: Queue
    gate: Gate
    retry: Retry
    place: Place = Place.RESTING
    due: float = 0.0
    """When its latest wait ends, or ended."""
    expected: int = 0
    """Packets that waited when the outbox was last asked, less those accepted since."""
    probing: bool = False
    sending: bool = False
    """A request is under way: it may be cut."""
    unconfirmed: tuple[Packet, int] | None = None
    """Answered 200 at that instant, but the outbox has not committed it yet. Nothing is sent meanwhile."""
    refused_at: int | None = None
    """How many packets of the account had been accepted when this queue got its first 401 since its last acceptance."""
    unknown_id: bool = False
    """Its latest answer was 404."""
    calls: int = 0
    """How often it was called before its time, because others were accepted, since its own last acceptance."""
    call_from: float = -math.inf
    repeats: Repeats = field(default_factory=Repeats)

    def reason(self) -> str:
        """Why it failed, with the doubt that a 404 is subject to until any id is known."""
        if not self.unknown_id or self.gate.knows_ids:
            return self.retry.reason
        address = self.gate.account.address
        return f"{self.retry.reason}; or, as it knows no id at all, platform.address is wrong: {address}"


class Turns:
    """The line, those who wait, and the gates."""

    def __init__(self) -> None:
        self.lanes: dict[Queue, Lane] = {}
        self.gates: dict[Account, Gate] = {}
        self._hosts: dict[str, Host] = {}
        self._line: deque[Lane] = deque()
        self._waiting: list[tuple[float, int, Lane | Gate]] = []
        self._order = count()

    def add(self, queue: Queue, retry: Retry) -> Lane:
        """A queue not seen before, at rest."""
        host = self._hosts.setdefault(urlsplit(queue.account.address).netloc, Host())
        gate = self.gates.setdefault(queue.account, Gate(queue.account, host))
        lane = self.lanes[queue] = Lane(queue, gate, retry)
        return lane

    def enter(self, lane: Lane) -> None:
        """To the end of the line."""
        lane.place = Place.IN_LINE
        lane.gate.host.stalled.pop(lane, None)
        self._line.append(lane)

    def wait(self, lane: Lane, due: float) -> None:
        """Out of the line until `due`. Who waits already waits until then instead."""
        lane.place, lane.due = Place.WAITING, due
        heapq.heappush(self._waiting, (due, next(self._order), lane))

    def rest(self, lane: Lane) -> None:
        """Nothing to send. A probe that could not be made falls to the next lane."""
        lane.place = Place.RESTING
        if lane.probing:
            self._let_probe(lane.gate)

    def close(self, gate: Gate, due: float) -> None:
        """Park the account's lanes; at `due` one of them probes, each time another one."""
        gate.closed, gate.due, gate.may_probe = True, due, False
        heapq.heappush(self._waiting, (due, next(self._order), gate))

    def open(self, gate: Gate) -> None:
        """Let the account's lanes pass."""
        gate.closed = gate.may_probe = False
        while gate.parked:
            self.enter(gate.parked.popleft())

    def advance(self, now: float) -> None:
        """Those whose time has come join the line."""
        while self._waiting and self._waiting[0][0] <= now:
            due, _, item = heapq.heappop(self._waiting)
            if isinstance(item, Lane):
                if item.place is Place.WAITING and item.due == due:
                    self.enter(item)
            elif item.closed and item.due == due:
                self._let_probe(item)

    def take(self) -> Lane | None:
        """The next lane to serve; None where nobody in line may pass."""
        while self._line:
            lane = self._line.popleft()
            if self._may_pass(lane):
                lane.place = Place.TAKEN
                return lane
            lane.place = Place.PARKED
            lane.gate.parked.append(lane)
        return None

    def next_due(self) -> float:
        """When the next one's time comes; infinity where nobody waits."""
        return self._waiting[0][0] if self._waiting else math.inf

    def _may_pass(self, lane: Lane) -> bool:
        gate = lane.gate
        if not gate.closed or lane.unconfirmed is not None:
            return True
        lane.probing, gate.may_probe = gate.may_probe, False
        return lane.probing

    def _let_probe(self, gate: Gate) -> None:
        gate.may_probe = True
        if gate.parked:
            self.enter(gate.parked.popleft())
