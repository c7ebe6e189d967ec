"""Run a student's file where it can do no harm, and get numbers back: the parent's side; the child within is in `child`."""
