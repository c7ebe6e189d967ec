"""Name the mistake behind wrong numbers, accurately and without giving the correct line."""
