"""Which calls test a function, with the reference's answers, and how far an answer is from them."""
