"""docs/operations.md explains every reason for a hole, and no other."""

import re
from pathlib import Path

from bacnet_bridge.vocabulary.holes import HoleReason

PAGE = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()


def test_every_reason_for_a_hole_is_explained() -> None:
    section = PAGE.split("\n## Holes\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(.+?)` \|", section, re.MULTILINE)) == {reason.value for reason in HoleReason}


def test_backup_and_restore_name_the_folders_that_the_unit_names() -> None:
    """The unit alone says where state and mapping are; a command by hand must be told."""
    section = PAGE.split("\n## Backup and restore\n")[1].split("\n## ")[0]
    given = re.findall(r"^sudo bacnet-bridge (backup|restore) (.*)$", section, re.MULTILINE)
    assert [name for name, _ in given] == ["backup", "restore"]
    for _, words in given:
        assert "--state /var/lib/bacnet-bridge" in words
        assert "/etc/bacnet-bridge/" in words
