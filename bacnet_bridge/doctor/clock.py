"""Is the machine's clock to be believed, and does it know the building's zone?"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final
from zoneinfo import TZPATH

import tzdata  # type: ignore[import-untyped]  # it has no types

from bacnet_bridge.clock import moment_of
from bacnet_bridge.doctor.finding import Finding, failure, not_applicable, ok, unknown, warning
from bacnet_bridge.schedule.credibility import BUILT

CLOCK: Final = "clock"
ZONE: Final = "time zone"

_WARN, _ALARM = 10.0, 60.0
"""Seconds, as the service has them."""
_OLD: Final = 550
"""Days: zones' rules change several times a year, a building's own rarely; by then something is not updated."""
_NTP: Final = "start a time service: `sudo timedatectl set-ntp true`, or chrony with the site's own time server"
_UPDATE: Final = "update the system's zones (`sudo apt install --only-upgrade tzdata`), or pip's package tzdata"


@dataclass(frozen=True, slots=True)
class Time:
    """What is known of the time. `departure`: seconds by which the platform's date departs, or None: see `no_date`."""

    now: int
    synchronised: bool | None
    """By the kernel's word; None where it gives none."""
    departure: float | None
    no_date: str
    mode: str
    """The setting `clock`."""


def judge_clock(time: Time) -> Finding:
    """As the service would believe it (schedule/credibility.py)."""
    if time.mode == "platform":
        if time.departure is None:
            return failure(CLOCK, f"`clock: platform` needs the platform's date: {time.no_date}", "mend the way there")
        return ok(CLOCK, f"the platform's date, {round(time.departure):+d} s from ours, is applied (`clock: platform`)")
    if time.now < BUILT:
        return failure(CLOCK, f"it shows {moment_of(time.now):%Y-%m-%d}, before this release was made", _NTP)
    if time.departure is not None and abs(time.departure) >= _WARN:
        says = f"it departs from the platform's by {time.departure:.0f} s"
        return (failure if abs(time.departure) >= _ALARM else warning)(CLOCK, says, _NTP)
    return _near(time)


def _near(time: Time) -> Finding:
    """Nothing contradicts it; who confirms it?"""
    shown = "" if time.departure is None else f"; the platform's date is {round(time.departure):+d} s from it"
    if time.synchronised:
        return ok(CLOCK, f"a time service keeps it{shown}")
    if time.mode == "trust":
        return warning(CLOCK, f"nothing keeps it, and `clock: trust` believes it{shown}", _NTP)
    how = "nothing keeps it" if time.synchronised is False else "the kernel does not say whether anything keeps it"
    if time.departure is not None:
        return warning(CLOCK, f"{how}; only the platform's date confirms it{shown}", _NTP)
    return failure(CLOCK, f"{how}, and the platform's date cannot be had ({time.no_date}): no slot is read", _NTP)


def judge_zone(zone: str | None, version: str | None, source: str, today: date) -> Finding:
    """`version`: of the zones' database, like `2026a`; `source`: where it lies."""
    if zone is None:
        return not_applicable(ZONE, "not checked: the site does not say its zone yet")
    age = None if version is None else age_of(version, today)
    if age is None:
        return unknown(ZONE, f"{zone} is known; how old {source} is cannot be seen", _UPDATE)
    if age > _OLD:
        return warning(ZONE, f"{zone} is known, but the rules of {source} are of {version}", _UPDATE)
    return ok(ZONE, f"{zone} by the rules of {version} ({source})")


def age_of(version: str, today: date) -> int | None:
    """Days since that release can have come out, `2026a` in January, about two months a letter; None for no version."""
    if len(version) < 5 or not version[:4].isdigit() or not version[4:].isalpha():
        return None
    month = min(12, 1 + 2 * (ord(version[4].lower()) - ord("a")))
    try:
        return (today - date(int(version[:4]), month, 1)).days
    except ValueError:
        return None


def rules_of(zone: str) -> tuple[str | None, str]:
    """Version and place of the rules by which this zone is known: the system's go before the package's."""
    for folder in map(Path, TZPATH):
        if (folder / zone).is_file():
            return _version(folder), str(folder)
    return tzdata.IANA_VERSION, "the package tzdata"


def _version(folder: Path) -> str | None:
    """Where the system writes it; the package's builders are not of one mind."""
    for name, mark in (("tzdata.zi", "# version "), ("+VERSION", ""), ("version", "")):
        try:
            with (folder / name).open(encoding="utf-8", errors="replace") as file:
                line = file.readline().strip()
        except OSError:
            continue
        if line.startswith(mark):
            return line.removeprefix(mark)
    return None
