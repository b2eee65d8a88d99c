"""Whether the bridge moves: slots are read, and delivery goes on or knows why it does not. Pure.

`moving` is for whoever reports (readiness, heartbeat): whatever keeps data from arriving speaks against it. `stuck` is
for whoever would start the bridge anew (the watchdog): only a standstill that no stage has a reason for, because
nothing else is healed by it. What is stuck does not move.

They differ in what a start counts for: to `moving` nothing, because a bridge that is started anew every few minutes
and never delivers has no good news; to `stuck` it is a new chance, or the next start would follow at once.
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
    """A mapped meter: milliseconds between its slots; instants.

    `given`: the newest slot that was given out to be read, or missed; the start's instant where none was since. `read`:
    the newest one whose reading ended, be it before the start; None of a meter that never was read.
    """

    interval: int
    given: int
    read: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for the platform; instants. `oldest` is None where nothing does.

    `accepted`: the latest acceptance, be it before the start; 0 where there never was one. `reasons`: why queues wait,
    one sentence each. `unexplained`: queues that wait, and none of whose stages says why.
    """

    oldest: int | None
    accepted: int
    reasons: Sequence[str] = ()
    unexplained: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is judged, at the instant `now`, of a bridge that was started at the instant `started`.

    `unread`: sentences of stages that know why no slot is read (clock, ledger, BACnet port, silent devices).
    """

    now: int
    paces: Sequence[Pace]
    unread: Sequence[str]
    waiting: Waiting
    patience: int = PATIENCE
    started: int = 0


def moving(facts: Facts) -> tuple[str, ...]:
    """Why the bridge does not move, in sentences; none where it does."""
    return (*facts.unread, *_set_back(facts), *_unread(facts), *_undelivered(facts, facts.waiting.accepted))


def stuck(facts: Facts) -> tuple[str, ...]:
    """Of these, what nobody has a reason for; a new start may heal it."""
    reading = () if facts.unread else _overdue(facts.now, [(pace.interval, pace.given) for pace in facts.paces])
    since = max(facts.waiting.accepted, facts.started)
    return (*reading, *(_undelivered(facts, since) if facts.waiting.unexplained else ()))


def waiting_of(states: Sequence[QueueState], delivery: Snapshot) -> Waiting:
    """What delivery and outbox say of the queues with packets; on hold, unproven, paused or failing is a reason.

    Of acceptances before the start the packets' own instants are known: of a backlog they are older than it was.

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
    accepted = max((state.last_accepted or 0 for state in states), default=0)
    return Waiting(oldest, max(accepted, delivery.last_accepted or 0), tuple(reasons), unexplained)


def _set_back(facts: Facts) -> tuple[str, ...]:
    if not facts.paces or any(pace.given - facts.now <= pace.interval for pace in facts.paces):
        return ()
    seconds = (min(pace.given for pace in facts.paces) - facts.now) // 1000
    return (f"the clock was set back: no slot is read for another {seconds} s",)


def _unread(facts: Facts) -> tuple[str, ...]:
    """By what was read, ever; a meter that never was says nothing for the others, nor against them."""
    read = [(pace.interval, pace.read) for pace in facts.paces if pace.read is not None]
    return _overdue(facts.now, read) or _overdue(facts.now, [(pace.interval, pace.given) for pace in facts.paces])


def _overdue(now: int, slots: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Nothing is read where every meter that should have been is overdue; a lone one is its own affair.

    By meter, the interval and the newest slot.
    """
    overdue = [(interval, slot) for interval, slot in slots if _is_overdue(interval, slot, now)]
    if not overdue:
        return ()
    slowest = max(interval for interval, _ in overdue)
    if any(interval <= slowest and not _is_overdue(interval, slot, now) for interval, slot in slots):
        return ()
    seconds = (now - max(slot for _, slot in overdue)) // 1000
    return (f"no slot of any meter was read for {seconds} s",)


def _is_overdue(interval: int, slot: int, now: int) -> bool:
    return now - slot > max(OVERDUE * interval, SHORTEST)


def _undelivered(facts: Facts, accepted: int) -> tuple[str, ...]:
    waiting = facts.waiting
    if waiting.oldest is None or facts.now - max(waiting.oldest, accepted) <= facts.patience:
        return ()
    seconds = (facts.now - max(waiting.oldest, accepted)) // 1000
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
