"""The state folder: what the bridge keeps between runs, and the lock that lets one process write there.

bridge.db          outbox and ledger
lock               held by the process that may change them
control.sock       the running service's local door
mapping/           the last mapping that was good, started with when the files are wrong
bindings.json      where each device was, and what it said of itself
pins.json          what each mapped object said of itself when its first value was taken
profiles.json      what each device proved able to do
clocks.json        what the clocks of devices with trend logs were off, and when
alarms.json        the conditions that were told and are not over, and messages on their way
pushes.json        the queues on hold while old values are put into them
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, cast

import structlog

from bacnet_bridge.errors import StateError
from bacnet_bridge.system import give_like, take_lock, user_name

_log = structlog.get_logger()


class StateFolder:
    """Paths below one folder. Creating it makes it readable by its owner alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database = folder / "bridge.db"
        self.lock = folder / "lock"
        self.control = folder / "control.sock"
        self.bindings = folder / "bindings.json"
        self.pins = folder / "pins.json"
        self.profiles = folder / "profiles.json"
        self.pushes = folder / "pushes.json"
        self.clocks = folder / "clocks.json"
        self.alarms = folder / "alarms.json"

    def create(self) -> None:
        """Make the folder where it is missing. Raises StateError."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StateError(
                f"the state folder {self.folder.absolute()} cannot be made: {error.strerror}; "
                "choose another with BRIDGE_STATE"
            ) from error

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder's lock. It ends with the process, however that ends.

        Raises StateError, naming the process that holds it.
        """
        try:
            descriptor = os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StateError(
                f"{self.lock.absolute()} cannot be written: {error.strerror}; give it and its folder, which holds what "
                "was not sent yet, to the user that runs the bridge (`chown`), or use the right user (`sudo -u`)"
            ) from error
        try:
            give_like(descriptor, self.folder)
            _take(descriptor, self.folder)
            yield
        finally:
            os.close(descriptor)

    @property
    def has_outbox(self) -> bool:
        """Whether a bridge ever ran here, for a command. Raises StateError where this user may not know."""
        return is_there(self.database)

    @property
    def good_mapping(self) -> Path | None:
        """The folder of the mapping that was good last; None where none ever was, or this user may not see it."""
        kept = (self.folder / "mapping", self.folder / "mapping.old")
        with suppress(PermissionError):
            return next((folder for folder in kept if folder.is_dir()), None)
        return None

    def keep_mapping(self, source: Path, files: Iterable[tuple[Path, bytes]]) -> None:
        """Remember these files below `source`, which were found good; a crash leaves them or the ones before.

        Their content is what was judged, whatever stands in the files meanwhile.

        Raises StateError where they cannot be written, as on a full disk; then the ones before stay.
        """
        fresh, kept, old = (self.folder / name for name in ("mapping.new", "mapping", "mapping.old"))
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            for file, content in files:
                copy = fresh / file.relative_to(source)
                copy.parent.mkdir(parents=True, exist_ok=True)
                copy.write_bytes(content)
            if kept.exists():
                shutil.rmtree(old, ignore_errors=True)
                kept.rename(old)
            fresh.rename(kept)
        except OSError as error:
            shutil.rmtree(fresh, ignore_errors=True)
            raise StateError(f"the mapping cannot be kept in {self.folder}: {error.strerror}") from error
        shutil.rmtree(old, ignore_errors=True)


def is_there(path: Path) -> bool:
    """Whether there is such a file, for a command. Raises StateError where this user may not know."""
    try:
        path.stat()
    except PermissionError as error:
        raise _not_his(path) from error
    except OSError:
        return False
    return True


def _not_his(path: Path) -> StateError:
    return StateError(
        f"{path} may not be seen by this user ({user_name()}): give the command as the user that runs the bridge "
        "(`sudo -u`)"
    )


def peek_table(file: Path) -> dict[str, dict[str, Any]] | None:
    """The entries of a table as they stand, for a command that changes nothing; None where there is none to read.

    Raises StateError where this user may not read it.
    """
    try:
        table = json.loads(file.read_bytes())
    except PermissionError as error:
        raise _not_his(file) from error
    except (OSError, ValueError):
        return None
    return table if _is_table(table) else None


def read_table(file: Path) -> dict[str, dict[str, Any]]:
    """The entries of a table by key; none where it is not there. What is damaged is logged and set aside, unread."""
    try:
        table = json.loads(file.read_bytes())
        cause = "it holds no table of entries"
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        table, cause = None, str(error)
    if _is_table(table):
        return cast("dict[str, dict[str, Any]]", table)
    _log.error("a table in the state folder cannot be read and is begun anew", file=str(file), error=cause)
    with suppress(OSError):
        file.replace(file.with_name(f"{file.name}.damaged"))
    return {}


def _is_table(found: object) -> bool:
    return isinstance(found, dict) and all(isinstance(entry, dict) for entry in found.values())


def write_table(file: Path, table: dict[str, Any]) -> None:
    """Write the table whole: after a crash there is this one or the one before. Raises StateError."""
    fresh = file.with_name(f"{file.name}.new")
    try:
        with fresh.open("w", encoding="utf-8") as out:
            json.dump(table, out, indent=1, ensure_ascii=False)
            out.flush()
            os.fsync(out.fileno())
        fresh.replace(file)
    except OSError as error:
        raise StateError(f"{file} cannot be written: {error.strerror}") from error


def _take(descriptor: int, folder: Path) -> None:
    try:
        take_lock(descriptor)
    except BlockingIOError:
        holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
        raise StateError(
            f"the state folder {folder.absolute()} is in use by the bridge with process id {holder}. Two bridges must "
            "never send the same meters, from whatever folders: stop that one first"
        ) from None
    with suppress(OSError):  # a full disk: the lock holds, only its holder's number is not told
        os.truncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
