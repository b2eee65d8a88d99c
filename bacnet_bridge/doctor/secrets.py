"""Who may read what nobody else should: secrets, a site file with one in it, the state folder."""

import os
import stat
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from bacnet_bridge.doctor.finding import Finding, failure, not_applicable, ok, warning
from bacnet_bridge.settings import PREFIX, Settings
from bacnet_bridge.settings_secrets import secrets_said
from bacnet_bridge.system import IS_POSIX

SECRETS: Final = "secrets"
_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Kept:
    """A file or folder. `readable`: by us; `open`: by everybody on this machine."""

    path: Path
    readable: bool
    open: bool
    there: bool = True
    shared: bool = False
    """Root's, and readable by the group of the bridge's user, as docs/security.md has the status page's key."""


def judge_secrets(kept: Sequence[Kept], *, alone: bool) -> Finding:
    """`alone`: in a container, where nobody else is who could read."""
    gone = [each for each in kept if not each.there]
    if gone:
        remedy = "put it there, or correct status.certificate and status.key"
        return failure(SECRETS, f"{_listed(gone)} is not there", remedy)
    shut = [each for each in kept if not each.readable]
    if shut:
        return failure(SECRETS, f"{_listed(shut)} cannot be read by this user", _give(shut[0]))
    exposed = [each for each in kept if each.open]
    if exposed and not alone:
        return warning(
            SECRETS,
            f"everybody on this machine may read {_listed(exposed)}",
            f"`chmod {_mode(exposed[0])} {exposed[0].path}`",
        )
    if not kept:
        return not_applicable(SECRETS, "there are no files with secrets yet")
    return ok(SECRETS, f"{_listed(kept)}{'' if exposed else ', for their user alone'}")


def _mode(kept: Kept) -> str:
    return "640" if kept.shared else "700" if kept.path.is_dir() else "600"


def _give(kept: Kept) -> str:
    if kept.shared:
        return f"`chgrp` to the group of the user that runs the bridge, and `chmod 640 {kept.path}`"
    return f"`chown` to the user that runs the bridge, and `chmod 400 {kept.path}`"


def _listed(kept: Sequence[Kept]) -> str:
    named = ", ".join(str(each.path) for each in kept[:_NAMED])
    return named + (f" and {len(kept) - _NAMED} more" if len(kept) > _NAMED else "")


def kept_secrets(folder: Path, site: Path, said: Mapping[str, Any], state: Path, key: Path | None = None) -> list[Kept]:
    """The secrets directory's files that are settings, the site file where it holds a secret, the state folder.

    And the status page's private `key`, where it has one.
    """
    heads = tuple(f"{PREFIX}{name}".lower() for name in Settings.model_fields)
    found = [each for each in _files(folder) if each.name.lower().split("__")[0] in heads]
    if any(secrets_said(said)):
        found.append(site)
    if state.is_dir():
        found.append(state)
    if key is not None:
        found.append(key)
    return [Kept(each, os.access(each, os.R_OK), _is_open(each), _is_there(each), shared=each is key) for each in found]


def _files(folder: Path) -> Iterable[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return ()


def _is_there(path: Path) -> bool:
    """Also where we may not look."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def _is_open(path: Path) -> bool:
    """Symbolic links count by what they lead to."""
    try:
        return IS_POSIX and bool(path.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False
