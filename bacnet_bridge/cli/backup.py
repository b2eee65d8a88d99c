"""`bacnet-bridge backup` and `restore`: what a site needs to go on elsewhere, in one file."""

from pathlib import Path
from typing import Annotated

import typer

from bacnet_bridge.cli.outbox_queues import counted
from bacnet_bridge.cli.run import Mapping, Site, State

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup, a zip file.", show_default=False)]


def backup(file: File, site: Site = None, mapping: Mapping = None, state: State = None) -> None:
    """Write outbox and ledger, what was learned of devices, and the mapping into one file.

    The service may run: the outbox is copied as it was at one moment. The file holds no secret, and the site file only
    where that holds none. It is for a computer that died, not for going back in time: `restore` says why.

    Exit status 1: the file cannot be written, or the outbox is damaged. 2: there is no site or no outbox.
    """
    from bacnet_bridge.clock import SystemClock
    from bacnet_bridge.service.backup import back_up
    from bacnet_bridge.settings import load_without_secrets, site_file
    from bacnet_bridge.settings_secrets import secret_within
    from bacnet_bridge.state import StateFolder

    settings = load_without_secrets(site, mapping=mapping, state=state)
    read = site_file(site)
    secret = secret_within(read)
    bare = read.there and not secret
    done = back_up(StateFolder(settings.state), settings.mapping, read.file if bare else None, file,
                   SystemClock().wall())  # fmt: skip
    typer.echo(f"{file}: {len(done.files)} files, {file.stat().st_size / 1e6:.1f} MB; {counted(done.waiting)} waiting")
    if not settings.mapping.is_dir():
        typer.echo(f"no mapping is in it: {settings.mapping} is not there; name its folder with --mapping", err=True)
    if read.there and not bare:
        typer.echo(f"{read.file} holds {secret} and is not in it: keep that apart", err=True)


def restore(
    file: File,
    nothing_sent_since: Annotated[
        bool,
        typer.Option(
            "--nothing-sent-since",
            help="The backup was made with the service stopped, and no service ran on that outbox since.",
        ),
    ] = False,
    site: Site = None,
    mapping: Mapping = None,
    state: State = None,
) -> None:
    """Put a backup into a state folder without an outbox, and into the mapping's folder where that is empty.

    If the old service went on after the backup, nobody here knows what it sent. So meters of which packets wait in
    the backup collect and do not send, until `outbox recover --latest` or `outbox abandon` says what the platform has;
    differences (`as: delta`) begin anew. With --nothing-sent-since all goes on as if there had been no break.

    With --state no site file is needed; without one the mapping is restored only where --mapping says.

    Exit status 1: the file is no whole backup. 2: the folder has an outbox, or is in use.
    """
    from bacnet_bridge.service.backup import restore as put_back
    from bacnet_bridge.settings import load_without_secrets
    from bacnet_bridge.state import StateFolder

    if state is None or site is not None:
        settings = load_without_secrets(site, mapping=mapping, state=state)
        state, mapping = settings.state, settings.mapping
    folder, files = StateFolder(state), mapping
    done = put_back(folder, files, file, nothing_sent_since=nothing_sent_since)
    typer.echo(f"{folder.folder}: restored; {counted(done.backup.waiting)} waiting")
    if done.mapping_kept and files is not None:
        typer.echo(f"{files} has files, which were left as they are; the backup's are in {file}, below mapping/")
    if done.unproven:
        typer.echo(
            f"not sent, only collected: {counted(done.unproven, 'meter')}, because it is not known what was sent since "
            "the backup. See with `outbox list`, ask the platform with `latest`, then `outbox recover --latest` or "
            "`outbox abandon`"
        )
