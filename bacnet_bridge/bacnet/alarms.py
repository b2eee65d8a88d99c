"""Sentences for the operator that hold until what they tell of ends."""

from collections.abc import Hashable
from typing import Any

import structlog

_log = structlog.get_logger()


class Alarms:
    """Each is logged when it starts and when it ends, however often it is seen between."""

    def __init__(self) -> None:
        self._standing: dict[Hashable, str] = {}

    def __contains__(self, about: Hashable) -> bool:
        return about in self._standing

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(self._standing.values())

    def start(self, about: Hashable, event: str, sentence: str, **fields: Any) -> None:
        """Tell of something new; `about` says what it is about, `sentence` stands in the overview."""
        if about not in self._standing:
            _log.warning(event, cause=sentence, **fields)
        self._standing[about] = sentence

    def end(self, about: Hashable, event: str, **fields: Any) -> None:
        if self._standing.pop(about, None) is not None:
            _log.info(event, **fields)
