"""An autograder for Gradescope: the uploaded archive, and the program that grades a submission there."""
