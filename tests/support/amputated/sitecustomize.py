"""Found first on PYTHONPATH, this takes from Python what Windows has not: an approximation, on a system that has it.

The standard library keeps what it took already; ours finds neither modules nor calls. Stands in for msvcrt and psutil.
"""
# ruff: noqa: B010 what is not there for mypy, either

import asyncio
import fcntl
import os
import socket
import sys
import tempfile  # noqa: F401 takes what it needs
from types import ModuleType, SimpleNamespace
from typing import Any

_pair, _unix = socket.socketpair, socket.AF_UNIX
_flock, _exclusive = fcntl.flock, fcntl.LOCK_EX | fcntl.LOCK_NB


def _none(*_: Any) -> None:
    raise NotImplementedError


files, processes = ModuleType("msvcrt"), ModuleType("psutil")
setattr(files, "LK_NBLCK", 2)
setattr(files, "locking", lambda descriptor, _mode, _count: _flock(descriptor, _exclusive))
card = SimpleNamespace(family=socket.AF_INET, address="127.0.0.1", netmask="255.0.0.0")
setattr(processes, "net_if_addrs", lambda: {"Loopback Pseudo-Interface 1": [card]})
setattr(processes, "pid_exists", lambda _pid: True)
sys.modules |= {"msvcrt": files, "psutil": processes}

for module in ("fcntl", "pwd", "grp", "resource", "termios", "tty"):
    sys.modules[module] = None  # type: ignore[assignment]  # what the import system takes for "not there"
for call in ("geteuid", "getuid", "posix_fallocate", "fchown", "chown", "pwrite", "O_DIRECTORY", "O_NOFOLLOW"):
    delattr(os, call)
socket.socketpair = lambda *given: _pair(*(given or (_unix,)))  # the event loop's own, which Windows makes by itself
delattr(socket, "AF_UNIX")
delattr(asyncio, "start_unix_server")
delattr(asyncio, "open_unix_connection")
setattr(asyncio.SelectorEventLoop, "add_signal_handler", _none)
