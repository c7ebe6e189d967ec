"""Write what teachers, students and programs read, all from the one dictionary that `results.json` holds."""
