"""The page's own files: what they may not hold, and what they must."""

import re

import pytest

from bacnet_bridge.status.files import page_files
from bacnet_bridge.vocabulary.holes import HoleReason

FILES = page_files()
NOT_OURS_TO_CURE = {
    HoleReason.STOPPED, HoleReason.FENCED, HoleReason.FIRST, HoleReason.MOVED,
}  # fmt: skip
"""Past, or as it should be: docs/operations.md says that there is nothing to do."""


def text(name: str) -> str:
    return FILES[name].body.decode()


def test_markup_is_never_made_from_text_and_nothing_is_loaded_from_elsewhere() -> None:
    for name in FILES:
        for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "DOMParser", "eval(", "@import"):
            assert word not in text(name), f"{name} says {word}"
        found = set(re.findall(r"https?://[^\"' )]+", text(name)))
        assert found <= {"http://www.w3.org/2000/svg"}, name


def test_every_file_is_short_enough_to_be_read() -> None:
    assert {name: len(text(name).splitlines()) for name in FILES if len(text(name).splitlines()) > 300} == {}


def test_whatever_is_imported_is_there() -> None:
    for name in (each for each in FILES if each.endswith(".js")):
        assert set(re.findall(r'from "\./([^"]+)"', text(name))) <= FILES.keys(), name


@pytest.mark.parametrize("reason", sorted(set(HoleReason) - NOT_OURS_TO_CURE))
def test_every_reason_of_a_hole_has_a_remedy_on_the_page(reason: HoleReason) -> None:
    said = f"{reason}: and why"
    assert any(words in said for words in re.findall(r'^  \["([^"]+)", ', text("remedies.js"), re.MULTILINE))
