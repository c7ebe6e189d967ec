"""Try known escapes from a sandbox, and detect whether they succeed."""
