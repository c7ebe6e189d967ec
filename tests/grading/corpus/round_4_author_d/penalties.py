"""Wrong solutions of sparse codes and of the contraction penalty."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # sparsity_kl
    edit(
        "sparsity_kl",
        "the divergence the other way",
        "swapped",
        "rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))",
        "mean * np.log(mean / rho) + (1 - mean) * np.log((1 - mean) / (1 - rho))",
    ),
    edit(
        "sparsity_kl",
        "upside down in the second logarithm",
        "sign/inverse",
        "(1 - rho) / (1 - mean)",
        "(1 - mean) / (1 - rho)",
    ),
    wrong(
        "sparsity_kl",
        "the mean of each example's divergences",
        "one row/missing sum",
        """
        def sparsity_kl(h, rho):
            kl = rho * np.log(rho / h) + (1 - rho) * np.log((1 - rho) / (1 - h))
            return kl.mean(axis=0).sum()
        """,
    ),
    wrong(
        "sparsity_kl",
        "the mean over the units of an example",
        "axis",
        """
        def sparsity_kl(h, rho):
            r = np.mean(h, axis=1)
            return np.sum(rho * np.log(rho / r) + (1 - rho) * np.log((1 - rho) / (1 - r)))
        """,
    ),
    # sparsity_kl_backward
    edit(
        "sparsity_kl_backward", "one row", "shape", "np.broadcast_to(dmean / len(h), h.shape).copy()", "dmean / len(h)"
    ),
    edit("sparsity_kl_backward", "both terms added", "sign", "- rho / mean", "+ rho / mean"),
    wrong(
        "sparsity_kl_backward",
        "each activation for the mean",
        "other array/missing sum/one row",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            N = h.shape[0]
            return dpenalty * (-rho / h + (1 - rho) / (1 - h)) / N
        """,
    ),
    wrong(
        "sparsity_kl_backward",
        "through the sigmoid at once",
        "extra factor",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            r = h.mean(axis=0)
            g = dpenalty * (-rho / r + (1 - rho) / (1 - r)) / len(h)
            return g * h * (1 - h)
        """,
    ),
    # k_sparse
    wrong(
        "k_sparse",
        "larger than the k-th",
        "comparison/shifted",
        """
        def k_sparse(h, k):
            threshold = np.sort(h, axis=1)[:, -k]
            return h * (h > threshold[:, None])
        """,
    ),
    wrong(
        "k_sparse",
        "the k N largest of the batch",
        "axis/one row",
        """
        def k_sparse(h, k):
            ranked = np.sort(h, axis=None)[::-1]
            threshold = ranked[k * len(h) - 1]
            return np.where(h >= threshold, h, 0)
        """,
    ),
    wrong(
        "k_sparse",
        "nothing but the k largest",
        "shape",
        """
        def k_sparse(h, k):
            return -np.sort(-h, axis=1)[:, :k]
        """,
    ),
    wrong(
        "k_sparse",
        "with a rectifier",
        "transformed/part",
        """
        def k_sparse(h, k):
            y = np.zeros_like(h)
            for n, row in enumerate(h):
                for j in np.argsort(row)[-k:]:
                    y[n, j] = max(row[j], 0)
            return y
        """,
    ),
    # k_sparse_backward
    edit(
        "k_sparse_backward",
        "where the gradient is largest",
        "other array/argument / swapped",
        "_largest(h, k)",
        "_largest(dy, k)",
    ),
    edit("k_sparse_backward", "times the activation", "extra factor", "dy, 0)", "dy * h, 0)"),
    wrong(
        "k_sparse_backward",
        "the largest of each unit",
        "axis",
        """
        def k_sparse_backward(dy, h, k):
            order = np.argsort(-h, axis=0)
            mask = np.zeros_like(h)
            np.put_along_axis(mask, order[:k], 1.0, axis=0)
            return dy * mask
        """,
    ),
    # contractive_penalty
    edit("contractive_penalty", "the norm without the square", "power/transformed", "s * s @ w", "np.sqrt(s * s @ w)"),
    edit(
        "contractive_penalty",
        "the square of the column's sum",
        "one size / power",
        "(W * W).sum(axis=0)",
        "W.sum(axis=0) ** 2",
    ),
    edit("contractive_penalty", "one number for the batch", "shape/axis", "s * s @ w", "(s * s @ w).mean()"),
    wrong(
        "contractive_penalty",
        "the first example's Jacobian",
        "same rows/first only/one row",
        """
        def contractive_penalty(h, W, activation):
            slope = h[0] * (1 - h[0]) if activation == "sigmoid" else 1 - h[0] ** 2
            J = W * slope
            return np.full(len(h), np.sum(J**2))
        """,
    ),
    # contractive_penalty_backward
    edit(
        "contractive_penalty_backward",
        "no second derivative",
        "missing derivative / missing factor",
        "ds * slope_backward(h)",
        "ds",
    ),
    edit("contractive_penalty_backward", "dW without the two", "factor/missing factor", "dW = 2 * W", "dW = W"),
    edit(
        "contractive_penalty_backward",
        "dW without the upstream gradient",
        "upstream/argument/missing factor",
        "dpenalty @ (s * s)",
        "(s * s).sum(axis=0)",
    ),
    edit(
        "contractive_penalty_backward",
        "the second derivative at the slope",
        "other array",
        "slope_backward(h)",
        "slope_backward(s)",
    ),
)
