"""The one server that every client reads: rusty-bacnet's, in a process of its own, faster than all of them."""

import asyncio
import json
import socket
import sys
from typing import Final

from bacnet_bridge.vocabulary.fields import ELECTRICAL, Field, Quantity

DEVICE: Final = 4711
NAME: Final = "Point {}"
_UNITS: Final = {
    Quantity.ACTIVE_POWER: 48,
    Quantity.REACTIVE_POWER: 12,
    Quantity.APPARENT_POWER: 9,
    Quantity.VOLTAGE: 5,
    Quantity.CURRENT: 3,
    Quantity.ENERGY: 19,
}
"""kW, kVAr, kVA, V, A, kWh: what meters claim; the bridge converts all but volts and amperes."""


def field_of(instance: int) -> Field:
    """What analog-input `instance` measures: the 21 electrical fields in turn."""
    return ELECTRICAL[(instance - 1) % len(ELECTRICAL)]


def units_of(instance: int) -> int:
    """The code of its unit."""
    return _UNITS[field_of(instance).quantity]


def value_of(instance: int, moves: int) -> float:
    """What analog-input `instance` shows after so many moves, before it becomes a Real.

    Always another value, always a higher one: odd instances with one decimal, as a sensor rounds, even ones with
    whatever digits a Real has, as a meter calculates.
    """
    return instance * 10 + (round((moves + 3) * 0.1, 1) if instance % 2 else moves * 0.1234567)


def free_port() -> int:
    """A UDP port of 127.0.0.1 that nobody has bound."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _serve(port: int, objects: int) -> None:
    from rusty_bacnet import BACnetServer, ObjectIdentifier, ObjectType, PropertyValue, Segmentation

    server = BACnetServer(
        device_instance=DEVICE,
        device_name="Server",
        interface="127.0.0.1",
        port=port,
        broadcast_address="127.255.255.255",
        segmentation_supported=Segmentation.BOTH,
        rpm_max_result_elements=2000,
    )
    for instance in range(1, objects + 1):
        server.add_analog_input(
            instance, NAME.format(instance), units=units_of(instance), present_value=value_of(instance, 0)
        )
    identifiers = [ObjectIdentifier(ObjectType.ANALOG_INPUT, instance) for instance in range(1, objects + 1)]
    await server.start()
    print('{"ready": 0}', flush=True)
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        moves = json.loads(line)["moves"]
        for instance, identifier in enumerate(identifiers, 1):
            await server.set_present_value_local(identifier, PropertyValue.real(value_of(instance, moves)))
        print(json.dumps({"moved": moves}), flush=True)
    await server.stop()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
