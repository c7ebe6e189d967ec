"""The rules: each examines the evidence and returns a diagnosis, or None."""
