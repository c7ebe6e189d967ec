"""Code that runs inside a sandbox, with the standard library and NumPy only. The parent sends these files as text, and no others."""
