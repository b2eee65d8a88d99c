"""The benchmark's own arithmetic, and a floor under the open half; names of the held-out half are never shown."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.suggestions import (
    FOLDER,
    FRESH,
    HELD_OUT,
    OPEN,
    Score,
    fresh_schools,
    last_line,
    line_of_the_fresh,
    measure,
    score,
    shown,
    summed,
)

FRESH_LIST = "held_out_fresh.txt"

HEAD = (
    "device_instance,device_name,object_type,object_instance,object_name,description,units,present_value,"
    "state_texts,meter,field,kind,note\n"
)


def test_a_proposal_counts_only_in_its_own_meter(tmp_path: Path) -> None:
    rows = (
        "1,Board,analog-input,1,F1 Amps L1,,amperes,1,,a,c_1,clear,\n"
        "1,Board,analog-input,2,F1 Amps L2,,amperes,1,,a,c_2,clear,\n"
        "1,Board,analog-input,3,F1 Amps L3,,amperes,1,,b,c_3,clear,\n"
        "1,Board,analog-input,4,F1 Demand,,kilowatts,1,,a,aP_1,clear,\n"
        "1,Board,analog-input,5,Room temp,,degrees-celsius,1,,c,,clear,\n"
    )
    (tmp_path / "a.csv").write_text(HEAD + rows)
    found = score(tmp_path / "a.csv", half="open")
    assert (found.points, found.labelled, found.proposed, found.right) == (5, 4, 4, 2)
    assert [each.partition(":")[0] for each in found.wrong] == ["wrong", "wrong", "missed"]


@pytest.fixture(scope="module")
def scores() -> Sequence[Score]:
    return measure()


def test_the_rules_hold_on_the_open_half_and_nothing_of_the_other_is_named(scores: Sequence[Score]) -> None:
    half = summed(scores, OPEN)
    assert half.precision >= 0.98
    assert half.recall >= 0.95
    named = ((HELD_OUT, (FOLDER / "held_out.txt").read_text().split()), (FRESH, fresh_schools(FOLDER / FRESH_LIST)))
    for kind, names in named:
        held = [each for each in scores if each.half == kind]
        assert {each.file for each in held} == set(names)
        assert all(each.wrong == () for each in held)
        assert (f"all {kind}" in shown(scores)) == bool(names)


def test_fresh_schools_are_those_of_their_list_and_none_without_one(tmp_path: Path) -> None:
    assert fresh_schools(tmp_path / FRESH_LIST) == []
    (tmp_path / FRESH_LIST).write_text("a.csv\nb.csv\n")
    assert fresh_schools(tmp_path / FRESH_LIST) == ["a.csv", "b.csv"]


def test_no_fresh_school_is_said_and_has_no_figures(tmp_path: Path) -> None:
    assert "%" not in line_of_the_fresh(summed([], FRESH))
    assert "none at present" in line_of_the_fresh(summed([], FRESH))
    (tmp_path / "a.csv").write_text(HEAD + "1,Room,analog-input,1,Room temp,,degrees-celsius,1,,c,value,clear,\n")
    one = [score(tmp_path / "a.csv", half=FRESH)]
    assert line_of_the_fresh(summed(one, FRESH)).endswith("precision 100.0 %, recall 100.0 %")
    assert one[0].wrong == ()


def test_the_last_line_rounds_downwards(scores: Sequence[Score]) -> None:
    line = last_line(summed(scores, HELD_OUT))
    assert line.startswith("suggestions: precision ")
    assert line.endswith("(to reach: at least 98 %, at least 85 %)")
