"""Right solutions of the last chapter."""

from __future__ import annotations

from grading.corpus.entry import Entry, right

ALTERNATIVES: tuple[Entry, ...] = (
    right(
        "sampled_kl",
        "two log-densities",
        """
        def sampled_kl(z, logvar, eps):
            log_q = -0.5 * (np.log(2 * np.pi) + logvar + eps**2)
            log_p = -0.5 * (np.log(2 * np.pi) + z**2)
            return (log_q - log_p).sum(axis=-1)
        """,
    ),
    right(
        "importance_weights",
        "logaddexp",
        "def importance_weights(log_w):\n    return np.exp(log_w - np.logaddexp.reduce(log_w, axis=0))\n",
    ),
    right(
        "importance_weights_backward",
        "einsum",
        "def importance_weights_backward(dw, w):\n    return w * dw - w * np.einsum('kn,kn->n', dw, w)\n",
    ),
    right(
        "log_mean_exp",
        "logaddexp",
        "def log_mean_exp(log_w):\n    return np.logaddexp.reduce(log_w, axis=0) - np.log(len(log_w))\n",
    ),
    right(
        "log_mean_exp_backward",
        "by the bound",
        """
        def log_mean_exp_backward(dbound, log_w):
            return dbound * np.exp(log_w - np.logaddexp.reduce(log_w, axis=0, keepdims=True))
        """,
    ),
    right(
        "linear_path",
        "steps from a",
        "def linear_path(a, b, n):\n    return a + np.linspace(0, 1, n)[:, None] * (b - a)\n",
    ),
    right("linear_path", "linspace", "def linear_path(a, b, n):\n    return np.linspace(a, b, n)\n"),
    right(
        "linear_path",
        "a loop",
        "def linear_path(a, b, n):\n    return np.array([a * (n - 1 - i) / (n - 1) + b * i / (n - 1) for i in range(n)])\n",
    ),
    right(
        "spherical_path",
        "an orthogonal direction",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            ra, rb = np.sqrt(a @ a), np.sqrt(b @ b)
            u = a / ra
            w = b / rb - (b / rb @ u) * u
            size = np.sqrt(w @ w)
            if size < 1e-7:
                return (1 - t) * a + t * b
            angle = np.arctan2(size, b / rb @ u)
            return ((1 - t) * ra + t * rb) * (np.cos(t * angle) * u + np.sin(t * angle) * w / size)
        """,
    ),
    right(
        "attribute_vector",
        "weights",
        """
        def attribute_vector(codes, has):
            w = has / has.sum() - (1 - has) / (1 - has).sum()
            return w @ codes
        """,
    ),
    right(
        "change_attribute",
        "outer",
        "def change_attribute(z, direction, steps):\n    return np.outer(steps, direction) + z\n",
    ),
    right(
        "change_attribute",
        "a loop",
        "def change_attribute(z, direction, steps):\n    return np.array([z + s * direction for s in steps])\n",
    ),
)
