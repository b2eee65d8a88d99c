"""A CSV file or a spreadsheet → rows of cells with their places, for csv_rows.py. Pure."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from bacnet_bridge.mapping.problems import Findings, quoted
from bacnet_bridge.mapping.rows import Cell
from bacnet_bridge.model import Place
from bacnet_bridge.sheets.cells import COMMENT, ERRORS, BrokenRowError, SheetCell, cells


def csv_cells(text: str, file: Path, delimiter: str, findings: Findings) -> Iterator[list[Cell]]:
    """Rows of cells, texts trimmed, blank cells with an empty text; without comments and without blank rows.

    A broken quote is a problem, and the rest of the file is not read, since it cannot be told what belongs where.
    An iterator, so that a file costs the memory of its filled cells only.
    """
    try:
        yield from _rows(cells(text, delimiter), file, findings)
    except BrokenRowError as error:
        findings.wrong(Place(file, error.line, error.column), str(error))


def workbook_cells(content: bytes, file: Path, findings: Findings) -> Iterator[list[Cell]]:
    """The same of a workbook's first sheet. Nothing of it where a cell cannot be had as it is meant."""
    from bacnet_bridge.sheets.workbook import WorkbookError, sheets  # openpyxl is loaded for those who need it

    try:
        found = sheets(content)
    except WorkbookError as error:
        findings.wrong(Place(file, 1, 1), str(error))
        return
    if not found:
        return
    first, *others = found
    for trouble in first.troubles:
        findings.wrong(Place(file, trouble.line, trouble.column), trouble.sentence)
    if unread := [quoted(each.title) for each in others if each.rows]:
        findings.odd(
            Place(file, 1, 1),
            f"only the first sheet, {quoted(first.title)}, is read, not {', '.join(unread[:5])}; "
            "put what is meant into a file of its own",
        )
    if not first.troubles:
        yield from _rows(first.rows, file, findings)


def _rows(rows: Iterable[tuple[SheetCell, ...]], file: Path, findings: Findings) -> Iterator[list[Cell]]:
    for row in rows:
        texts = [Cell(cell.text.strip(), Place(file, cell.line, cell.column)) for cell in row]
        if texts[0].text in ERRORS:
            findings.wrong(
                texts[0].place, f"this cell holds a spreadsheet's error, {texts[0].text}; enter what is meant"
            )
        elif any(cell.text for cell in texts) and not texts[0].text.startswith(COMMENT):
            yield texts
