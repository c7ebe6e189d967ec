"""Mistakes in sparse codes."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "sparsity_kl",
        "divergence the other way round",
        "swapped",
        """
        def sparsity_kl(h, rho):
            rho_hat = h.mean(axis=0)
            return np.sum(rho_hat * np.log(rho_hat / rho) + (1 - rho_hat) * np.log((1 - rho_hat) / (1 - rho)))
        """,
    ),
    wrong(
        "sparsity_kl",
        "each activation compared, then averaged",
        "one row/missing sum",
        """
        def sparsity_kl(h, rho):
            total = 0.0
            for row in h:
                for a in row:
                    total += rho * np.log(rho / a) + (1 - rho) * np.log((1 - rho) / (1 - a))
            return total / len(h)
        """,
    ),
    wrong(
        "sparsity_kl",
        "squared distance from the target",
        "other function",
        """
        def sparsity_kl(h, rho):
            mean = np.mean(h, axis=0)
            return ((mean - rho) ** 2).sum()
        """,
    ),
    wrong(
        "sparsity_kl",
        "cross-entropy without the entropy",
        "term",
        """
        def sparsity_kl(h, rho):
            q = np.mean(h, axis=0)
            return -(rho * np.log(q) + (1 - rho) * np.log(1 - q)).sum()
        """,
    ),
    edit("sparsity_kl", "mean over the units", "axis", "_mean_activation(h)", "h.mean(axis=1)"),
    edit("sparsity_kl", "active side only", "term", "+ (1 - rho) * np.log((1 - rho) / (1 - mean))", ""),
    edit("sparsity_kl", "averaged over the units", "factor / mean for sum", "kl.sum()", "kl.mean()"),
    edit(
        "sparsity_kl",
        "ratio upside down in the first term",
        "inverse / sign",
        "np.log(rho / mean)",
        "np.log(mean / rho)",
    ),
    wrong(
        "sparsity_kl_backward",
        "each activation in place of the mean",
        "other array / one row / missing sum",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            grad = -rho / h + (1 - rho) / (1 - h)
            return dpenalty * grad / h.shape[0]
        """,
    ),
    wrong(
        "sparsity_kl_backward",
        "the mean's share forgotten",
        "factor / mean for sum / one row",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            rho_hat = h.mean(axis=0)
            delta = dpenalty * (-rho / rho_hat + (1 - rho) / (1 - rho_hat))
            return np.tile(delta, (h.shape[0], 1))
        """,
    ),
    wrong(
        "sparsity_kl_backward",
        "goes on through the sigmoid",
        "extra factor",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            n = len(h)
            rho_hat = np.sum(h, axis=0) / n
            sparse = (1 - rho) / (1 - rho_hat) - rho / rho_hat
            return dpenalty * sparse * h * (1 - h) / n
        """,
    ),
    wrong(
        "sparsity_kl_backward",
        "one row for the whole batch",
        "shape",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            q = h.mean(axis=0)
            return dpenalty * ((1 - rho) / (1 - q) - rho / q) / len(h)
        """,
    ),
    edit(
        "sparsity_kl_backward", "plus between the terms", "sign", "(1 - mean) - rho / mean", "(1 - mean) + rho / mean"
    ),
    edit(
        "sparsity_kl_backward",
        "logarithms kept",
        "missing derivative / other function",
        "(1 - rho) / (1 - mean) - rho / mean",
        "np.log((1 - rho) / (1 - mean)) - np.log(rho / mean)",
    ),
    edit("sparsity_kl_backward", "divided by the units", "factor / square", "dmean / len(h)", "dmean / h.shape[1]"),
    edit("sparsity_kl_backward", "upstream dropped", "upstream / argument", "dpenalty * (", "("),
    wrong(
        "k_sparse",
        "threshold itself not kept",
        "comparison / zero / shifted",
        """
        def k_sparse(h, k):
            y = np.zeros_like(h)
            for n in range(len(h)):
                threshold = np.sort(h[n])[-k]
                y[n] = np.where(h[n] > threshold, h[n], 0)
            return y
        """,
    ),
    wrong(
        "k_sparse",
        "the smallest are kept",
        "comparison / sign",
        """
        def k_sparse(h, k):
            keep = np.argsort(h, axis=1)[:, :k]
            y = np.zeros(h.shape)
            rows = np.arange(len(h))[:, None]
            y[rows, keep] = h[rows, keep]
            return y
        """,
    ),
    wrong(
        "k_sparse",
        "k examples of each unit",
        "axis",
        """
        def k_sparse(h, k):
            k = min(k, len(h))
            bound = np.sort(h, axis=0)[-k]
            return h * (h >= bound)
        """,
    ),
    wrong(
        "k_sparse",
        "largest of the whole batch",
        "axis / one row",
        """
        def k_sparse(h, k):
            bound = np.sort(h.ravel())[-k * len(h)]
            return np.where(h >= bound, h, 0)
        """,
    ),
    edit("k_sparse", "by magnitude", "other function / comparison / power", "_largest(h, k)", "_largest(np.abs(h), k)"),
    edit(
        "k_sparse",
        "ones where active",
        "missing factor/extra factor/constant",
        "np.where(_largest(h, k), h, 0)",
        "_largest(h, k).astype(float)",
    ),
    edit(
        "k_sparse",
        "largest ones set to zero",
        "complement / comparison",
        "np.where(_largest(h, k), h, 0)",
        "np.where(_largest(h, k), 0, h)",
    ),
    wrong(
        "k_sparse_backward",
        "largest gradients",
        "other array / argument / swapped",
        """
        def k_sparse_backward(dy, h, k):
            dh = np.zeros(dy.shape)
            for n in range(dy.shape[0]):
                top = np.argsort(dy[n])[::-1][:k]
                dh[n, top] = dy[n, top]
            return dh
        """,
    ),
    edit(
        "k_sparse_backward",
        "multiplied by the code",
        "extra factor",
        "_largest(h, k), dy, 0",
        "_largest(h, k), dy * h, 0",
    ),
    edit("k_sparse_backward", "one more", "comparison / term / shifted", "_largest(h, k)", "_largest(h, k + 1)"),
)
