"""Does the service run, and what does it say of itself? It alone knows what it did since its start."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bacnet_bridge import __version__
from bacnet_bridge.control.door import ask
from bacnet_bridge.doctor.finding import Finding, failure, not_applicable, ok, unknown, warning
from bacnet_bridge.errors import BridgeError, NoServiceError
from bacnet_bridge.state import StateFolder
from bacnet_bridge.system import IS_POSIX

SERVICE: Final = "service"
PROBLEMS: Final = "service's problems"
SILENT: Final = "silent devices"

_METERS: Final = "`bacnet-bridge status` shows the meters"
_WAITS: Final = "waits for `bacnet-bridge apply`"
_APPLY: Final = "`bacnet-bridge apply --show` shows all of it, `bacnet-bridge apply` puts it into force"
_NAMED: Final = 5
_PATIENCE: Final = 8.0


@dataclass(frozen=True, slots=True)
class Told:
    """`overview` is what it answers to `status`, `devices` what it knows of each; `trouble`: why it says nothing."""

    pid: int | None = None
    overview: Mapping[str, Any] | None = None
    devices: Sequence[Mapping[str, Any]] = ()
    trouble: str = ""


async def told_by(state: StateFolder) -> Told:
    """Ask through the control door. Raises nothing."""
    pid = holder_of(state.lock)
    try:
        overview = await ask(state.control, "status", patience=_PATIENCE)
    except (NoServiceError, FileNotFoundError):
        return Told(pid)
    except BridgeError as error:
        return Told(pid, trouble=str(error))
    try:
        return Told(pid, overview, await ask(state.control, "devices", patience=_PATIENCE))
    except BridgeError as error:
        return Told(pid, overview, trouble=str(error))


def judge_service(told: Told) -> list[Finding]:
    if told.overview is None:
        silent = f"not checked: {told.trouble or 'no service runs'}"
        return [_absent(told), not_applicable(PROBLEMS, silent), not_applicable(SILENT, silent)]
    version, started = told.overview["version"], told.overview["started"]
    says = f"running since {started[:19].replace('T', ' ')} (process {told.pid or 'unknown'}, version {version})"
    running = ok(SERVICE, says)
    if version != __version__:
        running = warning(SERVICE, f"{says}; this command is of version {__version__}", "restart the service")
    return [running, *_troubles(told.overview), _silent(told)]


def _absent(told: Told) -> Finding:
    if told.trouble:
        return unknown(
            SERVICE, told.trouble, "ask as the user that runs it; where it hangs, restart it: nothing is lost"
        )
    if told.pid is not None:
        return failure(
            SERVICE,
            f"process {told.pid} holds the state folder, and its control socket is not there",
            "it is starting or ending, or another command is at work; if it stays so, restart it",
        )
    return warning(SERVICE, "no service runs on the state folder", "start it: `bacnet-bridge run`, or with systemd")


def _troubles(overview: Mapping[str, Any]) -> list[Finding]:
    """A line for each of the first ones."""
    problems, attention = overview["problems"], overview["attention"]
    found = [failure(PROBLEMS, each, "docs/operations.md has a remedy for each") for each in problems[:_NAMED]]
    found += [warning(PROBLEMS, each, _APPLY if _WAITS in each else _METERS) for each in attention[:_NAMED]]
    more = max(0, len(problems) - _NAMED) + max(0, len(attention) - _NAMED)
    if more:
        found.append(warning(PROBLEMS, f"and {more} more", "`bacnet-bridge status --check` lists them all"))
    return found or [ok(PROBLEMS, "it has none, and nothing wants a look")]


def _silent(told: Told) -> Finding:
    if told.trouble:
        return unknown(SILENT, told.trouble)
    silent = [str(each["instance"]) for each in told.devices if each.get("silent_since")]
    if not told.devices:
        return not_applicable(SILENT, "the service has asked no device yet")
    if silent:
        named = ", ".join(silent[:_NAMED]) + (f" and {len(silent) - _NAMED} more" if len(silent) > _NAMED else "")
        says = f"of {len(told.devices)} devices that it reads these are silent: {named}"
        return warning(SILENT, says, "`bacnet-bridge devices` shows since when; look at the device and its trunk")
    return ok(SILENT, f"none of the {len(told.devices)} that it reads")


def holder_of(lock: Path) -> int | None:
    """The process that holds the state folder's lock, by what it wrote there, if it still lives.

    The lock itself is not tried: for that moment a service could not start.
    """
    try:
        pid = int(lock.read_text().strip())
    except (OSError, ValueError):
        return None
    return pid if _holds(pid, lock) else None


def _holds(pid: int, lock: Path) -> bool:
    """By the kernel's list of locks (proc_locks(5)): numbers are used again, and a dead one's stays in the file."""
    try:
        inode = lock.stat().st_ino
        lines = Path("/proc/locks").read_text().splitlines()
    except OSError:
        return _lives(pid)
    return any(each[-3].endswith(f":{inode}") for line in lines if (each := line.split()) and "FLOCK" in each)


def _lives(pid: int) -> bool:
    if not IS_POSIX:  # there os.kill ends the process whatever the signal
        import psutil

        return bool(psutil.pid_exists(pid))
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
