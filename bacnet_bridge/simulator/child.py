"""A child process that ends when its standard input does."""

import asyncio
from asyncio.subprocess import Process
from typing import Final

_END: Final = 5.0
"""Seconds that it has for a clean end."""


async def end(process: Process) -> None:
    """Close its input and wait; it is killed where that does not help."""
    if process.stdin is not None:
        process.stdin.close()
    try:
        async with asyncio.timeout(_END):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
