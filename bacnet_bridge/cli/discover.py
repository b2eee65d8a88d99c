"""`bacnet-bridge discover`: what is on the network?"""

import asyncio
from collections.abc import Awaitable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bacnet_bridge.cli.run import Site

if TYPE_CHECKING:
    from bacnet_bridge.bacnet.survey import Surveyor
    from bacnet_bridge.cli.discover_plan import Plan
    from bacnet_bridge.cli.discover_show import Screen
    from bacnet_bridge.survey.model import Survey

_INTERRUPTED: Final = 130
"""Exit status, as a shell has it for Ctrl-C."""


def discover(
    devices: Annotated[
        str | None, typer.Option(metavar="INSTANCES", help="Only devices with these instances: 1000-1999,77.")
    ] = None,
    address: Annotated[
        list[str] | None,
        typer.Option(metavar="ADDRESSES", help="Ask only these: 10.0.0.5,10.0.0.6:47809,100:10. Can be repeated."),
    ] = None,
    network: Annotated[
        int | None, typer.Option(min=1, max=65534, help="Only the devices on this network behind a router.")
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILTER",
            help="Objects to explore: device=1000-1999, type=analog-input,accumulator. Can be repeated.",
        ),
    ] = None,
    no_objects: Annotated[bool, typer.Option("--no-objects", help="Find the devices, leave their objects.")] = False,
    fast: Annotated[
        bool, typer.Option("--fast", help="Ask without the rests that leave a trunk four fifths of its time.")
    ] = False,
    output: Annotated[Path, typer.Option(help="Folder for all files, or a .json file for the survey alone.")] = Path(
        "discovered"
    ),
    resume: Annotated[
        Path | None, typer.Option(help="A survey that was interrupted: only what it lacks is asked for.")
    ] = None,
    compare: Annotated[
        Path | None, typer.Option(help="An earlier survey: show what changed. The output's own one if not given.")
    ] = None,
    bind: Annotated[str | None, typer.Option(help="Own address: 192.168.1.10/24 or 192.168.1.10/24:47809.")] = None,
    bbmd: Annotated[
        str | None, typer.Option(help="A BBMD to register with, host or host:port, where broadcasts do not reach.")
    ] = None,
    timeout: Annotated[
        float | None, typer.Option(min=0.5, max=60, help="Seconds that a device has for one answer.")
    ] = None,
    site: Site = None,
) -> None:
    """Find the devices on a BACnet network, and read what each of their objects says of itself.

    Works with the site's settings, or with none at all. First all devices are found, then the objects of those that
    you choose are read, at a fifth of a field bus's time at most. Ctrl-C ends it with what was found; --resume goes
    on from there. Nothing is ever written to a device.

    Exit status: 0 all was read, 1 nobody was found, or not one of the instances asked for, or something could not
    be read (it says what), 2 it could not be begun, 130 it was interrupted.
    """
    from bacnet_bridge.cli.discover_files import Files
    from bacnet_bridge.cli.discover_plan import Wishes, plan_of
    from bacnet_bridge.cli.discover_show import Screen
    from bacnet_bridge.logs import configure

    configure("error", "auto")
    files = Files.of(output, resume, compare)
    wishes = Wishes(devices, tuple(address or ()), network, tuple(only or ()), bind, bbmd, timeout, fast, site)
    screen = Screen()
    survey = asyncio.run(_discover(plan_of(wishes), files.resumed, screen, no_objects=no_objects))
    screen.show(survey)
    changes = files.changes(survey, wishes.is_in_scope)
    if changes is not None:
        screen.show_changes(*changes)
    for told in files.write(survey):
        screen.tell(told)
    if not survey.finished:
        screen.tell("Interrupted: not all was looked at. Go on with the same command and --resume " + str(files.survey))
        raise typer.Exit(_INTERRUPTED)
    missing = list(wishes.unmet(survey.devices))
    for told in missing:
        screen.tell(told)
    if not survey.devices or missing or any(device.trouble for device in survey.devices):
        raise typer.Exit(1)


async def _discover(plan: "Plan", resumed: "Survey | None", screen: "Screen", *, no_objects: bool) -> "Survey":
    from bacnet_bridge.bacnet.client import Client
    from bacnet_bridge.bacnet.survey import Surveyor
    from bacnet_bridge.clock import SystemClock
    from bacnet_bridge.system import on_stop

    told = asyncio.Event()
    on_stop(told.set)
    for sentence in plan.told:
        screen.tell(sentence)
    client = Client(plan.identity, plan.timeout)
    await client.start()
    surveyor = Surveyor(client, SystemClock(), plan.scope, screen, plan.limits)
    try:
        with screen.working():
            await _unless(told, _both_passes(surveyor, plan, resumed, screen, no_objects=no_objects))
    finally:
        await surveyor.stop()
        await client.stop()
    return surveyor.survey(plan.told)


async def _both_passes(
    surveyor: "Surveyor", plan: "Plan", resumed: "Survey | None", screen: "Screen", *, no_objects: bool
) -> None:
    await surveyor.devices(resumed)
    if not no_objects:
        found = [device for device in surveyor.survey().devices if device.identified and plan.only.device(device)]
        chosen = await screen.choose(found)
        await surveyor.objects(lambda _, each: plan.only.type(each.id), lambda device: device.key in chosen)
    surveyor.finish()


async def _unless(told: asyncio.Event, work: Awaitable[None]) -> None:
    """Do the work until somebody says stop; then what was found stays."""
    working, waiting = asyncio.ensure_future(work), asyncio.ensure_future(told.wait())
    await asyncio.wait((working, waiting), return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not working.done():
        working.cancel()
        await asyncio.wait((working,))
    if not working.cancelled():
        working.result()
