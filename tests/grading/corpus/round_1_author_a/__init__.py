"""Round 1, author A: the mistakes that the first rules were written with. Each module has a tuple `MISTAKES`."""
