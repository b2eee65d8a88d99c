"""Everything that somebody far away needs to see what is wrong, in one file without a secret. Nothing is sent anywhere.

Each part is had by itself, so that what is broken does not hide the rest: what could not be had is told in the file.
Every text passes the redaction; a file that is no text is taken only where it is a workbook of the mapping.
"""

import asyncio
import os
import platform
import shutil
import sys
import time
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import distributions
from pathlib import Path
from typing import Any, Final

import yaml

from bacnet_bridge import __version__
from bacnet_bridge.errors import BridgeError, SettingsError, StateError
from bacnet_bridge.mapping.load import looked_at
from bacnet_bridge.redaction import hide, keep_out
from bacnet_bridge.settings import PREFIX, Settings
from bacnet_bridge.settings_secrets import is_secret, secrets_said, without_secrets
from bacnet_bridge.site_file import SiteFile
from bacnet_bridge.state import StateFolder, is_there
from bacnet_bridge.system import user_name

PATIENCE: Final = 120.0
"""Seconds that a part which another program gives may take."""
_LONGEST: Final = 20_000_000
"""Bytes of a log that are packed, from its end."""
_DAYS: Final = 7
_UNKNOWN: Final = (
    "what is secret in {where}: {why} (this user is {user}), so it is hidden in the other files only where its name or "
    "its form shows it. Give the command as the user that runs the bridge, or look for it yourself"
)
_JOURNAL: Final = "log/journal.txt"


@dataclass(frozen=True, slots=True)
class Part:
    """A file of the pack that a command writes; `words` may end with an error, which is worth having as well."""

    name: str
    words: Sequence[str]


@dataclass(slots=True)
class Pack:
    """What is packed, by name; `lacking`: what could not be had, and why."""

    files: dict[str, bytes] = field(default_factory=dict)
    lacking: list[str] = field(default_factory=list)

    def add_text(self, name: str, text: str) -> None:
        self.files[name] = hide(text).encode(errors="replace")

    def add_file(self, name: str, path: Path, *, from_end: int | None = None) -> None:
        """A text file, or its last `from_end` bytes."""
        try:
            with path.open("rb") as source:
                if from_end is not None:
                    source.seek(max(0, path.stat().st_size - from_end))
                content = source.read()
        except OSError as error:
            self.lacking.append(f"{name}: {path}: {error.strerror}")
            return
        if path.suffix.lower() in {".xlsx", ".xlsm"}:
            self.files[name] = content
        else:
            self.add_text(name, content.decode(errors="replace"))

    def write(self, target: Path) -> None:
        """Raises BridgeError."""
        if self.lacking:
            self.add_text("not-had.txt", "\n".join(self.lacking) + "\n")
        try:
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
                for name, content in sorted(self.files.items()):
                    archive.writestr(name, content)
        except FileExistsError:
            raise BridgeError(f"{target} is there already: name a file that is not") from None
        except OSError as error:
            raise BridgeError(f"{target} cannot be written: {error.strerror}") from error


def know_secrets(pack: Pack, site: Mapping[str, Any], secrets: Path | None, environment: Mapping[str, str]) -> None:
    """Hide them also where the settings as a whole cannot be read: by their names, wherever a site keeps them."""
    keep_out(secrets_said(site))
    ours = {
        name.upper().removeprefix(PREFIX): said for name, said in environment.items() if name.upper().startswith(PREFIX)
    }
    keep_out(said for name, said in ours.items() if is_secret(tuple(name.split("__")), said))
    try:
        kept = [] if secrets is None else [each for each in secrets.iterdir() if each.name.upper().startswith(PREFIX)]
    except FileNotFoundError:
        return
    except OSError as error:
        pack.lacking.append(_UNKNOWN.format(where=secrets, why=error.strerror, user=user_name()))
        return
    for file in kept:
        try:
            keep_out([file.read_text(encoding="utf-8", errors="replace").strip()])
        except IsADirectoryError:
            continue
        except OSError as error:
            pack.lacking.append(_UNKNOWN.format(where=file, why=error.strerror, user=user_name()))


