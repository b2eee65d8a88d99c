"""A process that a benchmark drives by lines of JSON, from the benchmark's side. See clients/channel.py."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

_PATIENCE: Final = 60.0
"""Seconds for a start or a turn."""
_END: Final = 5.0
_LINE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Process:
    """A running process that has said it is ready."""

    name: str
    _process: asyncio.subprocess.Process
    _errors: IO[bytes]

    async def ask(self, order: Any) -> Any:
        """Send an order, return the answer. Raises RuntimeError with the process's last words where none comes."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        return await self.answer()

    async def answer(self) -> Any:
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(_PATIENCE):
                line = await self._process.stdout.readline()
        except TimeoutError:
            line = b""
        if not line:
            self._errors.seek(0)
            said = self._errors.read().decode(errors="replace").strip()[-2000:]
            raise RuntimeError(f"{self.name} does not answer; it said: {said or 'nothing'}")
        return json.loads(line)

    def peak_megabytes(self) -> float:
        """Peak resident memory so far. By /proc, because ru_maxrss inherits the parent's peak."""
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(kilobytes) / 1024

    async def end(self) -> None:
        """It ends when its input does; else it is killed."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(_END):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()


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
        process = Process(name, started, errors)
        try:
            await process.answer()
            yield process
        finally:
            await process.end()
