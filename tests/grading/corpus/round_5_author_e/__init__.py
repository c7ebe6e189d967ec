"""Round 5, author E: mistakes by an author who had seen neither rules nor other mistakes, measured before any correction."""
