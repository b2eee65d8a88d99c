"""What a site needs to go on elsewhere, in one file: outbox and ledger, what was learned of devices, the mapping.

    manifest.json   what the file is, when it was made, and the SHA-256 of all else
    state/          bridge.db and the tables, as the state folder has them
    mapping/        the mapping's files as they are now
    site.yaml       where it holds no secret

Guarantee 1 and 2: a copy takes an outbox's place only where there is none, and what waits in it is sent only where an
operator knows that nothing was sent since.
"""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Final

from bacnet_bridge import __version__
from bacnet_bridge.clock import moment_of
from bacnet_bridge.errors import BridgeError, StateError
from bacnet_bridge.mapping.load import looked_at
from bacnet_bridge.outbox.copying import aged, copied, made_current
from bacnet_bridge.state import StateFolder
from bacnet_bridge.system import is_root, sync

_FORMAT: Final = "bacnet-bridge backup"
_VERSION: Final = 1
_MANIFEST: Final = "manifest.json"
_DATABASE: Final = "state/bridge.db"
_THERE: Final = "{} is there already: name a file that is not"
_BLOCK: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Backup:
    """What a file holds; `at`: when it was made, an instant. `files`: names in it."""

    at: int
    waiting: int
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Restored:
    """`unproven`: queues that collect and do not send, until an operator says what the platform has.

    `mapping_kept`: there were files in the mapping's folder already, which were left as they are.
    """

    backup: Backup
    unproven: int
    mapping_kept: bool


def back_up(state: StateFolder, mapping: Path, site: Path | None, target: Path, at: int) -> Backup:
    """Write the file `target`, whole or not at all; the service may run. `site`: a site file without a secret.

    Raises BridgeError, StateError.
    """
    if target.exists():
        raise BridgeError(_THERE.format(target))
    if not state.has_outbox:
        raise StateError(f"there is no outbox in {state.folder.absolute()}: name the folder that the service uses")
    try:
        with TemporaryDirectory(dir=target.absolute().parent, prefix=f"{target.name}-") as beside:
            database = Path(beside) / "bridge.db"
            waiting = copied(state.database, database)
            names = {_DATABASE: database, **dict(_others(state, mapping, site))}
            _refuse_unsafe(names)
            making = Path(beside) / "backup.zip"
            _pack(making, names, {"at": at, "waiting": waiting})
            sync(making)
            _name(making, target)
        sync(target.absolute().parent)
    except OSError as error:
        raise BridgeError(f"{target} cannot be written: {error.strerror or error}") from error
    return Backup(at, waiting, tuple(names))


def restore(state: StateFolder, mapping: Path | None, source: Path, *, nothing_sent_since: bool) -> Restored:
    """Put what the file holds where a site of its own has nothing yet; cut short, it is done again from the start.

    Raises BridgeError for a file that is not whole, StateError where the folder has an outbox, or is in use.
    """
    state.create()
    with state.locked():
        if state.database.exists():
            raise StateError(
                f"{state.folder.absolute()} has an outbox, which may hold packets that are nowhere else: name another "
                "folder with --state, or move this one away"
            )
        fresh = state.folder / "restoring"
        shutil.rmtree(fresh, ignore_errors=True)
        try:
            backup = _unpacked(source, fresh)
            database = fresh / _DATABASE
            made_current(database)
            why = f"restored from a backup of {moment_of(backup.at):%Y-%m-%d %H:%M} UTC: it may have been sent since"
            unproven = 0 if nothing_sent_since else aged(database, why)
            kept = mapping is None or not _placed(fresh / "mapping", mapping)
            _own(fresh, state.folder)
            _take_place(fresh / "state", state)
        except OSError as error:
            raise StateError(f"{state.folder} cannot be written: {error.strerror or error}") from error
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
    return Restored(backup, unproven, kept)


def _others(state: StateFolder, mapping: Path, site: Path | None) -> Iterator[tuple[str, Path]]:
    """All but the outbox. A push that goes on is not among it: the hold that it made ends by its deadline."""
    for table in (state.bindings, state.pins, state.profiles, state.clocks):
        if table.is_file():
            yield f"state/{table.name}", table
    good = state.good_mapping
    if good is not None:
        yield from ((f"state/mapping/{_below(good, file)}", file) for file in sorted(good.rglob("*")) if file.is_file())
    if mapping.is_dir():
        yield from ((f"mapping/{_below(mapping, file)}", file) for file in sorted(looked_at(mapping)))
    if site is not None:
        yield "site.yaml", site


