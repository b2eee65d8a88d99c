"""The mapping as the status page shows it: its files, what is wrong with them and where, when it was judged last."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bacnet_bridge.errors import MappingError
from bacnet_bridge.mapping import BrokenMappingError, Look, Mapping, MappingProblem


@dataclass(slots=True)
class Judged:
    """What came of the files when they were read last. Instants; `in_force_since`: the latest edit's, or the start."""

    at: int
    in_force_since: int
    problems: tuple[MappingProblem, ...] = ()
    warnings: tuple[MappingProblem, ...] = ()
    drafts: tuple[str, ...] = ()

    def take(self, found: Mapping | MappingError, at: int) -> None:
        """The files were read. Of wrong ones nothing is known but their problems."""
        self.at = at
        if isinstance(found, MappingError):
            self.problems, self.warnings = problems_of(found), ()
            return
        self.problems, self.warnings = (), found.warnings
        self.drafts = tuple(draft.name for draft in found.drafts)


def problems_of(error: MappingError) -> tuple[MappingProblem, ...]:
    """Each with its place, as far as it has one."""
    return error.problems if isinstance(error, BrokenMappingError) else (MappingProblem(None, str(error)),)


def file_documents(look: Look, folder: Path) -> list[dict[str, Any]]:
    """The files that are read, or should be."""
    return [
        {"file": _relative(Path(path), folder), "size": size, "modified": changed // 1_000_000}
        for path, size, changed, _ in look
    ]


def problem_document(problem: MappingProblem, folder: Path) -> dict[str, Any]:
    """Lines and columns count from 1; None where it concerns the whole folder."""
    place = problem.place
    return {
        "file": None if place is None else _relative(place.file, folder),
        "line": None if place is None else place.line,
        "column": None if place is None else place.column,
        "message": problem.message,
        "suggestion": problem.suggestion,
    }


def _relative(file: Path, folder: Path) -> str:
    return str(file.relative_to(folder)) if file.is_relative_to(folder) else str(file)
