"""The alarms' secrets, read again where a receiver takes nothing: a corrected one needs no restart."""

import asyncio
from collections.abc import Callable
from typing import Final

import structlog
from pydantic import SecretStr

from bacnet_bridge.alarms.http import check_address
from bacnet_bridge.alarms.spool import Receiver
from bacnet_bridge.alarms.standing import Message
from bacnet_bridge.errors import SettingsError
from bacnet_bridge.settings import Settings

_SECRETS: Final = ("webhook", "webhook_token", "mail_password", "heartbeat")
_log = structlog.get_logger()

Again = Callable[[], Settings] | None
"""Reads the settings again; it may take its time, and is called in a thread."""


class Secrets:
    """The settings with the alarms' secrets as they are at the moment; all else is as at the start."""

    def __init__(self, settings: Settings, again: Again) -> None:
        self.settings, self._again = settings, again

    async def renew(self) -> bool:
        """Whether one is another than before. One that is gone, or cannot be read, is no reason to forget it."""
        if self._again is None:
            return False
        try:
            alarms = (await asyncio.to_thread(self._again)).alarms
        except SettingsError as error:
            _log.debug("the alarms' secrets cannot be read again; the old ones stay", reason=str(error))
            return False
        known = self.settings.alarms
        fresh = {name: secret for name in _SECRETS if (secret := getattr(alarms, name)) is not None}
        self.settings = self.settings.model_copy(update={"alarms": known.model_copy(update=fresh)})
        return self.settings.alarms != known

    async def heartbeat(self) -> SecretStr | None:
        """The heartbeat's address, where it is another than before and can be asked."""
        before = self.settings.alarms.heartbeat
        if not await self.renew() or (address := self.settings.alarms.heartbeat) is None or address == before:
            return None
        try:
            check_address("alarms.heartbeat", address.get_secret_value(), with_secret=False)
        except SettingsError as error:
            _log.warning("another address of the heartbeat cannot be used; the old one stays", reason=str(error))
            return None
        _log.info("the alarms' secrets are other ones now", receiver="heartbeat")
        return address


class Renewed:
    """A receiver that `made` makes anew where its secrets changed; those that cannot be used change nothing."""

    def __init__(self, receiver: Receiver, secrets: Secrets, made: Callable[[Settings], Receiver]) -> None:
        self._receiver, self._secrets, self._made = receiver, secrets, made

    @property
    def name(self) -> str:
        return self._receiver.name

    async def send(self, message: Message) -> str:
        problem = await self._receiver.send(message)
        if not problem or not await self._secrets.renew():
            return problem
        try:
            self._receiver = self._made(self._secrets.settings)
        except SettingsError as error:
            return f"{problem}; and the secret that was put in its place cannot be used: {error}"
        _log.info("the alarms' secrets are other ones now", receiver=self.name)
        return await self._receiver.send(message)
