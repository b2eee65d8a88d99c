"""The page's password at rest: scrypt (RFC 7914), written as `scrypt.N.r.p.salt.hash`, the last two in hexadecimal.

Nothing of it needs quotes in YAML, in a shell or in a compose file.
"""

import hashlib
import hmac
import os
import re
from dataclasses import dataclass
from typing import Final

_COST, _BLOCK, _PARALLEL = 2**14, 8, 5
"""16 MiB and some 0.2 s of one core for each guess (the OWASP password storage cheat sheet's figures)."""
_MEMORY: Final = 64 * 1024 * 1024
_DEAREST: Final = 2**15
"""A hash that costs more would be a way to stop the bridge."""
_FORM: Final = re.compile(r"scrypt\.(\d{1,6})\.(\d{1,2})\.(\d{1,2})\.([0-9a-f]{32})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True, repr=False)
class Hashed:
    """A password that cannot be read back."""

    cost: int
    block: int
    parallel: int
    salt: bytes
    digest: bytes

    def __str__(self) -> str:
        return f"scrypt.{self.cost}.{self.block}.{self.parallel}.{self.salt.hex()}.{self.digest.hex()}"

    def fits(self, password: str) -> bool:
        """Takes a good part of a second, and lets other threads run meanwhile. Compared in constant time."""
        return hmac.compare_digest(self.digest, _digest(password, self.cost, self.block, self.parallel, self.salt))


def hashed(password: str) -> Hashed:
    """With a salt of its own."""
    salt = os.urandom(16)
    return Hashed(_COST, _BLOCK, _PARALLEL, salt, _digest(password, _COST, _BLOCK, _PARALLEL, salt))


def parse(text: str) -> Hashed:
    """Raises ValueError, with a sentence that does not show it."""
    match = _FORM.fullmatch(text.strip())
    if match is None:
        raise ValueError("is no password's hash; make one with `bacnet-bridge password`")
    cost, block, parallel = (int(number) for number in match.groups()[:3])
    if cost < 2 or cost & (cost - 1) or cost > _DEAREST or not 1 <= block <= 8 or not 1 <= parallel <= 16:
        raise ValueError("has costs that cannot be used; make a new one with `bacnet-bridge password`")
    return Hashed(cost, block, parallel, bytes.fromhex(match[4]), bytes.fromhex(match[5]))


def _digest(password: str, cost: int, block: int, parallel: int, salt: bytes) -> bytes:
    return hashlib.scrypt(
        password.encode(errors="surrogatepass"), salt=salt, n=cost, r=block, p=parallel, maxmem=_MEMORY, dklen=32
    )
