"""What is wrong with a setting → a sentence: its name, its place in the site file, never its value. Pure."""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from bacnet_bridge.secret_files import where_to_put
from bacnet_bridge.site_file import SiteFile

_PLAIN: Final = {
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "float_parsing": "is not a number",
    "float_type": "is not a number",
    "string_type": "is no text; put it in quotes",
    "model_type": "is a section; write its settings below it, each on a line of its own and indented",
    "dict_type": "is a section; write its settings below it, each on a line of its own and indented",
}
"""By pydantic's name of the error; its own words are for programmers."""


@dataclass(frozen=True, slots=True)
class Sources:
    """What is needed to say where a setting came from."""

    site: SiteFile
    earlier: Sequence[Mapping[str, Any]]
    """What was said elsewhere, and wins over the site file."""
    prefix: str
    """Of the environment's names."""
    top: type[BaseModel]
    sections: Mapping[str, type[BaseModel]]
    """By name; `accounts` stands for each account."""
    files: Mapping[Sequence[str], Path] = field(default_factory=dict)
    """Of the secrets directory, by what they set. The last of `earlier` is what they say."""
    secrets: Path = Path("/run/secrets")
    """That directory."""


def sentences(problems: Iterable[Mapping[str, Any]], sources: Sources) -> list[str]:
    """One for each problem."""
    return [_sentence(each, sources) for each in expanded(problems, sources.sections)]


def expanded(
    problems: Iterable[Mapping[str, Any]], sections: Mapping[str, type[BaseModel]]
) -> Iterator[Mapping[str, Any]]:
    """A section that is missing as the settings that must stand in it."""
    for problem in problems:
        section = sections.get(str(problem["loc"][0])) if problem["type"] == "missing" else None
        if section is None or len(problem["loc"]) > 1:
            yield problem
            continue
        for name, each in section.model_fields.items():
            if each.is_required():
                yield {**problem, "loc": (*problem["loc"], name)}


def _sentence(problem: Mapping[str, Any], sources: Sources) -> str:
    path = [str(part) for part in problem["loc"] if part != "[key]"]
    name, variable, site = ".".join(path), sources.prefix + "__".join(path).upper(), sources.site
    kind = str(problem["type"])
    if kind == "missing":
        place = site.place(path)
        if path[0] == "accounts" and path[-1] == "password":
            put = where_to_put(path, sources.prefix, sources.secrets)
            return f"{f'{place}: ' if place else ''}{name} is required: {put}"
        where = f"{site.file}" if site.there else f"a site file ({site.file} is not in this folder)"
        return f"{f'{place}: ' if place else ''}{name} is required: set it in {where}, or {variable} in the environment"
    from_site = not any(_holds(said, path) for said in sources.earlier)
    place = site.place(path, name=kind == "extra_forbidden" or "[key]" in problem["loc"]) if from_site else None
    subject = f"{place}: {name}" if place else name if kind == "extra_forbidden" else f"{name} (or {variable})"
    file = sources.files.get(tuple(path))
    if file is not None and not any(_holds(said, path) for said in sources.earlier[:-1]):
        subject += f" in {file}"
    if kind == "extra_forbidden":
        return f"{subject} is not a setting{_meant(path, sources)} (all of them: docs/settings.md)"
    if "[key]" in problem["loc"]:
        return f"{subject} is no name for an account; take small letters, digits and hyphens, a letter first"
    if kind == "value_error":
        return f"{subject} {str(problem['msg']).removeprefix('Value error, ')}"
    message = str(problem["msg"])
    return f"{subject} {_PLAIN.get(kind) or f'is wrong: {message[0].lower()}{message[1:]}'}"


def _holds(said: Mapping[str, Any], path: Sequence[str]) -> bool:
    inner: Any = said
    for name in path:
        if not isinstance(inner, Mapping) or name not in inner:
            return False
        inner = inner[name]
    return True


def _meant(path: Sequence[str], sources: Sources) -> str:
    section = sources.top if len(path) == 1 else sources.sections.get(path[0], sources.top)
    close = difflib.get_close_matches(path[-1], section.model_fields, n=1)
    return f"; did you mean {'.'.join([*path[:-1], close[0]])}?" if close else ""
