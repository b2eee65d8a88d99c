"""The texts of a multi-state object's states, for a survey, where all of them are too much for one answer."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from bacnet_bridge.bacnet.answer import Answer, UnheardError, UnreadableError
from bacnet_bridge.bacnet.datum import Datum, Kind
from bacnet_bridge.bacnet.describe import STATE_TEXT, Described, object_from
from bacnet_bridge.model import PropertyRef
from bacnet_bridge.survey.model import FoundObject
from bacnet_bridge.vocabulary.objects import ObjectId

_STATES: Final = 500

Ask = Callable[[Sequence[PropertyRef]], Awaitable[Mapping[PropertyRef, Answer]]]


def too_long(answer: Answer) -> bool:
    """Refused, though it is there: an abort or reject, which have no error's code."""
    refused = isinstance(answer, UnreadableError) and not isinstance(answer, UnheardError)
    return refused and isinstance(answer, UnreadableError) and answer.code is None


async def with_states(each: ObjectId, said: Mapping[PropertyRef, Answer], ask: Ask) -> FoundObject:
    """The object, with its texts read by index. Raises what `ask` raises."""
    count_ref = PropertyRef(each, STATE_TEXT, 0)
    count = (await ask((count_ref,)))[count_ref]
    number = count.value if isinstance(count, Datum) and count.kind is Kind.UNSIGNED else None
    if not isinstance(number, int) or not 0 < number <= _STATES:
        return object_from(each, said)
    answers = await ask([PropertyRef(each, STATE_TEXT, index) for index in range(1, number + 1)])
    texts = [str(found.value) for found in answers.values() if isinstance(found, Datum) and found.kind is Kind.TEXT]
    if len(texts) < number:
        return object_from(each, said)
    made = object_from(each, {ref: found for ref, found in said.items() if ref.property != STATE_TEXT})
    described = Described({}, each)
    states = tuple(described.kept(STATE_TEXT, text) for text in texts)
    return replace(made, states=states, unread=(*made.unread, *described.unread))
