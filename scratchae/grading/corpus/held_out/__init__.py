"""Mistakes that nobody who wrote the first rules had seen; later rules were written knowing them.

Each module has a tuple `MISTAKES`, in the form of `training`.
"""
