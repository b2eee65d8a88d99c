"""The queues that the `outbox` commands speak of: read from the file, chosen by the operator's words, acted on."""

import asyncio
import difflib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bacnet_bridge.cli.status import site_s_state

if TYPE_CHECKING:
    import sqlite3

    from bacnet_bridge.model import Account, Queue
    from bacnet_bridge.outbox.look import Line
    from bacnet_bridge.state import StateFolder

MeterId = Annotated[str, typer.Argument(metavar="METER", help="The meter's id.", show_default=False)]
MeterIds = Annotated[list[str] | None, typer.Argument(metavar="[METER]...", help="The meters' ids.")]
InAccount = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", help="Which account's queue, where an id has several: its name."),
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask; for scripts.")]
Why = Annotated[str, typer.Option("--why", metavar="TEXT", help="The reason, which is recorded.", show_default=False)]

ASLEEP: Final = " No bridge runs on this state folder: that happens once one does."


def state_folder(site: Path | None, state: Path | None) -> "StateFolder":
    """The folder that the service uses. Raises SettingsError."""
    from bacnet_bridge.state import StateFolder

    return StateFolder(state or site_s_state(site))


@contextmanager
def reading(folder: "StateFolder") -> "Iterator[sqlite3.Connection]":
    """The outbox's file, for looking only. Raises StateError."""
    from bacnet_bridge.outbox.look import opened

    with opened(folder.database) as connection:
        yield connection


def lines(folder: "StateFolder") -> "list[Line]":
    """Every queue that ever held a packet or was on hold. Raises StateError."""
    from bacnet_bridge.outbox import look

    with reading(folder) as connection:
        return look.lines(connection)


def for_each(found: "Sequence[Line]", act: "Callable[[Line], None]") -> None:
    """Each of the queues; those that cannot be acted on do not stop the others. Raises BridgeError with all reasons."""
    from bacnet_bridge.errors import BridgeError, StateError

    refused = []
    for line in found:
        try:
            act(line)
        except StateError:
            raise
        except BridgeError as error:
            refused.append(str(error))
    if refused:
        raise BridgeError("\n".join(refused))


def delivery(folder: "StateFolder") -> dict[str, Any] | None:
    """How the running service's delivery fares; None where none runs, or it does not answer."""
    from bacnet_bridge.control.door import ask
    from bacnet_bridge.errors import BridgeError

    try:
        told: dict[str, Any] = asyncio.run(ask(folder.control, "outbox delivery"))
    except BridgeError:
        return None
    return told


def chosen(
    known: "Sequence[Line]",
    meter: str,
    account: str | None,
    applies: "Callable[[Line], object]",
    otherwise: str,
) -> "Line":
    """The one queue of the meter that an act applies to.

    Raises BridgeError where there is no such meter; where the act applies to none of its queues, with `otherwise`;
    and where it applies to several, so that the account must be said.
    """
    from bacnet_bridge.errors import BridgeError

    of_meter = [line for line in known if line.queue.id == meter]
    if not of_meter:
        raise BridgeError(f"no packet was ever put for a meter with the id {meter}{_meant(meter, known)}")
    named = [line for line in of_meter if account is None or account in names(line.queue, of_meter)]
    if not named:
        raise BridgeError(f"meter {meter} has no queue for account {account}; it has {_accounts_of(of_meter)}")
    found = [line for line in named if applies(line)]
    if not found:
        raise BridgeError(f"meter {meter}: {otherwise}")
    if len(found) > 1:
        raise BridgeError(
            f"meter {meter} has queues for several accounts: {_accounts_of(found)}. Say which one with --account"
        )
    return found[0]


