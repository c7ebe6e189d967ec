"""Round 3, author C: mistakes unknown when the first rules were written, but known to later rules."""
