"""Keeps the clock credible by the platform's date, and says why no slot is read where nobody confirms the time."""

import ssl
from typing import Final

import structlog

from bacnet_bridge.schedule.credibility import Credibility, SiteClock
from bacnet_bridge.service.accounts import proxy_of
from bacnet_bridge.settings import Settings
from bacnet_bridge.wattics.date import NoDate, platform_date
from bacnet_bridge.wattics.session import trust
from bacnet_bridge.wattics.validity import AnyTime, AtTime, Shown

_AT_ONCE: Final = 1.0
_SOON: Final = 10.0
_LATER: Final = 3600.0
"""Seconds between two looks at the platform's date: while one more tells, before and after the clock is credible."""
_GLANCE: Final = 1.0
"""Seconds between two looks at the machine's clocks: after a step nothing is known but by a new date."""
_log = structlog.get_logger()


class Timekeeper:
    """Between the machine's clock and the platform's."""

    def __init__(self, settings: Settings, clock: SiteClock, credibility: Credibility) -> None:
        self._settings, self._clock, self.credibility = settings, clock, credibility
        self._no_date = ""

    @property
    def problem(self) -> str:
        """What is wrong with the clock, and what to do; empty where it is right."""
        if self.credibility.credible():
            return f"the clock departs {self._departure}; see its time service" if self.credibility.alarming else ""
        if self.credibility.overruled:
            return (
                f"the clock is not credible and no slot is read: it departs {self._departure}, as several answers in "
                "a row say; set it right, or have it corrected with `clock: platform`"
            )
        told = f", and the platform's date cannot be had ({self._no_date})" if self._no_date else ""
        return (
            "the clock is not credible and no slot is read: nothing on this machine confirms its time"
            f"{told}; start a time service, mend the platform's settings, or vouch for the clock with `clock: trust`"
        )

    def now(self) -> int:
        """The site's time; first it is looked whether a step ended what was known of it."""
        self.credibility.credible()
        return self._clock.wall()

    async def run(self) -> None:
        """Ask for the platform's date: often until the clock is credible, then now and then, to notice a drift.

        At once after a step of wall time, because nothing else may confirm it anew; and where one more date tells:
        three contrary ones, which stop the stamping, are seconds apart and not hours. With `clock: platform` a clock
        that is not credible, of 1970 perhaps, does not judge the platform's certificate. The date itself has to lie in
        its time then, and later too, because the clock follows it.
        """
        platform = self._settings.platform
        # Once: a file that is gone some day must not end the service
        trusted: ssl.SSLContext | Shown = trust(platform.ca)
        at_any_time = None
        if self._settings.clock == "platform":
            trusted, at_any_time = AtTime(trust(platform.ca), self.now), AnyTime(trust(platform.ca))
        proxy = proxy_of(self._settings)
        while True:
            asked = trusted if at_any_time is None or self.credibility.credible() else at_any_time
            date = await platform_date(platform.address, asked, proxy=proxy, site_ca=platform.ca)
            reason = date.reason if isinstance(date, NoDate) else ""
            if reason and reason != self._no_date:
                _log.warning("the platform's date cannot be had", reason=reason)
            self._no_date = reason
            if not isinstance(date, NoDate):
                self.credibility.heard(date, self._clock.wall())
            await self._until_wanted()

    @property
    def _departure(self) -> str:
        return f"from the platform's by {abs(self.credibility.departure or 0) / 1000:.0f} s"

    async def _until_wanted(self) -> None:
        """In boot time: after a suspension the hour is soon over."""
        if self.credibility.undecided and not self._no_date:
            await self._clock.sleep(_AT_ONCE)
            return
        began, steps = self._clock.boot(), self.credibility.steps
        while self._clock.boot() - began < (_LATER if self.credibility.credible() else _SOON):
            await self._clock.sleep(_GLANCE)
            if self.credibility.steps != steps:
                return
