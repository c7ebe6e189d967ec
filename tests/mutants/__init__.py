"""Mistakes as changes of scratchae's source text: a table of them, and programs that insert them and report which check detects each."""
