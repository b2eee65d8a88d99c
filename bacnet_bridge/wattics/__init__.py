"""The far end: sessions, verdicts, and the courier that delivers every queue in order."""
