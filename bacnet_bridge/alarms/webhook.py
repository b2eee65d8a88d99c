"""Alarms by webhook: a POST of JSON, in the bridge's own form or a template's."""

from dataclasses import dataclass, field

from pydantic import SecretStr

from bacnet_bridge.alarms.http import Way, ask
from bacnet_bridge.alarms.standing import Message
from bacnet_bridge.alarms.words import Template, Words


@dataclass(frozen=True, slots=True)
class Webhook:
    """Each message is one request; any 2xx takes it."""

    way: Way
    words: Words
    address: SecretStr
    token: SecretStr | None = None
    template: Template | None = None
    name: str = field(default="webhook", init=False)

    async def send(self, message: Message) -> str:
        """Why it was not taken; empty where it was."""
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token.get_secret_value()}"}
        fields = self.words.fields(message)
        document = self.words.document(message) if self.template is None else self.template.filled(fields)
        return await ask(self.way, "POST", self.address.get_secret_value(), headers, document)
