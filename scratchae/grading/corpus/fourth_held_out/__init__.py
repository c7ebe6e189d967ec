"""Mistakes by a fifth author, who had seen no rule and no other mistake. Measured before anything was mended: see `scratchae.grading.corpus`."""
