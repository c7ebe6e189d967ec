"""Name the mistake behind wrong numbers, in words that are true and never the line to write."""
