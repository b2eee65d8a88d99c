"""What SQLite writes to its disk, watched and made to fail: a hook into the very library that the product uses.

The operating system's part of SQLite (its VFS) is a table of C functions. `watched` puts three of ours before its
write, truncate and sync, for every file that is opened meanwhile; nothing of the product is replaced.
"""

import _sqlite3
import ctypes
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import pytest

OK: Final = sqlite3.SQLITE_OK

_Open = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(ctypes.c_int)
)
_Write = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_Truncate = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
_Sync = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


class _Vfs(ctypes.Structure):
    """The beginning of `sqlite3_vfs`."""

    _fields_ = (
        ("version", ctypes.c_int), ("file_size", ctypes.c_int), ("path_length", ctypes.c_int),
        ("next", ctypes.c_void_p), ("name", ctypes.c_char_p), ("data", ctypes.c_void_p), ("open", _Open),
    )  # fmt: skip


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = (
        ("version", ctypes.c_int), ("close", ctypes.c_void_p), ("read", ctypes.c_void_p), ("write", _Write),
        ("truncate", _Truncate), ("sync", _Sync), ("others", ctypes.c_void_p * 13),
    )  # fmt: skip


class _File(ctypes.Structure):
    """The beginning of every open file."""

    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


class Watcher(Protocol):
    """Is told before the deed, in the thread that does it. What it gives other than OK is SQLite's result instead."""

    def write(self, path: str, offset: int, data: bytes) -> int: ...
    def truncate(self, path: str, size: int) -> int: ...
    def sync(self, path: str) -> int: ...
    def allocate(self, path: str, size: int) -> None:
        """The product grows a file itself; raises OSError in its place."""


@contextmanager
def watched(watcher: Watcher) -> Iterator[None]:
    """Files opened meanwhile are watched until they are closed. Skips the test where SQLite hides its functions."""
    vfs = _default_vfs()
    original = _Open(ctypes.cast(vfs.open, ctypes.c_void_p).value or 0)
    hooks = _Hooks(watcher)

    def opened(this: int, name: int | None, file: int, flags: int, out: Any) -> int:
        result = int(original(this, name, file, flags, out))  # the very pointer: a URI's parameters stand behind it
        if result == OK and name is not None:
            hooks.put_before(file, ctypes.string_at(name).decode())
        return result

    vfs.open = hook = _Open(opened)
    hooks.alive.append((hook, original))
    fallocate = os.posix_fallocate
    os.posix_fallocate = _allocating(watcher, fallocate)
    try:
        yield
    finally:
        os.posix_fallocate = fallocate
        vfs.open = original


class _Hooks:
    """Our functions, and the tables that they stand in. SQLite keeps pointers to them: they are never freed."""

    alive: Final[list[Any]] = []

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher
        self._paths: dict[int, str] = {}
        self._tables: dict[int, _Methods] = {}

    def put_before(self, file: int, path: str) -> None:
        """The file's table of functions becomes a copy with ours in it."""
        self._paths[file] = path
        opened = _File.from_address(file)
        original = ctypes.addressof(opened.methods.contents)
        if original not in self._tables:
            self._tables[original] = self._table(original)
        opened.methods = ctypes.pointer(self._tables[original])

    def _table(self, original: int) -> _Methods:
        table = _Methods.from_buffer_copy(ctypes.string_at(original, ctypes.sizeof(_Methods)))
        real = _Methods.from_address(original)
        paths, watcher = self._paths, self._watcher

        def write(file: int, data: int, size: int, offset: int) -> int:
            refused = watcher.write(paths[file], offset, ctypes.string_at(data, size))
            return refused or int(real.write(file, data, size, offset))

        def truncate(file: int, size: int) -> int:
            return watcher.truncate(paths[file], size) or int(real.truncate(file, size))

        def sync(file: int, flags: int) -> int:
            return watcher.sync(paths[file]) or int(real.sync(file, flags))

        table.write, table.truncate, table.sync = _Write(write), _Truncate(truncate), _Sync(sync)
        self.alive.append(table)
        return table


def _default_vfs() -> _Vfs:
    library = ctypes.CDLL(_sqlite3.__file__)  # finds the functions of the library that it is linked with
    try:
        find = library.sqlite3_vfs_find
    except AttributeError:
        pytest.skip("this Python's SQLite is linked in so that its functions cannot be found")
    find.argtypes, find.restype = (ctypes.c_char_p,), ctypes.POINTER(_Vfs)
    found: _Vfs = find(None).contents
    return found


def _allocating(watcher: Watcher, real: Callable[[int, int, int], None]) -> Callable[[int, int, int], None]:
    def allocate(file: int, offset: int, length: int) -> None:
        watcher.allocate(str(Path(f"/proc/self/fd/{file}").readlink()), offset + length)
        real(file, offset, length)

    return allocate
