"""Whose turn it is: the order in which queues are served. Pure; times are monotonic seconds.

A lane is one queue's place in delivery. It rests (nothing waits), stands in line, waits for its retry time, is parked
behind the closed gate of its host or account, or is taken by the attempt under way. It is in exactly one of these
places, so a queue never has two attempts in flight (guarantee 2). The line is first come, first served, and a queue
that was served goes to its end: no queue holds up the others. Lanes at rest cost nothing.
"""

import heapq
import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from enum import Enum, auto
from itertools import count
from urllib.parse import urlsplit

from bacnet_bridge.model import AcceptedBy, Account, Packet, Queue, Retry
from bacnet_bridge.wattics.attempted import Attempted
from bacnet_bridge.wattics.breaker import Breaker
from bacnet_bridge.wattics.repeats import Repeats


class Place(Enum):
    """Where a lane is."""

    RESTING = auto()
    IN_LINE = auto()
    WAITING = auto()
    PARKED = auto()
    TAKEN = auto()


@dataclass(slots=True, eq=False)
class Gate:
    """Lanes pass while it is open. Closed, they park, and when its time has come one of them probes."""

    closed: bool = False
    due: float = 0.0
    may_probe: bool = False
    parked: deque["Lane"] = field(default_factory=deque)
    retry: Retry = field(default_factory=Retry)
    repeats: Repeats = field(default_factory=Repeats)


@dataclass(slots=True, eq=False)
class Host(Gate):
    """A host of the platform; closed while its breaker is open."""

    name: str = ""
    breaker: Breaker = field(default_factory=Breaker)
    under_way: int = 0
    """Attempts."""
    not_before: float = -math.inf
    """Until then it asked for patience."""
    stalled: OrderedDict["Lane", None] = field(default_factory=OrderedDict)
    """Lanes that wait after trouble that may be over; who has waited longest comes first."""


@dataclass(slots=True, eq=False, kw_only=True)
class AccountGate(Gate):
    """An account's gate; closed after a 401."""

    account: Account
    host: Host
    accepted: int = 0
    knows_ids: bool = False
    """An id of the account got an answer other than 404."""
    reads_back: bool = False
    """The answer to the GET of a latest packet was understood."""
    ask_from: float = -math.inf
    """Until then no other meter tries whether it is understood."""


