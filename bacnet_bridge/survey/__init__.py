"""What was found on a network: the model that discovery fills, its files, and what changed between two. Pure."""
