"""Whether the bridge moves: slots are read, and delivery goes on or knows why it does not. Pure.

`moving` is for whoever reports (readiness, heartbeat): whatever keeps data from arriving speaks against it. `stuck` is
for whoever would start the bridge anew (the watchdog): only a standstill that no stage has a reason for, because
nothing else is healed by it. Each sentence of `stuck` is among those of `moving`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.wattics.deliver import Snapshot
from bacnet_bridge.wattics.needs import first_of_each_id

OVERDUE: Final = 3
"""A meter whose newest slot is so many intervals old is not read."""
SHORTEST: Final = 60_000
"""Milliseconds that a reading may be overdue in any case: short intervals do not wait for a silent device."""
NOTHING_READ: Final = "no meter could be read in its newest slot"
PATIENCE: Final = 300_000
"""Milliseconds for which packets may wait without one being accepted: longer than the attempts of a few time-outs."""


@dataclass(frozen=True, slots=True)
class Pace:
    """A mapped meter: milliseconds between its slots, and the newest one that was read or booked (an instant).

    `read` is the start's instant where none was since.
    """

    interval: int
    read: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the platform; instants. `oldest` is None where nothing does.

    `quiet_since`: the latest acceptance, or the start. `reasons`: why queues wait, one sentence each.
    `unexplained`: queues that wait, and none of whose stages says why.
    """

    oldest: int | None
    quiet_since: int
    reasons: Sequence[str] = ()
    unexplained: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is judged, at the instant `now`.

    `unread`: sentences of stages that know why no slot is read (clock, ledger, BACnet port, silent devices).
    """

    now: int
    paces: Sequence[Pace]
    unread: Sequence[str]
    waiting: Waiting
    patience: int = PATIENCE


def moving(facts: Facts) -> tuple[str, ...]:
    """Why the bridge does not move, in sentences; none where it does."""
    return (*facts.unread, *_set_back(facts), *_unread(facts), *_undelivered(facts))


def stuck(facts: Facts) -> tuple[str, ...]:
    """Of these, what nobody has a reason for; a new start may heal it."""
    reading = () if facts.unread else _unread(facts)
    return (*reading, *(_undelivered(facts) if facts.waiting.unexplained else ()))


def waiting_of(states: Sequence[QueueState], delivery: Snapshot, started: int) -> Waiting:
    """What delivery and outbox say of the queues with packets; on hold, unproven, paused or failing is a reason.

    One that waits for another queue of its id is no trouble of its own: the other one's reason counts.
    """
    first = first_of_each_id(states)
    oldest: int | None = None
    reasons: dict[str, None] = {}
    unexplained = 0
    for state in states:
        if state.oldest is None or first[state.queue.account.address, state.queue.id] != state.queue:
            continue
        oldest = state.oldest if oldest is None else min(oldest, state.oldest)
        reason = _reason(state, delivery)
        if reason:
            reasons[reason] = None
        else:
            unexplained += 1
    return Waiting(oldest, max(started, delivery.last_accepted or started), tuple(reasons), unexplained)


def but_healing(states: Sequence[QueueState], now: int) -> list[QueueState]:
    """Without those on hold for a gap to be healed, which is meant up to its deadline."""
    return [each for each in states if not (each.heals and each.held_until is not None and each.held_until > now)]


def _set_back(facts: Facts) -> tuple[str, ...]:
    if not facts.paces or any(pace.read - facts.now <= pace.interval for pace in facts.paces):
        return ()
    seconds = (min(pace.read for pace in facts.paces) - facts.now) // 1000
    return (f"the clock was set back: no slot is read for another {seconds} s",)


def _unread(facts: Facts) -> tuple[str, ...]:
    """Nothing is read where every meter that should have been is overdue; a lone one is its own affair."""
    overdue = [pace for pace in facts.paces if _overdue(pace, facts.now)]
    if not overdue:
        return ()
    slowest = max(pace.interval for pace in overdue)
    if any(pace.interval <= slowest and not _overdue(pace, facts.now) for pace in facts.paces):
        return ()
    seconds = (facts.now - max(pace.read for pace in overdue)) // 1000
    return (f"no slot of any meter was read for {seconds} s",)


def _overdue(pace: Pace, now: int) -> bool:
    return now - pace.read > max(OVERDUE * pace.interval, SHORTEST)


def _undelivered(facts: Facts) -> tuple[str, ...]:
    waiting = facts.waiting
    if waiting.oldest is None or facts.now - max(waiting.oldest, waiting.quiet_since) <= facts.patience:
        return ()
    seconds = (facts.now - waiting.quiet_since) // 1000
    why = _named(waiting.reasons) or "nothing says why"
    return (f"packets wait, and none was accepted for {seconds} s: {why}",)


def _reason(state: QueueState, delivery: Snapshot) -> str:
    queue = state.queue
    retry = delivery.paused.get(queue.account) or delivery.failing.get(queue)
    if queue in delivery.alarms:
        return delivery.alarms[queue]
    if state.unproven:
        return state.unproven
    if retry is not None:
        return retry.reason or "an attempt failed"
    if state.held_until is not None:
        return "a queue is on hold"
    away = delivery.away.get(urlsplit(queue.account.address).netloc)
    return f"the platform is away: {away.reason}" if away else ""


def _named(reasons: Collection[str]) -> str:
    first = next(iter(reasons), "")
    return f"{first} (and {len(reasons) - 1} more reasons)" if len(reasons) > 1 else first
