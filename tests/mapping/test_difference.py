"""What an edit changes, in words, and which edits take something away."""

from pathlib import Path

import pytest

from bacnet_bridge.mapping import Defaults, difference, parse
from bacnet_bridge.mapping.difference import Difference
from bacnet_bridge.model import Meter

GAS = "Gas: {id: gas, device: 2, value: ACC1, as: index}"
MAIN = "Main: {id: main, device: 1, aP_1: AI1, pC_1: {sum: [LAV1, LAV2]}, v_1: AI3}"


def meters(*lines: str, head: str = "") -> tuple[Meter, ...]:
    text = head + "meters:\n" + "".join(f"  {line}\n" for line in lines) if lines else "meters: {}\n"
    found = parse([(Path("a.yaml"), text.encode())], Defaults("Europe/Dublin", 300), accounts=["default", "tenant"])
    return found.meters


def edit(before: list[str], after: list[str]) -> Difference:
    return difference(meters(*before), meters(*after))


@pytest.mark.parametrize(
    ("before", "after", "takes_away", "sentences"),
    [
        ([GAS], [GAS], False, []),
        ([GAS, MAIN], [MAIN, GAS], False, []),
        ([GAS], [GAS, MAIN], False, ["Main (main): added, device 1, aP_1, pC_1, v_1, every 300 s"]),
        ([GAS, MAIN], [MAIN], True, ["Gas (gas): removed; what waits is sent all the same"]),
        ([GAS], [], True, ["Gas (gas): removed; what waits is sent all the same"]),
        (
            [GAS],
            [GAS.replace("id: gas", "id: gas-2")],
            True,
            ["Gas (gas): its id becomes gas-2; what waits is sent under the old one"],
        ),
        (
            [GAS],
            [GAS.replace("Gas: {id: gas", "Gas meter: {id: gas-2")],
            True,
            ["Gas (gas): its id becomes gas-2; what waits is sent under the old one"],
        ),
        ([GAS], [GAS.replace("id: gas, ", "")], True, ["Gas (gas): removed; what waits is sent all the same"]),
        ([GAS], [GAS.replace("Gas:", "Gas hall:")], False, ["Gas hall (gas): name Gas → Gas hall"]),
        (
            [GAS],
            [GAS.replace(" as:", " interval: 60, as:")],
            False,
            ["Gas (gas): interval 300 → 60, tolerance 60 → 15"],
        ),
        ([GAS], [GAS.replace("device: 2", "device: 3")], False, ["Gas (gas): device 2 → 3"]),
        (
            [GAS],
            [GAS.replace(" as:", " account: tenant, as:")],
            False,
            ["Gas (gas): account default → tenant"],
        ),
        ([GAS], [GAS.replace("index", "delta")], False, ["Gas (gas): value as index → delta"]),
        (
            [GAS],
            [GAS.replace("ACC1", "{object: ACC1, multiplier: 10, unit: m3}")],
            False,
            ["Gas (gas): value multiplier 1 → 10, value unit none → m³"],
        ),
        ([GAS], [GAS.replace("ACC1", "ACC2")], False, ["Gas (gas): value accumulator,1 → accumulator,2"]),
        (
            [GAS],
            ["Gas: {id: gas, device: 2, aP_1: AI1}"],
            False,
            ["Gas (gas): single value → electrical, no more value, aP_1 added"],
        ),
        ([MAIN], [MAIN.replace(", v_1: AI3", "")], True, ["Main (main): no more v_1"]),
        (
            [MAIN],
            [MAIN.replace("LAV1, LAV2", "LAV1")],
            True,
            ["Main (main): pC_1 large-analog-value,1 + large-analog-value,2 → large-analog-value,1"],
        ),
        ([MAIN], [MAIN.replace("v_1: AI3", "v_2: AI3")], False, ["Main (main): no more v_1, v_2 added"]),
        (
            [MAIN.replace("v_1: AI3", "v_1: AI3, c_1: AI4")],
            [MAIN.replace("v_1: AI3", "c_1: AI4, v_1: AI3")],
            False,
            ["Main (main): the order of its points"],
        ),
    ],
)
def test_an_edit_in_words(before: list[str], after: list[str], takes_away: bool, sentences: list[str]) -> None:
    found = edit(before, after)
    assert (found.takes_away, list(found.sentences)) == (takes_away, sentences)
    assert bool(found) == bool(sentences)


def test_another_place_in_the_file_is_no_difference() -> None:
    assert not difference(meters(GAS, MAIN), meters(GAS, MAIN, head="# a note\n\n"))


def test_the_summary_names_a_few_and_counts_the_others() -> None:
    many = [f"M{n}: {{id: m{n}, device: 2, value: AI{n}}}" for n in range(6)]
    assert edit([GAS, MAIN], [MAIN.replace("AI1", "AI9"), *many]).summary == (
        "removes Gas (gas), changes Main (main) and adds M0 (m0), M1 (m1), M2 (m2) and 3 more"
    )
    assert edit([MAIN], [MAIN.replace(", v_1: AI3", "")]).summary == "takes points from Main (main)"
    assert Difference().summary == "changes nothing"


def test_what_is_taken_away_is_said_first() -> None:
    found = edit([MAIN, GAS], [MAIN.replace("aP_1: AI1", "aP_1: AI9"), "A: {id: a, device: 1, value: AI1}"])
    assert [sentence.split(":")[0] for sentence in found.sentences] == ["Gas (gas)", "Main (main)", "A (a)"]
