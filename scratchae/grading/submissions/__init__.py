"""Read submissions: folders, archives, names, and the exercise of each file. No submitted code is run."""
