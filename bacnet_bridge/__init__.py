"""BACnet Bridge: a building's meters, read over BACnet/IP, delivered in order to the Wattics platform."""

__version__ = "0.1.0"

BUILD_DATE = "2026-11-23"
"""The day of this release: a clock that shows an earlier time is wrong."""
