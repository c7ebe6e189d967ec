"""Turn submissions into points: the policy, the verdict on each test, grading a class, and its results."""
