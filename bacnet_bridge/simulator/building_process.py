"""The simulated building's own process: `python -m bacnet_bridge.simulator.building_process`, started by building.py.

Its standard output bears one line of JSON: `{"control": …}` (the port) once it listens, or `{"error": "…"}`. It ends
when its standard input does, and so with its parent, whatever became of that one; also on SIGTERM and SIGINT.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import tempfile
from ipaddress import IPv4Interface
from pathlib import Path
from typing import TextIO

from aiohttp import web

from bacnet_bridge.clock import SystemClock
from bacnet_bridge.errors import BridgeError, NetworkError
from bacnet_bridge.simulator.declaration import load


def main() -> int:
    """Run until told to end. Returns the exit status."""
    arguments = _arguments()
    parent = _take_output()
    with tempfile.TemporaryDirectory(prefix="simulated-building-", ignore_cleanup_errors=True) as folder:
        # BAC0, when imported, reads .env from the current folder, writes to ~/.BAC0 and prints.
        os.environ["HOME"] = folder
        os.chdir(folder)
        try:
            asyncio.run(_serve(arguments, parent))
        except BridgeError as error:
            print(json.dumps({"error": str(error)}), file=parent, flush=True)
            return 1
        finally:
            os.chdir("/")
    return 0


async def _serve(arguments: argparse.Namespace, parent: TextIO) -> None:
    # Not before the folder is changed: these import BAC0.
    from bacnet_bridge.simulator.building_control import Control
    from bacnet_bridge.simulator.building_network import SimulatedNetwork

    ended = _ended()
    network = SimulatedNetwork(load(arguments.declaration), SystemClock(), arguments.time_scale)
    await network.open(IPv4Interface(arguments.address), arguments.port)
    runner = web.AppRunner(Control(network).application, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", arguments.control)
        await _start(site, arguments.control)
        moving = asyncio.get_running_loop().create_task(network.run())
        bound = runner.addresses[0][1]
        print(json.dumps({"control": bound}), file=parent, flush=True)
        await asyncio.wait([ended, moving], return_when=asyncio.FIRST_COMPLETED)
        if moving.done():
            moving.result()  # it ends by an error only, which is then the process's
        moving.cancel()
    finally:
        await runner.cleanup()
        network.close()


async def _start(site: web.TCPSite, port: int) -> None:
    try:
        await site.start()
    except OSError as error:
        raise NetworkError(
            f"the simulated building's control address 127.0.0.1:{port} cannot be opened ({error.strerror}): "
            "choose another --control (0 takes a free one)"
        ) from error


def _ended() -> "asyncio.Future[None]":
    """Done when standard input ends or a signal asks for the end."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()

    def end() -> None:
        if not ended.done():
            ended.set_result(None)

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 4096):
            loop.remove_reader(sys.stdin)
            end()

    loop.add_reader(sys.stdin, read)
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end)
    return ended


def _take_output() -> TextIO:
    """Standard output for the parent alone; what anybody prints goes to standard error."""
    parent = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return parent


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="building_process")
    parser.add_argument("declaration", type=Path)
    parser.add_argument("--address", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--control", type=int, required=True)
    parser.add_argument("--time-scale", type=float, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
