"""`bacnet-bridge outbox list` and `show`: what waits, and why."""

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bacnet_bridge.cli.outbox_queues import (
    InAccount,
    MeterId,
    chosen,
    counted,
    delivery,
    label,
    lines,
    local,
    now,
    reading,
    state_folder,
)
from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.cli.outbox_shown import Delivery
    from bacnet_bridge.outbox.look import Line, Row

_SHOWN = 10
"""Packets set aside that `show` prints; `export` has all."""
AsJson = Annotated[bool, typer.Option("--json", help="Print it as a document.")]


def list_(
    site: Site = None,
    state: State = None,
    every: Annotated[bool, typer.Option("--all", help="Show the meters of which nothing waits, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what waits, meter by meter: how many packets, since when, why the oldest is not accepted, what is next.

    Meters on hold and meters that are not proven whole are always shown. Works with and without a running service.
    """
    from bacnet_bridge.cli import outbox_shown

    folder = state_folder(site, state)
    known = lines(folder)
    live = delivery(folder)
    rows = outbox_shown.shown(known, live, now())
    if as_json:
        typer.echo(json.dumps([outbox_shown.document(each) for each in rows], indent=2, ensure_ascii=False))
        return
    seen = [(label(line, known), each) for line, each in zip(known, rows, strict=True) if every or each.troubled]
    if live is None:
        typer.echo(f"No bridge runs on {folder.folder}; what its outbox holds:")
    if seen:
        from rich.console import Console

        Console().print(outbox_shown.queues_table(seen))
    rest = len(rows) - len(seen)
    if rest or not rows:
        typer.echo(f"{counted(rest, 'other meter') if seen else counted(rest, 'meter')}: nothing waits.")


def show(
    meter: MeterId,
    account: InAccount = None,
    site: Site = None,
    state: State = None,
    as_json: AsJson = False,
) -> None:
    """Show one meter's queue: its head, the attempts and last answers, what is set aside, its points' memory."""
    from bacnet_bridge.cli import outbox_shown
    from bacnet_bridge.outbox import look, rows

    folder = state_folder(site, state)
    known = lines(folder)
    line = chosen(known, meter, account, lambda _line: True, "")
    live = delivery(folder)
    (each,) = (s for s, of in zip(outbox_shown.shown(known, live, now()), known, strict=True) if of is line)
    with reading(folder) as connection:
        head = next(look.waiting(connection, line.row, 1), None)
        aside = list(look.set_aside(connection, line.row))
        memory = rows.memory(connection, meter)
    own = outbox_shown.live_of(line.queue, live)
    answers = [(local(at, line), said) for at, said in (own["answers"] if own else ())]
    if as_json:
        told = {
            **outbox_shown.document(each),
            "head": head and _packet(head),
            "answers": [{"at": at, "answer": said} for at, said in answers],
            "set_aside": [_packet(row) for row in aside],
            "memory": memory,
        }
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    typer.echo("\n".join(_sentences(line, outbox_shown.said(each), head, answers, aside, memory, live)))


def _sentences(
    line: "Line",
    said: str,
    head: "Row | None",
    answers: list[tuple[str, str]],
    aside: "list[Row]",
    memory: dict[str, str],
    live: "Delivery",
) -> Iterable[str]:
    account = line.queue.account
    yield f"Meter {line.queue.id}, account {account.credentials} at {account.address}"
    yield f"  {counted(line.waiting)} waiting" + (
        f", from {local(line.oldest, line)} to {local(line.newest or 0, line)}" if line.oldest is not None else ""
    )
    yield f"  {said}"
    if live is None:
        yield "  no bridge runs on this state folder: it is sent once one does"
    accepted = "nothing yet" if line.last_accepted is None else f"the packet of {local(line.last_accepted, line)}"
    yield f"  accepted last: {accepted}"
    if head is not None:
        yield f"  the head, {head.origin}, put {local(head.since, line)}:"
        yield f"    {'DAMAGED, it is never sent: ' if head.damaged else ''}{head.body}"
    if answers:
        yield "  last answers to it:"
        yield from (f"    {at}  {answer}" for at, answer in answers)
    if aside:
        yield f"  set aside: {counted(len(aside))}, kept for ever; `outbox export` writes them all. The last:"
        yield from (f"    {local(row.instant, line)}  {row.why}" for row in aside[-_SHOWN:])
    if memory:
        yield "  its points remember:"
        yield from (f"    {key}: {value}" for key, value in sorted(memory.items()))


def _packet(row: "Row") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(row)
