"""Alarms by mail. The messages about one occurrence refer to each other, so that they stand in one thread."""

import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final, Literal

import aiosmtplib
from pydantic import SecretStr

from bacnet_bridge.alarms.spool import Refused
from bacnet_bridge.alarms.standing import Event, Message
from bacnet_bridge.alarms.words import Words
from bacnet_bridge.clock import moment_of
from bacnet_bridge.errors import SettingsError

_WITHIN: Final = 30.0
"""Seconds that each step of a delivery may take."""
_FOR_GOOD: Final = 500
"""SMTP's answers from here on are permanent ones (RFC 5321, 4.2.1)."""
Security = Literal["starttls", "tls", "none"]
USUAL_PORTS: Final[dict[Security, int]] = {"starttls": 587, "tls": 465, "none": 25}


@dataclass(frozen=True, slots=True)
class Mail:
    """One message at a time, each by a connection of its own."""

    words: Words
    trust: ssl.SSLContext
    host: str
    port: int | None
    """None: what is usual with that security."""
    sender: str
    recipients: tuple[str, ...]
    security: Security = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    name: str = field(default="mail", init=False)

    async def send(self, message: Message) -> str:
        """Why it was not taken; empty where it was, by all recipients' servers or by some."""
        try:
            await aiosmtplib.send(
                self.written(message),
                sender=self.sender,
                recipients=list(self.recipients),
                hostname=self.host,
                port=self.port or USUAL_PORTS[self.security],
                username=self.username,
                password=None if self.password is None else self.password.get_secret_value(),
                use_tls=self.security == "tls",
                start_tls=self.security == "starttls",
                tls_context=None if self.security == "none" else self.trust,
                timeout=_WITHIN,
            )
        except aiosmtplib.SMTPResponseException as error:
            return self._answered([error])
        except aiosmtplib.SMTPRecipientsRefused as error:
            return self._answered(error.recipients)
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
            told, cause = str(error), str(error.__cause__ or "")
            both = told if cause in told else f"{told} {cause}"
            return f"{self.host} takes no mail: {self._hidden(both) or type(error).__name__}"
        return ""

    def written(self, message: Message) -> EmailMessage:
        """As it is sent (RFC 5322; RFC 3834: nobody's absence note is to answer)."""
        mail = EmailMessage()
        domain = self.sender.rpartition("@")[2]
        first = f"<{message.key}@{domain}>"
        mail["Subject"] = self.words.subject(message)
        mail["From"] = Address("BACnet Bridge", addr_spec=self.sender)
        mail["To"] = ", ".join(self.recipients)
        mail["Date"] = format_datetime(moment_of(message.at))
        if message.event is Event.START:
            mail["Message-ID"] = first
        else:
            mail["Message-ID"] = f"<{message.key}-{message.event}-{message.at}@{domain}>"
            mail["In-Reply-To"] = mail["References"] = first
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(self.words.text(message))
        return mail

    def _answered(self, answers: Sequence[aiosmtplib.SMTPResponseException]) -> str:
        """Of several, which every recipient got, the first is told."""
        told = f"{self.host} answers {answers[0].code} {self._hidden(answers[0].message)}"
        return Refused(told) if all(each.code >= _FOR_GOOD for each in answers) else told

    def _hidden(self, text: str) -> str:
        """One line, without the password that a server may echo."""
        secret = "" if self.password is None else self.password.get_secret_value()
        return " ".join((text.replace(secret, "***") if secret else text).split())[:200]


def check_mailbox(setting: str, text: str) -> None:
    """Raises SettingsError for what is no mail address."""
    try:
        address = Address(addr_spec=text)
    except (ValueError, IndexError):
        address = None
    if address is None or not address.username or not address.domain or not text.isascii():
        raise SettingsError(f"{setting}: {text!r} is no mail address, like operator@example.com")
