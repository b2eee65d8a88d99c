"""What is known to stop a bridge, each thing looked at by itself: probes at the edge, pure judgement of what they saw."""
