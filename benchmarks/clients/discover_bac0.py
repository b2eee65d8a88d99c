"""BAC0's own discovery, `BAC0.device`, one device after the other; see bac0.py about its home and folder.

Arguments: own port, first instance. Every line on stdin is a list of `127.0.0.1:port`; the answer says what each
device took, and what was found.
"""

import asyncio
import json
import sys
import time
from typing import Any

import BAC0


async def _discover(network: Any, address: str, instance: int) -> dict[str, Any]:
    began, cpu = time.perf_counter(), time.process_time()
    device = await BAC0.device(address, instance, network, poll=0)
    took = time.perf_counter() - began, time.process_time() - cpu
    points = {f"{point.properties.type} {point.properties.address}": point.properties.name for point in device.points}
    return {"seconds": took[0], "cpu": took[1], "names": sorted(map(str, points.values()))}


async def _serve(port: int, first: int) -> None:
    BAC0.log_level("silence")
    network = BAC0.start(ip=f"127.0.0.1/32:{port}", ping=False)
    print('{"ready": 0}', flush=True)
    while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
        found = [await _discover(network, address, first + at) for at, address in enumerate(json.loads(line))]
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1]), int(sys.argv[2])))
