"""Two bacpypes3 devices on addresses of their own, each with a temperature; a line on stdin moves the first one.

It prints `ready` when they listen, and `moved` when the first one does at its new address.
"""

import asyncio
import sys
from typing import Any

from bacpypes3.app import Application
from bacpypes3.local.analog import AnalogInputObject
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject


async def start(instance: int, host: int) -> Any:
    port = NetworkPortObject(f"10.77.0.{host}/24", objectIdentifier=("network-port", 1), objectName="port")
    about = DeviceObject(
        objectIdentifier=("device", instance), objectName=f"device {instance}", vendorIdentifier=999, modelName="X"
    )
    temperature = AnalogInputObject(
        objectIdentifier=("analog-input", 1), objectName="temperature", presentValue=21.5, units="degreesCelsius"
    )
    made = Application.from_object_list([about, port, temperature])
    link = next(iter(made.link_layers.values()))
    await asyncio.gather(*link.server._transport_tasks)
    return made


async def main() -> None:
    first, _ = await start(201, 11), await start(202, 12)
    print("ready", flush=True)  # noqa: T201 read by the test
    await asyncio.to_thread(sys.stdin.readline)
    first.close()
    await asyncio.sleep(0.1)  # bacpypes3 closes its sockets in tasks that it does not hand out
    _moved = await start(201, 13)
    print("moved", flush=True)  # noqa: T201 read by the test
    await asyncio.to_thread(sys.stdin.readline)


asyncio.run(main())
