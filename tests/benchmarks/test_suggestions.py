"""The benchmark's own arithmetic, and a floor under the open half; names of the held-out half are never shown."""

from pathlib import Path

from benchmarks.suggestions import FOLDER, FRESH, HELD_OUT, OPEN, last_line, measure, score, shown, summed

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


def test_the_rules_hold_on_the_open_half_and_nothing_of_the_other_is_named() -> None:
    scores = measure()
    half = summed(scores, OPEN)
    assert half.precision >= 0.98
    assert half.recall >= 0.95
    for kind, names in ((HELD_OUT, "held_out.txt"), (FRESH, "held_out_fresh.txt")):
        held = [each for each in scores if each.half == kind]
        assert {each.file for each in held} == set((FOLDER / names).read_text().split())
        assert all(each.wrong == () for each in held)
        assert f"all {kind}" in shown(scores)


def test_the_last_line_rounds_downwards() -> None:
    scores = measure()
    line = last_line(summed(scores, HELD_OUT))
    assert line.startswith("suggestions: precision ")
    assert line.endswith("(to reach: at least 98 %, at least 85 %)")
