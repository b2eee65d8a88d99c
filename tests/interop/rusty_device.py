"""Four devices on rusty-bacnet: `python -m tests.interop.rusty_device OBJECTS SEGMENTED PLAIN SINGLE LONG`.

OBJECTS is how many analog inputs each has. The others are ports: of `segmented`, which may send its answers in
segments, `plain`, which may not, `single`, which refuses to answer more than one value at once, and `long`, which may
send segments and answers as many values at once as anybody asks for. Prints the ports once it listens; ends when its
standard input does.
"""

import asyncio
import itertools
import json
import sys
from typing import Any

import rusty_bacnet as rusty

INSTANCES = {"segmented": 2001, "plain": 2002, "single": 2003, "long": 2004}
MOST = {"single": 1, "long": 2000}
"""Values that are answered at once; 256 elsewhere, which is the library's own limit."""


def made(kind: str, objects: int, port: int) -> Any:
    server: Any = rusty.BACnetServer(
        device_instance=INSTANCES[kind],
        device_name=f"Rust {kind}",
        interface="127.0.0.1",
        port=port,
        broadcast_address="127.255.255.255",
        segmentation_supported=rusty.Segmentation.BOTH if kind in {"segmented", "long"} else rusty.Segmentation.NONE,
        rpm_max_result_elements=MOST.get(kind, 256),
    )
    for number in range(1, objects + 1):
        server.add_analog_input(instance=number, name=f"Power {number}", units=48, present_value=number + 0.25)
    server.add_large_analog_value(instance=1, name="Energy")
    server.add_binary_input(instance=1, name="Fan")
    server.add_positive_integer_value(instance=1, name="Count")
    server.add_integer_value(instance=1, name="Level")
    server.add_character_string_value(instance=1, name="Grüße")
    server.add_octet_string_value(instance=1, name="Octets")
    server.add_date_value(instance=1, name="Day")
    server.add_analog_value(instance=1, name="Setpoint")
    server.add_analog_value(instance=2, name="Moving", units=48)
    server.add_accumulator(instance=1, name="Gas")
    return server


def values() -> dict[tuple[Any, int], Any]:
    """What the objects show that cannot be given when they are made."""
    kinds, value = rusty.ObjectType, rusty.PropertyValue
    return {
        (kinds.LARGE_ANALOG_VALUE, 1): value.double(123456789.0125),
        (kinds.POSITIVE_INTEGER_VALUE, 1): value.unsigned(4_294_967_295),
        (kinds.INTEGER_VALUE, 1): value.signed(-40_000),
        (kinds.CHARACTERSTRING_VALUE, 1): value.character_string("Größe µ"),
        (kinds.OCTETSTRING_VALUE, 1): value.octet_string(b"\x01\x02\x03"),
        (kinds.DATE_VALUE, 1): value.date(2024, 2, 29, 4),
    }


async def move(servers: list[Any]) -> None:
    """`Moving` shows another value every now and then."""
    moving = rusty.ObjectIdentifier(rusty.ObjectType.ANALOG_VALUE, 2)
    for value in itertools.count(1):
        for server in servers:
            await server.write_property_local(
                moving, rusty.PropertyIdentifier.PRESENT_VALUE, rusty.PropertyValue.real(value), source_object=None
            )
        await asyncio.sleep(0.5)


async def serve(objects: int, ports: dict[str, int]) -> None:
    servers = [made(kind, objects, port) for kind, port in ports.items()]
    for server in servers:
        await server.start()
        for (kind, instance), value in values().items():
            await server.write_property_local(
                rusty.ObjectIdentifier(kind, instance),
                rusty.PropertyIdentifier.PRESENT_VALUE,
                value,
                source_object=None,
            )
    moving = asyncio.create_task(move(servers))
    sys.stdout.write(json.dumps(ports) + "\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    moving.cancel()
    for server in servers:
        await server.stop()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), dict(zip(INSTANCES, map(int, sys.argv[2:6]), strict=True))))
