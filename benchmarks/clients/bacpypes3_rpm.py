"""bacpypes3's own read_property_multiple. Run by benchmarks.reading."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bacpypes3.apdu import ErrorRejectAbortNack
from bacpypes3.app import Application
from bacpypes3.basetypes import PropertyIdentifier, PropertyReference
from bacpypes3.local.device import DeviceObject
from bacpypes3.local.networkport import NetworkPortObject
from bacpypes3.pdu import Address
from bacpypes3.primitivedata import ObjectIdentifier

from benchmarks.clients.channel import Task, serve


@dataclass(slots=True)
class _Bacpypes3:
    app: Any
    server: Any
    wanted: list[list[Any]]

    async def read(self) -> list[Any]:
        results: list[Any] = []
        for parameters in self.wanted:
            answer = await self.app.read_property_multiple(self.server, parameters)
            if isinstance(answer, ErrorRejectAbortNack):
                raise RuntimeError(f"bacpypes3 was refused: {answer}")  # noqa: TRY004 it is what the device said
            results += answer
        return results

    def values(self, results: list[Any]) -> Sequence[float]:
        return [float(value) for _, name, _, value in results if str(name) == "present-value"]

    def requests(self) -> int:
        return len(self.wanted)


def _parameters(task: Task) -> list[list[Any]]:
    """What it is asked for, made once and in the form that costs it least."""
    names = ("present-value", "status-flags") if task.flags else ("present-value",)
    properties = [PropertyReference(propertyIdentifier=PropertyIdentifier(name)) for name in names]
    return [
        [part for instance in batch for part in (ObjectIdentifier(("analog-input", instance)), properties)]
        for batch in task.batches()
    ]


@asynccontextmanager
async def connect(task: Task) -> AsyncIterator[_Bacpypes3]:
    device = DeviceObject(
        objectIdentifier=("device", 4_001), objectName="bacpypes3", vendorIdentifier=999, maxApduLengthAccepted=1476
    )
    address = f"127.0.0.1/32:{task.port}"
    port = NetworkPortObject(address, objectIdentifier=("network-port", 1), objectName="port")
    app = Application.from_object_list([device, port])
    try:
        # Its own way of learning the peer's vendor and APDU size; without, every call would look for them.
        server = Address(task.server)
        await app.who_is(address=server, timeout=1)
        yield _Bacpypes3(app, server, _parameters(task))
    finally:
        app.close()


if __name__ == "__main__":
    serve(connect)
