"""What the strict platform remembers, and how it decides: accepted, duplicate or discarded. Pure bookkeeping.

Tests judge by this record, so it says only what is certain. It keeps every accepted body: about 300 to 700 bytes
a packet.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from bacnet_bridge.simulator.platform_rules import Submission

GIVEN_UP: Final = 0.25
"""Seconds. A request whose connection is found closed so soon after the next one of its id has come was given
up by the client before: the two were never in flight together, the news came in the other order."""


class Outcome(StrEnum):
    """What became of a packet that keeps the rules."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    DISCARDED = "discarded"


Order = Literal["instant", "text"]


class Malformed(BaseModel):
    """A request that broke a rule: why, and the first 200 characters of what it brought."""

    model_config = ConfigDict(frozen=True)

    reason: str
    body: str


class Counts(BaseModel):
    """Totals, or those of one id. Cheap to ask for."""

    model_config = ConfigDict(frozen=True)

    attempts: int
    """Posts that came, whatever became of them; of one id: those that could be read."""
    accepted: int
    duplicates: int
    discarded: int
    malformed: int
    in_flight: int


class Record(BaseModel):
    """Everything, at one moment. Instants are UTC milliseconds; per id they stand in the order of arrival."""

    model_config = ConfigDict(frozen=True)

    accepted: dict[str, list[int]]
    bodies: dict[str, list[str]]
    """The accepted packets as they came, beside `accepted`."""
    duplicates: dict[str, list[int]]
    discarded: dict[str, list[int]]
    malformed: list[Malformed]
    attempts: int
    attempts_by_id: dict[str, int]
    answers: dict[int, int]
    """Posts by the status they were answered with; 0: the connection was cut instead, or the client gave up."""
    unauthorised: int
    connections: int
    """TCP connections opened."""
    tls_sessions: int
    """TLS handshakes completed."""
    in_flight: int
    max_in_flight: dict[str, int]
    overlaps: dict[str, int]
    """How often a request came while another of its id was still under way: never, if all is well."""
    cookies_set: int
    cookies_seen: int
    """Requests that brought the cookie back."""
    cookies_missing: int
    """Requests refused because they did not."""


Counted = Literal["attempts", "accepted", "duplicates", "discarded", "malformed", "in_flight"]


@dataclass(slots=True)
class Stream:
    """What is known of one id."""

    stored: dict[int, str] = field(default_factory=dict)
    """Instant → body, in the order of acceptance."""
    last: Submission | None = None
    duplicates: list[int] = field(default_factory=list)
    discarded: list[int] = field(default_factory=list)
    attempts: int = 0
    flights: list["Flight"] = field(default_factory=list)
    max_in_flight: int = 0
    overlaps: int = 0

    def judge(self, packet: Submission, order: Order) -> Outcome:
        """Same instant as an accepted one: duplicate. Else not later than the last accepted: discarded."""
        if packet.instant in self.stored:
            return Outcome.DUPLICATE
        if self.last is not None and not _later(packet, self.last, order):
            return Outcome.DISCARDED
        return Outcome.ACCEPTED

    def store(self, packet: Submission, order: Order) -> Outcome:
        """Judge, and remember the judgement."""
        outcome = self.judge(packet, order)
        if outcome is Outcome.ACCEPTED:
            self.stored[packet.instant] = packet.body
            self.last = packet
        elif outcome is Outcome.DUPLICATE:
            self.duplicates.append(packet.instant)
        else:
            self.discarded.append(packet.instant)
        return outcome

    def latest(self, lag: int) -> str | None:
        """The body of the last accepted packet, or of the one that came `lag` before it."""
        if lag >= len(self.stored):
            return None
        instant = next(key for n, key in enumerate(reversed(self.stored)) if n == lag)
        return self.stored[instant]

    def depart(self, now: float) -> "Flight":
        """A request of this id has come. Whether it met another is known when that other one lands."""
        flight = Flight(self)
        for other in self.flights:
            other.meet(len(self.flights) + 1, now)
        self.flights.append(flight)
        self.attempts += 1
        self.max_in_flight = max(self.max_in_flight, 1)
        return flight


