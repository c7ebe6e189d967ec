"""Wrong solutions of the last chapter: importance weights, ways through a latent space."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # importance
    wrong(
        "sampled_kl",
        "the noise's density left out",
        "term/argument",
        """
        def sampled_kl(z, logvar, eps):
            log_q = -0.5 * logvar
            log_p = -0.5 * z ** 2
            return (log_q - log_p).sum(axis=-1)
        """,
    ),
    wrong(
        "sampled_kl",
        "the closed form with z for mu",
        "other array/argument/other function",
        """
        def sampled_kl(z, logvar, eps):
            return 0.5 * np.sum(z ** 2 + np.exp(logvar) - logvar - 1, axis=-1)
        """,
    ),
    wrong(
        "importance_weights",
        "shares of the examples",
        "axis",
        """
        def importance_weights(log_w):
            out = np.zeros_like(log_w)
            for k, row in enumerate(log_w):
                r = np.exp(row - row.max())
                out[k] = r / r.sum()
            return out
        """,
    ),
    edit(
        "importance_weights",
        "relative to the best",
        "normalised/other function/missing factor",
        "w / w.sum(axis=0)",
        "w / w.max(axis=0)",
    ),
    wrong(
        "importance_weights_backward",
        "as if each weight were a sigmoid",
        "term / missing sum",
        """
        def importance_weights_backward(dw, w):
            return dw * sigmoid_like(w)

        def sigmoid_like(w):
            return w * (1 - w)
        """,
    ),
    wrong(
        "importance_weights_backward",
        "the plain mean is taken off",
        "term/mean for sum/missing factor",
        """
        def importance_weights_backward(dw, w):
            return w * (dw - np.mean(dw, axis=0))
        """,
    ),
    wrong(
        "log_mean_exp",
        "the mean of the logarithms",
        "missing function/other function",
        """
        def log_mean_exp(log_w):
            K = log_w.shape[0]
            return sum(log_w) / K
        """,
    ),
    wrong(
        "log_mean_exp",
        "eleven draws",
        "one size/constant",
        """
        def log_mean_exp(log_w):
            m = log_w.max(axis=0)
            return m + np.log(np.sum(np.exp(log_w - m), axis=0) / 11)
        """,
    ),
    edit("log_mean_exp", "the shift is not undone", "term", "top + np.log", "np.log"),
    wrong(
        "log_mean_exp_backward",
        "the same share for each draw",
        "argument/same rows/other function",
        """
        def log_mean_exp_backward(dbound, log_w):
            K, N = log_w.shape
            return np.tile(dbound / K, (K, 1))
        """,
    ),
    wrong(
        "log_mean_exp_backward",
        "weights that are not normalised",
        "missing factor/extra factor",
        """
        def log_mean_exp_backward(dbound, log_w):
            return dbound[None, :] * np.exp(log_w) / len(log_w)
        """,
    ),
    # interpolation
    wrong(
        "linear_path",
        "one step short of the end",
        "shifted/constant",
        """
        def linear_path(a, b, n):
            path = np.zeros((n, len(a)))
            for i in range(n):
                path[i] = a + i / n * (b - a)
            return path
        """,
    ),
    wrong(
        "linear_path",
        "codes as columns",
        "transposed/shape",
        """
        def linear_path(a, b, n):
            t = np.linspace(0, 1, n)
            return np.outer(a, 1 - t) + np.outer(b, t)
        """,
    ),
    wrong(
        "spherical_path",
        "the formula of unit vectors for all vectors",
        "missing factor",
        """
        def spherical_path(a, b, n):
            omega = np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1))
            if np.sin(omega) < 1e-8:
                return np.array([(1 - t) * a + t * b for t in np.linspace(0, 1, n)])
            return np.array(
                [np.sin((1 - t) * omega) / np.sin(omega) * a + np.sin(t * omega) / np.sin(omega) * b for t in np.linspace(0, 1, n)]
            )
        """,
    ),
    wrong(
        "spherical_path",
        "no case for equal directions",
        "unstable",
        """
        def spherical_path(a, b, n):
            ra, rb = np.sqrt(a @ a), np.sqrt(b @ b)
            ua, ub = a / ra, b / rb
            phi = np.arccos(np.clip(ua @ ub, -1, 1))
            path = []
            for t in np.linspace(0, 1, n):
                d = (np.sin((1 - t) * phi) * ua + np.sin(t * phi) * ub) / np.sin(phi)
                path.append(((1 - t) * ra + t * rb) * d)
            return np.array(path)
        """,
    ),
    wrong(
        "spherical_path",
        "straight, then brought to the right length",
        "other function/normalised",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            line = (1 - t) * a + t * b
            length = (1 - t) * np.linalg.norm(a) + t * np.linalg.norm(b)
            return line / np.linalg.norm(line, axis=1, keepdims=True) * length
        """,
    ),
    wrong(
        "attribute_vector",
        "ones and zeros as row numbers",
        "other array/first only",
        """
        def attribute_vector(codes, has):
            with_it = codes[has]
            without = codes[1 - has]
            return with_it.mean(axis=0) - without.mean(axis=0)
        """,
    ),
    wrong(
        "attribute_vector",
        "from the mean of all",
        "factor/other array",
        """
        def attribute_vector(codes, has):
            return codes[has.astype(bool)].mean(axis=0) - codes.mean(axis=0)
        """,
    ),
    wrong(
        "attribute_vector",
        "both sums divided by the number of all",
        "mean for sum/constant",
        """
        def attribute_vector(codes, has):
            n = len(codes)
            plus = (has[:, None] * codes).sum(axis=0) / n
            minus = ((1 - has)[:, None] * codes).sum(axis=0) / n
            return plus - minus
        """,
    ),
    wrong(
        "change_attribute",
        "steps one after another",
        "overwritten/term",
        """
        def change_attribute(z, direction, steps):
            codes = []
            for s in steps:
                z += s * direction
                codes.append(z.copy())
            return np.stack(codes)
        """,
    ),
    edit(
        "change_attribute",
        "the code is stretched",
        "swapped",
        "z + steps[:, None] * direction",
        "steps[:, None] * z + direction",
    ),
)
