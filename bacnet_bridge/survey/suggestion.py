"""What is suggested: frozen, made by suggest.py, written by draft.py, measured by the benchmark."""

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from bacnet_bridge.survey.model import FoundDevice, FoundObject


class Confidence(StrEnum):
    """How sure a suggestion is; only the first two are proposed."""

    HIGH = "high"
    """Unit and words say the same."""
    MEDIUM = "medium"
    """One of the two is missing, and the neighbours say it."""
    UNSURE = "unsure"
    """A person has to decide."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One object: the field that it would feed, and why. `field` is empty where not even that can be said."""

    device: FoundDevice
    object: FoundObject
    field: str
    confidence: Confidence
    reason: str
    unit: str | None = None
    """Spelled in its name, where the object itself has none: to be stated in the mapping."""
    counter: bool = False
    """A register that counts on."""


@dataclass(frozen=True, slots=True)
class Heard:
    """The object by which a gateway says whether it hears a meter, and what it then is: `BI7 = active`."""

    object: FoundObject
    good: str
    """`active`, `inactive` or a state's number."""
    confidence: Confidence
    reason: str


@dataclass(frozen=True, slots=True)
class SuggestedMeter:
    """Objects that belong to one meter; each field once."""

    name: str
    device: FoundDevice
    points: tuple[Suggestion, ...]
    heard: Heard | None = None


@dataclass(frozen=True, slots=True)
class Suggestions:
    """All that a survey suggests."""

    meters: tuple[SuggestedMeter, ...]
    """By device, then by their first object."""
    unsure: tuple[Suggestion, ...] = ()
    """What a person must decide, in the survey's order."""
    left: Counter[str] = field(default_factory=Counter)
    """How many objects are left out on purpose, by reason."""
