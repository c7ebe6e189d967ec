"""Round 2, author B: mistakes that nobody who wrote the first rules had seen; later rules were written knowing them."""
