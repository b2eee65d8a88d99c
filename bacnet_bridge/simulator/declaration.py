"""A simulated building's declaration: the YAML file, checked, as frozen data."""

import math
from collections import Counter as Tally
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

import yaml
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from bacnet_bridge.errors import SettingsError
from bacnet_bridge.simulator.behaviour import Behaviour, Health
from bacnet_bridge.simulator.log_declaration import ClockDeclaration, LogDeclaration, PastMishap
from bacnet_bridge.simulator.values import Constant, States, Value
from bacnet_bridge.vocabulary.objects import MAX_INSTANCE, ObjectId, parse_object
from bacnet_bridge.vocabulary.units import parse_unit

DEMO_BUILDING = Path(__file__).with_name("demo-building.yaml")
"""The building of the demo and of the worked example."""

ROUTER_MAC = 1
ROUTER_NETWORK = 1
"""The simulator's own router stands between the IP port (network 1) and the devices, where its MAC is 1."""

REALS = frozenset({0, 2, 24, 46})
"""Analog input and value, pulse converter, large analog value: can be NaN."""
WHOLE = frozenset({23, 45, 48})
"""Accumulator, integer value, positive integer value."""
BINARIES = frozenset({3, 5})
MULTI_STATES = frozenset({13, 19})
BINARY_INPUT, ACCUMULATOR, PULSE_CONVERTER = 3, 23, 24


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _object_id(value: Any) -> Any:
    return parse_object(value) if isinstance(value, str) else value


def _constant(value: Any) -> Any:
    """`value: 21.5`, `value: .nan` and `value: active` are constants."""
    return {"model": "constant", "value": value} if isinstance(value, int | float | str) else value


def _some(values: tuple[Any, ...]) -> tuple[Any, ...]:
    """Not by `min_length`, which takes wrong ones for none."""
    if not values:
        raise ValueError("there is none")
    return values


class ObjectDeclaration(_Part):
    """One object of a device. Numbers are in `units`; an accumulator shows them divided by its scale."""

    object: Annotated[ObjectId, BeforeValidator(_object_id)]
    name: str = Field(min_length=1)
    description: str = ""
    value: Annotated[Value, Field(discriminator="model"), BeforeValidator(_constant)]
    units: str | None = None
    fault: bool = False
    out_of_service: bool = False
    state_text: tuple[str, ...] = ()
    """A multi-state object's names of its states 1, 2, 3 …"""
    float_scale: float | None = Field(default=None, gt=0)
    integer_scale: int | None = Field(default=None, ge=-9, le=9)
    """An accumulator's Scale: a factor, or a power of ten (clause 12.1.10)."""
    prescale: tuple[int, int] | None = None
    """An accumulator's multiplier and modulo-divide, already counted in by the device (clause 12.1.11)."""
    maximum: int = Field(default=99_999_999, gt=0)
    """An accumulator's max-pres-value, after which it starts again at 0."""
    scale_factor: float = Field(default=1, gt=0)
    """A pulse converter's."""

    @field_validator("units")
    @classmethod
    def _known(cls, text: str | None) -> str | None:
        if text is not None and parse_unit(text).code is None:
            raise ValueError(f"BACnet has no unit {text!r}")
        return text

    @model_validator(mode="after")
    def _fits_its_type(self) -> Self:
        kind = self.object.type
        if kind in REALS | WHOLE:
            self._check_number()
        elif kind in MULTI_STATES | BINARIES:
            self._check_states()
        else:
            raise ValueError(f"objects of the type of {self.object} are not simulated")
        if (kind == ACCUMULATOR) != ((self.float_scale is None) != (self.integer_scale is None)):
            raise ValueError("an accumulator, and only that, has either a float_scale or an integer_scale")
        return self

    def _check_number(self) -> None:
        if self.units is None:
            raise ValueError("a number needs units")
        if isinstance(self.value, States):
            raise ValueError(f"{self.object} shows a number, not states")  # noqa: TRY004  pydantic collects ValueError
        if isinstance(self.value, Constant):
            try:
                constant = float(self.value.value)
            except ValueError:
                raise ValueError(f"{self.value.value!r} is not a number") from None
            if not math.isfinite(constant) and self.object.type in WHOLE:
                raise ValueError(f"{self.object} shows whole numbers: {constant} is none")

    def _check_states(self) -> None:
        if not isinstance(self.value, States | Constant):
            raise ValueError(f"{self.object} shows states, not a number")  # noqa: TRY004  pydantic collects ValueError
        known = self.states
        if not known:
            raise ValueError(f"{self.object} needs a state_text with the names of its states")
        shown = self.value.states.values() if isinstance(self.value, States) else [str(self.value.value)]
        for name in shown:
            if name not in known:
                raise ValueError(f"{name!r} is not one of its states ({', '.join(known)})")

    @property
    def states(self) -> tuple[str, ...]:
        """The names that a state may have."""
        return ("inactive", "active") if self.object.type in BINARIES else self.state_text

    @property
    def scale(self) -> float:
        """What one count of an accumulator or pulse converter is worth, in `units`."""
        if self.integer_scale is not None:
            return float(10**self.integer_scale)
        return self.float_scale or self.scale_factor

    @property
    def health(self) -> Health:
        """How sick the object is without anybody's doing."""
        return Health(fault=self.fault, out_of_service=self.out_of_service)

    @property
    def sick(self) -> bool:
        """Whether no good value can ever be read."""
        nan = self.object.type in REALS and isinstance(self.value, Constant) and math.isnan(float(self.value.value))
        return self.fault or self.out_of_service or nan


