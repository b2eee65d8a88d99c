"""The labelled points are well-formed: what the labels mean is in benchmarks/data/labelled_points/README.md."""

import csv
import re
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from bacnet_bridge.vocabulary.fields import ELECTRICAL, FIELDS, Quantity
from bacnet_bridge.vocabulary.objects import OBJECT_TYPES
from bacnet_bridge.vocabulary.unit_codes import UNIT_NAMES
from bacnet_bridge.vocabulary.units import conversion, parse_unit
from benchmarks.suggestions import fresh_schools

FOLDER = Path(__file__).parents[2] / "benchmarks" / "data" / "labelled_points"
COLUMNS = [
    "device_instance", "device_name", "object_type", "object_instance", "object_name", "description", "units",
    "present_value", "state_texts", "meter", "field", "kind", "note",
]  # fmt: skip
SITES = sorted(FOLDER.glob("*.csv"))
VALID_WHEN = "valid_when"


def rows(site: Path) -> list[dict[str, str]]:
    with site.open(encoding="utf-8", newline="") as text:
        return list(csv.DictReader(text))


def held_out() -> set[str]:
    return set((FOLDER / "held_out.txt").read_text(encoding="utf-8").split())


def fresh() -> set[str]:
    """None while there is no list of them."""
    return set(fresh_schools(FOLDER / "held_out_fresh.txt"))


def once_fresh() -> set[str]:
    return set((FOLDER / "once_fresh.txt").read_text(encoding="utf-8").split())


def open_half() -> set[str]:
    return {site.name for site in SITES} - held_out() - fresh()


@pytest.fixture(scope="module", params=SITES, ids=lambda site: site.stem)
def points(request: pytest.FixtureRequest) -> list[dict[str, str]]:
    return rows(request.param)


@pytest.mark.parametrize("site", SITES, ids=lambda site: site.stem)
def test_every_row_has_every_column(site: Path) -> None:
    with site.open(encoding="utf-8", newline="") as text:
        header, *body = csv.reader(text)
    assert header == COLUMNS
    assert {len(row) for row in body} == {len(COLUMNS)}


def test_inputs_are_what_a_device_gives(points: list[dict[str, str]]) -> None:
    for point in points:
        assert point["object_type"] in OBJECT_TYPES.values()
        assert 0 <= int(point["device_instance"]) <= 4194302
        assert 0 <= int(point["object_instance"]) <= 4194302
        assert point["object_name"]
        assert point["units"] in {"", *UNIT_NAMES.values()}
        if point["object_type"].startswith("binary"):
            assert point["present_value"] in {"active", "inactive"}
            assert not point["units"]
        elif point["present_value"]:
            float(point["present_value"])
        if "state" in point["object_type"]:
            assert 1 <= int(point["present_value"]) <= len(point["state_texts"].split("|"))


def test_objects_are_unique_in_their_device(points: list[dict[str, str]]) -> None:
    identity = Counter((p["device_instance"], p["object_type"], p["object_instance"]) for p in points)
    assert [key for key, count in identity.items() if count > 1] == []


def test_a_device_has_one_name(points: list[dict[str, str]]) -> None:
    named = {(p["device_instance"], p["device_name"]) for p in points}
    assert len(named) == len({instance for instance, _ in named})


def test_labels_are_known_and_unsure_points_have_none(points: list[dict[str, str]]) -> None:
    for point in points:
        assert point["field"] in {"", VALID_WHEN, *FIELDS}
        assert point["kind"] in {"clear", "unsure"}
        assert bool(point["meter"]) or not point["field"]
        if point["kind"] == "unsure":
            assert not point["field"]
            assert point["note"]


def test_a_meter_has_each_field_once_and_lives_in_one_device(points: list[dict[str, str]]) -> None:
    labelled = [p for p in points if p["field"]]
    fields = Counter((p["meter"], p["field"]) for p in labelled)
    assert [key for key, count in fields.items() if count > 1] == []
    devices = {(p["meter"], p["device_instance"]) for p in points if p["meter"]}
    assert len(devices) == len({meter for meter, _ in devices})


