"""`bacnet-bridge run`: the service."""

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer

Site = Annotated[
    Path | None, typer.Option("--site", help="The site file; `site.yaml` of this folder where none is named.")
]
Mapping = Annotated[Path | None, typer.Option("--mapping", help="Folder of the mapping's files.")]
State = Annotated[Path | None, typer.Option("--state", help="Folder that keeps outbox, ledger and lock.")]


async def told_or_failed(told: asyncio.Event, *endless: Coroutine[Any, Any, None]) -> None:
    """Wait until told to stop; raises what one of `endless` raises, if that comes first."""
    waiting = {asyncio.create_task(told.wait()), *map(asyncio.create_task, endless)}
    try:
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in waiting:
            task.cancel()


def run(
    site: Site = None,
    mapping: Mapping = None,
    state: State = None,
    auto_apply: Annotated[
        bool,
        typer.Option("--auto-apply", help="Edits that take something away wait for no `bacnet-bridge apply`."),
    ] = False,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
    log_format: Annotated[
        str | None, typer.Option(help="human, json, or auto: human on a terminal, JSON elsewhere.")
    ] = None,
) -> None:
    """Read the mapped meters and deliver their packets until told to stop.

    Settings come from the options, then the environment (BRIDGE_…), then the secrets directory, then the site
    file; docs/settings.md lists them. `bacnet-bridge check` looks at the mapping first, without a network.

    The mapping's files are watched: an edit takes effect once they have been still for 2 s, or at once on SIGHUP. One
    that takes something away waits for `bacnet-bridge apply`; a wrong one changes nothing.

    SIGTERM or Ctrl-C: no new slots, what runs ends within 10 s, everything is committed, exit status 0. Exit status
    2: a setting is wrong, or another bridge holds the state folder. A wrong mapping, a BACnet port that is taken, a
    silent device, a platform that is down do not end it. Exit status 1: it stood still for two minutes, and no part of
    it knew why; where systemd's watchdog does not do that, it ends itself, to be started anew.
    """
    from bacnet_bridge.logs import configure
    from bacnet_bridge.settings import Settings, load_settings, strange_secrets

    def load() -> Settings:
        return load_settings(
            site,
            mapping=mapping,
            state=state,
            auto_apply=auto_apply or None,
            log_level=log_level,
            log_format=log_format,
        )

    settings = load()
    configure(settings.log_level, settings.log_format)
    for each in strange_secrets():
        structlog.get_logger().warning("a file in the secrets directory is no setting", why=each)

    async def serve() -> None:
        from bacnet_bridge.clock import SystemClock
        from bacnet_bridge.service.bridge import running
        from bacnet_bridge.service.interpreter import settle
        from bacnet_bridge.service.pulse import Pulse
        from bacnet_bridge.service.supervisor import Supervisor
        from bacnet_bridge.system import on_hangup, on_stop

        supervisor = Supervisor.found(os.environ)
        told = asyncio.Event()
        on_stop(told.set)
        finished = asyncio.Event()
        on_hangup(finished.set)
        pulse = Pulse(asyncio.get_running_loop())
        settle()
        async with running(settings, again=load, finished=finished, told=told) as bridge:
            settle()
            supervisor.tell("READY=1")
            if not supervisor.watches:
                pulse.start()
            try:
                await told_or_failed(told, bridge.failed(), supervisor.watch(bridge.facts, SystemClock()))
            except BaseException:  # cancelled, too: whatever ends it, the end may hang
                pulse.hurry()
                raise
            supervisor.tell("STOPPING=1")

    asyncio.run(serve())
