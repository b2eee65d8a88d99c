"""`bacnet-bridge devices`: what was learned of each device."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from bacnet_bridge.cli.run import Site, State

if TYPE_CHECKING:
    from bacnet_bridge.bacnet.profile import Profile
    from bacnet_bridge.state import StateFolder


_HEADINGS: Final = (
    "device",
    "address",
    "APDU",
    "RPM",
    "per\nrequest",
    "at\nonce",
    "round\ntrip",
    "requests\nper slot",
)


def devices(
    site: Site = None,
    state: State = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print all that was learned, as JSON.")] = False,
) -> None:
    """Show what every device proved able to do, and since when those are silent that are.

    Without a running service: what it knew when it ended.
    """
    from bacnet_bridge.settings import load_settings
    from bacnet_bridge.state import StateFolder

    folder = StateFolder(state or load_settings(site).state)
    running, learned = _learned(folder)
    if as_json:
        typer.echo(json.dumps(learned, indent=2, ensure_ascii=False))
    else:
        _show(learned, folder.folder, running=running)


def _learned(folder: "StateFolder") -> tuple[bool, list[Mapping[str, Any]]]:
    """Whether the service answered, and the profiles' documents. Raises StateError where there are none to be had."""
    from bacnet_bridge.control.door import ask
    from bacnet_bridge.errors import StateError
    from bacnet_bridge.state import peek_table

    try:
        return True, asyncio.run(ask(folder.control, "devices"))
    except StateError:
        kept = peek_table(folder.profiles)
        if kept is None:
            raise
        return False, list(kept.values())


def _show(learned: Iterable[Mapping[str, Any]], folder: Path, *, running: bool) -> None:
    from rich.console import Console

    from bacnet_bridge.bacnet.profile import from_document

    console = Console()
    if not running:
        console.print(f"No bridge runs on {folder}. What it knew when it ended:", markup=False)
    profiles = [profile for entry in learned if (profile := from_document(entry)) is not None]
    if not profiles:
        console.print("No device was asked for anything yet; where that lasts, `bacnet-bridge status` says why.")
        return
    now = datetime.now(UTC)
    ordered = sorted(profiles, key=lambda profile: profile.instance)
    console.print(_table(ordered, now))
    for profile in ordered:
        for sentence in troubles(profile, now):
            console.print(f"device {profile.instance}: {sentence}", markup=False, highlight=False)


def _table(profiles: Iterable["Profile"], now: datetime) -> Any:
    """As wide as its figures, so that all of it is readable in 80 columns; sentences stand below."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for heading in _HEADINGS:
        table.add_column(heading, justify="left" if heading == "address" else "right", no_wrap=True)
    for profile in profiles:
        table.add_row(*(Text(cell) for cell in cells(profile, now)))
    return table


def cells(profile: "Profile", now: datetime) -> tuple[str, ...]:
    """A row of the table."""
    at = round(now.timestamp() * 1000)
    most = profile.most_together(at)
    singly = profile.reads_singly(at)
    return (
        str(profile.instance),
        profile.address or "–",
        str(profile.max_apdu or "–"),
        "no" if singly else "yes" if profile.worked else "–",
        "1" if singly else f"≤ {most}" if most else str(profile.worked or "–"),
        str(profile.in_flight),
        f"{profile.round_trip:.0f} ms" if profile.round_trip else "–",
        str(profile.requests or "–"),
    )


def troubles(profile: "Profile", now: datetime) -> list[str]:
    """What there is to say beside the figures, a sentence each. Times are in this machine's zone."""
    at = round(now.timestamp() * 1000)
    told = [f"silent since {_time(profile.silent_since)}"] if profile.silent_since else []
    told += [f"refused last, {_time(profile.refused_at)}: {profile.refusal}"] if profile.refusal else []
    told += [f"{each} spoils requests and is asked for alone" for each in sorted(profile.apart(at))]
    told += [f"{each} is never answered" for each in profile.dumb]
    return told


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S")
