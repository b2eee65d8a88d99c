"""Who we are at the far end, and on the way to it: basic authentication, and the proxy that asks for it."""

from base64 import b64encode
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr


@dataclass(frozen=True, slots=True)
class Credentials:
    """User and password of basic authentication. The password does not show in repr or str."""

    username: str
    password: SecretStr

    def header(self) -> str:
        """The value of `Authorization` (RFC 7617, in UTF-8). A secret."""
        return "Basic " + b64encode(self._pair()).decode()

    def hide(self, text: str) -> str:
        """`text` without the secret, for a far end that echoes what it was sent."""
        secrets = (self.password.get_secret_value(), b64encode(self._pair()).decode())
        for secret in filter(None, secrets):
            text = text.replace(secret, "***")
        return text

    def _pair(self) -> bytes:
        return f"{self.username}:{self.password.get_secret_value()}".encode()


@dataclass(frozen=True, slots=True)
class Proxy:
    """An HTTP proxy that connects through (CONNECT, RFC 9110, 9.3.6): it sees the platform's name and nothing else."""

    address: str
    credentials: Credentials | None = None

    @property
    def station(self) -> tuple[str, int]:
        """Its host and port; 80 where none is given."""
        parts = urlsplit(self.address)
        return parts.hostname or "", parts.port or 80

    def headers(self) -> dict[str, str]:
        """What its CONNECT bears besides. A secret. A new one each time, since the client writes into it."""
        return {} if self.credentials is None else {"Proxy-Authorization": self.credentials.header()}

    def hide(self, text: str) -> str:
        """`text` without its secret."""
        return text if self.credentials is None else self.credentials.hide(text)
