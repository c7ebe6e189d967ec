"""Round 4, author D: mistakes unknown to all authors of rules before the measurement."""
