"""Round 2, author B: mistakes unknown when the first rules were written, but known to later rules."""
