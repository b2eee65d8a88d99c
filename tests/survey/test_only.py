"""The filter of devices and objects."""

import pytest

from bacnet_bridge.survey.model import FoundDevice, FoundObject
from bacnet_bridge.survey.only import parse_only
from bacnet_bridge.vocabulary.objects import parse_object

POWER = FoundObject(parse_object("AI1"), explored=True, name="L1 Active kW", units=48)


@pytest.mark.parametrize(
    ("terms", "fits"),
    [
        ([], True),
        (["type=analog-input"], True),
        (["type=AV,AI"], True),
        (["type=AV"], False),
        (["name=active"], True),
        (["name=l1*"], True),
        (["name=kwh", "name=kW"], True),
        (["name=active", "unit=kWh"], False),
        (["unit=kWh,kW"], True),
        (["device=1"], True),
    ],
)
def test_keys_must_all_fit_and_values_are_alternatives(terms: list[str], fits: bool) -> None:
    assert parse_only(terms).object(POWER) is fits


def test_devices_are_chosen_by_instance() -> None:
    only = parse_only(["device=1-5,9", "device=12"])
    assert [each for each in range(14) if only.device(FoundDevice(each, "a"))] == [1, 2, 3, 4, 5, 9, 12]


@pytest.mark.parametrize("term", ["", "kWh", "colour=red", "type=", "type=nonsense", "unit=nonsense", "device=x"])
def test_wrong_filters_are_told(term: str) -> None:
    with pytest.raises(ValueError, match=r"is|no"):
        parse_only([term])
