"""docs/mapping.md has every key of the mapping, and its examples are mappings that say the same in YAML and CSV."""

import re
import textwrap
from pathlib import Path

import pytest

from bacnet_bridge.mapping import keys
from bacnet_bridge.mapping.csv_rows import COLUMNS, csv_rows
from bacnet_bridge.mapping.meters import Defaults, build_meters
from bacnet_bridge.mapping.problems import Findings
from bacnet_bridge.mapping.watch_keys import WATCH_KEYS
from bacnet_bridge.mapping.yaml_rows import yaml_rows
from bacnet_bridge.model import Meter
from bacnet_bridge.vocabulary.fields import FIELDS

PAGE = (Path(__file__).parents[2] / "docs" / "mapping.md").read_text()
READERS = {"yaml": yaml_rows, "csv": csv_rows}


def listed(heading: str, table: int = 0) -> set[str]:
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    blocks = [block for block in section.strip().split("\n\n") if block.startswith("| ")]
    return {
        key
        for cell in re.findall(r"^\| (`.+?`) \|", blocks[table], re.MULTILINE)
        for key in re.findall(r"`(\w+)`", cell)
    }


def example(form: str) -> dict[str, Meter]:
    """The meters of the page's example, by id."""
    text = re.findall(rf"```{form}\n(.*?)```", PAGE, re.DOTALL)[0]
    findings = Findings()
    raw = READERS[form](text, Path(f"example.{form}"), findings)
    meters, _ = build_meters(raw, Defaults(zone="Europe/Dublin", interval=300), None, findings)
    assert findings.problems == ()
    return {meter.id: meter for meter in meters}


@pytest.mark.parametrize(
    ("heading", "table", "known"),
    [
        ("Of a file", 0, set(keys.FILE_KEYS)),
        ("Of a meter", 0, set(keys.METER_KEYS) - set(WATCH_KEYS)),
        ("Of a meter", 1, set(FIELDS)),
        ("Of a field", 0, set(keys.POINT_KEYS) - set(WATCH_KEYS)),
        ("Watching", 0, set(WATCH_KEYS)),
    ],
)
def test_every_key_is_in_its_table(heading: str, table: int, known: set[str]) -> None:
    assert listed(heading, table) == known


def test_the_keys_that_may_be_defaults_are_named() -> None:
    (row,) = re.findall(r"^\| `defaults` \| (.+) \|$", PAGE, re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", row)) == set(keys.DEFAULT_KEYS)


def test_the_columns_that_csv_has_of_its_own_are_named() -> None:
    (line,) = re.findall(r"^- Three columns .+$", PAGE, re.MULTILINE)
    own = set(COLUMNS) - set(keys.METER_KEYS) - set(keys.POINT_KEYS)
    assert own <= set(re.findall(r"`(\w+)`", line))


def test_both_examples_map_the_same_meters() -> None:
    in_yaml, in_csv = example("yaml"), example("csv")
    assert set(in_yaml) == set(in_csv) == {"site-main", "site-gas"}
    for name, meter in in_yaml.items():
        sources = [
            [(point.field, point.source, point.nature) for point in each.points] for each in (meter, in_csv[name])
        ]
        assert sources[0] == sources[1]
        assert (meter.device, meter.interval) == (in_csv[name].device, in_csv[name].interval)


def test_the_example_of_watching_is_a_mapping() -> None:
    text = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)[1]
    findings = Findings()
    raw = yaml_rows("meters:\n" + textwrap.indent(text, "  "), Path("example.yaml"), findings)
    ((meter,), _) = build_meters(raw, Defaults(zone="Europe/Dublin", interval=300), None, findings)
    assert findings.problems == findings.warnings == ()
    assert [point.valid_when is not None for point in meter.points] == [True, True]
