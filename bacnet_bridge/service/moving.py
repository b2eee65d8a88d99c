"""Whether the bridge moves: slots are read, and delivery goes on or knows why it does not. Pure.

`moving` is for whoever reports (readiness, heartbeat): whatever keeps data from arriving speaks against it. `stuck` is
for whoever would start the bridge anew (the watchdog): only a standstill that no stage has a reason for, because
nothing else is healed by it. What is stuck does not move.

They differ in what a start counts for: to `moving` nothing, because a bridge that is started anew every few minutes
and never delivers has no good news; to `stuck` it is a new chance, or the next start would follow at once.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.wattics.deliver import Snapshot
from bacnet_bridge.wattics.needs import first_of_each_id
from bacnet_bridge.wattics.verdict import Action

OVERDUE: Final = 3
"""A meter whose newest slot is so many intervals old is not read."""
SHORTEST: Final = 60_000
"""Milliseconds that a reading may be overdue in any case: short intervals do not wait for a silent device."""
NO_METER: Final = "no meter is mapped, so nothing is read"
NOTHING_READ: Final = "no meter could be read in its newest slot"
REFUSALS: Final = frozenset({Action.PAUSE_QUEUE, Action.REFUSE_ALONE})
"""What the platform has against one meter's packets."""
_NONE: Final[Mapping[str, int]] = {}
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
    one sentence each. `unexplained`: the oldest packet of the queues that wait, and none of whose stages says why.
    """

    oldest: int | None
    accepted: int
    reasons: Sequence[str] = ()
    unexplained: int | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is judged, at the instant `now`, of a bridge in which all was explained at the instant `explained`.

    That is the start's, or when a hold ended: what waited by then had no chance to leave. `unread`: sentences of stages
    that know why no slot is read (clock, ledger, BACnet port, silent devices).
    """

    now: int
    paces: Sequence[Pace]
    unread: Sequence[str]
    waiting: Waiting
    patience: int = PATIENCE
    explained: int = 0


def moving(facts: Facts) -> tuple[str, ...]:
    """Why the bridge does not move, in sentences; none where it does.

    A site without meters reads nothing: no good news, and nothing that a new start would heal.
    """
    return (
        *([] if facts.paces else [NO_METER]),
        *facts.unread,
        *_set_back(facts),
        *_unread(facts),
        *_undelivered(facts, facts.waiting.oldest, facts.waiting.accepted),
    )


def stuck(facts: Facts) -> tuple[str, ...]:
    """Of these, what nobody has a reason for; a new start may heal it."""
    reading = () if facts.unread else _overdue(facts.now, [(pace.interval, pace.given) for pace in facts.paces])
    waiting = facts.waiting
    return (*reading, *_undelivered(facts, waiting.unexplained, max(waiting.accepted, facts.explained)))


def waiting_of(
    states: Sequence[QueueState], delivery: Snapshot, now: int, intervals: Mapping[str, int] = _NONE
) -> Waiting:
    """What delivery and outbox say of the queues with packets; on hold, unproven, paused or failing is a reason.

    A reason of one queue's or one account's own is no trouble of delivery while packets of others are accepted at
    their own pace: `intervals` are those of the mapped meters, by id, in milliseconds. Of acceptances before the start
    the packets' own instants are known: of a backlog they are older than it was.

    One that waits for another queue of its id is no trouble of its own: the other one's reason counts. One that heals
    is none either, up to its deadline.
    """
    first = first_of_each_id(states)
    states = [each for each in states if not is_healing(each, now)]
    own: list[tuple[int, str]] = []
    common: list[tuple[int, str]] = []
    for state in states:
        if state.oldest is None or first[state.queue.account.address, state.queue.id] != state.queue:
            continue
        reason = _own_reason(state, delivery)
        (own if reason else common).append((state.oldest, reason or _common_reason(state, delivery)))
    counted = common if own and _others_leave(states, delivery, now, intervals) else [*own, *common]
    accepted = max((state.last_accepted or 0 for state in states), default=0)
    return Waiting(
        min((oldest for oldest, _ in counted), default=None),
        max(accepted, delivery.last_accepted or 0),
        tuple(dict.fromkeys(filter(None, (reason for _, reason in counted)))),
        min((oldest for oldest, reason in common if not reason), default=None),
    )


def is_healing(state: QueueState, now: int) -> bool:
    """Whether it is on hold for a gap to be healed and for nothing else, which is meant up to its deadline."""
    return state.heals and state.held_until is not None and state.held_until > now


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


def _undelivered(facts: Facts, oldest: int | None, accepted: int) -> tuple[str, ...]:
    if oldest is None or facts.now - max(oldest, accepted) <= facts.patience:
        return ()
    seconds = (facts.now - max(oldest, accepted)) // 1000
    why = _named(facts.waiting.reasons) or "nothing says why"
    return (f"packets wait, and none was accepted for {seconds} s: {why}",)


def _others_leave(states: Sequence[QueueState], delivery: Snapshot, now: int, intervals: Mapping[str, int]) -> bool:
    """Whether the platform takes packets of a mapped meter, of which nothing is wrong, as often as it has some."""
    return any(
        state.queue.id in intervals
        and state.last_accepted is not None
        and now - state.last_accepted <= max(OVERDUE * intervals[state.queue.id], PATIENCE)
        and not (_own_reason(state, delivery) or _common_reason(state, delivery))
        for state in states
    )


def _own_reason(state: QueueState, delivery: Snapshot) -> str:
    """What concerns this queue, or its account, and no other; empty where it is nothing."""
    paused, failing = delivery.paused.get(state.queue.account), delivery.failing.get(state.queue)
    if state.queue in delivery.alarms:
        return delivery.alarms[state.queue]
    if state.unproven:
        return state.unproven
    if paused is not None:
        return paused.reason or "an account is paused"
    if failing is not None and failing.kind in REFUSALS:
        return failing.reason or "an attempt was refused"
    return "" if state.held_until is None else "a queue is on hold"


def _common_reason(state: QueueState, delivery: Snapshot) -> str:
    """What may concern every queue, as the network's troubles do."""
    failing, away = delivery.failing.get(state.queue), delivery.away.get(urlsplit(state.queue.account.address).netloc)
    if failing is not None:
        return failing.reason or "an attempt failed"
    return f"the platform is away: {away.reason}" if away else ""


def _named(reasons: Collection[str]) -> str:
    first = next(iter(reasons), "")
    return f"{first} (and {len(reasons) - 1} more reasons)" if len(reasons) > 1 else first
