"""`bacnet-bridge check`: are site and mapping sound, what do they say, and do the devices say the same?"""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from bacnet_bridge.cli.check_show import (
    as_json,
    print_mapping,
    print_problems,
    print_unchecked,
    print_warnings,
    wide_console,
)
from bacnet_bridge.cli.check_site import clashes, site_problems, site_warnings
from bacnet_bridge.cli.run import State
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.mapping import BrokenMappingError, Defaults, Mapping, MappingProblem, load
from bacnet_bridge.mapping.key import Key
from bacnet_bridge.mapping.keys import INTERVAL, ZONE
from bacnet_bridge.settings import DEFAULT_ACCOUNT, Settings, load_settings, site_file
from bacnet_bridge.state import StateFolder

T = TypeVar("T")


def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of the mapping's files; the settings' one if not given.")
    ] = None,
    site: Annotated[Path | None, typer.Option(help="The site file.")] = None,
    zone: Annotated[
        str | None, typer.Option(help="Check without a site: the IANA zone of meters that state none.")
    ] = None,
    interval: Annotated[
        str | None, typer.Option(help="Time between packets of meters that state no interval: 300, 5 min.")
    ] = None,
    live: Annotated[
        bool, typer.Option("--live", help="Read every meter and draft, too, and say whether its values can be true.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option(help="With --live: only this meter, by id or name. Can be repeated.")
    ] = None,
    over: Annotated[
        str, typer.Option(help="With --live: time between its two readings, 30 or '5 min'; 0: at once.")
    ] = "30",
    send: Annotated[
        str | None, typer.Option(metavar="METER", help="Send one real packet of this meter, by id or name.")
    ] = None,
    state: State = None,
    as_json_: Annotated[bool, typer.Option("--json", help="Print one JSON object, for other programs.")] = False,
) -> None:
    """Check the mapping's files and the site's settings: every problem with file, line and column, or else a table
    of the meters. Touches no network, unless told to.

    --live reads all meters and drafts twice, through the running service or, where none runs, by itself, and shows
    every value, every packet exactly as it would be sent, and what a slot costs each device.

    --send reads one meter, puts its packet into the site's outbox behind whatever waits, waits until it is accepted,
    and reads the platform's latest packet back. Without the site's outbox it sends nothing.

    Exit status: 0 sound, 1 problems, 2 it could not be begun: the settings cannot be read, no port, no outbox.
    """
    settings = _site(site, zone, interval, state)
    if settings is None and (live or send):
        raise SettingsError(
            "--live and --send need the site, for its network: leave --zone out, or name it with --site"
        )
    problems = () if settings is None else site_problems(settings, site_file(site))
    mapping, broken = _checked(folder, settings, zone, interval)
    problems += broken
    if mapping is None or problems:
        print_problems(problems, _last_good(folder, settings) if mapping is None else None, as_json=as_json_)
        raise typer.Exit(1)
    if settings is not None and live:
        _live(settings, folder, mapping, only or (), over, as_json_=as_json_)
    elif as_json_:
        typer.echo(json.dumps(as_json(mapping), ensure_ascii=False))
    elif send is None:
        print_mapping(mapping, zone if settings is None else settings.zone)
        if settings is None:
            print_unchecked(mapping)
    if settings is not None and send is not None:
        from bacnet_bridge.cli.check_send import send_one
        from bacnet_bridge.logs import configure

        configure("warning", settings.log_format)
        send_one(settings, mapping, send)


def _live(
    settings: Settings, folder: Path | None, mapping: Mapping, only: Sequence[str], over: str, *, as_json_: bool
) -> None:
    from bacnet_bridge.cli.check_live import live_json, look_live, print_live, seconds_over
    from bacnet_bridge.logs import configure
    from bacnet_bridge.packet.remark import Weight

    configure("error", settings.log_format)  # what a look finds stands in its table
    report = look_live(settings, folder, mapping, only, seconds_over(over))
    wrong = report.count(Weight.WRONG) > 0
    if as_json_:
        found = {**as_json(mapping), "sound": not wrong, "live": live_json(report)}
        typer.echo(json.dumps(found, ensure_ascii=False))
    else:
        print_warnings(mapping)
        print_live(report, wide_console())
    if wrong:
        raise typer.Exit(1)


def _site(site: Path | None, zone: str | None, interval: str | None, state: Path | None) -> Settings | None:
    """What the site decides; with a zone given, none is needed."""
    if zone is not None and site is None:
        return None
    try:
        return load_settings(site, zone=zone, interval=interval, state=state)
    except SettingsError as error:
        if _is_there(site):
            raise
        raise SettingsError(
            f"{error}\n(to check the files without a site, name its zone: --zone Europe/Dublin)"
        ) from None


def _is_there(site: Path | None) -> bool:
    """Whether there is a site file, however wrong."""
    try:
        return site_file(site).there
    except SettingsError:
        return site is None or site.exists()


def _checked(
    folder: Path | None, settings: Settings | None, zone: str | None, interval: str | None
) -> tuple[Mapping | None, tuple[MappingProblem, ...]]:
    """The mapping, or None where its files are broken, and every problem of the files."""
    try:
        if settings is None:
            return load(
                folder or Path("point_mappings"),
                Defaults(_parsed(ZONE, zone or ""), _parsed(INTERVAL, interval or "300")),
            ), ()
        defaults = Defaults(settings.zone, settings.interval, tolerance=settings.tolerance)
        mapping = load(folder or settings.mapping, defaults, accounts={DEFAULT_ACCOUNT, *settings.accounts})
    except BrokenMappingError as error:
        return None, error.problems
    warnings = (*site_warnings(mapping, settings), *mapping.warnings)
    return replace(mapping, warnings=warnings), clashes(mapping, settings)


def _last_good(folder: Path | None, settings: Settings | None) -> Path | None:
    """The mapping that the service would start with instead, if there is one."""
    if settings is None or folder not in {None, settings.mapping}:
        return None
    return StateFolder(settings.state).good_mapping


def _parsed(key: Key[T], text: str) -> T:
    try:
        return key.parse(text)
    except ValueError as error:
        raise SettingsError(str(error)) from None
