"""Mistakes that nobody who wrote a rule had seen, by a further author. Each module has a tuple `MISTAKES`, in the form of `training`."""
