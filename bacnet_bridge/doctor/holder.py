"""Who holds a UDP port, as far as the kernel tells (proc_net(5), proc_pid_fd(5))."""

import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bacnet_bridge.system import name_of

_ANY: Final = "0.0.0.0"


@dataclass(frozen=True, slots=True)
class Socket:
    """A line of /proc/net/udp."""

    host: str
    port: int
    user: int
    inode: int


@dataclass(frozen=True, slots=True)
class Holder:
    """A process; `pid` and `name` are None where only its user may know."""

    user: str
    pid: int | None = None
    name: str | None = None

    def __str__(self) -> str:
        if self.pid is None:
            return f"a process of the user {self.user}"
        return f"{self.name} (process {self.pid}, user {self.user})"


def sockets(table: str) -> list[Socket]:
    """What /proc/net/udp says. Pure."""
    found = []
    for line in table.splitlines()[1:]:
        words = line.split()
        host, _, port = words[1].partition(":")
        packed = struct.pack("=I", int(host, 16))  # the kernel prints its own byte order
        found.append(Socket(socket.inet_ntoa(packed), int(port, 16), int(words[7]), int(words[9])))
    return found


def in_the_way(found: Iterable[Socket], host: str, port: int) -> list[Socket]:
    """Those because of which `host:port` cannot be opened."""
    return [each for each in found if each.port == port and each.host in {host, _ANY}]


def holders(host: str, port: int) -> list[Holder]:
    """Who has the port now. Empty where the kernel does not say; IPv6 sockets that take IPv4 too count as well."""
    try:
        found = in_the_way(sockets(Path("/proc/net/udp").read_text()), host, port)
    except OSError:
        return []
    found += _both_kinds(port)
    return list(dict.fromkeys(_holder(each) for each in found))


def _both_kinds(port: int) -> list[Socket]:
    """Sockets of `::` that hold the port for IPv4, too."""
    try:
        lines = Path("/proc/net/udp6").read_text().splitlines()[1:]
    except OSError:
        return []
    words = [line.split() for line in lines]
    unspecified = f"{'0' * 32}:{port:04X}"
    return [Socket("::", port, int(each[7]), int(each[9])) for each in words if each[1] == unspecified]


def _holder(held: Socket) -> Holder:
    user = name_of(held.user)
    target = f"socket:[{held.inode}]"
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and _has(process / "fd", target):
            return Holder(user, int(process.name), _name(process))
    return Holder(user)


def _has(folder: Path, target: str) -> bool:
    try:
        return any(_link(each) == target for each in folder.iterdir())
    except OSError:
        return False


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:  # closed meanwhile
        return ""


def _name(process: Path) -> str:
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return "?"
