"""The running service's local door: a Unix socket in the state folder, one JSON line in, one out."""
