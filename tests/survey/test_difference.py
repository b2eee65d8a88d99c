"""What changed between two surveys, as an integrator would say it."""

from dataclasses import replace

from bacnet_bridge.survey.difference import Kind, difference
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Survey
from bacnet_bridge.vocabulary.objects import ObjectId, parse_object


def thing(what: str, name: str | None = "T", units: int | None = 62) -> FoundObject:
    return FoundObject(parse_object(what), explored=True, name=name, units=units)


def device(*objects: FoundObject, instance: int = 7, address: str = "10.0.0.7", **said: object) -> FoundDevice:
    known = FoundDevice(instance, address, identified=True, complete=True, objects=objects, name="A", model="M")
    return replace(known, **said)  # type: ignore[arg-type]


def survey(*devices: FoundDevice, finished: bool = True) -> Survey:
    return Survey(0, 0, finished=finished, devices=devices)


def changes(before: Survey, after: Survey) -> list[tuple[Kind, int, ObjectId | None]]:
    return [(each.kind, each.device, each.object) for each in difference(before, after)]


def test_the_same_is_no_difference() -> None:
    assert difference(survey(device(thing("AI1"))), survey(device(thing("AI1")))) == ()


def test_devices_come_go_move_and_are_replaced() -> None:
    before = survey(device(), device(instance=8), device(instance=9, serial="1"), device(instance=10))
    after = survey(
        device(address="10.0.0.70"),
        device(instance=9, serial="2"),
        device(instance=10, name="B", firmware="2"),
        device(instance=11),
    )
    assert changes(before, after) == [
        (Kind.MOVED, 7, None),
        (Kind.GONE, 8, None),
        (Kind.REPLACED, 9, None),
        (Kind.RENAMED, 10, None),
        (Kind.CHANGED, 10, None),
        (Kind.NEW, 11, None),
    ]


def test_nothing_is_gone_that_was_not_looked_for() -> None:
    before = survey(device(thing("AI1"), thing("AI2")), device(instance=8))
    partial = device(thing("AI1"), complete=False)
    assert changes(before, survey(partial, finished=False)) == []
    assert difference(before, survey(partial), lambda each: each.instance != 8) == ()


def test_objects_come_go_move_are_renamed_and_change_their_unit() -> None:
    before = device(thing("AI1", "one"), thing("AI2", "two"), thing("AI3", "three"), thing("AI4", "four"))
    after = device(thing("AI1", "uno"), thing("AI2", "two", 64), thing("AI5", "three"), thing("AI6", "six"))
    found = difference(survey(before), survey(after))
    assert [str(each) for each in found] == [
        "renamed: device 7, analog-input,1: one → uno",
        "unit changed: device 7, analog-input,2: °C → °F",
        "gone: device 7, analog-input,4: four",
        "moved: device 7, analog-input,5: three at analog-input,3 → analog-input,5",
        "new: device 7, analog-input,6: six",
    ]


def test_an_instance_that_two_claim_is_a_conflict() -> None:
    after = survey(device(), device(address="10.0.0.8"))
    assert changes(survey(device()), after) == [(Kind.CONFLICT, 7, None)]


def test_a_list_that_was_imported_is_only_compared_in_what_it_says() -> None:
    listed = FoundDevice(7, "", objects=(thing("AI1"), thing("AI2", units=None), thing("AI3", name=None)))
    found = device(thing("AI1", units=95), thing("AI2"), thing("AI3"), thing("AI4"), firmware="2", vendor=5)
    assert changes(survey(replace(listed, name="A", identified=True)), survey(found)) == [
        (Kind.UNIT, 7, parse_object("AI1"))
    ]
    assert changes(survey(replace(listed, name=None, identified=True)), survey(found)) == [
        (Kind.UNIT, 7, parse_object("AI1"))
    ]