class DeviceDeclaration(_Part):
    """One device on the building's BACnet network."""

    instance: int = Field(ge=0, le=MAX_INSTANCE)
    name: str = Field(min_length=1)
    mac: int = Field(gt=ROUTER_MAC, le=254)
    description: str = ""
    vendor_id: int = Field(default=999, ge=0, le=65535)
    vendor_name: str = "Simulated"
    model: str = "Simulated"
    serial: str = ""
    max_apdu: Literal[50, 128, 206, 480, 1024, 1476] = 1476
    segmentation: Literal["segmented-both", "segmented-transmit", "segmented-receive", "no-segmentation"] = (
        "segmented-both"
    )
    behaviour: Behaviour = Behaviour()
    objects: Annotated[tuple[ObjectDeclaration, ...], AfterValidator(_some)]
    logs: tuple[LogDeclaration, ...] = ()
    clock: ClockDeclaration = ClockDeclaration()
    past: tuple[PastMishap, ...] = ()
    """What befell the device before the building started."""

    @model_validator(mode="after")
    def _unique(self) -> Self:
        _no_twice("object", map(str, (*(each.object for each in self.objects), *(log.object for log in self.logs))))
        _no_twice("object name", (*(each.name for each in self.objects), *(log.name for log in self.logs)))
        known = {each.object for each in self.objects}
        for log in self.logs:
            for each in log.of:
                if each not in known:
                    raise ValueError(f"{log.object} logs {each}, which the device has not")
        return self


class BuildingDeclaration(_Part):
    """The whole building: devices on one BACnet network behind one UDP port."""

    name: str
    zone: str = "UTC"
    """IANA zone of the times of day."""
    network: int = Field(gt=ROUTER_NETWORK, le=65534)
    devices: Annotated[tuple[DeviceDeclaration, ...], AfterValidator(_some)]

    @field_validator("zone")
    @classmethod
    def _known(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError):
            raise ValueError(f"{name!r} is not an IANA time zone, like Europe/Dublin") from None
        return name

    @model_validator(mode="after")
    def _unique(self) -> Self:
        _no_twice("device instance", (str(each.instance) for each in self.devices))
        _no_twice("device name", (each.name for each in self.devices))
        _no_twice("mac", (str(each.mac) for each in self.devices))
        return self

    def sick_objects(self) -> set[tuple[int, ObjectId]]:
        """Device instance and object of every point that can never be read well: what must become a hole."""
        return {
            (device.instance, each.object)
            for device in self.devices
            for each in device.objects
            if each.sick or device.behaviour.silent or device.behaviour.abort
        }


def load(file: Path) -> BuildingDeclaration:
    """Read and check a declaration.

    Raises SettingsError with every problem, one a line, each with file, line and column.
    """
    try:
        text = file.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except OSError as error:
        raise SettingsError(f"{file}: the building's declaration cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: not YAML: {' '.join(str(error).split())}") from error
    try:
        return BuildingDeclaration.model_validate(data)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        lines = [_sentence(file, root, problem["loc"], problem["type"], problem["msg"]) for problem in problems]
        raise SettingsError("\n".join(lines)) from None


def _sentence(file: Path, root: yaml.Node | None, path: tuple[int | str, ...], kind: str, text: str) -> str:
    what = {
        "missing": "is missing",
        "extra_forbidden": "is not a known key",
    }.get(kind, text.removeprefix("Value error, ").replace("Input should be", "must be"))
    node, named = _follow(root, path)
    if kind in {"missing", "extra_forbidden"} and path:
        what = f"{str(path[-1])!r} {what}"
    place = "1:1" if node is None else f"{node.start_mark.line + 1}:{node.start_mark.column + 1}"
    return f"{file}:{place}: {'.'.join(named)}: {what}" if named else f"{file}:{place}: {what}"


def _follow(node: yaml.Node | None, path: Iterable[int | str]) -> tuple[yaml.Node | None, list[str]]:
    """The innermost node that the path leads to, and the parts of the path that stand in the file."""
    named: list[str] = []
    for part in path:
        match node:
            case yaml.MappingNode(value=pairs):
                found = next((value for key, value in pairs if key.value == str(part)), None)
            case yaml.SequenceNode(value=items) if isinstance(part, int) and part < len(items):
                found = items[part]
            case _:
                found = None
        if found is not None:
            node = found
            named.append(str(part))
    return node, named


def _no_twice(what: str, values: Iterable[str]) -> None:
    twice = [value for value, times in Tally(values).items() if times > 1]
    if twice:
        raise ValueError(f"{what} {', '.join(twice)} stands there twice")
