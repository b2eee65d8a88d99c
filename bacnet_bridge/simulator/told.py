"""What a control address is told → what is meant, or a ValueError with sentences for whoever typed it. Pure."""

import difflib
import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

_Model = TypeVar("_Model", bound=BaseModel)


def from_json(text: str, example: str) -> Any:
    """What the text says."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(
            f"this is not JSON, at line {error.lineno}, column {error.colno}; "
            f"write it like {example}, in curl between single quotes"
        ) from None


def keyed(told: Any, example: str) -> dict[str, Any]:
    """The keys of an object."""
    if not isinstance(told, dict):
        raise ValueError(f"write keys in braces, like {example}")  # noqa: TRY004 - told to a person, not a programmer
    return told


def checked(model: type[_Model], told: Mapping[str, Any], also: Iterable[str] = ()) -> _Model:
    """The model that the keys make; `also` are further keys that may be told."""
    try:
        return model.model_validate(told)
    except ValidationError as error:
        known = [*model.model_fields, *also]
        raise ValueError("; ".join(_sentence(each, known) for each in error.errors())) from None


def seconds(told: object) -> float | None:
    """A length of time; None for none."""
    if told is None:
        return None
    if isinstance(told, bool) or not isinstance(told, int | float) or not 0 < told < math.inf:
        raise ValueError("seconds must be a number larger than 0")
    return float(told)


def _sentence(problem: Mapping[str, Any], known: list[str]) -> str:
    name = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        close = difflib.get_close_matches(name, known, n=1)
        meant = f", did you mean {close[0]}?" if close else ""
        return f"there is no key {name!r}{meant} (known are {', '.join(known)})"
    message = str(problem["msg"]).removeprefix("Value error, ").replace("Input should be", "must be")
    return f"{name}: {message}" if name else message
