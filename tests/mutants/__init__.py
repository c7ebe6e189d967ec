"""Mistakes as changes of scratchae's source text: a table of them, and what puts them in and reports who finds them."""
