"""A counter's memory as text, and back."""

import json
from dataclasses import astuple
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from bacnet_bridge.bacnet.counter import Count
from bacnet_bridge.bacnet.doubt import Break, Suspect, Told


class CountText(str):
    """A count's text that knows its count: most are read again in the next slot, and parsing is dear."""

    __slots__ = ("said",)
    said: Count

    @classmethod
    def of(cls, text: str, count: Count) -> "CountText":
        made = cls(text)
        made.said = count
        return made


def text_of(count: Count) -> str:
    """As it is stored with the packet: JSON, decimals as text, so that nothing is rounded."""
    text = f'{{"last":"{count.last}","of":{_quoted(count.of)},"rises":{count.rises}'
    text += "".join([f',"{name}":"{value}"' for name in _DECIMALS if (value := getattr(count, name)) is not None])
    text += "".join([f',"{name}":{value}' for name in _INSTANTS if (value := getattr(count, name)) is not None])
    if count.shift or count.exchange:
        text += f',"shift":"{count.shift}","exchange":{count.exchange}'
    if count.told is not None:
        text += f',"told":{json.dumps([_stored(part) for part in count.told])}'
    if count.broke is not None:
        text += f',"broke":{json.dumps([_stored(part) for part in count.broke])}'
    if count.noted:
        text += f',"noted":{_quoted(count.noted)},"noted_at":{count.noted_at}'
    if count.suspect is not None:
        text += f',"suspect":{json.dumps([_stored(part) for part in astuple(count.suspect)])}'
    return CountText.of(text + "}", count)


def count_from_text(text: str | None) -> Count | None:
    """The inverse of `text_of`; also of what earlier versions stored. None where it is no counter's memory."""
    if type(text) is CountText:
        return text.said
    if text is None or not text.startswith("{"):
        return None
    stored = json.loads(text)
    kept: dict[str, Any] = {name: stored[name] for name in _NAMES if stored.get(name) is not None}
    kept.update({name: Decimal(kept[name]) for name in (*_DECIMALS, "shift") if name in kept})
    watched = stored.get("suspect")
    told, broke = stored.get("told"), stored.get("broke")
    return Count(
        last=Decimal(stored["last"]),
        suspect=watched and _suspect(*watched),
        told=told and Told(told[0], Decimal(told[1]), Decimal(told[2]), *told[3:]),
        broke=broke and Break(Decimal(broke[0]), Decimal(broke[1]), None if broke[2] is None else Decimal(broke[2])),
        **kept,
    )


def _suspect(
    first: str,
    latest: str,
    seen: int = 1,
    first_at: int | None = None,
    latest_at: int | None = None,
    fastest: str = "0",
) -> Suspect:
    return Suspect(Decimal(first), Decimal(latest), seen, first_at, latest_at, Decimal(fastest))


def _stored(value: Decimal | int | str | None) -> int | str | None:
    return str(value) if isinstance(value, Decimal) else value


_DECIMALS: Final = ("base", "top", "left")
_INSTANTS: Final = ("at", "moved_at")
_NAMES: Final = (*_DECIMALS, *_INSTANTS, "of", "rises", "noted", "noted_at", "shift", "exchange")
_quoted = lru_cache(json.dumps)
