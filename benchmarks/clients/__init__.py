"""Who is compared: a file per client, each run in a process of its own and driven through channel.py."""
