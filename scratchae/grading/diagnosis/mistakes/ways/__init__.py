"""Other ways to write what the exercises ask for."""
