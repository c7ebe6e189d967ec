"""What runs inside a sandbox: the standard library and NumPy only. The parent sends these files as text; nothing else is sent with them."""
