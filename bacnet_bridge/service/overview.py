"""What an operator asks first: does every meter's data arrive, and if not, why. The document behind `status`."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bacnet_bridge.bacnet.traffic import device_key
from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.model import Hole, Meter, Queue, Retry
from bacnet_bridge.outbox.contract import QueueState
from bacnet_bridge.packet.wire import number, timestamp, values
from bacnet_bridge.service.collect import Collected
from bacnet_bridge.service.history import headline
from bacnet_bridge.service.moving import NOTHING_READ, OVERDUE, SHORTEST
from bacnet_bridge.vocabulary.fields import FIELDS
from bacnet_bridge.vocabulary.sentences import gathered
from bacnet_bridge.wattics.deliver import Snapshot


@dataclass(frozen=True, slots=True)
class MeterStatus:
    """One meter today. Counts are of the building's local day; times are the building's local time."""

    id: str
    name: str
    device: int
    interval: int
    slot: str | None
    last: str
    accepted: int
    waiting: int
    holes: int
    reasons: Mapping[str, int]
    missing: Mapping[str, int]
    """Fields left out of packets that were sent all the same: in how many slots since the start."""
    attention: str
    """Why the newest slot has no packet, lacks fields, or has one to be looked at: the building's affair, or empty."""
    problem: str
    """Why slots are not read or packets not accepted: the bridge's affair; empty where all is well."""
    next_attempt: str | None
    """When a packet that was not accepted is sent again; None where that is now, or none was refused."""
    field: str = ""
    """The one that stands for the meter in lists: the first in the platform's order that is mapped."""
    value: str | None = None
    """Of that field in the newest slot, exactly; None where that is a hole or lacks it."""
    unit: str = ""
    last_accepted: str | None = None
    """The newest accepted packet's own time."""
    device_key: str = ""
    """Names the device among all."""
    healed: int = 0
    """Of `accepted`, those from a trend log."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole bridge. What is wrong stands in sentences; both lists are empty where all is well.

    `problems`: the bridge does not do its work. `attention`: it does, but a point or a device does not do its own; one
    faulty sensor among many does not make the bridge unhealthy.
    """

    version: str
    now: str
    started: str
    problems: tuple[str, ...]
    attention: tuple[str, ...]
    meters: tuple[MeterStatus, ...]
    other_queues: tuple[str, ...]
    """Queues with waiting packets that no mapped meter fills any more; they are delivered all the same."""
    exchanges: tuple[str, ...] = ()
    """Exchanged meters that were told lately, and those whose new meter was not seen yet."""

    @property
    def healthy(self) -> bool:
        return not self.problems

    def document(self) -> dict[str, Any]:
        """As JSON says it."""
        return {"healthy": self.healthy, **asdict(self)}


@dataclass(frozen=True, slots=True)
class Seen:
    """What the stages know of one meter. `accounted`, `started` and `now` are instants."""

    today: DayCount
    collected: Collected | None
    missing: Mapping[str, int]
    queue: QueueState | None
    goes_first: Queue | None
    """The queue with this id whose packets the platform gets first: another one where the account changed."""
    delivery: Snapshot
    accounted: int | None
    """The newest slot that was given out to be read, or that was missed."""
    started: int
    now: int
    running: bool = False
    """A slot is being read."""


def meter_status(meter: Meter, seen: Seen) -> MeterStatus:
    """What there is to say of one meter."""
    field, accepted = headline(meter), None if seen.queue is None else seen.queue.last_accepted
    return MeterStatus(
        id=meter.id,
        name=meter.name,
        device=meter.device,
        interval=meter.interval,
        slot=None if seen.collected is None else timestamp(seen.collected.slot, meter.zone),
        last=last_text(seen.collected),
        accepted=seen.today.accepted,
        waiting=0 if seen.queue is None else seen.queue.waiting,
        holes=seen.today.holes,
        reasons={str(reason): count for reason, count in seen.today.reasons.items()},
        missing=dict(seen.missing),
        attention="; ".join(filter(None, (_held(meter, seen), _attention(seen.collected)))),
        problem=_reading_problem(meter, seen) or _delivery_problem(meter, seen),
        next_attempt=_next_attempt(meter, seen),
        field=field,
        value=_value(seen.collected, field),
        unit=unit_of(field, seen.collected),
        last_accepted=None if accepted is None else timestamp(accepted, meter.zone),
        device_key=device_key(meter.device, meter.address),
        healed=seen.today.healed,
    )


def signs(meter: Meter, seen: Seen) -> Hashable:
    """What of a meter's status may be otherwise without its day being counted: where it is the same, so is all else."""
    queue, collected = seen.queue, seen.collected
    return (
        seen.accounted,
        seen.running,
        None if collected is None else collected.slot,
        None if queue is None else (queue.waiting, queue.last_accepted, queue.fence, queue.last_put),
        _held(meter, seen),
        _reading_problem(meter, seen) or _delivery_problem(meter, seen),
        _next_attempt(meter, seen),
    )


