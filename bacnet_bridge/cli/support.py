"""`bacnet-bridge support`: one file for whoever helps from far away."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bacnet_bridge.cli.run import Mapping, Site, State

if TYPE_CHECKING:
    from bacnet_bridge.service.support import Part


def support(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The zip file to make.", show_default=False)],
    log: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A file with the service's log; can be repeated.")
    ] = None,
    unit: Annotated[str, typer.Option(help="The systemd unit whose journal is taken.")] = "bacnet-bridge",
    site: Site = None,
    mapping: Mapping = None,
    state: State = None,
) -> None:
    """Pack logs, versions, settings without secrets, mapping, what was learned, status, report and doctor in one file.

    Works whatever is broken: what cannot be had is told in `not-had.txt`. The file stays here; look into it before you
    give it away. It holds no password, but the building's names, addresses and values. Takes up to a minute.
    """
    from bacnet_bridge.errors import SettingsError
    from bacnet_bridge.service import support as parts
    from bacnet_bridge.settings import Settings, load_settings, secrets_folder, site_file
    from bacnet_bridge.site_file import SiteFile
    from bacnet_bridge.state import StateFolder

    if file.exists():
        raise SettingsError(f"{file} is there already: name a file that is not")
    pack = parts.Pack()
    settings: Settings | SettingsError
    read = SiteFile(site or Path("site.yaml"), there=False)
    secrets = None
    with suppress(SettingsError):  # `load_settings` tells it
        secrets = secrets_folder()
    with suppress(SettingsError):
        read = site_file(site)
    parts.know_secrets(pack, read.data, secrets, os.environ)
    try:
        settings = load_settings(site, mapping=mapping, state=state)
    except SettingsError as error:
        settings = error
    known = isinstance(settings, Settings)
    folder = StateFolder(settings.state if isinstance(settings, Settings) else state or Path("state"))
    files = settings.mapping if isinstance(settings, Settings) else mapping
    pack.add_text("about.json", json.dumps(parts.about(folder.folder), indent=1, ensure_ascii=False))
    parts.add_settings(pack, settings, read)
    parts.add_kept(pack, folder, files)
    parts.add_logs(pack, log or ())
    journal = parts.journal(unit)
    wanted = [*_own(site, folder.folder if state or known else None, mapping), *([journal] if journal else [])]
    asyncio.run(parts.add_commands(pack, wanted))
    parts.tell_of_no_log(pack)
    pack.write(file)
    typer.echo(f"{file}: {len(pack.files)} files, {file.stat().st_size / 1e6:.1f} MB. Look into it before you send it")
    for each in pack.lacking:
        typer.echo(f"not in it: {each}", err=True)


def _own(site: Path | None, state: Path | None, mapping: Path | None) -> "Iterator[Part]":
    """What our own commands say of this site."""
    from bacnet_bridge.service.support import Part

    where = [*(["--site", str(site)] if site else []), *(["--state", str(state)] if state else [])]
    of_mapping = ["--mapping", str(mapping)] if mapping else []
    for name, words in {
        "status.json": ["status", "--json", *where],
        "devices.json": ["devices", "--json", *where],
        "outbox.json": ["outbox", "list", "--all", "--json", *where],
        "report.txt": ["report", *where],
        "check.txt": ["check", *([str(mapping)] if mapping else []), *(["--site", str(site)] if site else [])],
        "doctor.txt": ["doctor", *where, *of_mapping],
    }.items():
        yield Part(name, [sys.executable, "-m", "bacnet_bridge", *words])
