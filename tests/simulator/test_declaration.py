"""The declaration's file: what is taken, and one sentence for each problem."""

from pathlib import Path

import pytest

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.simulator.declaration import DEMO_BUILDING, load
from bacnet_bridge.vocabulary.objects import ObjectId

GOOD = """\
name: Small building
network: 100
devices:
  - instance: 1
    name: Panel
    mac: 10
    objects:
      - object: AI1
        name: Temperature
        units: °C
        value: 21.5
"""


def declare(folder: Path, text: str) -> Path:
    file = folder / "building.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_demo_building_has_exactly_its_sick_points() -> None:
    demo = load(DEMO_BUILDING)
    assert [device.instance for device in demo.devices] == [1001, 1002, 1003, 1004, 1005]
    assert [len(device.objects) for device in demo.devices] == [21, 3, 7, 2, 2]
    assert demo.sick_objects() == {(1003, ObjectId(0, n)) for n in (3, 4, 5)}


def test_silent_device_makes_all_its_points_sick(tmp_path: Path) -> None:
    silent = GOOD.replace("    mac: 10\n", "    mac: 10\n    behaviour: {silent: true}\n")
    assert load(declare(tmp_path, silent)).sick_objects() == {(1, ObjectId(0, 1))}


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("network: 100", "network: 1", "2:10", "greater than 1"),
        ("network: 100", "network: 100\nzone: Europe/Doblin", "3:7", "'Europe/Doblin' is not an IANA time zone"),
        ("    mac: 10\n", "", "4:5", "'mac' is missing"),
        ("    mac: 10\n", "    mac: 10\n    colour: red\n", "7:13", "'colour' is not a known key"),
        ("    mac: 10\n", "    mac: 10\n    max_apdu: 500\n", "7:15", "480"),
        ("    mac: 10\n", "    mac: 10\n    behaviour: {abort: tired}\n", "7:24", "buffer-overflow"),
        ("AI1", "AX1", "8:17", "object type 'AX' is unknown"),
        ("AI1", "analog-input,1\n        fault: perhaps", "9:16", "boolean"),
        ("AI1", "schedule,1", "8:9", "objects of the type of schedule,1 are not simulated"),
        ("        units: °C\n", "", "8:9", "a number needs units"),
        ("units: °C", "units: parsecs", "10:16", "parsecs"),
        ("21.5", "warm", "8:9", "'warm' is not a number"),
        ("21.5", "{model: daily, base: 3}", "11:16", "'amplitude' is missing"),
        ("21.5", "{model: yearly, base: 3}", "11:16", "daily"),
        ("21.5", "{model: states, states: {'06:30': active}}", "8:9", "shows a number, not states"),
        ("AI1", "ACC1", "8:9", "either a float_scale or an integer_scale"),
        ("AI1", "AI1\n        float_scale: 0.1", "8:9", "an accumulator, and only that"),
        ("AI1", "MSI1", "8:9", "needs a state_text"),
        ("AI1", "BI1", "8:9", "'21.5' is not one of its states (inactive, active)"),
    ],
)
def test_each_problem_is_a_sentence_with_its_place(tmp_path: Path, old: str, new: str, place: str, said: str) -> None:
    assert old in GOOD
    file = declare(tmp_path, GOOD.replace(old, new))
    with pytest.raises(SettingsError) as raised:
        load(file)
    (line,) = str(raised.value).splitlines()
    assert line.startswith(f"{file}:{place}: ")
    assert said in line


def test_time_that_yaml_takes_for_a_number_is_explained(tmp_path: Path) -> None:
    states = "{model: states, states: {06:30: active, 19:00: inactive}}"
    file = declare(tmp_path, GOOD.replace("AI1", "BI1").replace("21.5", states))
    with pytest.raises(SettingsError, match="write the times in quotes"):
        load(file)


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    file = declare(tmp_path, GOOD.replace("AI1", "AX1").replace("network: 100", "network: many").replace("°C", "ells"))
    with pytest.raises(SettingsError) as raised:
        load(file)
    assert len(str(raised.value).splitlines()) == 3


@pytest.mark.parametrize(
    ("twice", "said"),
    [
        ("  - {instance: 1, name: Other, mac: 11, objects: [{object: AI1, name: T, units: °C, value: 1}]}", "instance"),
        ("  - {instance: 2, name: Panel, mac: 11, objects: [{object: AI1, name: T, units: °C, value: 1}]}", "name"),
        ("  - {instance: 2, name: Other, mac: 10, objects: [{object: AI1, name: T, units: °C, value: 1}]}", "mac"),
    ],
)
def test_what_must_be_unique_is(tmp_path: Path, twice: str, said: str) -> None:
    with pytest.raises(SettingsError, match=rf"{said} \S+ stands there twice"):
        load(declare(tmp_path, GOOD + twice))


@pytest.mark.parametrize("text", ["", "just words", "- 1", "name: [", "\tname: x"])
def test_what_is_no_declaration_is_refused_with_the_file(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"building\.yaml"):
        load(declare(tmp_path, text))


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.yaml: .*No such file"):
        load(tmp_path / "nowhere.yaml")
