"""Wrong solutions of ways through a latent space."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # linear_path
    edit("linear_path", "a in full all along", "term/missing factor", "(1 - t) * a", "a"),
    wrong(
        "linear_path",
        "one code too many",
        "shape/shifted",
        """
        def linear_path(a, b, n):
            path = []
            for i in range(n + 1):
                path.append(a + (b - a) * i / n)
            return np.array(path)
        """,
    ),
    wrong(
        "linear_path",
        "codes in columns",
        "transposed/shape",
        """
        def linear_path(a, b, n):
            return np.array([np.linspace(a[j], b[j], n) for j in range(len(a))])
        """,
    ),
    # spherical_path
    edit(
        "spherical_path",
        "the lengths exchanged",
        "swapped",
        "((1 - t) * length_a + t * length_b)",
        "(t * length_a + (1 - t) * length_b)",
    ),
    edit("spherical_path", "the angle for its sine", "missing function/factor", " / np.sin(angle)", " / angle"),
    wrong(
        "spherical_path",
        "the ends not brought to length one",
        "missing factor",
        """
        def spherical_path(a, b, n):
            cos = np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
            omega = np.arccos(np.clip(cos, -1, 1))
            if omega < 1e-6:
                return np.array([(1 - t) * a + t * b for t in np.linspace(0, 1, n)])
            so = np.sin(omega)
            return np.array([np.sin((1 - t) * omega) / so * a + np.sin(t * omega) / so * b for t in np.linspace(0, 1, n)])
        """,
    ),
    wrong(
        "spherical_path",
        "straight",
        "other function",
        """
        def spherical_path(a, b, n):
            alphas = np.arange(n) / (n - 1)
            return np.outer(1 - alphas, a) + np.outer(alphas, b)
        """,
    ),
    # attribute_vector
    wrong(
        "attribute_vector",
        "labels taken for places",
        "comparison/other array",
        """
        def attribute_vector(codes, has):
            return codes[has].mean(axis=0) - codes[1 - has].mean(axis=0)
        """,
    ),
    wrong(
        "attribute_vector",
        "sums",
        "mean for sum",
        """
        def attribute_vector(codes, has):
            with_it = np.zeros(codes.shape[1])
            without = np.zeros(codes.shape[1])
            for z, flag in zip(codes, has):
                if flag:
                    with_it += z
                else:
                    without += z
            return with_it - without
        """,
    ),
    wrong(
        "attribute_vector",
        "a direction of length one",
        "normalised/factor",
        """
        def attribute_vector(codes, has):
            v = codes[has == 1].mean(axis=0) - codes[has == 0].mean(axis=0)
            return v / np.linalg.norm(v)
        """,
    ),
    # change_attribute
    edit(
        "change_attribute",
        "the code is what is scaled",
        "swapped",
        "z + steps[:, None] * direction",
        "steps[:, None] * z + direction",
    ),
    edit(
        "change_attribute",
        "the direction brought to length one",
        "normalised",
        " * direction",
        " * direction / np.linalg.norm(direction)",
    ),
    edit("change_attribute", "the movement alone", "term/argument", "z + steps", "steps"),
)
