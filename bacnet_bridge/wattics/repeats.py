"""When a failure that repeats deserves a line in the log: as it starts or changes, at growing intervals, as it ends."""

from dataclasses import dataclass

_FIRST, _LONGEST = 60.0, 6 * 3600.0


@dataclass(slots=True)
class Repeats:
    """One failure's history. Times are monotonic seconds."""

    kind: str | None = None
    since: float = 0.0
    _next: float = 0.0

    def failed(self, kind: str, now: float) -> bool:
        """It failed (again); True if that should be logged."""
        if kind != self.kind:
            self.kind, self.since, self._next = kind, now, now + _FIRST
            return True
        if now < self._next:
            return False
        self._next = now + min(2 * (now - self.since), _LONGEST)
        return True

    def ended(self) -> bool:
        """It works; True if it had failed, which should be logged."""
        had_failed = self.kind is not None
        self.kind = None
        return had_failed
