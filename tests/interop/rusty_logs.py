"""A device on rusty-bacnet that keeps trend logs: `python -m tests.interop.rusty_logs PORT`.

Its values say what time it is, so that a record proves its own instant: analog-value 1 shows the seconds since the
hour, positive-integer-value 1 the same, whole. Prints a line once it listens; ends when its standard input does.
"""

import asyncio
import sys
import time
from typing import Any

import rusty_bacnet as rusty

KINDS, PROPERTIES, VALUE = rusty.ObjectType, rusty.PropertyIdentifier, rusty.PropertyValue
EXACT = rusty.ObjectIdentifier(KINDS.ANALOG_VALUE, 1)
WHOLE = rusty.ObjectIdentifier(KINDS.POSITIVE_INTEGER_VALUE, 1)


def made(port: int) -> Any:
    server: Any = rusty.BACnetServer(
        device_instance=2101,
        device_name="Rust logs",
        interface="127.0.0.1",
        port=port,
        broadcast_address="127.255.255.255",
        segmentation_supported=rusty.Segmentation.NONE,
    )
    server.add_analog_value(instance=1, name="Seconds", units=73)
    server.add_positive_integer_value(instance=1, name="Whole seconds")
    exact, whole = (EXACT, PROPERTIES.PRESENT_VALUE), (WHOLE, PROPERTIES.PRESENT_VALUE)
    server.add_trend_log(1, "Polled", 200, reference=exact, logging_type="polled", log_interval=10)
    server.add_trend_log(2, "Short", 5, reference=exact, logging_type="polled", log_interval=10)
    server.add_trend_log(3, "By change", 200, reference=exact, logging_type="cov", client_cov_increment=0.3)
    server.add_trend_log_multiple(1, "Both", 200, members=[exact, whole], logging_type="polled", log_interval=10)
    server.add_trend_log(
        4, "Around", 200, reference=exact, logging_type="polled", log_interval=10, total_record_count=2**32 - 6
    )
    return server


async def show_the_time(server: Any) -> None:
    while True:
        seconds = time.time() % 3600
        for which, value in ((EXACT, VALUE.real(seconds)), (WHOLE, VALUE.unsigned(int(seconds)))):
            await server.write_property_local(which, PROPERTIES.PRESENT_VALUE, value, source_object=None)
        await asyncio.sleep(0.05)


async def serve(port: int) -> None:
    server = made(port)
    await server.start()
    showing = asyncio.create_task(show_the_time(server))
    sys.stdout.write("{}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    showing.cancel()
    await server.stop()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
