"""Mistakes in ways through a latent space."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "linear_path",
        "last step never reached",
        "scaled / shifted",
        """
        def linear_path(a, b, n):
            path = []
            for i in range(n):
                t = i / n
                path.append(a + t * (b - a))
            return np.array(path)
        """,
    ),
    wrong(
        "linear_path",
        "ends left out",
        "shifted / scaled",
        """
        def linear_path(a, b, n):
            alphas = np.linspace(0, 1, n + 2)[1:-1]
            return np.stack([(1 - t) * a + t * b for t in alphas])
        """,
    ),
    edit("linear_path", "from b to a", "reversed / swapped", "(1 - t) * a + t * b", "t * a + (1 - t) * b"),
    edit("linear_path", "a stays whole", "term / missing factor", "(1 - t) * a + t * b", "a + t * b"),
    edit("linear_path", "away from b", "sign", "(1 - t) * a + t * b", "a + t * (a - b)"),
    wrong(
        "spherical_path",
        "codes themselves turned, lengths with them",
        "missing factor",
        """
        def spherical_path(a, b, n):
            cos = np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b))
            omega = np.arccos(np.clip(cos, -1, 1))
            if omega < 1e-6:
                return np.array([(1 - t) * a + t * b for t in np.linspace(0, 1, n)])
            return np.array(
                [(np.sin((1 - t) * omega) * a + np.sin(t * omega) * b) / np.sin(omega) for t in np.linspace(0, 1, n)]
            )
        """,
    ),
    wrong(
        "spherical_path",
        "straight line pushed out to the sphere",
        "other function",
        """
        def spherical_path(a, b, n):
            ra, rb = np.linalg.norm(a), np.linalg.norm(b)
            t = np.linspace(0, 1, n)[:, None]
            u = (1 - t) * a / ra + t * b / rb
            u = u / np.linalg.norm(u, axis=1, keepdims=True)
            return u * ((1 - t) * ra + t * rb)
        """,
    ),
    wrong(
        "spherical_path",
        "directions only",
        "missing factor / normalised",
        """
        def spherical_path(a, b, n):
            u, v = a / np.sqrt(a @ a), b / np.sqrt(b @ b)
            theta = np.arccos(np.clip(np.dot(u, v), -1.0, 1.0))
            path = np.zeros((n, len(a)))
            for i, t in enumerate(np.linspace(0, 1, n)):
                if theta < 1e-6:
                    path[i] = u
                else:
                    path[i] = (np.sin((1 - t) * theta) * u + np.sin(t * theta) * v) / np.sin(theta)
            return path
        """,
    ),
    edit("spherical_path", "sine of the angle not divided out", "factor / missing factor", " / np.sin(angle)", ""),
    edit(
        "spherical_path",
        "lengths exchanged",
        "swapped",
        "((1 - t) * length_a + t * length_b)",
        "((1 - t) * length_b + t * length_a)",
    ),
    wrong(
        "attribute_vector",
        "labels taken for positions",
        "other array / argument",
        """
        def attribute_vector(codes, has):
            with_it = codes[has].mean(axis=0)
            without = codes[1 - has].mean(axis=0)
            return with_it - without
        """,
    ),
    wrong(
        "attribute_vector",
        "sums of unequal groups",
        "mean for sum",
        """
        def attribute_vector(codes, has):
            d = np.zeros(codes.shape[1])
            for z, y in zip(codes, has):
                d += z if y == 1 else -z
            return d
        """,
    ),
    edit(
        "attribute_vector",
        "from the mean of all",
        "factor / other array / centred",
        "codes[has == 0].mean(axis=0)",
        "codes.mean(axis=0)",
    ),
    edit(
        "attribute_vector",
        "from those with it",
        "factor / sign / swapped",
        "codes[has == 1].mean(axis=0) - codes[has == 0].mean(axis=0)",
        "codes[has == 0].mean(axis=0) - codes[has == 1].mean(axis=0)",
    ),
    edit(
        "attribute_vector",
        "medians",
        "other function",
        "codes[has == 1].mean(axis=0) - codes[has == 0].mean(axis=0)",
        "np.median(codes[has == 1], axis=0) - np.median(codes[has == 0], axis=0)",
    ),
    wrong(
        "change_attribute",
        "each step starts where the last one ended",
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
        "the same array moved and kept again and again",
        "same rows / overwritten",
        """
        def change_attribute(z, direction, steps):
            codes = []
            for s in steps:
                z += s * direction
                codes.append(z)
            return np.array(codes)
        """,
    ),
    edit(
        "change_attribute",
        "direction of length one",
        "scaled / normalised",
        "* direction",
        "* direction / np.linalg.norm(direction)",
    ),
    edit(
        "change_attribute",
        "fades from code to direction",
        "term / scaled",
        "z + steps[:, None] * direction",
        "(1 - steps[:, None]) * z + steps[:, None] * direction",
    ),
    edit(
        "change_attribute",
        "even steps between the ends",
        "other array",
        "steps[:, None]",
        "np.linspace(steps[0], steps[-1], len(steps))[:, None]",
    ),
    edit("change_attribute", "the way there, not the code", "term / argument", "z + steps", "steps"),
)
