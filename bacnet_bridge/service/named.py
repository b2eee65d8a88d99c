"""The meter that an operator means, by its id or its name."""

import difflib
from collections.abc import Iterable

from bacnet_bridge.errors import BridgeError
from bacnet_bridge.model import Meter


def meter_named(text: str, meters: Iterable[Meter]) -> Meter:
    """Ids go before names. Raises BridgeError, with what may have been meant."""
    known = tuple(meters)
    for found in ([each for each in known if each.id == text], [each for each in known if each.name == text]):
        if len(found) == 1:
            return found[0]
        if found:
            raise BridgeError(f"several meters are called {text!r}: say which id, {', '.join(m.id for m in found)}")
    raise BridgeError(f"no mapped meter has the id or name {text!r}{_meant(text, known)}")


def _meant(text: str, known: Iterable[Meter]) -> str:
    close = difflib.get_close_matches(text, [name for meter in known for name in (meter.id, meter.name)], n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
