"""Mistakes as in courses, by an author who had seen neither the rules nor other mistakes."""
