"""Common mistakes: the reference with a changed argument, or with an edit of its source; each computed once."""
