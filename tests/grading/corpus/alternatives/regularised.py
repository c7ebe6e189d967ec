"""Right solutions of the second chapter."""

from __future__ import annotations

from grading.corpus.entry import Entry, right

ALTERNATIVES: tuple[Entry, ...] = (
    right("masking_noise", "times a mask", "def masking_noise(x, u, level):\n    return x * (u >= level)\n"),
    right(
        "masking_noise",
        "a copy, masked",
        "def masking_noise(x, u, level):\n    y = np.array(x)\n    y[u < level] = 0\n    return y\n",
    ),
    right(
        "masking_noise_backward",
        "times a mask",
        "def masking_noise_backward(dy, u, level):\n    return dy * ~(u < level)\n",
    ),
    right(
        "salt_and_pepper_noise",
        "select",
        "def salt_and_pepper_noise(x, u, level):\n    return np.select([u < level / 2, u < level], [0.0, 1.0], x)\n",
    ),
    right(
        "salt_and_pepper_noise",
        "step by step",
        """
        def salt_and_pepper_noise(x, u, level):
            y = x.copy()
            y[u < level] = 1
            y[u < level / 2] = 0
            return y
        """,
    ),
    right(
        "salt_and_pepper_noise_backward",
        "times a mask",
        "def salt_and_pepper_noise_backward(dy, u, level):\n    return (u >= level) * dy\n",
    ),
    right("gaussian_noise", "the other order", "def gaussian_noise(x, eps, level):\n    return eps * level + x\n"),
    right("gaussian_noise_backward", "a copy", "def gaussian_noise_backward(dy):\n    return dy.copy()\n"),
    right(
        "denoising_loss",
        "in one go",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            h = 1 / (1 + np.exp(-((x * (u >= level)) @ W + b)))
            a = h @ V + c
            return (np.logaddexp(0, a) - x * a).sum(axis=1).mean()
        """,
    ),
    right(
        "denoising_gradients",
        "by hand",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            seen = x * (u >= level)
            h = 1 / (1 + np.exp(-(seen @ W + b)))
            delta = (1 / (1 + np.exp(-(h @ V + c))) - x) / x.shape[0]
            back = delta @ V.T * (h - h * h)
            return seen.T @ back, back.sum(axis=0), h.T @ delta, delta.sum(axis=0)
        """,
    ),
    right(
        "sparsity_kl",
        "differences of logarithms",
        """
        def sparsity_kl(h, rho):
            q = h.mean(axis=0)
            return np.sum(rho * (np.log(rho) - np.log(q)) + (1 - rho) * (np.log1p(-rho) - np.log1p(-q)))
        """,
    ),
    right(
        "sparsity_kl_backward",
        "one quotient",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            q = np.mean(h, axis=0)
            row = dpenalty * (q - rho) / (q * (1 - q)) / len(h)
            return np.ones((len(h), 1)) * row
        """,
    ),
    right(
        "k_sparse",
        "partition",
        """
        def k_sparse(h, k):
            threshold = np.sort(h, axis=1)[:, -k][:, None]
            return h * (h >= threshold)
        """,
    ),
    right(
        "k_sparse",
        "row by row",
        """
        def k_sparse(h, k):
            y = np.zeros_like(h)
            for n, row in enumerate(h):
                kept = np.argsort(row)[::-1][:k]
                y[n, kept] = row[kept]
            return y
        """,
    ),
    right(
        "k_sparse_backward",
        "threshold",
        "def k_sparse_backward(dy, h, k):\n    return dy * (h >= np.sort(h, axis=1)[:, [-k]])\n",
    ),
    right(
        "contractive_penalty",
        "the Jacobian itself",
        """
        def contractive_penalty(h, W, activation):
            slope = h * (1 - h) if activation == 'sigmoid' else 1 - h**2
            jacobian = slope[:, :, None] * W.T[None]
            return (jacobian**2).sum(axis=(1, 2))
        """,
    ),
    right(
        "contractive_penalty_backward",
        "einsum",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            s = h * (1 - h) if activation == 'sigmoid' else 1 - h**2
            d = 1 - 2 * h if activation == 'sigmoid' else -2 * h
            dh = np.einsum('n,nh,nh,dh,dh->nh', dpenalty, 2 * s, d, W, W)
            return dh, 2 * np.einsum('n,nh,dh->dh', dpenalty, s**2, W)
        """,
    ),
)
