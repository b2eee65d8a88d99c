"""docs/operations.md explains every reason for a hole, and no other."""

import re
from pathlib import Path

from bacnet_bridge.vocabulary.holes import HoleReason

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def test_every_reason_for_a_hole_is_explained() -> None:
    section = PAGE.split("\n## Holes\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(.+?)` \|", section, re.MULTILINE)) == {reason.value for reason in HoleReason}
