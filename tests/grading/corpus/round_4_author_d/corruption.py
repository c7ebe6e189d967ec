"""Wrong solutions of the ways to damage an input."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # masking_noise
    edit(
        "masking_noise", "what is lost is kept", "comparison", "np.where(u < level, 0, x)", "np.where(u < level, x, 0)"
    ),
    edit(
        "masking_noise",
        "scaled up as in dropout",
        "extra factor/factor",
        "np.where(u < level, 0, x)",
        "np.where(u < level, 0, x) / (1 - level)",
    ),
    edit("masking_noise", "whole rows", "first only/one size", "u < level", "u[:, :1] < level"),
    # masking_noise_backward
    edit("masking_noise_backward", "the mask", "upstream/argument/missing factor", "0, dy)", "0.0, 1.0)"),
    edit(
        "masking_noise_backward", "by the noise itself", "comparison/argument", "np.where(u < level, 0, dy)", "dy * u"
    ),
    wrong(
        "masking_noise_backward",
        "straight through",
        "argument returned/argument/comparison/missing derivative",
        """
        def masking_noise_backward(dy, u, level):
            return dy.copy()
        """,
    ),
    # salt_and_pepper_noise
    edit(
        "salt_and_pepper_noise",
        "white and black exchanged",
        "swapped/constant/part / complement",
        "0, np.where(u < level, 1, x)",
        "1, np.where(u < level, 0, x)",
    ),
    edit(
        "salt_and_pepper_noise",
        "black and white of the data",
        "constant/part",
        "0, np.where(u < level, 1, x)",
        "x.min(), np.where(u < level, x.max(), x)",
    ),
    wrong(
        "salt_and_pepper_noise",
        "twice as much",
        "scaled",
        """
        def salt_and_pepper_noise(x, u, level):
            y = x.copy()
            y[u < level] = 0
            y[(u >= level) & (u < 2 * level)] = 1
            return y
        """,
    ),
    wrong(
        "salt_and_pepper_noise",
        "salt over the pepper",
        "comparison/part/constant",
        """
        def salt_and_pepper_noise(x, u, level):
            y = np.copy(x)
            y[u < level / 2] = 0
            y[u < level] = 1
            return y
        """,
    ),
    # salt_and_pepper_noise_backward
    edit("salt_and_pepper_noise_backward", "half the level", "scaled/part", "u < level", "u < level / 2"),
    edit(
        "salt_and_pepper_noise_backward",
        "the share that is kept",
        "argument/comparison",
        "np.where(u < level, 0, dy)",
        "dy * (1 - level)",
    ),
    wrong(
        "salt_and_pepper_noise_backward",
        "the damage done to the gradient",
        "part/constant/other function",
        """
        def salt_and_pepper_noise_backward(dy, u, level):
            dx = dy.copy()
            dx[u < level / 2] = 0
            dx[(u >= level / 2) & (u < level)] = 1
            return dx
        """,
    ),
    # gaussian_noise
    edit("gaussian_noise", "in proportion to x", "extra factor/term", "x + level * eps", "x * (1 + level * eps)"),
    edit(
        "gaussian_noise",
        "back to between 0 and 1",
        "transformed/part",
        "x + level * eps",
        "np.clip(x + level * eps, 0, 1)",
    ),
    wrong(
        "gaussian_noise",
        "drawn from a generator of its own",
        "argument",
        """
        def gaussian_noise(x, eps, level):
            rng = np.random.default_rng(0)
            return x + rng.normal(0, level, size=x.shape)
        """,
    ),
    # gaussian_noise_backward
    wrong(
        "gaussian_noise_backward",
        "not written",
        "none",
        """
        def gaussian_noise_backward(dy):
            dx = dy * 1.0
        """,
    ),
    edit(
        "gaussian_noise_backward",
        "noise has no gradient",
        "zero/upstream/argument/same rows",
        "return dy",
        "return np.zeros_like(dy)",
    ),
    edit(
        "gaussian_noise_backward",
        "the derivative is one",
        "upstream/argument/same rows",
        "return dy",
        "return np.ones(dy.shape)",
    ),
)
