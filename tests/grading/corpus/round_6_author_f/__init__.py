"""Mistakes that people make, by an author who knew neither the rules nor other mistakes: each has its description in words, many their source."""
