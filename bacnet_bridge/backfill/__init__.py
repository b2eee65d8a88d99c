"""Gaps healed from trend logs: which they are, what a log says of them, and what becomes of each. Pure."""
