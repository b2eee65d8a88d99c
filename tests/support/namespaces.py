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


@dataclass(frozen=True, slots=True)
class Translated:
    """A building, 10.77.0.11 to .13; a container, 172.30.47.10; and between them a machine, 10.77.0.1."""

    devices: str
    container: str


@contextmanager
def translated(*, published: bool) -> Iterator[Translated]:
    """What leaves the container bears the machine's address. `published`: UDP port 47808 of that is the container's."""
    with cable() as ends:
        machine, name = ends.bridge, f"container-{uuid4().hex[:8]}"
        try:
            _ip("netns", "add", name)
            _ip("-n", name, "link", "add", "eth0", "type", "veth", "peer", "name", "d0", "netns", machine)
            for where, link, address in ((name, "eth0", "172.30.47.10/24"), (machine, "d0", "172.30.47.1/24")):
                _ip("-n", where, "addr", "add", address, "brd", "+", "dev", link)
                _ip("-n", where, "link", "set", link, "up")
            _ip("-n", name, "link", "set", "lo", "up")
            _ip("-n", name, "route", "add", "default", "via", "172.30.47.1")
            within = ["ip", "netns", "exec", machine]
            subprocess.run([*within, "sysctl", "-qw", "net.ipv4.ip_forward=1"], check=True)
            subprocess.run([*within, "nft", "-f", "-"], input=_rules(published=published), text=True, check=True)
            yield Translated(ends.devices, name)
        finally:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def _rules(*, published: bool) -> str:
    """As Docker writes them: translated on the way out, and let in where a port is published."""
    out = "ip saddr 172.30.47.0/24 oifname != d0 masquerade"
    let_in = "fib daddr type local udp dport 47808 dnat to 172.30.47.10:47808"
    return f"""
    table ip nat {{
        chain prerouting {{ type nat hook prerouting priority dstnat; {let_in if published else ""}; }}
        chain postrouting {{ type nat hook postrouting priority srcnat; {out}; }}
    }}
    """
