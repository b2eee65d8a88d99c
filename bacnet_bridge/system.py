"""Where systems differ: what POSIX has and Windows has not. docs/windows.md says what of it was tried.

Everything else asks here, or does without.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, Final


def _optional(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError:
        return None


posix_locks: Final = _optional("fcntl")
_USERS: Final = _optional("pwd")
_WINDOWS_FILES: Final = _optional("msvcrt")
IS_POSIX: Final = posix_locks is not None
_FAR: Final = 2**30
"""The octet that Windows locks: behind all that stands in the file, since it lets nobody read what is locked."""


def take_lock(descriptor: int) -> None:
    """The file's lock, which ends with the process. Raises BlockingIOError where another process has it."""
    if posix_locks is not None:
        posix_locks.flock(descriptor, posix_locks.LOCK_EX | posix_locks.LOCK_NB)
        return
    os.lseek(descriptor, _FAR, os.SEEK_SET)
    try:
        _WINDOWS_FILES.locking(descriptor, _WINDOWS_FILES.LK_NBLCK, 1)
    except OSError as error:
        raise BlockingIOError(*error.args) from None
    finally:
        os.lseek(descriptor, 0, os.SEEK_SET)


def sync(path: Path) -> None:
    """A file or a folder is on disk. Windows opens no folders, and syncs what may be written alone."""
    if not IS_POSIX and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY if IS_POSIX else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def user_name() -> str:
    """Who runs this, as the system knows him."""
    return name_of(os.getuid()) if IS_POSIX else os.environ.get("USERNAME", "unknown")


def name_of(user: int) -> str:
    """Of a user's number; the number where there is no name for it."""
    try:
        return str(_USERS.getpwuid(user).pw_name)
    except (KeyError, AttributeError):
        return str(user)


KEPT_BY_ROOT: Final = "/etc/bacnet-bridge/secrets"
"""Where systemd's unit takes the secrets from that it hands over."""


def handed_over(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether systemd hands the secrets over: copies, made when the service starts (systemd.exec(5))."""
    return bool(environment.get("CREDENTIALS_DIRECTORY"))


def is_root() -> bool:
    return IS_POSIX and os.geteuid() == 0


def give_like(descriptor: int, like: Path) -> None:
    """What root made belongs to whom the folder does: the service must be able to open it."""
    if is_root():
        owner = like.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def on_stop(tell: Callable[[], object]) -> None:
    """Have `tell` called, in the running event loop, where the process is asked to end: SIGTERM, Ctrl-C, Ctrl-Break."""
    loop = asyncio.get_running_loop()
    for name in ("SIGTERM", "SIGINT", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, tell)
        except NotImplementedError:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(tell))


def on_hangup(tell: Callable[[], object]) -> None:
    """The same for SIGHUP, where there is one."""
    if hasattr(signal, "SIGHUP") and IS_POSIX:
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, tell)
