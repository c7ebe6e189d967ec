"""Turn a submission into points: the policy, the verdict on each test, a class, and its results."""
