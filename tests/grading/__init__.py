"""The grader's tests, with what they grade: a class of submissions, attacks on the sandbox, and the corpus of wrong and right solutions."""
