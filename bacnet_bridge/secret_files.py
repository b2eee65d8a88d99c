"""The secrets directory: one file for each secret, named like the variable of the environment, in any case.

A file whose name is no setting is left alone: an editor's leftover beside a secret must stop nobody.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.system import KEPT_BY_ROOT, handed_over, user_name

Names = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SecretFile:
    """`names`: the setting's way from the top, by the file's name, whether there is such a setting or not."""

    file: Path
    names: Names

    def text(self) -> str:
        """Raises SettingsError, with what to do."""
        try:
            return self.file.read_text(encoding="utf-8").strip()
        except UnicodeError:
            raise SettingsError(
                f"a file in the secrets directory {self.file.parent} is not UTF-8 text: {self.file.name}"
            ) from None
        except PermissionError:
            raise SettingsError(
                f"{self.file} cannot be read by this user ({user_name()}): `chown` it to the user that runs the "
                f"bridge, and `chmod 400 {self.file}`"
            ) from None
        except OSError as error:
            raise SettingsError(f"{self.file} cannot be read: {error.strerror}") from None


def listed(folder: Path, prefix: str) -> list[SecretFile]:
    """The files whose names begin with the prefix, in any case; none where the folder is not there, or not ours."""
    try:
        files = sorted(each for each in folder.iterdir() if each.is_file())
    except OSError:
        return []
    return [
        SecretFile(each, tuple(each.name.lower().removeprefix(prefix.lower()).split("__")))
        for each in files
        if each.name.lower().startswith(prefix.lower())
    ]


def said_by(files: Iterable[SecretFile], *, whole: bool = True) -> dict[str, Any]:
    """What they say, as a site file would. Not `whole`: one that cannot be read counts as empty.

    Raises SettingsError: a line for each that cannot be read.
    """
    said: dict[str, Any] = {}
    troubles: list[str] = []
    for each in files:
        try:
            text = each.text()
        except SettingsError as error:
            troubles.append(str(error))
            text = ""
        section = said
        for name in each.names[:-1]:
            section = section.setdefault(name, {})
        section[each.names[-1]] = text
    if troubles and whole:
        raise SettingsError("\n".join(troubles))
    return said


def where_to_put(names: Sequence[str], prefix: str, folder: Path, environment: Mapping[str, str] = os.environ) -> str:
    """How the secret that a setting is gets there: words for after a colon."""
    name = f"{prefix}{'__'.join(names)}".lower()
    if handed_over(environment):
        file = f"write it into {KEPT_BY_ROOT}/{name}"
        if names[0] != "accounts":
            return f"{file} and restart"
        return (
            f"{file}, have systemd hand it over (`systemctl edit bacnet-bridge`: docs/operations.md, As a systemd "
            "service), and restart"
        )
    return f"write it into the file {name} in {folder}"


def strange(files: Iterable[SecretFile], known: Callable[[Names], bool], close: Callable[[Names], str]) -> list[str]:
    """A sentence for each file that is left alone; `close` tells which setting it may mean, if any."""
    found = []
    for each in files:
        if not known(each.names):
            meant = close(each.names)
            found.append(f"{each.file} is no setting and is left alone{f'; did you mean {meant}?' if meant else ''}")
    return found
