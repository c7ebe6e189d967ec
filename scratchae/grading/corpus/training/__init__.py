"""Mistakes that the rules were written with."""
