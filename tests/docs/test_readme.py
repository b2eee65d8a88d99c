"""The README opens with the two commands, and CI runs the one that it names for tests."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_the_readme_opens_with_demo_and_test() -> None:
    readme = (ROOT / "README.md").read_text()
    assert re.match(r"# BACnet Bridge\n\n```sh\nmake demo\nmake test\n```\n", readme)


def test_no_document_names_a_place_outside_the_project() -> None:
    documents = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "Makefile", ROOT / "Dockerfile"]
    outside = re.compile(r"\.\./\.\./\.\.|/home/|/root/|/work/|pypi\.org|pythonhosted|DESIGN\.md")
    assert [(str(path), hit) for path in documents for hit in outside.findall(path.read_text())] == []