def unit_of(field: str, collected: Collected | None) -> str:
    """The platform's for the field; for `value` what the device says."""
    readings = () if collected is None else collected.readings
    return FIELDS[field].unit or next((each.unit for each in readings if each.point.field == field and each.unit), "")


def _value(collected: Collected | None, field: str) -> str | None:
    if collected is None or isinstance(collected.outcome, Hole):
        return None
    value = values(collected.outcome.body).get(field)
    return None if value is None else number(value)


def last_text(collected: Collected | None) -> str:
    """`21.3 °C`, `aP_1 4212.5 W, 20 more`; nothing where the newest slot is a hole."""
    if collected is None or isinstance(collected.outcome, Hole):
        return ""
    fields = values(collected.outcome.body)
    key, value = next(iter(fields.items()))
    unit = unit_of(key, collected)
    more = f", {len(fields) - 1} more" if len(fields) > 1 else ""
    return f"{'' if key == 'value' else key + ' '}{value:f} {unit}".rstrip() + more


def abandoned(states: Sequence[QueueState], mapped: Mapping[Queue, Meter]) -> tuple[str, ...]:
    """The queues with waiting packets that no mapped meter fills."""
    return tuple(
        f"{state.queue.id}: {state.waiting} waiting for account {state.queue.account.credentials}"
        for state in states
        if state.waiting and state.queue not in mapped
    )


def delivery_problems(delivery: Snapshot, meters: Sequence[MeterStatus]) -> tuple[str, ...]:
    """What keeps slots from being read and packets from being accepted; the platform's troubles before the meters'."""
    unread = [meter for meter in meters if meter.attention and not meter.last]
    nothing = [NOTHING_READ] if meters and len(unread) == len(meters) else []
    paused = [
        f"account {account.credentials}: {retry.reason}"
        for account, retry in delivery.paused.items()
        if not any(retry.reason in meter.problem for meter in meters)
    ]
    away = [f"the platform at {host} is away: {retry.reason}" for host, retry in delivery.away.items()]
    return (*nothing, *away, *paused, *gathered((meter.name, meter.problem) for meter in meters))


def _attention(collected: Collected | None) -> str:
    if collected is None:
        return ""
    if isinstance(collected.outcome, Hole):
        return f"{collected.outcome.reason}: {collected.outcome.detail}"
    lacking = [f"{each.point.field} left out: {each.problem.detail}" for each in collected.readings if each.problem]
    sent = [f"{each.point.field}: {each.notice}" for each in collected.readings if each.notice]
    return "; ".join(dict.fromkeys([*lacking, *sent]))


def _held(meter: Meter, seen: Seen) -> str:
    """Its packets wait for a gap before them to be healed: that is meant, for so long."""
    until = None if seen.queue is None or not seen.queue.heals else seen.queue.held_until
    return f"on hold for its log until {timestamp(until, meter.zone)}" if until and until > seen.now else ""


def _reading_problem(meter: Meter, seen: Seen) -> str:
    newest = max(seen.started, seen.started if seen.accounted is None else seen.accounted)
    interval = meter.interval * 1000
    if newest - seen.now > interval:
        return f"the clock was set back: no slot is read until {timestamp(newest, meter.zone)}"
    if seen.now - newest > max(OVERDUE * interval, SHORTEST):
        return f"no slot was read since {timestamp(newest, meter.zone)}"
    return ""


def _delivery_problem(meter: Meter, seen: Seen) -> str:
    queue = seen.queue
    if queue is not None and queue.queue in seen.delivery.alarms:
        return seen.delivery.alarms[queue.queue]
    if queue is None or queue.oldest is None or seen.now - queue.oldest < OVERDUE * meter.interval * 1000:
        return ""
    if _held(meter, seen):
        return ""
    if seen.goes_first is not None and seen.goes_first != queue.queue:
        return f"its packets wait until earlier ones of account {seen.goes_first.account.credentials} are accepted"
    refused = _refused(seen)
    if refused is None and queue.queue in seen.delivery.under_way:
        return ""  # a backlog, or old values that were pushed, and it is leaving
    return refused.reason if refused is not None and refused.reason else "its packets wait to be sent"


def _next_attempt(meter: Meter, seen: Seen) -> str | None:
    refused = _refused(seen)
    if refused is None or refused.next_attempt <= seen.now:
        return None
    return timestamp(refused.next_attempt, meter.zone)


def _refused(seen: Seen) -> Retry | None:
    if seen.queue is None:
        return None
    return seen.delivery.paused.get(seen.queue.queue.account) or seen.delivery.failing.get(seen.queue.queue)
