"""BACnet Bridge: a building's meters, read over BACnet/IP, delivered in order to the Wattics platform."""

__version__ = "0.1.0"
