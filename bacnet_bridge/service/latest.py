"""What the platform last processed of a meter, beside our own last accepted packet. Reads only."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from http import HTTPStatus
from typing import Final

from bacnet_bridge.errors import StateError
from bacnet_bridge.model import Queue
from bacnet_bridge.outbox import look
from bacnet_bridge.packet.wire import number, timestamp, values
from bacnet_bridge.service.accounts import sessions_of
from bacnet_bridge.settings import Settings
from bacnet_bridge.state import StateFolder
from bacnet_bridge.wattics.compare import Finding, compare
from bacnet_bridge.wattics.excerpt import shown, text_of
from bacnet_bridge.wattics.latest import Answered, Likely, NotUnderstood, latest_instant, likely

_STATUS: Final = {
    401: "the platform refuses the credentials of this account (401)",
    403: "the platform does not allow this meter to this user (403)",
    404: "the platform has no latest packet of this id (404): none was processed yet, the id is not registered with "
    "this account, or nothing can be read back there",
}


@dataclass(frozen=True, slots=True)
class Own:
    """Our last accepted packet of a queue; `body` while it is kept. `attempted` is the latest that may be there."""

    accepted: int | None = None
    attempted: int | None = None
    body: str | None = None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """`sentence` is the difference in words; `agrees` where the platform's latest packet is our last accepted one."""

    agrees: bool
    sentence: str
    instant: int | None = None
    fields: Mapping[str, Decimal] | None = None
    answer: str = ""
    """The beginning of the platform's answer, where it was not understood."""


def own_latest(settings: Settings, queue: Queue) -> Own:
    """By the outbox's file; nothing where there is none yet."""
    with suppress(StateError), look.opened(StateFolder(settings.state).database) as connection:
        for line in look.lines(connection):
            if line.queue == queue:
                body = look.accepted(connection, line)
                return Own(line.last_accepted, line.fence, body, line.waiting)
    return Own()


async def platform_latest(settings: Settings, queue: Queue) -> Answered | NotUnderstood:
    """What the platform answers. Raises SettingsError for settings that nothing can be asked with."""
    sessions = sessions_of(settings, [queue.account])
    try:
        return await sessions.read_back(queue.account, queue.id)
    finally:
        await sessions.close()


def compared(meter: str, zone: str, own: Own, answered: Answered | NotUnderstood) -> Compared:
    """Pure."""
    if isinstance(answered, NotUnderstood):
        return Compared(False, f"the platform gave no answer: {answered.reason}")
    if answered.status != HTTPStatus.OK:
        told = _STATUS.get(answered.status, f"the platform answered {answered.status}, which tells no packet")
        return Compared(False, told, answer=_shown(answered))
    found = likely(answered.body, meter)
    if found is None:
        told = "the platform answered 200, but no packet of this id with an instant can be seen in its answer"
        return Compared(False, told, answer=_shown(answered))
    agrees, sentence = _difference(found, own, zone)
    if isinstance(latest_instant(answered.body, meter), NotUnderstood):
        sentence += ". (The answer is of no form that the bridge relies on: by itself it concludes nothing)"
        return Compared(agrees, sentence, found.instant, found.fields, _shown(answered))
    return Compared(agrees, sentence, found.instant, found.fields)


def _shown(answered: Answered) -> str:
    return shown(text_of(answered.body, {}))


def _difference(found: Likely, own: Own, zone: str) -> tuple[bool, str]:
    if own.accepted is None:
        tried = "" if own.attempted is None else ", though one may have been tried"
        return False, f"the outbox here knows no accepted packet of this meter{tried}: the platform's is someone else's"
    match compare(found.instant, own.accepted, own.attempted or own.accepted):
        case Finding.FOREIGN:
            return False, (
                f"the platform's is {_apart(found.instant - own.accepted)} later than all that was sent from here: "
                "another sender uses this id"
            )
        case Finding.BEHIND:
            return False, (
                f"the platform is {_apart(own.accepted - found.instant)} behind: it answered 200 up to "
                f"{timestamp(own.accepted, zone)}, and has not processed that, or not yet; if it stays so, ask why"
            )
        case Finding.AGREES if found.instant > own.accepted:
            return False, "it was tried from here, and its answer did not come: it is sent again"
        case _:
            return _same(found, own)


def _same(found: Likely, own: Own) -> tuple[bool, str]:
    if own.body is None:
        return True, "it bears the instant of our last accepted packet, whose values are not kept any more"
    ours = values(own.body)
    other = [key for key in ours if key not in found.fields or found.fields[key] != ours[key]]
    if not other:
        return True, "it is our last accepted packet, value for value"
    told = ", ".join(f"{key} is {_number(found.fields.get(key))} there and {number(ours[key])} here" for key in other)
    return False, f"it bears the instant of our last accepted packet, but not all of its values: {told}"


def _number(value: Decimal | None) -> str:
    return "missing" if value is None else str(value)


def _apart(milliseconds: int) -> str:
    seconds = milliseconds / 1000
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}".replace(".0 ", " ")
    return f"{seconds:g} s"