@dataclass(slots=True, eq=False)
class Flight:
    """A request under way."""

    stream: Stream
    together: int = 1
    met: float | None = None

    def meet(self, together: int, now: float) -> None:
        """Another request of the same id has come while this one is under way."""
        self.together = max(self.together, together)
        self.met = now if self.met is None else self.met

    def land(self, *, answered: bool, now: float) -> None:
        """The request ended: answered, or its connection is gone."""
        self.stream.flights.remove(self)
        if self.met is not None and (answered or now - self.met > GIVEN_UP):
            self.stream.max_in_flight = max(self.stream.max_in_flight, self.together)
            self.stream.overlaps += 1


def _later(packet: Submission, last: Submission, order: Order) -> bool:
    return packet.instant > last.instant if order == "instant" else packet.text > last.text


class Book:
    """The record as it grows. `changed` is called after each change, so that someone may wait for it."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self.in_flight = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything, also what orders the ids; only requests under way stay so."""
        self.streams: dict[str, Stream] = {}
        self.malformed: list[Malformed] = []
        self.answers: Counter[int] = Counter()
        self.attempts = self.accepted = self.duplicates = self.discarded = 0
        self.unauthorised = self.connections = self.tls_sessions = 0
        self.cookies_set = self.cookies_seen = self.cookies_missing = 0
        self._changed()

    def arrived(self) -> None:
        self.attempts += 1
        self.in_flight += 1
        self._changed()

    def answered(self, status: int) -> None:
        self.answers[status] += 1
        self.in_flight -= 1
        self._changed()

    def broken(self, reason: str, body: bytes) -> None:
        self.malformed.append(Malformed(reason=reason, body=body[:200].decode("utf-8", "replace")))
        self._changed()

    def stream(self, meter: str) -> Stream:
        return self.streams.setdefault(meter, Stream())

    def depart(self, meter: str, now: float) -> Flight:
        flight = self.stream(meter).depart(now)
        self._changed()
        return flight

    def store(self, packet: Submission, order: Order) -> Outcome:
        outcome = self.stream(packet.id).store(packet, order)
        self.accepted += outcome is Outcome.ACCEPTED
        self.duplicates += outcome is Outcome.DUPLICATE
        self.discarded += outcome is Outcome.DISCARDED
        self._changed()
        return outcome

    def counts(self, meter: str | None = None) -> Counts:
        """The totals, or those of one id (a malformed request belongs to none)."""
        if meter is None:
            return Counts(
                attempts=self.attempts,
                accepted=self.accepted,
                duplicates=self.duplicates,
                discarded=self.discarded,
                malformed=len(self.malformed),
                in_flight=self.in_flight,
            )
        stream = self.streams.get(meter, Stream())
        return Counts(
            attempts=stream.attempts,
            accepted=len(stream.stored),
            duplicates=len(stream.duplicates),
            discarded=len(stream.discarded),
            malformed=0,
            in_flight=len(stream.flights),
        )

    def record(self) -> Record:
        """A copy of everything."""
        streams = self.streams
        return Record(
            accepted={meter: list(each.stored) for meter, each in streams.items() if each.stored},
            bodies={meter: list(each.stored.values()) for meter, each in streams.items() if each.stored},
            duplicates={meter: list(each.duplicates) for meter, each in streams.items() if each.duplicates},
            discarded={meter: list(each.discarded) for meter, each in streams.items() if each.discarded},
            malformed=list(self.malformed),
            attempts=self.attempts,
            attempts_by_id={meter: each.attempts for meter, each in streams.items()},
            answers=dict(self.answers),
            unauthorised=self.unauthorised,
            connections=self.connections,
            tls_sessions=self.tls_sessions,
            in_flight=self.in_flight,
            max_in_flight={meter: each.max_in_flight for meter, each in streams.items()},
            overlaps={meter: each.overlaps for meter, each in streams.items() if each.overlaps},
            cookies_set=self.cookies_set,
            cookies_seen=self.cookies_seen,
            cookies_missing=self.cookies_missing,
        )
