"""docs/commands.md has every command, argument and option; every command shown anywhere in the documents exists."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.core import TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from bacnet_bridge.cli import app

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAM = "bacnet-bridge"


def commands(command: object, name: str) -> Iterator[tuple[str, TyperCommand]]:
    """Each command that does something, by its full name."""
    if isinstance(command, TyperGroup):
        for child_name, child in command.commands.items():
            yield from commands(child, f"{name} {child_name}")
    elif isinstance(command, TyperCommand):
        yield name, command


COMMANDS = dict(commands(get_command(app), PROGRAM))


def parameters(command: TyperCommand) -> set[str]:
    """As the page's table writes them: `--check`, `FOLDER`."""
    names: set[str] = set()
    for parameter in command.params:
        if isinstance(parameter, TyperOption):
            names.update(option for option in (*parameter.opts, *parameter.secondary_opts) if option.startswith("--"))
        else:
            names.add((parameter.metavar or parameter.name or "").upper())
    return names - {"--help"}


def sections() -> dict[str, str]:
    parts = re.split(r"^## `(.+)`$", (ROOT / "docs" / "commands.md").read_text(), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_has_a_section_and_no_other_has() -> None:
    assert set(sections()) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_in_its_section(name: str) -> None:
    rows = re.findall(r"^\| (`.+?`) \|", sections()[name], re.MULTILINE)
    listed = {word for row in rows for word in re.findall(r"`([^ `]+)[^`]*`", row)}
    assert listed == parameters(COMMANDS[name])


def shown() -> Iterator[tuple[str, list[str]]]:
    """Every line of a shell block that calls our program or make, with the document that shows it."""
    for document in DOCUMENTS:
        for block in re.findall(r"^```(?:sh|bash|console)\n(.*?)^```", document.read_text(), re.MULTILINE | re.DOTALL):
            for line in block.replace("\\\n", " ").splitlines():
                yield str(document.relative_to(ROOT)), shlex.split(line.removeprefix("$ "), comments=True)


def test_every_make_target_that_is_shown_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    asked = {(where, words[1]) for where, words in shown() if words[:1] == ["make"] and len(words) > 1}
    assert {"README.md"} <= {where for where, _ in asked}
    assert [(where, target) for where, target in asked if target not in targets] == []


def test_every_command_that_is_shown_exists_with_its_options() -> None:
    unknown = []
    for where, words in shown():
        start = next((n for n, word in enumerate(words) if word == PROGRAM or word.endswith(f"bin/{PROGRAM}")), None)
        if start is None:
            continue
        rest = words[start + 1 :]
        name = next(
            (n for n in (f"{PROGRAM} {' '.join(rest[:2])}", f"{PROGRAM} {' '.join(rest[:1])}") if n in COMMANDS), ""
        )
        options = {word.split("=")[0] for word in rest if word.startswith("--")} - {"--help", "--version"}
        if (rest and rest[0][0] != "-" and not name) or (name and not options <= parameters(COMMANDS[name])):
            unknown.append((where, " ".join(words)))
    assert unknown == []
