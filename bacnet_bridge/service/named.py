"""The meter that an operator means, by its id or its name."""

import difflib
from collections.abc import Collection, Iterable

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.mapping import Draft
from bacnet_bridge.model import Meter


class DraftError(BridgeError):
    """What was named has no id yet, so there is nothing at the platform, in the outbox or in the ledger."""


def meter_named(text: str, meters: Iterable[Meter], drafts: Iterable[Draft] = ()) -> Meter:
    """Ids go before names. Raises BridgeError, with what may have been meant; for a draft with what it lacks."""
    known, names = tuple(meters), {draft.name for draft in drafts}
    for found in ([each for each in known if each.id == text], [each for each in known if each.name == text]):
        if len(found) == 1:
            return found[0]
        if found:
            raise BridgeError(f"several meters are called {text!r}: say which id, {', '.join(m.id for m in found)}")
    if text in names:
        raise DraftError(f"{text!r} is a draft, which is not sent: enter the platform's id, or `register import` it")
    raise BridgeError(f"no mapped meter has the id or name {text!r}{_meant(text, known, names)}")


def meter_or_id(
    text: str, meters: Iterable[Meter], drafts: Iterable[Draft], account: str | None, accounts: Collection[str]
) -> Meter | None:
    """The mapped meter; None for an id that is not mapped, where the account says that this is meant.

    Raises BridgeError.
    """
    if account is not None and account not in accounts:
        raise BridgeError(f"the settings know no account {account!r}; they know {', '.join(sorted(accounts))}")
    try:
        found = meter_named(text, meters, drafts)
    except BridgeError as error:
        if account is not None:
            return None
        if isinstance(error, DraftError):
            raise
        stop = "" if str(error).endswith("?") else "."
        raise BridgeError(f"{error}{stop} For an id that is not mapped, name its account: --account default") from None
    if account is not None and account != found.account:
        raise BridgeError(f"meter {found.id} belongs to the account {found.account}, by the mapping")
    return found


def _meant(text: str, known: Iterable[Meter], drafts: Iterable[str]) -> str:
    names = [name for meter in known for name in (meter.id, meter.name)]
    names += drafts
    begun = [name for name in names if name.casefold().startswith(text.casefold())] if text else []
    close = difflib.get_close_matches(text, names, n=1) or begun
    return f"; did you mean {close[0]!r}?" if close else ""
