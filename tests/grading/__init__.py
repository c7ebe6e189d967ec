"""Tests of the grader and their data: a class of submissions, attacks on the sandbox, and the corpus of wrong and right solutions."""
