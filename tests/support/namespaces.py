"""Network namespaces for one test: `devices` and `bridge`, joined by a cable, where broadcasts are real. Needs root."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class Cable:
    """The names of the two namespaces; 10.77.0.11 to .13 stand at the devices' end, 10.77.0.1 at the bridge's."""

    devices: str
    bridge: str


def why_not() -> str | None:
    """Why there can be no namespaces here; None where there can."""
    if shutil.which("ip") is None:
        return "there is no `ip` command"
    if os.geteuid() != 0:
        return "network namespaces need root"
    name = f"bridge-{uuid4().hex[:8]}"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True, check=False).returncode != 0:
        return "this machine allows no network namespaces"
    _ip("netns", "del", name)
    return None


@contextmanager
def cable() -> Iterator[Cable]:
    """Two namespaces of its own making, gone afterwards with all that is in them."""
    tail = uuid4().hex[:8]
    made = Cable(f"devices-{tail}", f"bridge-{tail}")
    try:
        for name in (made.devices, made.bridge):
            _ip("netns", "add", name)
        _ip("-n", made.devices, "link", "add", "v0", "type", "veth", "peer", "name", "v0", "netns", made.bridge)
        for name, hosts in ((made.devices, (11, 12, 13)), (made.bridge, (1,))):
            for host in hosts:
                label = f"v0:{host}"
                _ip("-n", name, "addr", "add", f"10.77.0.{host}/24", "brd", "10.77.0.255", "dev", "v0", "label", label)
            _ip("-n", name, "link", "set", "v0", "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield made
    finally:
        for name in (made.devices, made.bridge):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


@contextmanager
def loopback() -> Iterator[str]:
    """One namespace with nothing but a loopback of its own: every port there is free."""
    name = f"alone-{uuid4().hex[:8]}"
    _ip("netns", "add", name)
    try:
        _ip("-n", name, "link", "set", "lo", "up")
        yield name
    finally:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
