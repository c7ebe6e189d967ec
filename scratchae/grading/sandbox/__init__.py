"""Run a student's file in a sandbox and get numbers back: the parent's side; the code inside the sandbox is in `child`."""
