"""`bacnet-bridge doctor`: everything that is known to stop a bridge, each with its remedy."""

import asyncio
import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bacnet_bridge.cli.run import Mapping, Site, State

if TYPE_CHECKING:
    from bacnet_bridge.bacnet.client import Identity
    from bacnet_bridge.doctor.examination import Examination
    from bacnet_bridge.doctor.finding import Finding
    from bacnet_bridge.doctor.site import Site as SiteSeen


def doctor(
    site: Site = None,
    mapping: Mapping = None,
    state: State = None,
    bind: Annotated[
        str | None, typer.Option(help="Own address to try, in place of the site's: 192.168.1.10/24.")
    ] = None,
    pcap: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Record this run's BACnet traffic, for Wireshark.")
    ] = None,
    firewall: Annotated[
        bool, typer.Option("--firewall", help="Print what to ask the customer's IT for, in Markdown; check nothing.")
    ] = False,
    text: Annotated[bool, typer.Option("--text", help="With --firewall: as plain text.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Look at everything that is known to stop a bridge, and say what to do about it.

    Works with a site that is only half made, and beside a running service. No packet is sent, nothing is written to a
    device, and nothing changes. All looks run side by side and each has an end, within about half a minute.

    Exit status: 0 nothing fails (there may be warnings), 1 something does, 2 it could not be begun.
    """
    from bacnet_bridge.bacnet.standing import parse_own
    from bacnet_bridge.doctor.site import read_site
    from bacnet_bridge.errors import SettingsError
    from bacnet_bridge.logs import configure

    configure("error", "auto")
    if text and not firewall:
        raise SettingsError("--text is a form of --firewall: give both")
    if firewall and (pcap is not None or as_json):
        raise SettingsError("--firewall checks nothing, so that there is nothing for --pcap and --json: give it alone")
    if bind is not None:
        parse_own(bind)
    seen = read_site(site, state, mapping)
    if firewall:
        typer.echo(_sheet(seen, text=text), nl=False)
        return
    if sys.stderr.isatty():
        typer.echo("Looking; this takes up to half a minute …", err=True)
    findings, examined = asyncio.run(_examined(seen, site, bind))
    _show(findings, as_json=as_json)
    if pcap is not None:
        _record(pcap, examined)
    if any(finding.state == "failure" for finding in findings):
        raise typer.Exit(1)


def _sheet(seen: "SiteSeen", *, text: bool) -> str:
    from bacnet_bridge.bacnet.port import own_addresses
    from bacnet_bridge.bacnet.standing import own_now
    from bacnet_bridge.doctor.firewall import markdown, plain, sheet
    from bacnet_bridge.doctor.interfaces import name_of
    from bacnet_bridge.errors import NetworkError

    try:
        own = None if seen.bacnet is None else own_now(seen.bacnet.address)[0]
    except NetworkError:  # its interface has none at this moment
        own = None
    made = sheet(seen, None if own is None else name_of(own, own_addresses()), own)
    return plain(made) if text else markdown(made)


async def _examined(seen: "SiteSeen", site: Path | None, bind: str | None) -> "tuple[list[Finding], Examination]":
    from bacnet_bridge.cli.discover_plan import Wishes, identity_of, own_address
    from bacnet_bridge.doctor.examination import Examination
    from bacnet_bridge.doctor.examine import examine
    from bacnet_bridge.errors import SettingsError
    from bacnet_bridge.settings import site_file
    from bacnet_bridge.site_file import SiteFile

    def way() -> "Identity":
        return identity_of(Wishes(bind=bind), seen.bacnet)[0]

    try:
        said = site_file(site)
    except SettingsError:  # a finding already
        said = SiteFile(site or Path("site.yaml"), there=False)
    examination = Examination(seen, said, partial(own_address, bind, seen.bacnet), way)
    return await examine(examination.looks), examination


def _record(file: Path, examined: "Examination") -> None:
    from bacnet_bridge.doctor.pcap import capture
    from bacnet_bridge.errors import SettingsError

    try:
        file.write_bytes(capture(examined.traffic))
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}; name another with --pcap") from None
    typer.echo(f"{len(examined.traffic)} datagrams recorded in {file}", err=True)


def _show(findings: "list[Finding]", *, as_json: bool) -> None:
    from bacnet_bridge.cli.doctor_show import document, table

    if as_json:
        typer.echo(json.dumps(document(findings), indent=2, ensure_ascii=False))
    else:
        table(findings)
