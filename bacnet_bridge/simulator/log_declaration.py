"""What a simulated device logs, and what became of its clock and its logs before anybody looked: frozen data."""

from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator

from bacnet_bridge.vocabulary.objects import ObjectId, parse_object

TREND_LOG, TREND_LOG_MULTIPLE = 20, 27


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _object_id(value: Any) -> Any:
    return parse_object(value) if isinstance(value, str) else value


def _several(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


Identifier = Annotated[ObjectId, BeforeValidator(_object_id)]


class LogDeclaration(_Part):
    """A Trend Log of one object's present-value, or a Trend Log Multiple of several objects'."""

    object: Identifier
    name: str = Field(min_length=1)
    of: Annotated[tuple[Identifier, ...], BeforeValidator(_several), Field(min_length=1)]
    interval: float = Field(default=300, gt=0)
    """Seconds between records, on the round minute or hour."""
    cov_increment: float | None = Field(default=None, gt=0)
    """Log by change of value instead: whenever it moved by so much, looked at every `interval`."""
    buffer: int = Field(default=2016, gt=0)
    """Records that it holds; the oldest makes room for the newest."""
    stop_when_full: bool = False
    history: float = Field(default=86_400, ge=0)
    """Seconds before the building's start from which on it logged."""
    first: int = Field(default=1, ge=1, lt=2**32)
    """The first record's number."""

    @property
    def multiple(self) -> bool:
        return self.object.type == TREND_LOG_MULTIPLE

    @model_validator(mode="after")
    def _is_a_log(self) -> Self:
        if self.object.type not in {TREND_LOG, TREND_LOG_MULTIPLE}:
            raise ValueError(f"{self.object} is no trend-log and no trend-log-multiple")
        if not self.multiple and len(self.of) > 1:
            raise ValueError("a trend-log logs one object; a trend-log-multiple logs several")
        if self.multiple and self.cov_increment is not None:
            raise ValueError("a trend-log-multiple does not log by change of value")
        return self


class Mishap(_Part):
    """What happens to a device that logs. Seconds."""

    down: float = Field(default=0, ge=0)
    """It is without power for so long: it logs nothing, and answers nothing where it is told to while it runs."""
    ahead: float | None = None
    """Its clock is so much ahead of the right time from now on; after `down`, where that is said."""
    failing: float = Field(default=0, ge=0)
    """It cannot read what it logs for so long."""
    disabled: float = Field(default=0, ge=0)
    """Its logs are disabled for so long."""
    purged: bool = False
    """Its logs are emptied."""
    told: bool = True
    """Its logs bear a record of having been off, and of the clock's change."""


class PastMishap(Mishap):
    """One before the building started."""

    ago: float = Field(gt=0)


class ClockDeclaration(_Part):
    """A device's clock."""

    zone: str | None = None
    """IANA zone that it shows; None for the building's."""
    ahead: float = 0
    """Seconds that it is ahead of the right time, at the beginning."""
    hidden: bool = False
    """The device does not say what it shows."""

    @field_validator("zone")
    @classmethod
    def _known(cls, name: str | None) -> str | None:
        try:
            ZoneInfo(name or "UTC")
        except (KeyError, ValueError):
            raise ValueError(f"{name!r} is not an IANA time zone, like Europe/Dublin") from None
        return name
