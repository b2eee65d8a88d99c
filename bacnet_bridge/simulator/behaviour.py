"""How a simulated device or object deviates from a good one; stated in the declaration or while it runs."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class AbortReason(StrEnum):
    """Why a device says that it aborts (clause 21, BACnetAbortReason)."""

    OTHER = "other"
    BUFFER_OVERFLOW = "buffer-overflow"
    SEGMENTATION_NOT_SUPPORTED = "segmentation-not-supported"
    OUT_OF_RESOURCES = "out-of-resources"


class RangeForm(StrEnum):
    """How ReadRange names records (clause 15.8.1)."""

    POSITION = "position"
    SEQUENCE = "sequence"
    TIME = "time"


class Behaviour(BaseModel):
    """A device's manners. Without any: it answers at once, everything, as it should."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    delay_ms: int = Field(default=0, ge=0, le=60_000)
    """Every answer comes that much later."""
    refuse_rpm: bool = False
    """ReadPropertyMultiple is rejected: unrecognized-service."""
    abort: AbortReason | None = None
    """Every confirmed request is aborted."""
    silent: bool = False
    """Nothing is answered."""
    refuse_range: tuple[RangeForm, ...] = ()
    """ReadRange of these forms is rejected: invalid-parameter-datatype."""
    most_records: int | None = Field(default=None, ge=1)
    """An answer to ReadRange holds so many records at most, and says that there are more."""
    abort_records: int | None = Field(default=None, ge=1)
    """ReadRange for more records than these is aborted: segmentation-not-supported."""
    zero: bool = False
    """Every number reads 0 and all flags are good, as meters do for seconds after a power cut."""


class Health(BaseModel):
    """An object's sickness. Without any: its value moves as declared."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fault: bool = False
    out_of_service: bool = False
    nan: bool = False
    value: float | str | None = None
    """Stands still at this number or state's name."""
