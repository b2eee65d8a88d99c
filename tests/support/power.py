"""The power fails: what may stand on a disk of which every write and sync is known.

A sync makes durable what was written to its file before. Of what was written since, anything may be there: nothing,
all, a part in the order of writing or in another one, whole writes or single sectors of them.
"""

import os
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SECTOR: Final = 512


@dataclass(frozen=True, slots=True)
class Wrote:
    path: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Sized:
    """Cut to this size, or grown to it."""

    path: str
    size: int
    grown: bool = False


@dataclass(frozen=True, slots=True)
class Synced:
    path: str


class Recorder:
    """A `disk.Watcher` that lets everything happen and remembers it; tests add what they know, in between."""

    def __init__(self) -> None:
        self.events: list[object] = []

    def write(self, path: str, offset: int, data: bytes) -> int:
        self.events.append(Wrote(path, offset, data))
        return 0

    def truncate(self, path: str, size: int) -> int:
        self.events.append(Sized(path, size))
        return 0

    def sync(self, path: str) -> int:
        self.events.append(Synced(path))
        return 0

    def allocate(self, path: str, size: int) -> None:
        self.events.append(Sized(path, size, grown=True))


@dataclass(slots=True)
class _File:
    durable: bytearray
    pending: list[Wrote | Sized] = field(default_factory=list)


class Disk:
    """What is on disk as the events go by. `contents` is what stood there before the first."""

    def __init__(self, contents: dict[str, bytes]) -> None:
        self._files = defaultdict(lambda: _File(bytearray()))
        for path, content in contents.items():
            self._files[path] = _File(bytearray(content))

    def happened(self, event: object) -> None:
        if isinstance(event, Wrote | Sized):
            self._files[event.path].pending.append(event)
        elif isinstance(event, Synced):
            file = self._files[event.path]
            for each in file.pending:
                _apply(file.durable, each)
            file.pending.clear()

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """One of the many things that may be there when the power comes back."""
        survive = chance.choice(_WAYS)
        images = {}
        for path, file in self._files.items():
            content = bytearray(file.durable)
            for each in survive(file.pending, chance):
                _apply(content, each)
            images[path] = bytes(content)
        return images


def _nothing(_pending: Sequence[Wrote | Sized], _chance: random.Random) -> Iterator[Wrote | Sized]:
    return iter(())


def _everything(pending: Sequence[Wrote | Sized], _chance: random.Random) -> Iterator[Wrote | Sized]:
    return iter(pending)


def _beginning(pending: Sequence[Wrote | Sized], chance: random.Random) -> Iterator[Wrote | Sized]:
    """In order, up to one that is torn."""
    if pending:
        last = chance.randrange(len(pending))
        yield from pending[:last]
        sectors = list(_sectors(pending[last]))
        yield from sectors[: chance.randrange(len(sectors) + 1)]


def _some(pending: Sequence[Wrote | Sized], chance: random.Random) -> Iterator[Wrote | Sized]:
    """Whole writes, in order."""
    share = chance.choice((0.1, 0.5, 0.9))
    return (each for each in pending if chance.random() < share)


def _disordered(pending: Sequence[Wrote | Sized], chance: random.Random) -> Iterator[Wrote | Sized]:
    """Whole writes, in any order."""
    return iter(chance.sample(pending, chance.randint(0, len(pending))))


def _sectors_of_some(pending: Sequence[Wrote | Sized], chance: random.Random) -> Iterator[Wrote | Sized]:
    """Single sectors, in any order; those of one sector in order, as a page cache has but the newest."""
    share = chance.choice((0.1, 0.5, 0.9))
    return (sector for each in pending for sector in _sectors(each) if chance.random() < share)


_WAYS: Final = (_nothing, _everything, _beginning, _some, _disordered, _sectors_of_some)


def _sectors(event: Wrote | Sized) -> Iterator[Wrote | Sized]:
    if isinstance(event, Sized):
        yield event
        return
    begin, end = event.offset, event.offset + len(event.data)
    while begin < end:
        stop = min(end, (begin // SECTOR + 1) * SECTOR)
        yield Wrote(event.path, begin, event.data[begin - event.offset : stop - event.offset])
        begin = stop


def _apply(content: bytearray, event: Wrote | Sized) -> None:
    if isinstance(event, Wrote):
        end = event.offset + len(event.data)
        _grow(content, end)
        content[event.offset : end] = event.data
    else:
        _grow(content, event.size)
        if not event.grown:
            del content[event.size :]


def _grow(content: bytearray, size: int) -> None:
    if len(content) < size:
        content.extend(bytes(size - len(content)))


def write_image(path: Path, content: bytes) -> None:
    """Blocks of zeros at its end take no room and no time."""
    used = content.rstrip(b"\0")
    path.write_bytes(used)
    os.truncate(path, len(content))
