"""Round 3, author C: mistakes that nobody who wrote the first rules had seen; later rules were written knowing them."""