def several(
    known: "Sequence[Line]",
    meters: Sequence[str] | None,
    account: str | None,
    applies: "Callable[[Line], object]",
    otherwise: str,
    *,
    all_: bool,
) -> "list[Line]":
    """As `chosen`, for each of the meters; or all queues that the act applies to. Raises BridgeError."""
    from bacnet_bridge.errors import BridgeError

    if all_ == bool(meters):
        raise BridgeError("name the meters, or say --all; not both")
    if meters:
        return [chosen(known, meter, account, applies, otherwise) for meter in dict.fromkeys(meters)]
    found = [line for line in known if applies(line) and (account is None or account in names(line.queue, [*known]))]
    if not found:
        raise BridgeError(f"no meter: {otherwise}")
    return found


def names(queue: "Queue", among: "Sequence[Line]") -> list[str]:
    """What the queue's account may be called, the shortest that is clear first."""
    account = queue.account
    accounts = {line.queue.account for line in among}
    all_names = (account.credentials, account.address, f"{account.credentials}@{account.address}")
    clear = [
        name
        for name, of in zip(all_names, (_credentials, _address, _both), strict=True)
        if sum(of(other) == name for other in accounts) == 1
    ]
    return clear + [name for name in all_names if name not in clear]


def label(line: "Line", known: "Sequence[Line]") -> str:
    """The meter, with its account where the id has several."""
    of_meter = [other for other in known if other.queue.id == line.queue.id]
    return line.queue.id if len(of_meter) == 1 else f"{line.queue.id} (account {names(line.queue, of_meter)[0]})"


def local(instant: int, line: "Line") -> str:
    """In the building's time: `2026-03-29 12:05:00+01:00`."""
    from bacnet_bridge.packet.wire import timestamp

    text = timestamp(instant, line.zone)
    return f"{text[:10]} {text[11:19]}{text[23:]}"


def confirm(sentence: str, *, yes: bool) -> None:
    """Go on only with the operator's word. Raises BridgeError without it."""
    from bacnet_bridge.errors import BridgeError

    if yes:
        return
    try:
        agreed = typer.confirm(sentence, err=True)
    except typer.Abort:  # nobody is there to answer
        raise BridgeError("nothing was changed: say --yes where nobody can be asked") from None
    if not agreed:
        raise BridgeError("nothing was changed")


def is_held(line: "Line") -> bool:
    """On hold, now."""
    return line.held_until is not None and line.held_until > now()


def waits(line: "Line") -> bool:
    """Something is there to be sent."""
    return bool(line.waiting)


def now() -> int:
    """The instant."""
    return time.time_ns() // 1_000_000


def check_why(why: str) -> None:
    """Raises BridgeError where no reason is given."""
    from bacnet_bridge.errors import BridgeError

    if not why.strip():
        raise BridgeError("say with --why for what reason: it is all that tells later why packets are missing")


def next_of(done: Mapping[str, Any], *, alone: bool) -> str:
    """What happens next, after an act."""
    waiting = counted(done["waiting"])
    if done.get("unproven"):
        return f"{waiting} waiting; not proven whole, so nothing is sent until `outbox recover` or `outbox abandon`."
    if done.get("held"):
        return f"{waiting} waiting; it stays on hold until `outbox release`."
    if not done["waiting"]:
        return "Nothing else waits; new packets are sent as they come."
    return f"{waiting} waiting, sent in their order." + (ASLEEP if alone else "")


def counted(count: int, noun: str = "packet") -> str:
    """`1 packet`, `2 packets`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _accounts_of(among: "Sequence[Line]") -> str:
    return ", ".join(f"{names(line.queue, among)[0]} ({counted(line.waiting)} waiting)" for line in among)


def _meant(meter: str, known: "Sequence[Line]") -> str:
    close = difflib.get_close_matches(meter, {line.queue.id for line in known}, n=1)
    return (
        f"; did you mean {close[0]}?"
        if close
        else "; `outbox list --all` shows those that are known, `check` a name's id"
    )


def _credentials(account: "Account") -> str:
    return account.credentials


def _address(account: "Account") -> str:
    return account.address


def _both(account: "Account") -> str:
    return f"{account.credentials}@{account.address}"
