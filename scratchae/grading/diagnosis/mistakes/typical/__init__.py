"""Typical mistakes, each written as a function with a sentence of its own; tried before the general edits, which say less."""
