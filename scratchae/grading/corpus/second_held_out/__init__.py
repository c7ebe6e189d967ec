"""Mistakes that nobody who wrote a rule had seen. Each module has a tuple `MISTAKES`, in the form of `training`."""
