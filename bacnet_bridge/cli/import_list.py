"""`bacnet-bridge import`: lists of points that others made, as a survey."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bacnet_bridge.survey.ede.files import ListSet
    from bacnet_bridge.survey.ede.lists import Report


def import_list(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="EDE lists, or YABE's exports: .csv, .txt or .xlsx.")
    ],
    output: Annotated[Path, typer.Option(help="Folder for the survey, or a .json file.")] = Path("imported"),
    device: Annotated[
        int | None, typer.Option(min=0, max=4194302, help="The device's instance, where the list names none.")
    ] = None,
    states: Annotated[
        Path | None, typer.Option(help="The file of state texts, where its name does not match the list's.")
    ] = None,
) -> None:
    """Make a survey of lists of points: EDE (layouts 2.0 to 2.3) or YABE's export.

    State texts, units and object types are read from the files beside the list whose names match: Boiler_EDE.csv,
    Boiler_StateTexts.csv, Boiler_Units.csv, Boiler_ObjTypes.csv. Every row that is not in the survey is shown with
    its reason, and kept in the survey's file. The network is not asked.

    Exit status: 0 all rows were read, 1 some were not, or a file is no list.
    """
    from bacnet_bridge.cli.discover_files import Files
    from bacnet_bridge.cli.import_show import Screen
    from bacnet_bridge.clock import SystemClock
    from bacnet_bridge.survey.ede.files import read_set
    from bacnet_bridge.survey.ede.lists import Lists

    lists = Lists(device)
    read: list[tuple[ListSet, Report]] = []
    for file in files:
        found = read_set(file, states)
        read.append((found, lists.read(found.table, found.beside)))
    scope = tuple(f"imported from {found.list.name}" for found, _ in read)
    remarks = tuple(
        f"{found.list.name}:{remark.line}: {kind}: {remark.sentence}"
        for found, report in read
        for kind, remarks in (("skipped", report.skipped), ("read in part", report.noted))
        for remark in remarks
    )
    survey = lists.survey(SystemClock().wall(), scope, remarks)
    screen = Screen()
    screen.show(read, survey)
    for told in Files(output if output.suffix == ".json" else output / "survey.json", None, None, None).write(survey):
        screen.tell(told)
    if survey.devices:
        screen.tell(f"Next: bacnet-bridge draft {output}")
    if not survey.devices or any(report.skipped for _, report in read):
        raise typer.Exit(1)
