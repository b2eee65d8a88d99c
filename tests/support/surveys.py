"""Surveys made by hand."""

from collections.abc import Iterable

import yaml

from bacnet_bridge.simulator.declaration import DEMO_BUILDING
from bacnet_bridge.survey.model import FoundDevice, FoundObject, Survey, Value
from bacnet_bridge.vocabulary.objects import parse_object
from bacnet_bridge.vocabulary.units import parse_unit


def found(line: str, number: int) -> FoundObject:
    """`name | description | unit | type | states | value`, of which all but the name may be left out."""
    name, description, unit, kind, states, value = (*(part.strip() for part in line.split("|")), *[""] * 5)[:6]
    return FoundObject(
        parse_object(f"{kind or 'AI'}{number}"),
        explored=True,
        name=name,
        description=description,
        units=parse_unit(unit).code if unit else None,
        value=Value("real", value) if value else None,
        states=tuple(states.split("/")) if states else None,
    )


def device(name: str, lines: Iterable[str], instance: int = 1) -> FoundDevice:
    objects = tuple(found(line, number) for number, line in enumerate(lines, start=1))
    return FoundDevice(instance, f"10.0.0.{instance % 250}", name=name, identified=True, complete=True, objects=objects)


def survey(*devices: FoundDevice) -> Survey:
    return Survey(began=0, ended=0, finished=True, devices=devices)


def demo() -> Survey:
    """The demo's building, as its declaration has it."""
    declared = yaml.safe_load(DEMO_BUILDING.read_text(encoding="utf-8"))
    return survey(
        *(
            FoundDevice(
                each["instance"],
                f"100:{each['mac']}",
                network=100,
                name=each["name"],
                identified=True,
                complete=True,
                objects=tuple(_declared(one) for one in each["objects"]),
            )
            for each in declared["devices"]
        )
    )


def _declared(declared: dict[str, object]) -> FoundObject:
    units, states = declared.get("units"), declared.get("state_text")
    return FoundObject(
        parse_object(str(declared["object"])),
        explored=True,
        name=str(declared["name"]),
        description="",
        units=parse_unit(str(units)).code if units else None,
        states=tuple(map(str, states)) if isinstance(states, list) else None,
    )
