"""What the `outbox` commands say of a queue: the file's line beside what the running service knows. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from bacnet_bridge.cli.outbox_queues import local
from bacnet_bridge.model import Account, Queue, Retry

if TYPE_CHECKING:
    from rich.table import Table

    from bacnet_bridge.outbox.look import Line

Delivery = Mapping[str, Any] | None
"""The service's answer to `outbox delivery`; None where no service runs."""
_HEALS: Final = Retry(reason="a gap before its packets is filled from a trend log")


@dataclass(frozen=True, slots=True)
class Shown:
    """A queue, for people. Times are the building's local time."""

    meter: str
    account: str
    address: str
    waiting: int
    oldest: str | None
    state: str
    """Of its head, in a word or two."""
    reason: str
    attempts: int
    next_attempt: str | None
    last_accepted: str | None
    held_until: str | None
    unproven: str

    def is_of(self, queue: Queue) -> bool:
        return (self.meter, self.account, self.address) == (queue.id, queue.account.credentials, queue.account.address)

    @property
    def troubled(self) -> bool:
        """Something is to be seen: packets wait, or nothing may leave."""
        return bool(self.waiting or self.held_until or self.unproven)


def shown(known: "Sequence[Line]", live: Delivery, now: int) -> "list[Shown]":
    """Each queue as it stands. `now` is an instant."""
    first = _first_of_each_id(known)
    return [_shown(line, first, live, now) for line in known]


def _shown(line: "Line", first: Mapping[tuple[str, str], "Line"], live: Delivery, now: int) -> Shown:
    state, retry = _state(line, first, live, now)
    reason = line.unproven or retry.reason
    held = line.held_until is not None and line.held_until > now
    waits = line.waiting and not held and not line.unproven and retry.next_attempt > now and live is not None
    return Shown(
        meter=line.queue.id,
        account=line.queue.account.credentials,
        address=line.queue.account.address,
        waiting=line.waiting,
        oldest=_time(line.oldest, line),
        state=state,
        reason=reason,
        attempts=retry.attempts if line.waiting and not held else 0,
        next_attempt=_time(retry.next_attempt, line) if waits else None,
        last_accepted=_time(line.last_accepted, line),
        held_until=_until(line) if held else None,
        unproven=line.unproven,
    )


def _state(line: "Line", first: Mapping[tuple[str, str], "Line"], live: Delivery, now: int) -> tuple[str, Retry]:
    """The head's state, and of which failures it tells."""
    if line.unproven:
        return "not proven whole", Retry()
    if line.held_until is not None and line.held_until > now:
        return "on hold", Retry(
            reason="a gap before its packets is filled from a trend log"
        ) if line.heals else line.retry
    if not line.waiting:
        return "nothing waits", Retry()
    if live is None:
        return "no service runs", line.retry
    ahead = first[line.queue.account.address, line.queue.id]
    if ahead.queue != line.queue:
        return "behind another account", Retry(reason=f"packets of account {ahead.queue.account.credentials} go first")
    return _sending(line, live)


def _sending(line: "Line", live: Mapping[str, Any]) -> tuple[str, Retry]:
    own = live_of(line.queue, live)
    if own and own["under_way"]:
        return "being sent", _retry(own["retry"])
    for account in live["accounts"]:
        if Account(account["address"], account["credentials"]) == line.queue.account:
            return "account paused", _retry(account["retry"])
    for host in live["hosts"]:
        if host["host"] == urlsplit(line.queue.account.address).netloc:
            return "platform away", _retry(host["retry"])
    retry = _retry(own["retry"]) if own else Retry()
    return (retry.kind or "failing", retry) if retry.attempts else ("next to be sent", retry)


def live_of(queue: Queue, live: Delivery) -> Mapping[str, Any] | None:
    """What the service says of the queue; None where nothing."""
    for each in live["queues"] if live else ():
        if Queue(Account(each["address"], each["credentials"]), each["id"]) == queue:
            found: Mapping[str, Any] = each
            return found
    return None


def document(each: Shown) -> dict[str, Any]:
    """As JSON says it."""
    return asdict(each)


def queues_table(rows: Sequence[tuple[str, Shown]]) -> "Table":
    """A row a queue, with what it is called. Names come from mappings, reasons from far ends: no markup in them."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("meter", max_width=24, overflow="fold")
    table.add_column("waiting", justify="right", no_wrap=True)
    table.add_column("oldest", max_width=11, overflow="fold")
    table.add_column("head", overflow="fold")
    for name, each in rows:
        well = each.state in {"nothing waits", "next to be sent", "being sent"}
        table.add_row(
            Text(name),
            str(each.waiting),
            Text((each.oldest or "–")[:19]),
            Text(said(each), style="" if well else "yellow"),
        )
    return table


def said(each: Shown) -> str:
    """State, reason and what comes next, on one line."""
    parts = [each.state if not each.held_until else f"on hold until {each.held_until}", each.reason]
    if each.attempts > 1:
        parts.append(f"{each.attempts} attempts")
    if each.next_attempt:
        parts.append(f"next attempt {each.next_attempt}")
    return "; ".join(filter(None, parts))


def _until(line: "Line") -> str:
    from bacnet_bridge.wattics.attempt import FOR_EVER

    return "it is released" if line.held_until == FOR_EVER else local(line.held_until or 0, line)


def _time(instant: int | None, line: "Line") -> str | None:
    return None if instant is None else local(instant, line)


def _retry(said: Mapping[str, Any] | None) -> Retry:
    return Retry() if said is None else Retry(**said)


def _first_of_each_id(known: "Sequence[Line]") -> dict[tuple[str, str], "Line"]:
    first: dict[tuple[str, str], Line] = {}
    for line in known:
        key = line.queue.account.address, line.queue.id
        if line.oldest is not None and (key not in first or line.oldest < (first[key].oldest or 0)):
            first[key] = line
    return first
