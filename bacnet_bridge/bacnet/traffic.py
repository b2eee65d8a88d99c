"""What passed between a device and us, for people."""

from dataclasses import dataclass

from bacnet_bridge.bacnet.profile import Profile


@dataclass(frozen=True, slots=True)
class Traffic:
    """One device; `key` names it among all: its instance, and its address where the mapping names it by that.

    `last_i_am`: an instant, None where none was heard since the start. `conflicts`: sentences about this instance, of
    others that claim it, a stranger in its place, or its moving.
    """

    key: str
    asked: int
    unanswered: int
    refused: int
    profile: Profile
    last_i_am: int | None = None
    conflicts: tuple[str, ...] = ()


def device_key(instance: int, address: str | None) -> str:
    """Two sites behind two addresses may have one instance."""
    return f"{instance}" if address is None else f"{instance} at {address}"


def concerning(instance: int, sentences: tuple[str, ...]) -> tuple[str, ...]:
    """Those about the device: each names the one that it is about first."""
    return tuple(sentence for sentence in sentences if sentence.startswith(f"device {instance}: "))
