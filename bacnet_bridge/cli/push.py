"""`bacnet-bridge push`: a file of old values, in order, through the site's one outbox."""

import asyncio
import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.model import Meter
    from bacnet_bridge.packet.history import Fault
    from bacnet_bridge.service.batch import Batch
    from bacnet_bridge.settings import Settings

_SHOWN: Final = 100
"""Faulty lines that are told one by one."""


def push(
    file: Annotated[Path, typer.Argument(help="A CSV file: timestamp, then value or electrical columns.")],
    meter: Annotated[str, typer.Option("--meter", help="The meter's id or name.", show_default=False)],
    zone: Annotated[
        str | None, typer.Option(help="The IANA zone of times without an offset; the meter's if not given.")
    ] = None,
    account: Annotated[
        str | None, typer.Option(help="An id that no mapped meter has: the account that it is registered with.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look through the file and put nothing.")] = False,
    skip_bad: Annotated[bool, typer.Option("--skip-bad", help="Leave out the lines that cannot be sent.")] = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Send old values of one meter, in the order of time, before its live packets.

    Everything is looked through first: with any mistake, all are told with their lines, and nothing is sent (but see
    --skip-bad). What is not later than what was accepted already can never be sent, because the platform discards it:
    push before the meter's first live packet is accepted.

    While the service runs, it puts and sends them; otherwise the command takes the state folder's lock, and sends all
    that waits. A push that was cut short is taken up by running it again: what was accepted is not sent twice.

    Exit status 1: lines that cannot be sent, or interrupted. 2: settings or state folder cannot be used.
    """
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.logs import configure
    from bacnet_bridge.settings import load_settings

    settings = load_settings(site, state=state)
    configure("warning", settings.log_format)
    batch, notes, found = _looked_through(settings, file, meter, zone, account)
    for note in notes:
        typer.echo(f"note: {note}", err=True)
    _tell(batch.faults)
    if batch.faults and not skip_bad:
        raise BridgeError(f"{_count(len(batch.faults), 'line')} of {file} cannot be sent, so nothing is (--skip-bad)")
    if not batch.rows:
        raise BridgeError(f"{file} has no line that can be sent")
    _announce(batch, found)
    if not dry_run:
        _send(settings, batch)


def _looked_through(
    settings: "Settings", file: Path, meter: str, zone: str | None, account: str | None
) -> "tuple[Batch, Sequence[str], Meter | None]":
    from bacnet_bridge.clock import SystemClock
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.model import Queue
    from bacnet_bridge.packet.history import read_history
    from bacnet_bridge.service.accounts import accounts_of
    from bacnet_bridge.service.batch import Batch, sorted_out
    from bacnet_bridge.service.mapped import looked_up
    from bacnet_bridge.service.named import meter_or_id
    from bacnet_bridge.state import StateFolder

    folder, accounts = StateFolder(settings.state), accounts_of(settings)
    found = meter_or_id(meter, *looked_up(settings, folder, accounts), account, accounts)
    own = settings.zone if found is None else found.zone
    try:
        history = read_history(file.read_text(encoding="utf-8-sig"), _known(zone or own))
    except (OSError, UnicodeError, csv.Error) as error:
        raise BridgeError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from None
    name = account or "default" if found is None else found.account
    queue = Queue(accounts[name], meter if found is None else found.id)
    batch = Batch(queue, own if found else zone or own, history.rows, history.faults)
    return sorted_out(_fitting(batch, found), folder, SystemClock().wall()), history.notes, found


def _known(zone: str) -> str:
    from zoneinfo import available_timezones

    from bacnet_bridge.errors import BridgeError

    if zone not in available_timezones():
        raise BridgeError(f"--zone {zone} is no IANA time zone: write one like Europe/Dublin")
    return zone


def _fitting(batch: "Batch", meter: "Meter | None") -> "Batch":
    """Columns are those of the meter's kind."""
    from bacnet_bridge.errors import BridgeError
    from bacnet_bridge.vocabulary.fields import SINGLE

    if meter is not None and batch.rows:
        single = SINGLE.key in batch.rows[0].fields
        if single != meter.single:
            kind = "a single value: its column is `value`" if meter.single else "electrical: its columns are aP_1 …"
            raise BridgeError(f"meter {meter.id} is {kind}")
    return batch


def _tell(faults: "Sequence[Fault]") -> None:
    for fault in sorted(faults, key=lambda each: each.line)[:_SHOWN]:
        typer.echo(str(fault), err=True)
    if len(faults) > _SHOWN:
        typer.echo(f"… and {_count(len(faults) - _SHOWN, 'line')} more", err=True)


def _announce(batch: "Batch", meter: "Meter | None") -> None:
    from bacnet_bridge.packet.wire import timestamp

    first, last = (timestamp(batch.rows[end].instant, batch.zone) for end in (0, -1))
    there = f", {len(batch.there):,} of them in the outbox or accepted already" if batch.there else ""
    typer.echo(f"{batch.queue.id}: {_count(len(batch.rows), 'packet')} from {first} to {last}{there}")
    typer.echo(f"the first: {batch.body(batch.rows[0])}")
    gaps = [b.instant - a.instant for a, b in zip(batch.rows, batch.rows[1:], strict=False)]
    usual = max(set(gaps), key=gaps.count) / 1000 if gaps else 0
    if meter is not None and gaps and usual != meter.interval:
        typer.echo(
            f"note: most rows are {usual:g} s apart, and the meter's interval is {meter.interval} s: the platform "
            "shows no data of a meter that is sent at another interval than it is registered with",
            err=True,
        )


def _send(settings: "Settings", batch: "Batch") -> None:
    """Put and wait, with a bar; what is in the outbox stays there, however this ends."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from bacnet_bridge.service.batch import asking, put, until_accepted

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    done = {"left": 0}
    with Progress(*columns, transient=True) as progress:
        putting = progress.add_task("put", total=len(batch.rows), completed=len(batch.there))
        leaving = progress.add_task("accepted", total=len(batch.rows))

        def seen(left: int, reason: str) -> None:
            done["left"] = left
            progress.update(leaving, completed=left, description=f"accepted{f' ({reason[:60]})' if reason else ''}")

        async def work() -> str:
            async with asking(settings, batch.queue) as asks:
                await put(asks, batch, lambda count: progress.advance(putting, count))
                return await until_accepted(asks, batch, seen)

        try:
            held = asyncio.run(work())
        except KeyboardInterrupt:
            _interrupted(batch, done["left"], int(progress.tasks[putting].completed))
    if held:
        waiting = _count(len(batch.rows) - done["left"], "packet")
        typer.echo(f"in the outbox: {waiting} of meter {batch.queue.id}; {held}")
    else:
        typer.echo(f"accepted: {_count(len(batch.rows), 'packet')} of meter {batch.queue.id}")


def _interrupted(batch: "Batch", left: int, put: int) -> Any:
    from bacnet_bridge.errors import BridgeError

    more = "" if put == len(batch.rows) else " within half an hour, before live packets leave"
    raise BridgeError(
        f"interrupted: {left:,} of {len(batch.rows):,} packets were accepted, {put:,} are in the outbox. "
        f"Run it again{more}: it goes on from there"
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
