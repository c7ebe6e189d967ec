"""Read what was handed in: folders, archives, names, and which file is for which exercise. Nothing of it is run."""
