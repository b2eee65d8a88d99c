"""docs/doctor.md explains every check, and no other."""

import re
from pathlib import Path

from bacnet_bridge.bacnet.client import Identity
from bacnet_bridge.doctor.examination import Examination
from bacnet_bridge.doctor.site import Site
from bacnet_bridge.settings import Settings
from bacnet_bridge.site_file import SiteFile

PAGE = (Path(__file__).parents[2] / "docs" / "doctor.md").read_text()


def test_every_check_is_explained() -> None:
    settings = Settings.model_validate({"bacnet": {"instance": 1, "address": "10.0.0.5/24"}, "zone": "UTC"})
    way = Identity(1, "10.0.0.5/24")
    looks = Examination(Site(settings), SiteFile(Path("x")), lambda: (way.address, ""), lambda: way).looks
    section = PAGE.split("\n## What it looks at\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| ([^|]+?) \|", section, re.MULTILINE)[1:]
    explained = [name.strip() for row in rows if set(row) != {"-"} for name in row.split(",")]
    assert explained == [name for look in looks for name in look.names]
