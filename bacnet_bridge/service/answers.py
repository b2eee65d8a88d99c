"""What the running service answers through its control socket, besides operators' acts on queues."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from typing import Any

import structlog

from bacnet_bridge.bacnet.profile import document
from bacnet_bridge.bacnet.reader import Reader
from bacnet_bridge.control.door import Command
from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import Account, Queue, Retry
from bacnet_bridge.service.overview import Overview
from bacnet_bridge.vocabulary.objects import parse_object
from bacnet_bridge.wattics.deliver import Snapshot

_log = structlog.get_logger()


class Answers:
    """By the commands' names in `commands`."""

    def __init__(
        self, overview: Callable[[], Awaitable[Overview]], reader: Reader, delivery: Callable[[], Snapshot]
    ) -> None:
        self._overview, self._reader, self._delivery = overview, reader, delivery

    @property
    def commands(self) -> dict[str, Command]:
        return {
            "status": self._status,
            "devices": self._devices,
            "accept": self._accept,
            "outbox delivery": self._deliveries,
        }

    async def _status(self, _question: Mapping[str, Any]) -> dict[str, Any]:
        return (await self._overview()).document()

    async def _devices(self, _question: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [document(profile) for profile in self._reader.profiles]

    async def _accept(self, question: Mapping[str, Any]) -> list[str]:
        instance, wanted = question.get("device"), question.get("object")
        if not isinstance(instance, int) or not isinstance(wanted, str | None):
            raise BridgeError("say which device's instance, and which object of it")
        try:
            accepted = await self._reader.accept(instance, parse_object(wanted) if wanted else None)
        except ValueError as error:
            raise BridgeError(str(error)) from None
        for sentence in accepted:
            _log.warning("accepted by an operator", what=sentence)
        return list(accepted)

    async def _deliveries(self, _question: Mapping[str, Any]) -> dict[str, Any]:
        """What is known of delivery beyond what the file says: by queue, by account, by host."""
        seen = self._delivery()
        told = {*seen.failing, *seen.under_way, *seen.answers}
        return {
            "queues": [
                {
                    **_account(queue.account),
                    "id": queue.id,
                    "retry": _retry(seen.failing.get(queue)),
                    "under_way": queue in seen.under_way,
                    "answers": seen.answers.get(queue, ()),
                }
                for queue in sorted(told, key=_name)
            ],
            "accounts": [{**_account(account), "retry": _retry(retry)} for account, retry in seen.paused.items()],
            "hosts": [{"host": host, "retry": _retry(retry)} for host, retry in seen.away.items()],
        }


def _name(queue: Queue) -> tuple[str, str, str]:
    return queue.id, queue.account.credentials, queue.account.address


def _account(account: Account) -> dict[str, Any]:
    return asdict(account)


def _retry(retry: Retry | None) -> dict[str, Any] | None:
    return None if retry is None else asdict(retry)
