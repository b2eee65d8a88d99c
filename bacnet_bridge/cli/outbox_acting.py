"""Acts on queues: asked of the running service, or done here where none runs."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    from bacnet_bridge.control.door import Command
    from bacnet_bridge.model import Account
    from bacnet_bridge.state import StateFolder

_PATIENCE: Final = 90.0
"""Seconds that an act may take: an attempt under way ends first."""
_SIDE_BY_SIDE: Final = 32
"""Acts on different meters at a time: so many share a commit."""


class Acting:
    """Acts done by the running service; where none runs, here, under the state folder's lock, held until the end."""

    def __init__(self, folder: "StateFolder", site: Path | None) -> None:
        self._folder, self._site = folder, site
        self._alone: Mapping[str, Command] | None = None

    def __enter__(self) -> Self:
        self._runner, self._stack = asyncio.Runner(), AsyncExitStack()
        return self

    def __exit__(self, *_error: object) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()

    @property
    def alone(self) -> bool:
        """No service runs."""
        return self._alone is not None

    def do(self, question: str, asked: "DataclassInstance") -> dict[str, Any]:
        """Ask one of `service/questions.py`. Raises BridgeError with a sentence; then nothing was changed."""
        from bacnet_bridge.errors import NoServiceError
        from bacnet_bridge.logs import configure
        from bacnet_bridge.service.acts import acting

        try:
            return self._runner.run(self._ask(question, asked))
        except NoServiceError:
            configure("error", "auto")  # what is done is said anyway
            here = acting(self._folder, _accounts(self._site))
            self._alone = self._runner.run(self._stack.enter_async_context(here))
        return self._runner.run(self._ask(question, asked))

    def all(
        self, question: str, asked: "Sequence[DataclassInstance]", done: "Callable[[int], object]" = int
    ) -> list[dict[str, Any]]:
        """What came of each, as `each` gives it. `done` is told of every one."""
        results = []
        for _, came in self.each(question, asked):
            results.append(came)
            done(1)
        return results

    def each(self, question: str, asked: "Sequence[DataclassInstance]") -> "Iterator[tuple[int, dict[str, Any]]]":
        """As `do`, of many meters, some side by side: the place of each in `asked`, and what came of it, in order.

        Raises the first BridgeError, once all that succeeded beside it is given.
        """
        if asked:
            yield 0, self.do(question, asked[0])  # it shows whether a service runs
        for start in range(1, len(asked), _SIDE_BY_SIDE):
            came = self._runner.run(self._side_by_side(question, asked[start : start + _SIDE_BY_SIDE]))
            for place, found in enumerate(came, start):
                if not isinstance(found, BaseException):
                    yield place, found
            for found in came:
                if isinstance(found, BaseException):
                    raise found

    async def _side_by_side(
        self, question: str, asked: "Sequence[DataclassInstance]"
    ) -> "list[dict[str, Any] | BaseException]":
        return await asyncio.gather(*(self._ask(question, each) for each in asked), return_exceptions=True)

    async def _ask(self, question: str, asked: "DataclassInstance") -> dict[str, Any]:
        from bacnet_bridge.control.door import ask

        details = asdict(asked)
        if self._alone is None:
            told: dict[str, Any] = await ask(self._folder.control, question, patience=_PATIENCE, **details)
            return told
        done: dict[str, Any] = await self._alone[question](details)
        return done


@contextmanager
def bar(what: str, total: int) -> "Iterator[Callable[[int], None]]":
    """A progress bar on a terminal, and nothing elsewhere; gives what advances it by so many."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda count: progress.advance(task, count)


def _accounts(site: Path | None) -> "Callable[[], Mapping[str, Account]]":
    @cache  # asked for every meter
    def accounts() -> "Mapping[str, Account]":
        from bacnet_bridge.service.accounts import accounts_of
        from bacnet_bridge.settings import load_settings

        return accounts_of(load_settings(site))

    return accounts
