"""What is wrong with a mapping, said once, with its place; and the one error that carries all of it."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from bacnet_bridge.errors import MappingError
from bacnet_bridge.model import Place


@dataclass(frozen=True, slots=True)
class MappingProblem:
    """One thing to mend. `place` is None where it concerns the whole folder."""

    place: Place | None
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        """`file:line:column: message; suggestion`, on one line whatever was in the file."""
        where = "" if self.place is None else f"{self.place}: "
        advice = f"; {self.suggestion}" if self.suggestion else ""
        return f"{where}{self.message}{advice}"


class BrokenMappingError(MappingError):
    """All problems of all files. The text lists them, one a line, in the order of files, lines and columns."""

    def __init__(self, problems: Iterable[MappingProblem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class Findings:
    """Gathers problems and warnings while reading goes on, each only once."""

    def __init__(self) -> None:
        self._problems: dict[MappingProblem, None] = {}
        self._warnings: dict[MappingProblem, None] = {}

    @property
    def problems(self) -> tuple[MappingProblem, ...]:
        """In the order of files, lines and columns."""
        return tuple(sorted(self._problems, key=_position))

    @property
    def warnings(self) -> tuple[MappingProblem, ...]:
        """In the order of files, lines and columns."""
        return tuple(sorted(self._warnings, key=_position))

    def wrong(self, place: Place | None, sentence: str) -> None:
        """Note a problem. What stands behind the first semicolon is the suggestion."""
        self._problems[_problem(place, sentence)] = None

    def odd(self, place: Place | None, sentence: str) -> None:
        """Note what can be used as it stands, but is probably not meant."""
        self._warnings[_problem(place, sentence)] = None


def meant(text: str, known: Iterable[str], otherwise: str = "") -> str:
    """`; did you mean …?`, or where nothing comes near: `otherwise`, or else the choice if it is short, or nothing."""
    choice = {name.lower(): name for name in known}
    close = difflib.get_close_matches(text.lower(), choice, n=1)
    if close:
        return f"; did you mean {choice[close[0]]}?"
    if otherwise:
        return otherwise
    return f"; known are {', '.join(choice.values())}" if 0 < len(choice) <= 12 else ""


def quoted(text: str) -> str:
    """The text as it is shown in a message: one line, not endless."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")


def _problem(place: Place | None, sentence: str) -> MappingProblem:
    message, _, suggestion = sentence.partition("; ")
    return MappingProblem(place, message, suggestion)


def _position(problem: MappingProblem) -> tuple[str, int, int, str]:
    if problem.place is None:
        return "", 0, 0, problem.message
    return str(problem.place.file), problem.place.line, problem.place.column, problem.message
