"""What people write by mistake: the reference with another argument, or with an edit of its source; all of them, computed once."""
