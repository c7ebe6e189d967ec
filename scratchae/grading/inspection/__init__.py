"""Look at the text of submissions: flags for the teacher, and copies. Nothing is run, and nothing costs more than linear time."""
