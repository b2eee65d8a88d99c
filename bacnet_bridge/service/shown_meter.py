"""One meter as the status page shows it. Pure."""

from dataclasses import asdict
from typing import Any

from bacnet_bridge.ledger.contract import DayCount
from bacnet_bridge.model import Hole, Meter, Packet, Reading
from bacnet_bridge.outbox.contract import QueueState, StoredGap
from bacnet_bridge.packet.wire import timestamp
from bacnet_bridge.service.collect import Collected
from bacnet_bridge.vocabulary.fields import FIELDS
from bacnet_bridge.wattics.attempted import Attempted
from bacnet_bridge.wattics.deliver import Snapshot


def queue_document(state: QueueState, seen: Snapshot) -> dict[str, Any]:
    """Instants are UTC milliseconds, as the outbox has them."""
    queue = state.queue
    retry = seen.paused.get(queue.account) or seen.failing.get(queue)
    return {
        "id": queue.id,
        "account": asdict(queue.account),
        "waiting": state.waiting,
        "oldest": state.oldest,
        "last_accepted": state.last_accepted,
        "held_until": state.held_until,
        "heals": state.heals,
        "unproven": state.unproven,
        "alarm": seen.alarms.get(queue, ""),
        "under_way": queue in seen.under_way,
        "retry": None if retry is None else asdict(retry),
        "answers": seen.answers.get(queue, ()),
    }


def waiting_document(packet: Packet) -> dict[str, Any]:
    """A packet that waits: the exact line."""
    return {"instant": packet.instant, "body": packet.body, "origin": str(packet.origin)}


def answer_document(last: Attempted | None) -> dict[str, Any] | None:
    """The latest request of a queue, and what came of it."""
    if last is None:
        return None
    return {
        "at": last.at,
        "instant": last.instant,
        "body": last.body,
        "status": last.status,
        "action": str(last.action),
        "text": last.sentence,
        "seconds": round(last.seconds, 3),
    }


def point_documents(meter: Meter, collected: Collected | None) -> list[dict[str, Any]]:
    """As they were read for the newest slot; as the mapping has them before the first."""
    read = () if collected is None else collected.readings
    return [_point(each, meter) for each in read] or [
        {"field": point.field, "source": str(point.source)} for point in meter.points
    ]


def packet_document(collected: Collected | None) -> dict[str, Any] | None:
    """What the newest slot came to: the exact line, or the hole."""
    if collected is None:
        return None
    outcome = collected.outcome
    if isinstance(outcome, Hole):
        return {"slot": collected.slot, "hole": str(outcome.reason), "detail": outcome.detail}
    return {"slot": collected.slot, "body": outcome.body}


def day_document(count: DayCount) -> dict[str, Any]:
    """A local day's account."""
    return {
        "day": count.day,
        "due": count.due,
        "accepted": count.accepted,
        "healed": count.healed,
        "pushed": count.pushed,
        "waiting": count.waiting,
        "set_aside": count.set_aside,
        "holes": count.holes,
        "reasons": {str(reason): number for reason, number in count.reasons.items()},
    }


def gap_document(gap: StoredGap) -> dict[str, Any]:
    """A gap that a log is, or was, waited for. Instants are UTC milliseconds."""
    return {
        "first": gap.first,
        "last": gap.last,
        "stage": str(gap.stage),
        "found": gap.found,
        "deadline": gap.deadline,
        "healed": gap.healed,
        "why": gap.why,
    }


def _point(reading: Reading, meter: Meter) -> dict[str, Any]:
    return {
        "field": reading.point.field,
        "source": str(reading.point.source),
        "value": None if reading.value is None else str(reading.value),
        "raw": reading.raw,
        "unit": reading.unit,
        "value_unit": FIELDS[reading.point.field].unit or reading.unit,
        "flags": list(reading.flags),
        "problem": None if reading.problem is None else f"{reading.problem.reason}: {reading.problem.detail}",
        "notice": reading.notice,
        "at": timestamp(reading.at, meter.zone),
    }
