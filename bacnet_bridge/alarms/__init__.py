"""What somebody is to be told of: conditions, messages about them, a heartbeat."""