def _refuse_unsafe(names: Mapping[str, Path]) -> None:
    """What `restore` would not take must not be found out by it. Raises BridgeError."""
    for name, path in names.items():
        try:
            _safe(name)
        except ValueError:
            raise BridgeError(
                f"{path} has a name that cannot be restored everywhere: call it something without : and \\"
            ) from None


def _below(folder: Path, file: Path) -> str:
    return file.relative_to(folder).as_posix()


def _name(made: Path, target: Path) -> None:
    """Give it its name, which nothing else has. Raises BridgeError where something came to have it meanwhile."""
    try:
        os.link(made, target)
    except FileExistsError:
        raise BridgeError(_THERE.format(target)) from None
    except OSError:  # no hard links here: FAT, some network shares
        made.rename(target)


def _pack(target: Path, names: Mapping[str, Path], said: Mapping[str, Any]) -> None:
    """The manifest comes last, with the sums of what was really packed."""
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    sums = {}
    with os.fdopen(descriptor, "wb") as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, path in names.items():
            digest = hashlib.sha256()
            with path.open("rb") as content, archive.open(name, "w", force_zip64=True) as packed:
                while block := content.read(_BLOCK):
                    digest.update(block)
                    packed.write(block)
            sums[name] = digest.hexdigest()
        manifest = {"format": _FORMAT, "version": _VERSION, "bridge": __version__, **said, "files": sums}
        archive.writestr(_MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False))


def _unpacked(source: Path, fresh: Path) -> Backup:
    try:
        with zipfile.ZipFile(source) as archive:
            said = json.loads(archive.read(_MANIFEST))
            if said["format"] != _FORMAT or said["version"] != _VERSION or _DATABASE not in said["files"]:
                raise BridgeError(f"{source} is no backup that this version can read (made by {said['bridge']})")
            for name, digest in said["files"].items():
                if _unpack(archive, name, fresh / _safe(name)) != digest:
                    raise BridgeError(f"{source} is damaged: the sum of {name} is wrong. Nothing was restored")
            return Backup(said["at"], said["waiting"], tuple(said["files"]))
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError, EOFError) as error:
        raise BridgeError(f"{source} is not a backup, or not whole: {error}. Nothing was restored") from error
    except FileNotFoundError:
        raise BridgeError(f"{source} is not there") from None


def _safe(name: str) -> str:
    """Raises ValueError for what would not lie where a backup's files do; on Windows `backslash` and `C:` lead away."""
    parts = PurePosixPath(name).parts
    if (
        ".." in parts
        or set(name) & set("\\:")
        or not (name == "site.yaml" or (len(parts) > 1 and parts[0] in {"state", "mapping"}))
    ):
        raise ValueError(f"it holds {name!r}")
    return name


def _unpack(archive: zipfile.ZipFile, name: str, target: Path) -> str:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with archive.open(name) as packed, target.open("wb") as out:
        while block := packed.read(_BLOCK):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    target.chmod(0o600)
    return digest.hexdigest()


def _placed(source: Path, target: Path) -> bool:
    """Whether the mapping's files are there now; a folder with any is left as it is."""
    if not source.is_dir() or (target.exists() and any(target.iterdir())):
        return False
    target.mkdir(parents=True, exist_ok=True)
    shutil.copytree(source, target, dirs_exist_ok=True)
    for path in (target, *target.rglob("*")):  # the service reads it, whoever restored it; it holds no secret
        path.chmod(0o755 if path.is_dir() else 0o644)
    _own(target, target.parent)
    return True


def _own(tree: Path, like: Path) -> None:
    """Restored by root, it belongs to whom the state folder does: the service must be able to write it."""
    if is_root():
        owner = like.stat()
        for path in (tree, *tree.rglob("*")):
            os.chown(path, owner.st_uid, owner.st_gid)


def _take_place(source: Path, state: StateFolder) -> None:
    """The outbox comes last: without it nothing counts as restored, and all is done again."""
    for tail in ("-wal", "-shm"):
        state.database.with_name(f"{state.database.name}{tail}").unlink(missing_ok=True)
    for path in sorted(source.iterdir(), key=lambda each: each.name == state.database.name):
        target = state.folder / path.name
        if target.is_dir():
            shutil.rmtree(target)
        path.replace(target)
    sync(state.folder)
