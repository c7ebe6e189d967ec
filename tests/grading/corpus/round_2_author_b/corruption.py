"""Mistakes in the damage to an input."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "masking_noise",
        "mask drawn anew",
        "noise redrawn / argument",
        """
        def masking_noise(x, u, level):
            keep = np.random.rand(*x.shape) >= level
            return x * keep
        """,
    ),
    wrong(
        "masking_noise",
        "scaled as dropout is",
        "factor / scaled",
        """
        def masking_noise(x, u, level):
            keep_prob = 1 - level
            mask = (u >= level).astype(float)
            return x * mask / keep_prob
        """,
    ),
    wrong(
        "masking_noise",
        "the input itself is damaged",
        "overwritten",
        """
        def masking_noise(x, u, level):
            for i in range(x.shape[0]):
                for j in range(x.shape[1]):
                    if u[i, j] < level:
                        x[i, j] = 0
            return x
        """,
    ),
    wrong(
        "masking_noise",
        "the first example's mask for everybody",
        "first only / one row",
        """
        def masking_noise(x, u, level):
            lost = np.flatnonzero(u[0] < level)
            y = x.copy()
            y[:, lost] = 0
            return y
        """,
    ),
    wrong(
        "masking_noise",
        "fixed seed, noise ignored",
        "argument / other array",
        """
        def masking_noise(x, u, level):
            rng = np.random.default_rng(0)
            return np.where(rng.random(x.shape) < level, 0, x)
        """,
    ),
    edit("masking_noise", "keeps what it should lose", "comparison / complement", "u < level", "u > level"),
    edit("masking_noise", "half of all entries", "argument / comparison / constant", "u < level", "u < 0.5"),
    edit(
        "masking_noise",
        "grey for black",
        "constant / term / part",
        "np.where(u < level, 0, x)",
        "np.where(u < level, 0.5, x)",
    ),
    edit(
        "masking_noise",
        "weighted by the noise",
        "other array / missing function / argument / extra factor",
        "np.where(u < level, 0, x)",
        "x * u",
    ),
    wrong(
        "masking_noise_backward",
        "passes everything",
        "argument returned / argument / missing factor / missing derivative",
        """
        def masking_noise_backward(dy, u, level):
            # noise is not trained, so nothing changes
            dx = dy
            return dx
        """,
    ),
    edit(
        "masking_noise_backward",
        "the mask alone",
        "upstream / argument",
        "np.where(u < level, 0, dy)",
        "np.where(u < level, 0.0, 1.0)",
    ),
    edit("masking_noise_backward", "gradient to the lost ones", "comparison / complement", "u < level", "u >= level"),
    wrong(
        "salt_and_pepper_noise",
        "pepper painted over by salt",
        "constant / comparison / part",
        """
        def salt_and_pepper_noise(x, u, level):
            y = x.copy()
            y[u < level / 2] = 0
            y[u < level] = 1
            return y
        """,
    ),
    wrong(
        "salt_and_pepper_noise",
        "salt at the upper end",
        "comparison",
        """
        def salt_and_pepper_noise(x, u, level):
            noisy = np.array(x)
            noisy[u < level / 2] = 0
            noisy[u > 1 - level / 2] = 1
            return noisy
        """,
    ),
    edit(
        "salt_and_pepper_noise",
        "salt and pepper exchanged",
        "swapped / complement",
        "level / 2, 0, np.where(u < level, 1, x)",
        "level / 2, 1, np.where(u < level, 0, x)",
    ),
    edit(
        "salt_and_pepper_noise_backward",
        "salt lets gradients pass",
        "comparison / scaled",
        "u < level",
        "u < level / 2",
    ),
    edit(
        "salt_and_pepper_noise_backward",
        "salt lets ones pass",
        "constant/term/part",
        "np.where(u < level, 0, dy)",
        "np.where(u < level / 2, 0, np.where(u < level, 1, dy))",
    ),
    wrong(
        "gaussian_noise",
        "level read as a variance",
        "power",
        """
        def gaussian_noise(x, eps, level):
            std = np.sqrt(level)
            return x + std * eps
        """,
    ),
    wrong(
        "gaussian_noise",
        "clipped to the range of pixels",
        "other function / transformed",
        """
        def gaussian_noise(x, eps, level):
            noisy = x + eps * level
            return np.minimum(np.maximum(noisy, 0), 1)
        """,
    ),
    edit(
        "gaussian_noise",
        "draws its own",
        "noise redrawn / argument",
        "level * eps",
        "np.random.normal(0, level, x.shape)",
    ),
    edit("gaussian_noise", "noise in proportion", "extra factor / term", "level * eps", "level * eps * x"),
    edit(
        "gaussian_noise",
        "a mixture of picture and noise",
        "scaled / term",
        "x + level * eps",
        "(1 - level) * x + level * eps",
    ),
    edit(
        "gaussian_noise_backward",
        "noise has no gradient",
        "zero / upstream / constant / argument",
        "return dy",
        "return np.zeros_like(dy)",
    ),
    edit(
        "gaussian_noise_backward",
        "local derivative only",
        "upstream / constant / argument",
        "return dy",
        "return np.ones(dy.shape)",
    ),
)
