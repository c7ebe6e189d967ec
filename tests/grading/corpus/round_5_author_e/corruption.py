"""Wrong solutions of damaging an input."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "masking_noise",
        "keeps what is to be lost",
        "comparison",
        """
        def masking_noise(x, u, level):
            return x * (u < level)
        """,
    ),
    wrong(
        "masking_noise",
        "rescales as dropout does",
        "factor",
        """
        def masking_noise(x, u, level):
            mask = u >= level
            return x * mask / (1 - level)
        """,
    ),
    wrong(
        "masking_noise",
        "draws its own noise",
        "noise redrawn",
        """
        def masking_noise(x, u, level):
            mask = np.random.rand(*x.shape) >= level
            return x * mask
        """,
    ),
    wrong(
        "masking_noise_backward",
        "times u rather than its step",
        "extra factor",
        """
        def masking_noise_backward(dy, u, level):
            return dy * u * (u > level)
        """,
    ),
    wrong(
        "masking_noise_backward",
        "writes into dy",
        "overwritten",
        """
        def masking_noise_backward(dy, u, level):
            dy[u < level] = 0
            return dy
        """,
    ),
    wrong(
        "salt_and_pepper_noise",
        "salt and pepper exchanged",
        "complement",
        """
        def salt_and_pepper_noise(x, u, level):
            y = x.copy()
            y[u < level] = 0
            y[u < level / 2] = 1
            return y
        """,
    ),
    wrong(
        "salt_and_pepper_noise",
        "level for each of both: twice as many",
        "scaled",
        """
        def salt_and_pepper_noise(x, u, level):
            y = np.array(x)
            y[u < level] = 0
            y[(u >= level) & (u < 2 * level)] = 1
            return y
        """,
    ),
    wrong(
        "salt_and_pepper_noise",
        "white at the other end: u > 1 - level / 2",
        "comparison",
        """
        def salt_and_pepper_noise(x, u, level):
            y = x.copy()
            y[u < level / 2] = 0
            y[u > 1 - level / 2] = 1
            return y
        """,
    ),
    wrong(
        "salt_and_pepper_noise_backward",
        "only where 0 was written",
        "scaled",
        """
        def salt_and_pepper_noise_backward(dy, u, level):
            return np.where(u < level / 2, 0, dy)
        """,
    ),
    wrong(
        "salt_and_pepper_noise_backward",
        "gradient 1 where white, as in the forward pass",
        "part",
        """
        def salt_and_pepper_noise_backward(dy, u, level):
            dx = dy.copy()
            dx[u < level] = 1
            dx[u < level / 2] = 0
            return dx
        """,
    ),
    wrong(
        "gaussian_noise",
        "level taken for a variance",
        "power",
        """
        def gaussian_noise(x, eps, level):
            return x + np.sqrt(level) * eps
        """,
    ),
    wrong(
        "gaussian_noise",
        "multiplicative, and clipped to [0, 1]",
        "extra factor",
        """
        def gaussian_noise(x, eps, level):
            return np.clip(x * (1 + level * eps), 0, 1)
        """,
    ),
    wrong(
        "gaussian_noise_backward",
        "ones",
        "upstream",
        """
        def gaussian_noise_backward(dy):
            return np.ones_like(dy)
        """,
    ),
    wrong(
        "gaussian_noise_backward",
        "divided by the batch size",
        "factor",
        """
        def gaussian_noise_backward(dy):
            return dy / dy.shape[0]
        """,
    ),
)
