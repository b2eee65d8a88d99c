"""`bacnet-bridge simulate building`: a simulated building by hand."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bacnet_bridge.errors import NetworkError

if TYPE_CHECKING:
    from bacnet_bridge.simulator.building import SimulatedBuilding


def building(
    file: Annotated[
        Path | None,
        typer.Argument(help="The building's declaration, a YAML file; the demo's if not given.", metavar="FILE"),
    ] = None,
    port: Annotated[int, typer.Option(help="UDP port of BACnet/IP; 0 picks a free one.", min=0, max=65535)] = 47808,
    address: Annotated[
        str,
        typer.Option(
            help="This machine's address to listen at. With a prefix length, like 192.168.1.5/24, "
            "broadcasts of that network are heard too."
        ),
    ] = "127.0.0.1",
    control: Annotated[
        int, typer.Option(help="Port of the control address, on 127.0.0.1 only; 0 picks a free one.", min=0, max=65535)
    ] = 8445,
    time_scale: Annotated[
        float, typer.Option(help="How many times as fast the building's day goes by; 1440 is a day a minute.", min=0)
    ] = 1,
) -> None:
    """Run a building of real BACnet/IP devices, as FILE declares them.

    The devices stand on a BACnet network of their own behind one UDP port,
    as behind a router. To find them with one broadcast Who-Is, register
    with that port as a foreign device (the port is the BBMD). Their values
    follow the time of day, and their counters count.

    Over the control address a device is told to answer late, to refuse or
    abort requests, to be silent, or to answer 0; an object to be faulty,
    out of service, NaN, or to stand still. GET /values there shows what the
    devices show, GET /requests what they were asked.

    Ctrl-C ends it.
    """
    from bacnet_bridge.simulator.declaration import DEMO_BUILDING

    asyncio.run(_run(file or DEMO_BUILDING, port, address, control, time_scale))


async def _run(file: Path, port: int, address: str, control: int, time_scale: float) -> None:
    from bacnet_bridge.simulator.building import run_building
    from bacnet_bridge.system import on_stop

    me = asyncio.current_task()
    on_stop(me.cancel if me else lambda: None)
    try:
        async with run_building(file, port=port, address=address, control=control, time_scale=time_scale) as running:
            _introduce(running)
            status = await running.ended()
            raise NetworkError(f"the simulated building ended of itself, with exit status {status}")
    except asyncio.CancelledError:
        typer.echo("Ended.")


def _introduce(running: "SimulatedBuilding") -> None:
    declared = running.declaration
    typer.echo(f"{declared.name}: BACnet/IP at {running.address}:{running.port}, network {declared.network}")
    for device in declared.devices:
        station = f"{declared.network}:{device.mac}"
        typer.echo(f"  device {device.instance}  {station:<8}  {device.name}, {len(device.objects)} objects")
    first = declared.devices[0].instance
    typer.echo(f"Control at {running.control_url}. For example, half a minute of silence, and the values:")
    typer.echo(f"""  curl -X PUT -d '{{"silent": true, "seconds": 30}}' {running.control_url}/devices/{first}""")
    typer.echo(f"  curl {running.control_url}/values")
    typer.echo("Ctrl-C ends it.")
