"""What is known to stop a bridge, each thing looked at by itself: probes at the edge, judgement of what they saw."""
