"""Mistakes in paths through a latent space."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "linear_path",
        "from b to a",
        "The path runs from b to a: the weights t and 1 - t are exchanged.",
        """
        def linear_path(a, b, n):
            alphas = np.linspace(0, 1, n)
            return np.array([alpha * a + (1 - alpha) * b for alpha in alphas])
        """,
        "https://github.com/AUTOMATIC1111/stable-diffusion-webui/issues/3068",
        expects="reversed",
    ),
    described(
        "linear_path",
        "the end left out",
        "The steps are i / n, so the path ends one step before b; both ends are included with i / (n - 1).",
        """
        def linear_path(a, b, n):
            path = []
            for i in range(n):
                t = i / n
                path.append((1 - t) * a + t * b)
            return np.stack(path)
        """,
        "off by one; related: https://github.com/genforce/interfacegan/issues/84",
        expects="shifted",
    ),
    described(
        "linear_path",
        "integer steps",
        "i // (n - 1) is an integer division: all steps but the last are 0.",
        """
        def linear_path(a, b, n):
            t = (np.arange(n) // (n - 1))[:, None]
            return a + t * (b - a)
        """,
        "code from Python 2",
    ),
    described(
        "spherical_path",
        "the codes themselves on the arc",
        "The sines weight the codes instead of their directions, so the length does not change evenly from |a| to |b|.",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            omega = np.arccos(np.clip(np.dot(a / np.linalg.norm(a), b / np.linalg.norm(b)), -1, 1))
            so = np.sin(omega)
            if so < 1e-6:
                return (1 - t) * a + t * b
            return np.sin((1 - t) * omega) / so * a + np.sin(t * omega) / so * b
        """,
        "https://github.com/soumith/dcgan.torch/issues/14",
        expects="missing factor",
    ),
    described(
        "spherical_path",
        "unit length",
        "The lengths are lost: all codes of the path have length 1.",
        """
        def spherical_path(a, b, n):
            u, v = a / np.linalg.norm(a), b / np.linalg.norm(b)
            t = np.linspace(0, 1, n)[:, None]
            w = np.arccos(np.clip(u @ v, -1, 1))
            if np.sin(w) < 1e-6:
                return (1 - t) * u + t * v
            return (np.sin((1 - t) * w) * u + np.sin(t * w) * v) / np.sin(w)
        """,
        "https://github.com/Polytoria/polytoria-game/issues/1169",
        expects="normalised",
    ),
    described(
        "spherical_path",
        "the angle of unnormalised codes",
        "The angle is computed from the product of the codes without dividing by their lengths.",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            ra, rb = np.linalg.norm(a), np.linalg.norm(b)
            omega = np.arccos(np.clip(a @ b, -1, 1))
            if np.sin(omega) < 1e-6:
                return (1 - t) * a + t * b
            d = (np.sin((1 - t) * omega) * a / ra + np.sin(t * omega) * b / rb) / np.sin(omega)
            return ((1 - t) * ra + t * rb) * d
        """,
        "https://github.com/NVlabs/stylegan2-ada-pytorch/issues/284",
    ),
    described(
        "spherical_path",
        "nothing for equal directions",
        "For codes of the same direction the angle is 0 and the division by its sine gives NaN: the path is straight then.",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            ra, rb = np.linalg.norm(a), np.linalg.norm(b)
            u, v = a / ra, b / rb
            omega = np.arccos(min(u @ v, 1.0))
            return ((1 - t) * ra + t * rb) * (np.sin((1 - t) * omega) * u + np.sin(t * omega) * v) / np.sin(omega)
        """,
        "https://github.com/sony/mapray-js/issues/308",
        expects="unstable",
    ),
    described(
        "spherical_path",
        "the straight case reversed",
        "Where a and b have the same direction, the straight path runs from b to a.",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            ra, rb = np.linalg.norm(a), np.linalg.norm(b)
            u, v = a / ra, b / rb
            dot = np.clip(u @ v, -1, 1)
            if dot > 1 - 1e-12:
                return t * a + (1 - t) * b
            omega = np.arccos(dot)
            return ((1 - t) * ra + t * rb) * (np.sin((1 - t) * omega) * u + np.sin(t * omega) * v) / np.sin(omega)
        """,
        "https://github.com/AUTOMATIC1111/stable-diffusion-webui/issues/3068",
        expects="unstable",
    ),
    described(
        "attribute_vector",
        "from those that have it",
        "The sign is wrong: the direction runs from the examples without the attribute to those that have it.",
        """
        def attribute_vector(codes, has):
            return codes[has == 0].mean(axis=0) - codes[has == 1].mean(axis=0)
        """,
        "order of the difference, seen in homework",
        expects="factor",
    ),
    described(
        "attribute_vector",
        "minus the mean of all",
        "The mean of all codes is subtracted; it should be the mean of those without the attribute.",
        """
        def attribute_vector(codes, has):
            return codes[has.astype(bool)].mean(axis=0) - codes.mean(axis=0)
        """,
        "average face subtracted",
        expects="other array",
    ),
    described(
        "attribute_vector",
        "has taken for indices",
        "has is used as indices, so codes 0 and 1 are taken many times; a condition is needed: has == 1.",
        """
        def attribute_vector(codes, has):
            return np.mean(codes[has], axis=0) - np.mean(codes[1 - has], axis=0)
        """,
        "indices and masks confused",
        expects="other array",
    ),
    described(
        "attribute_vector",
        "sums for means, unit length",
        "Two mistakes: the codes are summed instead of averaged in each group, and the direction is scaled to length 1.",
        """
        def attribute_vector(codes, has):
            d = has @ codes - (1 - has) @ codes
            return d / np.linalg.norm(d)
        """,
        "combination of two habits",
    ),
    described(
        "change_attribute",
        "steps upon steps",
        "The steps are accumulated: each code should start from z, not from the code before.",
        """
        def change_attribute(z, direction, steps):
            codes, current = [], z.copy()
            for s in steps:
                current = current + s * direction
                codes.append(current)
            return np.array(codes)
        """,
        "accumulation in a loop",
        expects="term",
    ),
    described(
        "change_attribute",
        "a unit direction",
        "The direction is scaled to length 1; the steps are multiples of the direction as it is.",
        """
        def change_attribute(z, direction, steps):
            n = direction / np.linalg.norm(direction)
            return z[None, :] + np.outer(steps, n)
        """,
        "https://github.com/genforce/interfacegan/issues/84",
        expects="normalised",
    ),
    described(
        "change_attribute",
        "mixed with the direction",
        "z is scaled by 1 - step, as on a path to the direction; z must be kept, and the step's multiple added.",
        """
        def change_attribute(z, direction, steps):
            s = steps.reshape(-1, 1)
            return (1 - s) * z + s * direction
        """,
        "linear interpolation used for a shift",
        expects="term",
    ),
    described(
        "change_attribute",
        "the start subtracted",
        "The code's component along the direction is removed first, as if steps were positions; step 0 must give z itself.",
        """
        def change_attribute(z, direction, steps):
            along = z @ direction / (direction @ direction)
            return z + (steps - along)[:, None] * direction
        """,
        "https://github.com/genforce/interfacegan/issues/1",
    ),
)
