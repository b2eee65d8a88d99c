"""Reading the building: the BACnet/IP stack, who is where, gathered reads, and what a value means. Never a write."""
