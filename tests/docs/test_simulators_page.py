"""docs/simulators.md names every key of the declaration, of the faults and of the behaviours, and no other."""

import re
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from bacnet_bridge.simulator import behaviour, declaration, platform_faults

PAGE = (Path(__file__).parents[2] / "docs" / "simulators.md").read_text()

SECTIONS: dict[str, type[BaseModel]] = {
    "The building's keys": declaration.BuildingDeclaration,
    "A device's keys": declaration.DeviceDeclaration,
    "An object's keys": declaration.ObjectDeclaration,
    "A device's behaviour": behaviour.Behaviour,
    "A fault's keys": platform_faults.Fault,
    "The behaviour's keys": platform_faults.Behaviour,
}


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_key_is_in_its_table(heading: str) -> None:
    section = PAGE.split(f"### {heading}\n")[1].split("\n#")[0]
    table = section.lstrip().split("\n\n")[0]
    first_cells = re.findall(r"^\| (`.+?`) \|", table, re.MULTILINE)
    assert {key for cell in first_cells for key in re.findall(r"`(\w+)`", cell)} == set(SECTIONS[heading].model_fields)


def test_the_pages_building_is_one() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    building = declaration.BuildingDeclaration.model_validate(yaml.safe_load(example))
    assert len(building.sick_objects()) == 1
