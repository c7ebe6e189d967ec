"""Wrong solutions of sparsity and contraction."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # corruption
    wrong(
        "sparsity_kl",
        "the mean over the units of a row",
        "axis",
        """
        def sparsity_kl(h, rho):
            rho_hat = np.mean(h, axis=1)
            return (rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat))).sum()
        """,
    ),
    wrong(
        "sparsity_kl",
        "the divergence of each entry, then the mean",
        "missing sum/other array / one row",
        """
        def sparsity_kl(h, rho):
            kl = rho * np.log(rho / h) + (1 - rho) * np.log((1 - rho) / (1 - h))
            return kl.mean(axis=0).sum()
        """,
    ),
    wrong(
        "sparsity_kl_backward",
        "each row by its own activation",
        "other array/missing sum",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            n = h.shape[0]
            return dpenalty / n * (-rho / h + (1 - rho) / (1 - h))
        """,
    ),
    wrong(
        "sparsity_kl_backward",
        "with the sigmoid's derivative",
        "extra factor",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            m = h.mean(0)
            delta = (1 - rho) / (1 - m) - rho / m
            return dpenalty * delta * h * (1 - h) / len(h)
        """,
    ),
    wrong(
        "k_sparse",
        "the largest in size",
        "power/transformed",
        """
        def k_sparse(h, k):
            out = np.zeros_like(h)
            for i in range(len(h)):
                best = np.argsort(np.abs(h[i]))[::-1][:k]
                out[i, best] = h[i, best]
            return out
        """,
    ),
    wrong(
        "k_sparse",
        "one too many",
        "shifted",
        """
        def k_sparse(h, k):
            threshold = np.sort(h, axis=1)[:, ::-1][:, k]
            return h * (h >= threshold[:, None])
        """,
    ),
    wrong(
        "k_sparse",
        "an array of whole numbers",
        "type/other function/transformed",
        """
        def k_sparse(h, k):
            y = np.zeros(h.shape, dtype=int)
            for n, row in enumerate(h):
                for j in np.argsort(-row)[:k]:
                    y[n, j] = row[j]
            return y
        """,
    ),
    wrong(
        "k_sparse_backward",
        "the largest of the upstream gradient",
        "other array/argument / swapped",
        """
        def k_sparse_backward(dy, h, k):
            dh = np.zeros_like(h)
            idx = np.argpartition(-dy, k - 1, axis=1)[:, :k]
            np.put_along_axis(dh, idx, np.take_along_axis(dy, idx, axis=1), axis=1)
            return dh
        """,
    ),
    # contraction
    wrong(
        "contractive_penalty",
        "the slope is not squared",
        "power/missing factor",
        """
        def contractive_penalty(h, W, activation):
            d = h * (1 - h) if activation == "sigmoid" else 1 - h ** 2
            pen = np.zeros(len(h))
            for j in range(h.shape[1]):
                pen += d[:, j] * np.sum(W[:, j] ** 2)
            return pen
        """,
    ),
    wrong(
        "contractive_penalty",
        "the sum of the weights, squared",
        "power",
        """
        def contractive_penalty(h, W, activation):
            d = h * (1 - h) if activation == "sigmoid" else 1 - h ** 2
            return np.sum(d ** 2 * W.sum(axis=0) ** 2, axis=1)
        """,
    ),
    wrong(
        "contractive_penalty",
        "the spectral norm",
        "other function",
        """
        def contractive_penalty(h, W, activation):
            out = []
            for row in h:
                slope = row * (1 - row) if activation == "sigmoid" else 1 - row * row
                J = np.diag(slope) @ W.T
                out.append(np.linalg.norm(J, 2) ** 2)
            return np.array(out)
        """,
    ),
    wrong(
        "contractive_penalty",
        "every unit taken for a sigmoid",
        "argument/other function",
        """
        def contractive_penalty(h, W, activation):
            dh = h * (1 - h)
            return np.dot(dh ** 2, np.sum(W ** 2, axis=0))
        """,
    ),
    wrong(
        "contractive_penalty_backward",
        "the second derivative of the sigmoid without its 2",
        "term/constant/scaled/missing factor",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            if activation == "sigmoid":
                s, s2 = h * (1 - h), 1 - h
            else:
                s, s2 = 1 - h ** 2, -2 * h
            g = dpenalty.reshape(-1, 1)
            dh = 2 * g * s * s2 * (W ** 2).sum(axis=0)
            dW = 2 * W * (g * s ** 2).sum(axis=0)
            return dh, dW
        """,
    ),
    wrong(
        "contractive_penalty_backward",
        "the weights' gradient by the summed upstream",
        "upstream",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            s = h * (1 - h) if activation == "sigmoid" else 1 - h * h
            curve = 1 - 2 * h if activation == "sigmoid" else -2 * h
            norms = np.square(W).sum(axis=0)
            dh = 2 * dpenalty[:, None] * s * curve * norms
            dW = 2 * W * np.square(s).sum(axis=0) * dpenalty.sum()
            return dh, dW
        """,
    ),
    edit(
        "contractive_penalty_backward",
        "the weights' gradient with the slope once",
        "power/missing factor",
        "(dpenalty @ (s * s))",
        "(dpenalty @ s)",
    ),
)
