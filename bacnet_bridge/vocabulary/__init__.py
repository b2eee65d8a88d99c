"""What every stage may know: BACnet's names and numbers, units, the platform's fields, the slot grid, reasons."""
