"""Write the reports for teachers, students and programs, all from the content of `results.json`."""
