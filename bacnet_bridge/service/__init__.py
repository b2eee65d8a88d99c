"""Wires the stages: bridge.py starts and stops them, collect.py takes a slot through them, overview.py tells."""
