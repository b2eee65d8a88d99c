"""A process that a benchmark drives by lines of JSON, from the benchmark's side. See clients/channel.py."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from bacnet_bridge.simulator.child import end

_PATIENCE: Final = 300.0
"""Seconds for a start or a turn."""
_LINE: Final = 1 << 24


@dataclass(frozen=True, slots=True)
class Process:
    """A running process that has said it is ready."""

    name: str
    ready: Any
    """What it said when it was."""
    _process: asyncio.subprocess.Process
    _errors: IO[bytes]

    async def ask(self, order: Any) -> Any:
        """Send an order, return the answer. Raises RuntimeError with the process's last words where none comes."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        return await _answer(self.name, self._process, self._errors)

    def peak_megabytes(self) -> float:
        """Peak resident memory so far. By /proc, because ru_maxrss inherits the parent's peak."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(kilobytes) / 1024


@asynccontextmanager
async def running(
    name: str, command: Sequence[str], *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> AsyncIterator[Process]:
    """Start a process, wait until it is ready, and end it with the block."""
    with tempfile.TemporaryFile() as errors:
        started = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=errors,
            cwd=cwd,
            env=None if env is None else dict(env),
            limit=_LINE,
        )
        try:
            yield Process(name, await _answer(name, started, errors), started, errors)
        finally:
            await end(started)


async def _answer(name: str, process: asyncio.subprocess.Process, errors: IO[bytes]) -> Any:
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_PATIENCE):
            line = await process.stdout.readline()
    except TimeoutError:
        line = b""
    if not line:
        errors.seek(0)
        said = errors.read().decode(errors="replace").strip()[-2000:]
        raise RuntimeError(f"{name} does not answer; it said: {said or 'nothing'}")
    return json.loads(line)
