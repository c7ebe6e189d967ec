"""Round 5, author E: mistakes by an author who had seen no rule and no other mistake, measured before anything was mended."""
