"""Wrong solutions of ways through a latent space."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "linear_path",
        "end not reached: i / n",
        "shifted",
        """
        def linear_path(a, b, n):
            return np.array([a + (b - a) * i / n for i in range(n)])
        """,
    ),
    wrong(
        "linear_path",
        "n + 1 codes",
        "shape",
        """
        def linear_path(a, b, n):
            t = np.linspace(0, 1, n + 1)[:, None]
            return a + t * (b - a)
        """,
    ),
    wrong(
        "linear_path",
        "ends exchanged",
        "reversed",
        """
        def linear_path(a, b, n):
            t = np.linspace(0, 1, n).reshape(-1, 1)
            return t * a + (1 - t) * b
        """,
    ),
    wrong(
        "spherical_path",
        "vectors not normalised for the angle's cosine: clipped",
        "",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            angle = np.arccos(np.clip(np.dot(a, b), -1, 1))
            if np.sin(angle) < 1e-6:
                return (1 - t) * a + t * b
            return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
        """,
    ),
    wrong(
        "spherical_path",
        "usual slerp of a and b themselves: length does not change evenly",
        "missing factor",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            cos = np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
            angle = np.arccos(np.clip(cos, -1, 1))
            if np.sin(angle) < 1e-6:
                return (1 - t) * a + t * b
            return (np.sin((1 - t) * angle) * a + np.sin(t * angle) * b) / np.sin(angle)
        """,
    ),
    wrong(
        "spherical_path",
        "straight line rescaled to the right lengths",
        "other function",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            line = (1 - t) * a + t * b
            r = (1 - t) * np.linalg.norm(a) + t * np.linalg.norm(b)
            return line / np.linalg.norm(line, axis=1, keepdims=True) * r
        """,
    ),
    wrong(
        "spherical_path",
        "no case for equal directions: 0/0",
        "unstable",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            na, nb = np.linalg.norm(a), np.linalg.norm(b)
            u, v = a / na, b / nb
            angle = np.arccos(u @ v)
            d = (np.sin((1 - t) * angle) * u + np.sin(t * angle) * v) / np.sin(angle)
            return ((1 - t) * na + t * nb) * d
        """,
    ),
    wrong(
        "attribute_vector",
        "from with to without",
        "factor",
        """
        def attribute_vector(codes, has):
            return codes[has == 0].mean(axis=0) - codes[has == 1].mean(axis=0)
        """,
    ),
    wrong(
        "attribute_vector",
        "has used as an index, not as a mask",
        "other array",
        """
        def attribute_vector(codes, has):
            return codes[has].mean(axis=0) - codes[1 - has].mean(axis=0)
        """,
    ),
    wrong(
        "attribute_vector",
        "sum in both groups divided by all of N, minus the overall mean",
        "",
        """
        def attribute_vector(codes, has):
            N = len(codes)
            return (has[:, None] * codes).sum(axis=0) / N - codes.mean(axis=0)
        """,
    ),
    wrong(
        "attribute_vector",
        "made a unit vector",
        "normalised",
        """
        def attribute_vector(codes, has):
            d = codes[has == 1].mean(axis=0) - codes[has == 0].mean(axis=0)
            return d / np.linalg.norm(d)
        """,
    ),
    wrong(
        "change_attribute",
        "steps accumulated",
        "term",
        """
        def change_attribute(z, direction, steps):
            codes = []
            for s in steps:
                z = z + s * direction
                codes.append(z)
            return np.array(codes)
        """,
    ),
    wrong(
        "change_attribute",
        "unit direction",
        "normalised",
        """
        def change_attribute(z, direction, steps):
            unit = direction / np.linalg.norm(direction)
            return z[None, :] + np.outer(steps, unit)
        """,
    ),
    wrong(
        "change_attribute",
        "the same array written again and again (in place), all rows are the last",
        "same rows",
        """
        def change_attribute(z, direction, steps):
            current = z.copy()
            codes = []
            for s in steps:
                current[:] = z + s * direction
                codes.append(current)
            return np.array(codes)
        """,
    ),
)
