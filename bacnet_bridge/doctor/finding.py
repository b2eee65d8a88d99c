"""What one look found: a state, a sentence, and what to do about it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, TypeAlias


class State(StrEnum):
    """How it stands."""

    OK = "ok"
    WARNING = "warning"
    """It works, but will not for long, or not as it is meant."""
    FAILURE = "failure"
    """The bridge does not do its work because of this."""
    NOT_APPLICABLE = "not applicable"
    """There is nothing to look at here; the sentence says why."""
    UNKNOWN = "unknown"
    """It could not be seen; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `check` names what was looked at, `says` is what was found, `remedy` what to do, if anything."""

    check: str
    state: State
    says: str
    remedy: str = ""

    def document(self) -> dict[str, Any]:
        """As JSON says it."""
        return asdict(self)


def ok(check: str, says: str) -> Finding:
    return Finding(check, State.OK, says)


def warning(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, State.WARNING, says, remedy)


def failure(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, State.FAILURE, says, remedy)


def not_applicable(check: str, why: str) -> Finding:
    return Finding(check, State.NOT_APPLICABLE, why)


def unknown(check: str, why: str, remedy: str = "") -> Finding:
    return Finding(check, State.UNKNOWN, why, remedy)


Findings: TypeAlias = Sequence[Finding]


@dataclass(frozen=True, slots=True)
class Look:
    """Something to look at. `names` are the checks that it answers, in their order; `seconds` is how long it may take.

    Where it takes longer, or fails, each of its checks that has no finding yet is unknown.
    """

    names: tuple[str, ...]
    see: Callable[[], Awaitable[Findings]]
    seconds: float = 10.0
