"""The tests of a function: calls with the reference's answers, and the error of an answer."""
