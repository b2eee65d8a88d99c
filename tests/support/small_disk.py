"""A small disk of a test's own, mounted where no other process sees it. Needs root."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

_MOUNT: Final = {
    "tmpfs": "mount -t tmpfs -o size={size} tmpfs {at}",
    "ext4": "truncate -s {size} {at}.image && mkfs.ext4 -q -m 0 -F {at}.image && mount -o loop {at}.image {at}",
}


def why_not(kind: str, folder: Path) -> str | None:
    """Why no such disk can be mounted here; None where it can."""
    if os.geteuid() != 0:
        return "mounting needs root"
    if shutil.which("unshare") is None:
        return "there is no `unshare` command"
    tried = subprocess.run(on_disk(kind, folder / "tried", 2**24, "true"), capture_output=True, check=False)
    return f"this machine mounts no {kind}: {tried.stderr.decode()}" if tried.returncode else None


def on_disk(kind: str, at: Path, size: int, *command: str) -> list[str]:
    """The command line that runs `command` with the disk mounted at `at`; the disk is gone when it ends."""
    at.mkdir(exist_ok=True)
    mount = _MOUNT[kind].format(size=size, at=at)
    return ["unshare", "--mount", "sh", "-c", f'{mount} || exit 9; exec "$@"', "sh", *command]
