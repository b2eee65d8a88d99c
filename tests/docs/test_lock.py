"""requirements.lock fits pyproject.toml, is hashed throughout, and names no registry."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LOCKED: dict[str, str] = dict(re.findall(r"^([a-z0-9-]+)==(\S+)", LOCK, re.MULTILINE))


def wanted() -> list[Requirement]:
    extras = PROJECT["project"]["optional-dependencies"].values()
    written = [
        *PROJECT["build-system"]["requires"],
        *PROJECT["project"]["dependencies"],
        *(line for extra in extras for line in extra if not line.startswith(PROJECT["project"]["name"])),
    ]
    return [Requirement(line) for line in written]


@pytest.mark.parametrize("requirement", wanted(), ids=str)
def test_the_lock_satisfies_the_project(requirement: Requirement) -> None:
    assert LOCKED[canonicalize_name(requirement.name)] in requirement.specifier, "run `make lock`"


def test_every_version_has_hashes() -> None:
    bare = [
        entry for entry in re.split(r"^(?=[a-z0-9])", LOCK, flags=re.MULTILINE)[1:] if "--hash=sha256:" not in entry
    ]
    assert bare == []


def test_no_registry_is_named() -> None:
    assert re.findall(r"://|^-|index-url|find-links", LOCK, re.MULTILINE) == []
