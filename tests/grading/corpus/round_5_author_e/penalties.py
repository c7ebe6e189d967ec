"""Wrong solutions of sparse and contractive penalties."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "sparsity_kl",
        "KL of every activation, then the mean over the batch",
        "one row/missing sum",
        """
        def sparsity_kl(h, rho):
            kl = rho * np.log(rho / h) + (1 - rho) * np.log((1 - rho) / (1 - h))
            return kl.mean(axis=0).sum()
        """,
    ),
    wrong(
        "sparsity_kl",
        "the other direction",
        "swapped",
        """
        def sparsity_kl(h, rho):
            q = np.mean(h, axis=0)
            return np.sum(q * np.log(q / rho) + (1 - q) * np.log((1 - q) / (1 - rho)))
        """,
    ),
    wrong(
        "sparsity_kl",
        "mean over the units of one example (axis 1)",
        "axis",
        """
        def sparsity_kl(h, rho):
            rho_hat = h.mean(axis=1)
            return np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
        """,
    ),
    wrong(
        "sparsity_kl",
        "second term with a minus sign and mean over units",
        "",
        """
        def sparsity_kl(h, rho):
            q = h.mean(axis=0)
            return (rho * np.log(rho / q) - (1 - rho) * np.log((1 - rho) / (1 - q))).mean()
        """,
    ),
    wrong(
        "sparsity_kl_backward",
        "without 1/N",
        "factor",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            q = h.mean(axis=0)
            dq = dpenalty * (-rho / q + (1 - rho) / (1 - q))
            return np.tile(dq, (len(h), 1))
        """,
    ),
    wrong(
        "sparsity_kl_backward",
        "each activation in place of the mean",
        "missing sum",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            return dpenalty * (-rho / h + (1 - rho) / (1 - h)) / h.shape[0]
        """,
    ),
    wrong(
        "sparsity_kl_backward",
        "divided by H rather than N, sign wrong",
        "factor",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            N, H = h.shape
            q = h.mean(axis=0)
            g = dpenalty * (rho / q - (1 - rho) / (1 - q)) / H
            return np.ones_like(h) * g
        """,
    ),
    wrong(
        "k_sparse",
        "by magnitude",
        "power",
        """
        def k_sparse(h, k):
            y = np.zeros_like(h)
            idx = np.argsort(-np.abs(h), axis=1)[:, :k]
            np.put_along_axis(y, idx, np.take_along_axis(h, idx, axis=1), axis=1)
            return y
        """,
    ),
    wrong(
        "k_sparse",
        "k smallest: argsort ascending",
        "sign/comparison",
        """
        def k_sparse(h, k):
            idx = np.argsort(h, axis=1)
            mask = np.zeros_like(h)
            for i in range(h.shape[0]):
                mask[i, idx[i, :k]] = 1
            return h * mask
        """,
    ),
    wrong(
        "k_sparse",
        "threshold, strictly greater than the k-th: keeps k - 1",
        "shifted",
        """
        def k_sparse(h, k):
            thr = np.sort(h, axis=1)[:, -k][:, None]
            return np.where(h > thr, h, 0)
        """,
    ),
    wrong(
        "k_sparse",
        "k largest of the whole batch",
        "one row/axis",
        """
        def k_sparse(h, k):
            thr = np.sort(h.ravel())[-k]
            return np.where(h >= thr, h, 0)
        """,
    ),
    wrong(
        "k_sparse_backward",
        "k largest of the gradient",
        "swapped",
        """
        def k_sparse_backward(dy, h, k):
            idx = np.argsort(-dy, axis=1, kind="stable")[:, :k]
            dh = np.zeros_like(dy)
            np.put_along_axis(dh, idx, np.take_along_axis(dy, idx, axis=1), axis=1)
            return dh
        """,
    ),
    wrong(
        "k_sparse_backward",
        "the mask alone, one too many",
        "shifted",
        """
        def k_sparse_backward(dy, h, k):
            order = np.argsort(-h, axis=1, kind="stable")
            mask = np.zeros_like(h)
            np.put_along_axis(mask, order[:, :k + 1], 1.0, axis=1)
            return mask
        """,
    ),
    wrong(
        "contractive_penalty",
        "slope not squared",
        "power",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h) if activation == "sigmoid" else 1 - h**2
            return s @ np.sum(W**2, axis=0)
        """,
    ),
    wrong(
        "contractive_penalty",
        "square of the sum in place of the sum of squares",
        "power",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h) if activation == "sigmoid" else 1 - h**2
            return s**2 @ np.sum(W, axis=0) ** 2
        """,
    ),
    wrong(
        "contractive_penalty",
        "sigmoid's slope whatever the activation",
        "other function",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h)
            return (s**2) @ (W**2).sum(axis=0)
        """,
    ),
    wrong(
        "contractive_penalty",
        "root taken and divided by H",
        "",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h) if activation == "sigmoid" else 1 - h**2
            J2 = (s**2 * (W**2).sum(axis=0)).mean(axis=1)
            return np.sqrt(J2)
        """,
    ),
    wrong(
        "contractive_penalty_backward",
        "derivative of the slope forgotten in dh",
        "missing factor",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            s = h * (1 - h) if activation == "sigmoid" else 1 - h**2
            w = (W**2).sum(axis=0)
            dh = dpenalty[:, None] * 2 * s * w
            dW = 2 * W * (dpenalty @ s**2)
            return dh, dW
        """,
    ),
    wrong(
        "contractive_penalty_backward",
        "dW without 2; tanh's second derivative has the wrong sign",
        "sign/factor",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            if activation == "sigmoid":
                s, ds = h * (1 - h), 1 - 2 * h
            else:
                s, ds = 1 - h**2, 2 * h
            w = np.sum(W**2, axis=0)
            dh = 2 * dpenalty[:, None] * s * ds * w
            dW = W * np.sum(dpenalty[:, None] * s**2, axis=0)
            return dh, dW
        """,
    ),
    wrong(
        "contractive_penalty_backward",
        "second derivative with respect to a in place of h (s times too much)",
        "power",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            if activation == "sigmoid":
                s = h * (1 - h)
                s2 = s * (1 - 2 * h)
            else:
                s = 1 - h**2
                s2 = -2 * h * s
            w = (W**2).sum(axis=0)
            dh = dpenalty[:, None] * 2 * s * s2 * w
            dW = 2 * W * (dpenalty @ s**2)
            return dh, dW
        """,
    ),
    wrong(
        "contractive_penalty_backward",
        "upstream forgotten in dW",
        "upstream",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            s = h * (1 - h) if activation == "sigmoid" else 1 - h * h
            d = 1 - 2 * h if activation == "sigmoid" else -2 * h
            w = (W * W).sum(axis=0)
            dh = dpenalty[:, None] * 2 * s * d * w
            dW = 2 * W * (s * s).sum(axis=0)
            return dh, dW
        """,
    ),
)