def about(state: Path) -> dict[str, Any]:
    """The machine and the versions, as far as they matter here."""
    disk = shutil.disk_usage(state) if state.is_dir() else None
    return {
        "bacnet-bridge": __version__,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": sys.version,
        "system": platform.platform(),
        "processors": os.cpu_count(),
        "booted_seconds_ago": round(time.clock_gettime(time.CLOCK_BOOTTIME)),
        "state": {
            "folder": str(state.absolute()),
            "disk_free": disk and disk.free,
            "disk_total": disk and disk.total,
            "files": {each.name: each.lstat().st_size for each in sorted(state.glob("*"))},
        },
        "packages": dict(sorted((each.name, each.version) for each in distributions())),
    }


def add_settings(pack: Pack, settings: Settings | SettingsError, site: SiteFile) -> None:
    """Those in force, and what the site file says; each without what is secret in it.

    The site file is written anew: a comment may hold a secret, too, and a value may stand in many ways. One that is no
    YAML is not taken, since nobody can tell what in it is secret.
    """
    if isinstance(settings, SettingsError):
        pack.lacking.append(f"settings.json: {settings}")
    else:
        pack.add_text("settings.json", settings.model_dump_json(indent=1))
    if site.there:
        said = yaml.safe_dump(without_secrets(site.data), sort_keys=False, allow_unicode=True)
        pack.add_text("site.yaml", said)
    elif isinstance(settings, SettingsError):
        pack.lacking.append("site.yaml: it cannot be read, so what is secret in it cannot be told from the rest")


def add_kept(pack: Pack, state: StateFolder, mapping: Path | None) -> None:
    """What was learned of devices, and the mapping's files."""
    try:
        for table in (state.bindings, state.pins, state.profiles, state.pushes, state.clocks):
            if is_there(table):
                pack.add_file(f"state/{table.name}", table)
    except StateError as error:
        pack.lacking.append(f"state/: {error}")
    if mapping is None or not mapping.is_dir():
        where = "its folder is not known" if mapping is None else f"{mapping} is not there"
        pack.lacking.append(f"mapping/: {where}; name it with --mapping")
        return
    for file in sorted(looked_at(mapping)):
        pack.add_file(f"mapping/{file.relative_to(mapping).as_posix()}", file)


async def add_commands(pack: Pack, parts: Iterable[Part]) -> None:
    """All side by side; what each says, with its exit status where that is not 0."""

    async def added(part: Part) -> None:
        try:
            status, said = await _said(part.words)
        except TimeoutError:
            pack.lacking.append(f"{part.name}: {part.words[-1]} did not end within {PATIENCE:.0f} s")
        except OSError as error:
            pack.lacking.append(f"{part.name}: {error}")
        else:
            if part.name == _JOURNAL and not said.strip():
                return  # of no worth; `tell_of_no_log` says so
            pack.add_text(part.name, said if status == 0 else f"{said}\n(exit status {status})\n")

    async with asyncio.TaskGroup() as group:
        for part in parts:
            group.create_task(added(part))


def tell_of_no_log(pack: Pack) -> None:
    """Once all is packed: who helps from far away misses nothing more than that."""
    if not any(name.startswith("log/") for name in pack.files):
        pack.lacking.append("log/: no log was found; name it with --log")


def add_logs(pack: Pack, logs: Sequence[Path]) -> None:
    for n, log in enumerate(logs, 1):
        pack.add_file(f"log/{n}-{log.name}", log, from_end=_LONGEST)


def journal(unit: str) -> Part | None:
    """The service's log where systemd has it."""
    program = shutil.which("journalctl")
    since = ["--since", f"-{_DAYS}d"]
    words = [str(program), "--unit", unit, *since, "--no-pager", "--quiet", "--output", "short-iso-precise"]
    return Part(_JOURNAL, words) if program else None


async def _said(words: Sequence[str]) -> tuple[int, str]:
    environment = os.environ | {"COLUMNS": "200", "NO_COLOR": "1"}
    process = await asyncio.create_subprocess_exec(
        *words,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
    )
    try:
        async with asyncio.timeout(PATIENCE):
            out, _ = await process.communicate()
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return process.returncode or 0, out[-_LONGEST:].decode(errors="replace")
