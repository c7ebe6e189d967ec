"""Equivalent implementations of the exercises."""
