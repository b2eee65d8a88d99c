"""What the reading learned and must know after a restart: a small table in a file of the state folder."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import structlog

from bacnet_bridge.errors import StateError
from bacnet_bridge.state import read_table, write_table

_SOON: Final = 0.5
"""Seconds for which changes are gathered, so that thousands of points that are learned at a start make few writes."""
_log = structlog.get_logger()


class Kept:
    """Entries by key, written whole and atomically soon after a change; without a file, kept in memory only.

    A disk that takes nothing costs the memory of the next start, and never a reading.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._entries: dict[str, Mapping[str, Any]] = {}
        if file is not None:
            self._entries.update(read_table(file))
        self._writing: asyncio.Task[None] | None = None
        self._changed = False
        self._speechless = False

    def __getitem__(self, key: str) -> Mapping[str, Any]:
        return self._entries[key]

    def get(self, key: str) -> Mapping[str, Any] | None:
        return self._entries.get(key)

    def keys(self) -> list[str]:
        return list(self._entries)

    def put(self, key: str, entry: Mapping[str, Any]) -> None:
        """Keep an entry; it is on disk half a second later, or after `flush`."""
        if self._entries.get(key) != entry:
            self._entries[key] = dict(entry)
            self._write_soon()

    def drop(self, key: str) -> None:
        if self._entries.pop(key, None) is not None:
            self._write_soon()

    async def flush(self) -> None:
        """Have every change on disk, before an operator is told so and before the end."""
        if self._writing is not None:
            self._writing.cancel()
            await asyncio.gather(self._writing, return_exceptions=True)
        await self._write()

    def _write_soon(self) -> None:
        self._changed = True
        if self._file is not None and (self._writing is None or self._writing.done()):
            self._writing = asyncio.create_task(self._write_later(), name="kept")

    async def _write_later(self) -> None:
        written = True
        while self._changed and written:
            await asyncio.sleep(_SOON)
            written = await asyncio.shield(self._write())

    async def _write(self) -> bool:
        """Whether all is on disk; otherwise the next change, or the end, tries again."""
        if self._file is None or not self._changed:
            return True
        self._changed = False
        try:
            await asyncio.to_thread(write_table, self._file, dict(self._entries))
        except StateError as error:
            if not self._speechless:
                _log.warning("what was learned of devices will be learned anew at the next start", error=str(error))
            self._changed = self._speechless = True
            return False
        self._speechless = False
        return True
