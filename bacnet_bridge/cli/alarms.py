"""`bacnet-bridge alarms`: what was told and is not over; and whether messages arrive."""

import asyncio
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.settings import Settings


def alarms(
    trial: Annotated[
        bool, typer.Option("--trial", help="Send a trial message to each receiver, and the heartbeat once.")
    ] = False,
    site: Site = None,
    state: State = None,
) -> None:
    """Show the conditions that were told and are not over, and the messages that wait to be taken.

    Needs no running service. docs/alarms.md lists all conditions.

    Exit status 0: done. 1: a trial message was not taken. 2: the settings cannot be used.
    """
    from bacnet_bridge.settings import load_settings

    settings = load_settings(site, state=state)
    if trial:
        _try(settings)
    else:
        _show(settings)


def _try(settings: "Settings") -> None:
    from bacnet_bridge.alarms.standing import Event, Message
    from bacnet_bridge.alarms.words import TRIAL
    from bacnet_bridge.clock import SystemClock
    from bacnet_bridge.service.receivers import heartbeat_of, receivers_of

    clock = SystemClock()
    now = clock.wall()

    async def tried() -> list[str]:
        """The problems; empty ones where there is none. All are asked at once, since one that hangs takes a while."""
        trial = Message(Event.TRIAL, TRIAL, now, now)
        asked = {each.name: each.send(trial) for each in receivers_of(settings)}
        if (heartbeat := heartbeat_of(settings, _moves, clock)) is not None:
            asked["heartbeat"] = heartbeat.beat()
        return await asyncio.gather(*(_shown(name, problem) for name, problem in asked.items()))

    told = asyncio.run(tried())
    if not told:
        typer.echo("nobody is told: the settings name no webhook, mail server or heartbeat under alarms")
    if not told or any(told):
        raise typer.Exit(1)


async def _shown(name: str, answer: Awaitable[str]) -> str:
    """As soon as it comes."""
    problem = await answer
    typer.echo(f"{name}: {problem or 'taken'}")
    return problem


async def _moves() -> tuple[str, ...]:
    """A trial says nothing of the bridge: only that the address is there."""
    return ()


def _show(settings: "Settings") -> None:
    from bacnet_bridge.alarms.standing import Moment, from_kept
    from bacnet_bridge.alarms.words import Words
    from bacnet_bridge.cli.outbox_queues import counted
    from bacnet_bridge.service.receivers import receivers_of
    from bacnet_bridge.state import StateFolder, peek_table

    kept: dict[str, Any] = peek_table(StateFolder(settings.state).alarms) or {}
    words = Words(settings.alarms.site or settings.bacnet.name, settings.zone)
    told = from_kept(kept.get("told", {}), Moment(0, 0.0), 0.0)
    for each in told.values():
        typer.echo(words.standing(each.condition, each.since))
    if not told:
        typer.echo("nothing was told that is not over")
    for name, waiting in kept.get("waiting", {}).items():
        if waiting:
            typer.echo(f"{name}: {counted(len(waiting), 'message')} wait{'s' * (len(waiting) == 1)} to be taken")
    if not receivers_of(settings):
        typer.echo("nobody is told: the settings name no webhook and no mail server under alarms")
