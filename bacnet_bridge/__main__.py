"""`python -m bacnet_bridge` is `bacnet-bridge`."""

from bacnet_bridge.cli import main

main()