@dataclass(slots=True, eq=False)
class Lane:
    """One queue's place in delivery, and what is remembered of its failures."""

    queue: Queue
    gate: AccountGate
    retry: Retry
    place: Place = Place.RESTING
    due: float = 0.0
    """When its latest wait ends, or ended."""
    expected: int = 0
    """Packets that waited when the outbox was last asked, less those accepted since."""
    probing: bool = False
    """Passed its account's closed gate."""
    knocking: bool = False
    """Passed its host's closed gate."""
    sending: bool = False
    """A request is under way: it may be cut."""
    unconfirmed: tuple[Packet, int, AcceptedBy] | None = None
    """Accepted at that instant, but the outbox has not committed it yet. Nothing is sent meanwhile."""
    began: float = 0.0
    """When its latest request did."""
    attempted: int | None = None
    """The latest instant that was attempted, or may have been before the start."""
    unsure: int | None = None
    """The instant of a head whose attempt had an unknown outcome: it may be stored already."""
    accepted: int | None = None
    """The latest instant that was accepted."""
    alarm: str = ""
    """What is wrong with the meter at the platform, as its latest packet shows; a sentence for people."""
    refused_at: int | None = None
    """How many packets of the account had been accepted when this queue got its first 401 since its last acceptance."""
    unknown_id: bool = False
    """Its latest answer was 404."""
    calls: int = 0
    """How often it was called before its time, because others were accepted, since its own last acceptance."""
    call_from: float = -math.inf
    answers: tuple[tuple[int, str], ...] = ()
    """What its head's latest failures were: instant and sentence, the newest last."""
    repeats: Repeats = field(default_factory=Repeats)
    last: Attempted | None = None
    """What came of its latest request, for people."""

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
        self.gates: dict[Account, AccountGate] = {}
        self.hosts: dict[str, Host] = {}
        self._of_id: dict[tuple[str, str], list[Lane]] = {}
        self._line: deque[Lane] = deque()
        self._waiting: list[tuple[float, int, Lane | Gate]] = []
        self._order = count()
        self.kept: frozenset[tuple[str, str]] = frozenset()
        """Addresses and ids whose lanes take no turn, because an operator acts on their queues."""

    def add(self, queue: Queue, retry: Retry) -> Lane:
        """A queue not seen before, at rest."""
        name = urlsplit(queue.account.address).netloc
        host = self.hosts.setdefault(name, Host(name=name))
        gate = self.gates.setdefault(queue.account, AccountGate(account=queue.account, host=host))
        lane = self.lanes[queue] = Lane(queue, gate, retry)
        self.of_id(queue).append(lane)
        return lane

    def of_id(self, queue: Queue) -> list[Lane]:
        """The lanes of this id at this address, whoever sends: the platform sees one row of packets."""
        return self._of_id.setdefault((queue.account.address, queue.id), [])

    def enter(self, lane: Lane) -> None:
        """To the end of the line."""
        lane.place = Place.IN_LINE
        lane.gate.host.stalled.pop(lane, None)
        self._line.append(lane)

    def wait(self, lane: Lane, due: float) -> None:
        """Out of the line until `due`. Who waits already waits until then instead."""
        lane.place, lane.due = Place.WAITING, due
        heapq.heappush(self._waiting, (due, next(self._order), lane))

    def keeps(self, lane: Lane) -> bool:
        """Whether it takes no turn for now."""
        return (lane.queue.account.address, lane.queue.id) in self.kept

    def hurry(self, lane: Lane) -> None:
        """Its turn comes now, whatever it waits for: before all others in line, and as the probe of a closed gate."""
        if lane.place not in {Place.WAITING, Place.PARKED}:
            return
        for gate in (lane.gate.host, lane.gate):
            if lane in gate.parked:
                gate.parked.remove(lane)
            gate.may_probe = gate.closed
        lane.place = Place.IN_LINE
        lane.gate.host.stalled.pop(lane, None)
        self._line.appendleft(lane)

    def rest(self, lane: Lane) -> None:
        """Nothing to send. A probe that could not be made falls to the next lane."""
        lane.place = Place.RESTING
        if lane.probing:
            self._let_probe(lane.gate)
        if lane.knocking:
            self._let_probe(lane.gate.host)

    def close(self, gate: Gate, due: float) -> None:
        """Park those who come; at `due` one of them probes, each time another one."""
        gate.closed, gate.due, gate.may_probe = True, due, False
        heapq.heappush(self._waiting, (due, next(self._order), gate))

    def open(self, gate: Gate) -> None:
        """Let them pass."""
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
            if self.keeps(lane):
                self._keep_back(lane)
                continue
            shut = _shut(lane)
            if shut is None:
                _pass(lane)
                return lane
            self._park(lane, shut)
        return None

    @property
    def in_line(self) -> int:
        """How many lanes stand in line."""
        return len(self._line)

    def next_due(self) -> float:
        """When the next one's time comes; infinity where nobody waits."""
        return self._waiting[0][0] if self._waiting else math.inf

    def _keep_back(self, lane: Lane) -> None:
        """It rests; where it was let go to probe, another one does."""
        lane.place = Place.RESTING
        for gate in (lane.gate.host, lane.gate):
            if gate.may_probe:
                self._let_probe(gate)

    def _park(self, lane: Lane, gate: Gate) -> None:
        """Who has not failed probes before those who have: a few bad meters are not the probe of all."""
        lane.place = Place.PARKED
        if gate is lane.gate.host and not lane.retry.attempts:
            gate.parked.appendleft(lane)
        else:
            gate.parked.append(lane)
        other = lane.gate if gate is lane.gate.host else lane.gate.host
        if other.may_probe:  # it was let go to probe there, and cannot
            self._let_probe(other)

    def _let_probe(self, gate: Gate) -> None:
        gate.may_probe = gate.closed
        if gate.parked:
            self.enter(gate.parked.popleft())


def _shut(lane: Lane) -> Gate | None:
    """The gate that does not let the lane pass; a lane that has only an acceptance to commit passes every one."""
    if lane.unconfirmed is None:
        for gate in (lane.gate.host, lane.gate):
            if gate.closed and not gate.may_probe:
                return gate
    return None


def _pass(lane: Lane) -> None:
    """Where a gate is closed, the lane is its one probe."""
    lane.place = Place.TAKEN
    if lane.unconfirmed is None:
        host = lane.gate.host
        lane.knocking, host.may_probe = host.may_probe, False
        lane.probing, lane.gate.may_probe = lane.gate.may_probe, False
