"""The errors that cross a border between rooms. Each message says what happened, where, and what to do."""


class BridgeError(Exception):
    """Root of everything the bridge raises on purpose."""


class SettingsError(BridgeError):
    """A setting is missing or wrong; nothing can start. The commands end with exit status 2."""


class MappingError(BridgeError):
    """The mapping has problems; the message lists all of them, one a line, with file, line and column."""


class StateError(BridgeError):
    """The state folder cannot be used: no permission, no space, or another process holds its lock."""


class NoServiceError(StateError):
    """No service runs on the state folder."""


class NetworkError(BridgeError):
    """The BACnet port cannot be opened: address not ours, port taken, interface missing."""


class SurveyError(BridgeError):
    """A survey's file cannot be read or written."""


class ReadError(BridgeError):
    """A property could not be read. `str(error)` names device, object, property and cause."""


class DeviceSilentError(ReadError):
    """The device gave no answer at all within its time."""


class OutboxError(BridgeError):
    """The outbox refused. What was refused is not in the outbox; what was there before still is."""


class DamagedFileError(OutboxError, StateError):
    """The outbox's file is damaged. What can be read of it is salvaged when the service starts."""


class FencedError(OutboxError):
    """The instant is not later than the queue's fence or tail (guarantee 2): it must not be sent any more."""


class OutboxFullError(OutboxError):
    """No room: quota reached or the disk is full. New packets are refused, old ones are kept (guarantee 1)."""


class QuotaError(OutboxFullError):
    """The meter's share of the outbox is full, and nothing is left to lend it (guarantee 1)."""


class DamagedError(OutboxError):
    """A packet's row is not what was written: it is not sent. Others are."""


class NotWaitingError(OutboxError):
    """The packet does not wait in the outbox (any more): accepted or set aside already, or never put."""
