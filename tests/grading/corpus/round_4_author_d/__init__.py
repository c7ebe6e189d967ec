"""Round 4, author D: mistakes that nobody who wrote a rule had seen before they were measured."""
