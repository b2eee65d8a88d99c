"""When certificates are valid, by another time than the machine's, which `clock: platform` knows to be wrong.

OpenSSL verifies chain and name as ever, but compares no time; that is done here, before a byte of a request leaves.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bacnet_bridge.clock import moment_of

_NO_CHECK_TIME: Final = 0x200000
"""OpenSSL's X509_V_FLAG_NO_CHECK_TIME (x509_vfy.h); the ssl module gives it no name."""
NOT_YET_VALID: Final = 9
EXPIRED: Final = 10
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


@dataclass(frozen=True, slots=True)
class Window:
    """When all certificates of a chain are valid: instants, both ends included."""

    begin: int
    end: int

    def check(self, now: int) -> None:
        """Raises SSLCertVerificationError, as OpenSSL would."""
        if self.begin <= now <= self.end:
            return
        code, words = (NOT_YET_VALID, "not yet valid") if now < self.begin else (EXPIRED, "expired")
        error = ssl.SSLCertVerificationError(f"certificate {words} at {moment_of(now).isoformat()}")
        error.verify_code, error.verify_message = code, f"certificate {words}"
        raise error


def judged(context: ssl.SSLContext, judge: Callable[[Window], None]) -> ssl.SSLContext:
    """The context, whose certificates' times are `judge`'s affair alone: at the end of each handshake, before any use.

    What it raises ends the connection, as a certificate does that is not in order.
    """

    class Judged(ssl.SSLObject):
        def do_handshake(self) -> None:
            super().do_handshake()
            judge(_window(self))

    context.verify_flags = ssl.VerifyFlags(context.verify_flags | _NO_CHECK_TIME)
    context.sslobject_class = Judged
    return context


def valid_at(context: ssl.SSLContext, now: Callable[[], int]) -> ssl.SSLContext:
    """The context, by the time that `now` gives: certificates that are not valid then are refused."""
    return judged(context, lambda window: window.check(now()))


class Shown:
    """Trust in a server by chain and name, which notes for which time the certificates that it shows are valid."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.context = judged(context, self._judge)
        self._window: Window | None = None

    def vouches_for(self, instant: int) -> bool:
        """Whether the certificates that were shown last are valid then."""
        return self._window is not None and self._window.begin <= instant <= self._window.end

    def _judge(self, window: Window) -> None:
        self._window = window


class AnyTime(Shown):
    """At whatever time they are valid: to ask for the time, and for nothing else."""


class AtTime(Shown):
    """They are to be valid at the time that `now` gives, too."""

    def __init__(self, context: ssl.SSLContext, now: Callable[[], int]) -> None:
        super().__init__(context)
        self._now = now

    def _judge(self, window: Window) -> None:
        super()._judge(window)
        window.check(self._now())


def _window(secured: ssl.SSLObject) -> Window:
    """Of the chain that was verified: the leaf's, its issuers', the authority's."""
    # Public, as a method of SSLObject, from Python 3.13 on only; the same call in every version since 3.10
    chain = [each.get_info() for each in secured._sslobj.get_verified_chain()]  # type: ignore[attr-defined]  # noqa: SLF001
    return Window(
        max(ssl.cert_time_to_seconds(each["notBefore"]) for each in chain) * 1000,
        min(ssl.cert_time_to_seconds(each["notAfter"]) for each in chain) * 1000,
    )
