"""bacpypes3 as BBMD and as device, for test_translated.py; prints `ready`, then who registers."""

import asyncio
from typing import Any

from bacpypes3.app import Application
from bacpypes3.basetypes import BDTEntry
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject


async def start(instance: int, host: int, **mode: Any) -> Any:
    port = NetworkPortObject(f"10.77.0.{host}/24", objectIdentifier=("network-port", 1), objectName="port", **mode)
    about = DeviceObject(
        objectIdentifier=("device", instance), objectName=f"device {instance}", vendorIdentifier=999, modelName="X"
    )
    made = Application.from_object_list([about, port])
    link = next(iter(made.link_layers.values()))
    await asyncio.gather(*link.server._transport_tasks)
    return link


async def main() -> None:
    table = [BDTEntry("10.77.0.11:47808")]  # itself: else it passes nothing on to its own network
    mode = {"bacnetIPMode": "bbmd", "bbmdAcceptFDRegistrations": True, "bbmdBroadcastDistributionTable": table}
    bbmd = await start(201, 11, **mode)
    await start(202, 12)
    print("ready", flush=True)  # noqa: T201 read by the test
    while not bbmd.bbmdFDT:  # noqa: ASYNC110 nobody tells
        await asyncio.sleep(0.05)
    print(bbmd.bbmdFDT[0].fdAddress, flush=True)  # noqa: T201 read by the test
    await asyncio.Event().wait()


asyncio.run(main())