def test_a_meter_is_either_electrical_or_single(points: list[dict[str, str]]) -> None:
    labelled = sorted((p for p in points if p["field"]), key=lambda p: p["meter"])
    for meter, group in groupby(labelled, key=lambda p: p["meter"]):
        kinds = {p["field"] == "value" for p in group if p["field"] != VALID_WHEN}
        if kinds:
            assert len(kinds) == 1, meter
        else:  # valid_when alone: it stands for the single values behind it
            assert any(p["meter"].startswith(f"{meter}.") for p in labelled), meter


def test_an_electrical_field_has_a_unit_of_its_quantity_or_none(points: list[dict[str, str]]) -> None:
    for point in points:
        field = FIELDS.get(point["field"])
        if field is None or field.quantity is Quantity.ANY or field.unit is None:
            continue
        if point["units"] not in {"", "no-units"}:
            assert conversion(parse_unit(point["units"]), parse_unit(field.unit)) is not None, point["object_name"]


def test_the_set_is_as_large_as_stated_and_half_of_it_is_held_out() -> None:
    counted = {site.name: rows(site) for site in SITES if site.name not in fresh()}
    assert len(counted) >= 10
    assert sum(len(points) for points in counted.values()) >= 600
    assert held_out() < set(counted)
    halves = {name: points for name, points in counted.items() if name not in once_fresh()}
    labelled = {name: sum(bool(p["field"]) for p in points) for name, points in halves.items()}
    assert 2 * sum(labelled[name] for name in held_out()) >= sum(labelled.values())
    assert 2 * sum(len(halves[name]) for name in held_out()) >= sum(map(len, halves.values()))


def test_the_sites_that_were_fresh_are_open_now() -> None:
    assert once_fresh() < open_half()


def test_the_fresh_sites_are_none_or_as_many_as_stated_and_in_neither_half() -> None:
    assert fresh() < {site.name for site in SITES}
    assert not fresh() & (held_out() | once_fresh())
    if not fresh():
        assert "Fresh: none at present." in (FOLDER / "README.md").read_text(encoding="utf-8")
        return
    assert len(fresh()) >= 6
    assert sum(len(rows(FOLDER / name)) for name in fresh()) >= 300


def test_no_device_of_a_fresh_site_is_in_a_half() -> None:
    devices = {name: {p["device_name"] for p in rows(FOLDER / name)} for name in fresh() | held_out() | open_half()}
    for name in fresh():
        others = set[str]().union(*(devices[other] for other in devices if other != name))
        assert not devices[name] & others, name


def test_both_halves_and_the_fresh_sites_know_every_field() -> None:
    wanted = {field.key for field in ELECTRICAL} | {"value", VALID_WHEN}
    for half in filter(None, (held_out(), open_half(), fresh())):
        assert wanted <= {point["field"] for name in half for point in rows(FOLDER / name)}


def test_the_readme_states_the_totals() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    for half, head in ((open_half(), "Open"), (held_out(), "Held out"), (fresh(), "Fresh")):
        points = [point for name in half for point in rows(FOLDER / name)]
        field, unsure = sum(bool(p["field"]) for p in points), sum(p["kind"] == "unsure" for p in points)
        more = r"(?: of them)? with a field"
        counted = rf"{len(points):,} points, {field:,}{more}, {unsure} unsure" if half else "none at present"
        assert re.search(rf"\b{head}: {counted}\.", text), head


def test_the_readme_states_the_counts() -> None:
    text = (FOLDER / "README.md").read_text(encoding="utf-8")
    stated = re.findall(r"^\| `(\w+\.csv)` \|[^|]*\| (\d+) \| (\d+) \| (\d+) \| (\w[\w ]*) \|$", text, re.MULTILINE)
    counted = [
        (
            site.name,
            str(len(points)),
            str(sum(bool(p["field"]) for p in points)),
            str(sum(p["kind"] == "unsure" for p in points)),
            "held out" if site.name in held_out() else "fresh" if site.name in fresh() else "open",
        )
        for site in SITES
        for points in [rows(site)]
    ]
    assert sorted(stated) == sorted(counted)
