"""The file that `outbox export` writes and `outbox import` reads. Lines of JSON; nothing here touches an outbox.

    {"format": "bacnet-bridge outbox", "version": 1, "move": "3f…", "at": …, "queues": [{"address": …, "id": …}, …]}
    {"queue": 0, "instant": …, "day": "2026-03-29", "origin": "live", "state": "waiting", …, "body": "{…}"}
    …
    {"end": 2, "sha256": "…"}
    {"moved": "3f…"}

Guarantee 1: a file that is to be moved is on disk, whole, before its packets are set aside; the last line is written
once they are, and only with it can the file be imported. So no packet is ever sent by two outboxes, or by none.
"""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import Account, Origin, Packet, Queue
from bacnet_bridge.outbox.look import Row
from bacnet_bridge.system import sync

_FORMAT: Final = "bacnet-bridge outbox"
_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Part:
    """What the file holds of one queue. Instants are UTC milliseconds."""

    queue: Queue
    packets: int
    """Those that wait; a copy has those that were set aside besides."""
    oldest: int | None
    newest: int | None
    attempted: bool
    """The oldest may have been sent before."""


@dataclass(frozen=True, slots=True)
class Header:
    """`move` names the move; empty for a copy."""

    move: str
    at: int
    parts: tuple[Part, ...]


def words(move: str) -> str:
    """Why the packets of a move are set aside: by this it is known again."""
    return f"moved to another outbox, move {move}"


def write(path: Path, header: Header, parts: Iterable[Iterable[Row]]) -> int:
    """Write header and packets, a part a queue, and see to it that they are on disk; how many packets.

    Raises BridgeError where the file is there already or cannot be written; then there is none.
    """
    try:
        with path.open("xb") as out:
            try:
                count = _written(out, header, parts)
            except BaseException:  # Ctrl-C, too, must not leave half a file
                path.unlink()
                raise
        sync(path.absolute().parent)
    except FileExistsError:
        raise BridgeError(f"{path} is there already: name a file that is not") from None
    except OSError as error:
        raise BridgeError(f"{path} cannot be written: {error.strerror}; nothing was moved") from error
    return count


def seal(path: Path, move: str) -> None:
    """The packets are set aside: the file stands for them from now on."""
    try:
        with path.open("ab") as out:
            out.write(_line({"moved": move}))
            _sync(out)
    except OSError as error:
        raise BridgeError(
            f"{path} cannot be sealed: {error.strerror}. Its packets are set aside, and the file is whole: make room, "
            "then give the same command again"
        ) from error


class Carried:
    """A file that was written whole. Raises BridgeError for one that was not, or that is something else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        digest, count, first, ended, seal = hashlib.sha256(), -1, dict[str, Any](), None, None
        for number, raw, said in self._lines():
            if number == 1:
                first = said
                _check_kind(path, said)
            if ended is None and "end" in said:
                ended = said
                if said != {"end": count, "sha256": digest.hexdigest()}:
                    raise BridgeError(f"{path} was changed or is damaged: its sum is wrong. Nothing was done with it")
            elif ended is not None:
                seal = said
            digest.update(raw)
            count += 1
        if ended is None:
            raise BridgeError(
                f"{path} is cut off. If it is a copy, copy the whole file again: its packets may be nowhere else. If "
                "it is the file that `outbox export` was writing, nothing was moved yet: remove it and begin anew"
            )
        self.header = _header(first)
        self.sealed = bool(self.header.move) and seal == {"moved": self.header.move}

    def packets(self) -> Iterator[tuple[int, Packet | None]]:
        """The index of the part, and the packet; None where it was damaged before it was exported."""
        for number, _raw, said in self._lines():
            if number == 1:
                continue
            if "end" in said:
                return
            queue = self.header.parts[said["queue"]].queue
            packet = Packet(queue, said["instant"], said["day"], said["body"], Origin(said["origin"]))
            yield said["queue"], None if said["damaged"] else packet

    def _lines(self) -> Iterator[tuple[int, bytes, dict[str, Any]]]:
        """A last line without its end was being written when the power went: it does not count."""
        try:
            with self._path.open("rb") as source:
                for number, raw in enumerate(source, 1):
                    if raw.endswith(b"\n") or number == 1:
                        said = json.loads(raw)
                        yield number, raw, said if isinstance(said, dict) else {}
        except OSError as error:
            raise BridgeError(f"{self._path} cannot be read: {error.strerror}") from error
        except ValueError:
            raise BridgeError(f"{self._path} is not a file that `outbox export` wrote") from None
        if not self._path.stat().st_size:
            raise BridgeError(f"{self._path} is empty")


def _written(out: BinaryIO, header: Header, parts: Iterable[Iterable[Row]]) -> int:
    digest, count = hashlib.sha256(), 0
    lines = (_line({"queue": index, **_told(row)}) for index, part in enumerate(parts) for row in part)
    first = _line({"format": _FORMAT, "version": _VERSION, "move": header.move, "at": header.at,
                   "queues": [_part(part) for part in header.parts]})  # fmt: skip
    digest.update(first)
    out.write(first)
    for line in lines:
        digest.update(line)
        out.write(line)
        count += 1
    out.write(_line({"end": count, "sha256": digest.hexdigest()}))
    _sync(out)
    return count


def _told(row: Row) -> dict[str, Any]:
    return {
        "instant": row.instant,
        "day": row.day,
        "origin": row.origin,
        "state": row.state,
        "since": row.since,
        "why": row.why,
        "damaged": row.damaged,
        "body": row.body,
    }


def _part(part: Part) -> dict[str, Any]:
    queue = part.queue
    return {
        "id": queue.id,
        "credentials": queue.account.credentials,
        "address": queue.account.address,
        "packets": part.packets,
        "oldest": part.oldest,
        "newest": part.newest,
        "attempted": part.attempted,
    }


def _check_kind(path: Path, said: dict[str, Any]) -> None:
    if said.get("format") != _FORMAT:
        raise BridgeError(f"{path} is not a file that `outbox export` wrote")
    if said.get("version") != _VERSION:
        raise BridgeError(f"{path} is of another version ({said.get('version')}; this one knows {_VERSION})")


def _header(said: dict[str, Any]) -> Header:
    parts = (
        Part(Queue(Account(part.pop("address"), part.pop("credentials")), part.pop("id")), **part)
        for part in said["queues"]
    )
    return Header(said["move"], said["at"], tuple(parts))


def _line(said: dict[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False).encode(errors="surrogatepass") + b"\n"


def _sync(out: BinaryIO) -> None:
    out.flush()
    os.fsync(out.fileno())
