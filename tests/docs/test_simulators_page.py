"""docs/simulators.md names every key of the declaration, of the faults and of the behaviours, and no other."""

import re
from inspect import signature
from pathlib import Path

import pytest
import yaml
from pydantic import BaseModel

from bacnet_bridge.cli.simulate_building import building
from bacnet_bridge.cli.simulate_platform import platform as platform_command
from bacnet_bridge.settings import load_settings
from bacnet_bridge.simulator import behaviour, declaration, log_declaration, platform_faults

PAGE = (Path(__file__).parents[2] / "docs" / "simulators.md").read_text()

EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)

SECTIONS: dict[str, type[BaseModel]] = {
    "The building's keys": declaration.BuildingDeclaration,
    "A device's keys": declaration.DeviceDeclaration,
    "An object's keys": declaration.ObjectDeclaration,
    "A log's keys": log_declaration.LogDeclaration,
    "A clock's keys": log_declaration.ClockDeclaration,
    "A mishap's keys": log_declaration.PastMishap,
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
    _, example = EXAMPLES
    declared = declaration.BuildingDeclaration.model_validate(yaml.safe_load(example))
    assert len(declared.sick_objects()) == 1


def test_the_pages_site_joins_both_with_their_own_defaults(tmp_path: Path) -> None:
    (tmp_path / "site.yaml").write_text(EXAMPLES[0])
    settings = load_settings(tmp_path / "site.yaml")
    building_port, platform = signature(building).parameters["port"].default, signature(platform_command).parameters
    assert settings.bacnet.bbmd == f"127.0.0.1:{building_port}"
    assert f":{platform['port'].default}/" in settings.platform.address
    assert settings.platform.password is not None
    given = (settings.platform.username, settings.platform.password.get_secret_value())
    assert given == (platform["username"].default, platform["password"].default)
    assert settings.clock == "trust"
