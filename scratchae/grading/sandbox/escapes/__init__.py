"""Try to get out of a sandbox, and see whether that was held."""
