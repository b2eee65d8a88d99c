"""`bacnet-bridge draft`: a survey → the draft of a mapping."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bacnet_bridge.cli.run import Site

if TYPE_CHECKING:
    from bacnet_bridge.survey.draft import Draft


class DraftFormat(StrEnum):
    """What a mapping can be written in."""

    YAML = "yaml"
    CSV = "csv"


_FORMATS: Final = {".yaml": DraftFormat.YAML, ".yml": DraftFormat.YAML, ".csv": DraftFormat.CSV}


def draft(
    survey: Annotated[Path, typer.Argument(help="The survey's file, or the folder that `discover` wrote.")],
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="FILTER", help="device=1000-1999, type=AI, name=*kWh*, unit=kWh. Can be repeated."),
    ] = None,
    interval: Annotated[
        str | None,
        typer.Option(
            help="Time between the meters' packets, by which trend logs are judged: 300, 15 min. If not given: the "
            "site's, or 5 min where there is no site."
        ),
    ] = None,
    kind: Annotated[
        DraftFormat | None, typer.Option("--format", help="If not given: what the output is called.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="The file to write; the terminal if not given.")] = None,
    site: Site = None,
) -> None:
    """Suggest meters and their fields, as a mapping that needs only ids.

    Objects are grouped into meters by what their names, descriptions, units and neighbours say. Each point bears the
    reason as a comment; what is unsure is a comment as a whole. A file that is there is never overwritten.

    Where a trend log of the survey records a point, and can heal its gaps, the point names it (`backfill`).

    Exit status: 0 done, 1 the survey suggests nothing, or a file cannot be read or written.
    """
    from bacnet_bridge.survey.draft_csv import as_csv
    from bacnet_bridge.survey.draft_yaml import as_yaml

    chosen = kind or _called(output)
    made = _made(survey, only or [], _of_the_site(site) if interval is None else _seconds(interval))
    text = as_csv(made) if chosen is DraftFormat.CSV else as_yaml(made)
    if output is None:
        typer.echo(text, nl=False)
    else:
        _write(output, text)
    points = sum(len(each.points) for each in made.meters)
    where = f"{output}: " if output else ""
    typer.echo(f"{where}{len(made.meters)} meters with {points} points, {len(made.unsure)} objects to decide", err=True)
    if not made.meters:
        raise typer.Exit(1)


def _called(output: Path | None) -> DraftFormat:
    """Under another name the mapping's folder would not read it."""
    from bacnet_bridge.errors import SurveyError

    suffix = ".yaml" if output is None else output.suffix.lower()
    if suffix not in _FORMATS:
        raise SurveyError(f"{output}: a mapping's files are called .yaml or .csv; name a file like draft.yaml")
    return _FORMATS[suffix]


def _made(path: Path, only: list[str], interval: int) -> "Draft":
    from bacnet_bridge.errors import SurveyError
    from bacnet_bridge.survey.draft import draft as drafted
    from bacnet_bridge.survey.draft import selected
    from bacnet_bridge.survey.file import read
    from bacnet_bridge.survey.only import parse_only
    from bacnet_bridge.survey.suggest import suggest

    try:
        wanted = parse_only(only)
    except ValueError as error:
        raise SurveyError(f"--only: {error}") from None
    found = read(path)
    some = selected(suggest(found), lambda device, each: wanted.device(device) and wanted.object(each))
    return drafted(found, some, interval)


def _of_the_site(site: Path | None) -> int:
    """The interval of meters that state none, in seconds. A laptop has no site, and needs none."""
    from bacnet_bridge.errors import SettingsError
    from bacnet_bridge.settings import load_without_secrets, site_file
    from bacnet_bridge.survey.healing import USUAL_INTERVAL

    if not site_file(site).there:
        return USUAL_INTERVAL
    try:
        return load_without_secrets(site, zone="UTC").interval  # as `discover` does: it may not state its zone yet
    except SettingsError as error:
        raise SettingsError(f"{error}\n(without the site's interval: --interval '5 min')") from None


def _seconds(text: str) -> int:
    from bacnet_bridge.errors import SurveyError
    from bacnet_bridge.vocabulary.durations import parse_seconds

    try:
        seconds = parse_seconds(text)
    except ValueError as error:
        raise SurveyError(f"--interval {text!r} {error}") from None
    if seconds != int(seconds):
        raise SurveyError(f"--interval {text!r} is not a whole number of seconds; write 300, 5 min or 1 h")
    return int(seconds)


def _write(output: Path, text: str) -> None:
    from bacnet_bridge.errors import SurveyError

    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        with output.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
    except FileExistsError:
        raise SurveyError(f"{output} is there already, perhaps with ids in it; name another file") from None
    except OSError as error:
        raise SurveyError(f"{output} cannot be written: {error.strerror}") from error
