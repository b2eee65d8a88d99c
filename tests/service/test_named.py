"""The meter that an operator means, and what is said where there is none."""

from pathlib import Path

import pytest

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.mapping import Defaults, Mapping, parse
from bacnet_bridge.service.named import meter_named, meter_or_id

DRAFT = "'Gas' is a draft, which is not sent: enter the platform's id, or `register import` it"


@pytest.fixture
def mapping() -> Mapping:
    text = b"meters:\n  Main: {id: main, device: 1001, aP_1: AI1}\n  Gas: {device: 1002, value: ACC1}\n"
    return parse([(Path("a.yaml"), text)], Defaults("Europe/Dublin", 300))


def test_a_draft_is_told_from_a_meter_that_nobody_knows(mapping: Mapping) -> None:
    with pytest.raises(BridgeError) as refused:
        meter_named("Gas", mapping.meters, mapping.drafts)
    assert str(refused.value) == DRAFT
    with pytest.raises(BridgeError) as refused:
        meter_or_id("Gas", mapping.meters, mapping.drafts, None, {"default"})
    assert str(refused.value) == DRAFT


def test_a_misspelled_draft_is_suggested(mapping: Mapping) -> None:
    with pytest.raises(BridgeError) as refused:
        meter_or_id("Gsa", mapping.meters, mapping.drafts, None, {"default"})
    assert str(refused.value) == (
        "no mapped meter has the id or name 'Gsa'; did you mean 'Gas'? "
        "For an id that is not mapped, name its account: --account default"
    )


def test_an_account_makes_an_id_of_any_name(mapping: Mapping) -> None:
    assert meter_or_id("Gas", mapping.meters, mapping.drafts, "default", {"default"}) is None
    assert meter_or_id("main", mapping.meters, mapping.drafts, "default", {"default"}) is mapping.meters[0]


def test_the_beginning_of_a_name_is_enough_to_be_understood(mapping: Mapping) -> None:
    with pytest.raises(BridgeError, match="did you mean 'main'"):
        meter_named("m", mapping.meters, mapping.drafts)
