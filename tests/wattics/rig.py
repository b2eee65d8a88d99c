"""Small things that several tests of delivery use."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bacnet_bridge.clock import Clock, moment_of
from bacnet_bridge.model import AcceptedBy, Account, Packet, Queue, Retry
from bacnet_bridge.wattics.credentials import Credentials
from bacnet_bridge.wattics.deliver import Courier
from bacnet_bridge.wattics.latest import NotUnderstood
from bacnet_bridge.wattics.session import Sessions
from bacnet_bridge.wattics.verdict import Answer, NoAnswer
from tests.support.clock import NOON, DrivenClock


class HastyClock:
    """A thousand times as quick as the machine's: a minute's pause takes 60 ms. Wall time begins at NOON."""

    def __init__(self, speed: float = 1000.0) -> None:
        self._speed = speed
        self._start = time.monotonic()

    def wall(self) -> int:
        return NOON + round(self.monotonic() * 1000)

    def boot(self) -> float:
        return self.monotonic() + 7777.0

    def monotonic(self) -> float:
        return (time.monotonic() - self._start) * self._speed

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


def packet(account: Account, meter: str, number: int) -> Packet:
    """The meter's packet of the n-th minute after noon, which keeps every rule of the platform."""
    instant = NOON + number * 60_000
    text = moment_of(instant).isoformat(timespec="milliseconds")
    body = f'{{"id":"{meter}","tsISO8601":"{text}","value":{number}.5}}'
    return Packet(Queue(account, meter), instant, text[:10], body)


@dataclass(frozen=True)
class State:
    queue: Queue
    waiting: int
    oldest: int | None
    fence: int | None
    last_accepted: int | None
    held_until: int | None
    retry: Retry


class MemoryOutbox:
    """Lists instead of SQLite, whose threads do not obey a driven clock. Counts how often it is asked."""

    def __init__(self) -> None:
        self.packets: dict[Queue, list[Packet]] = {}
        self.retries: dict[Queue, Retry] = {}
        self.held: dict[Queue, int] = {}
        self.fences: dict[Queue, int] = {}
        self.accepted: dict[Queue, int] = {}
        self.read_back: list[Packet] = []
        self.patience: list[float] = []
        self.asked = 0
        self._puts = 0
        self._put = asyncio.Event()

    def put(self, packet: Packet) -> None:
        self.packets.setdefault(packet.queue, []).append(packet)
        self.tell()

    def tell(self) -> None:
        self._puts += 1
        self._put.set()
        self._put = asyncio.Event()

    async def head(self, queue: Queue) -> Packet | None:
        self.asked += 1
        if queue in self.held:
            return None
        head = next(iter(self.packets[queue]), None)
        if head is not None:
            self.fences[queue] = head.instant
        return head

    async def accept(self, packet: Packet, by: AcceptedBy, at: int, *, patience: float = 0.0) -> None:
        assert at >= NOON
        self.patience.append(patience)
        assert self.packets[packet.queue][0] == packet
        del self.packets[packet.queue][0]
        self.accepted[packet.queue] = packet.instant
        if by is AcceptedBy.READ_BACK:
            self.read_back.append(packet)
        self.retries.pop(packet.queue, None)

    async def put_and_hold(self, queue: Queue, after: int, deadline: int) -> None:
        assert after >= NOON
        self.held[queue] = deadline

    def release(self, queue: Queue) -> None:
        del self.held[queue]
        self.tell()

    async def postpone(self, queue: Queue, retry: Retry) -> None:
        self.retries[queue] = retry

    async def states(self, like: Queue | None = None) -> Sequence[State]:  # noqa: ARG002 - more may be given
        self.asked += 1
        return [
            State(
                queue,
                len(packets),
                packets[0].instant if packets else None,
                self.fences.get(queue),
                self.accepted.get(queue),
                self.held.get(queue),
                self.retries.get(queue, Retry()),
            )
            for queue, packets in self.packets.items()
        ]

    async def news(self, seen: int) -> tuple[int, Sequence[State]]:  # noqa: ARG002 - more than the news may be given
        return self._puts, await self.states()

    async def wait_for_put(self, seen: int) -> int:
        while self._puts <= seen:
            await self._put.wait()
        return self._puts


class ScriptedSessions(Sessions):
    """Answers without a socket: `reply` says what a meter's attempt gets; every attempt is noted with its time."""

    def __init__(self, clock: Clock, reply: Callable[[str], Answer | NoAnswer]) -> None:
        super().__init__({}, again=self._secrets)
        self._clock, self._reply = clock, reply
        self._begin = clock.wall()
        self.attempts: list[tuple[float, str]] = []
        """Seconds since the beginning, and the meter."""
        self.latest_at: dict[str, int] = {}
        """What the GET of the latest packet says; of others it says nothing that is understood."""
        self.asked: list[tuple[float, str]] = []
        self.secrets: dict[Account, Credentials] = {}
        self.secrets_read = 0

    async def _secrets(self) -> dict[Account, Credentials]:
        self.secrets_read += 1
        return self.secrets

    async def post(self, account: Account, body: str) -> Answer | NoAnswer:  # noqa: ARG002 - as Sessions has it
        meter = json.loads(body)["id"]
        self.attempts.append(((self._clock.wall() - self._begin) / 1000, meter))
        return self._reply(meter)

    async def latest(self, account: Account, meter: str) -> int | NotUnderstood:  # noqa: ARG002 - as Sessions has it
        self.asked.append(((self._clock.wall() - self._begin) / 1000, meter))
        return self.latest_at.get(meter, NotUnderstood("a test"))

    def times(self, meter: str) -> list[float]:
        return [when for when, whose in self.attempts if whose == meter]


ACCOUNT = Account("https://localhost/", "default")
OK = Answer(200)


class Site:
    """An outbox, a driven clock and a far end that answers as told."""

    def __init__(self, reply: Callable[[str], Answer | NoAnswer], limit: int = 32) -> None:
        self.clock = DrivenClock()
        self.outbox = MemoryOutbox()
        self.sessions = ScriptedSessions(self.clock, reply)
        self._limit = limit
        self.courier = self.new_courier(lambda: 0.5)

    def new_courier(self, draw: Callable[[], float]) -> Courier:
        return Courier(self.outbox, self.sessions, self.clock, limit=self._limit, draw=draw)

    def put(self, meter: str, number: int = 0, account: Account = ACCOUNT) -> None:
        self.outbox.put(packet(account, meter, number))


def always(answer: Answer | NoAnswer) -> Callable[[str], Answer | NoAnswer]:
    return lambda _meter: answer


def in_turn(answers: Iterable[Answer | NoAnswer]) -> Callable[[str], Answer | NoAnswer]:
    coming = iter(answers)
    return lambda _meter: next(coming)


@asynccontextmanager
async def running(courier: Courier, grace_seconds: float = 1e6) -> AsyncIterator[Courier]:
    """The courier at work; at the end it is stopped, and requests under way may end."""
    task = asyncio.create_task(courier.run())
    try:
        yield courier
        await courier.stop(grace_seconds)
        await task
    finally:
        task.cancel()


async def until(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """Wait for something that nobody announces. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110 - the product needs no event here, so it has none
            await asyncio.sleep(0.005)
