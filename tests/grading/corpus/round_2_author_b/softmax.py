"""Mistakes in the softmax and its gradient."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "softmax",
        "exponentials as they are",
        "unstable",
        """
        def softmax(logits):
            p = np.zeros(logits.shape)
            for n, row in enumerate(logits):
                e = np.exp(row)
                p[n] = e / np.sum(e)
            return p
        """,
    ),
    wrong(
        "softmax",
        "normalised over the examples",
        "axis",
        """
        def softmax(logits):
            e = np.exp(logits - np.max(logits, axis=1, keepdims=True))
            return e / np.sum(e, axis=0)
        """,
    ),
    wrong(
        "softmax",
        "normalised over the batch",
        "axis / one row",
        """
        def softmax(logits):
            e = np.exp(logits - np.max(logits))
            return e / np.sum(e)
        """,
    ),
    wrong(
        "softmax",
        "the caller's logits are shifted",
        "overwritten",
        """
        def softmax(logits):
            logits -= logits.max(axis=1)[:, None]
            np.exp(logits, out=logits)
            return logits / logits.sum(axis=1)[:, None]
        """,
    ),
    edit("softmax", "sigmoids, normalised", "other function", "np.exp(_shifted(logits))", "1 / (1 + np.exp(-logits))"),
    edit(
        "softmax",
        "logarithms given back",
        "missing function / transformed",
        "return e / e.sum(axis=1, keepdims=True)",
        "return np.log(e / e.sum(axis=1, keepdims=True))",
    ),
    edit("softmax", "powers of two", "other function / scaled", "np.exp(_shifted(logits))", "2.0 ** _shifted(logits)"),
    edit("softmax", "of minus the logits", "sign / inverse", "np.exp(_shifted(logits))", "np.exp(_shifted(-logits))"),
    edit(
        "softmax",
        "rows of length one, not of sum one",
        "power / other function / normalised",
        "e.sum(axis=1, keepdims=True)",
        "np.linalg.norm(e, axis=1, keepdims=True)",
    ),
    wrong(
        "softmax_backward",
        "diagonal of the Jacobian only",
        "term / other function / missing sum",
        """
        def softmax_backward(dp, p):
            return dp * p * (1 - p)
        """,
    ),
    wrong(
        "softmax_backward",
        "Jacobian with a plus",
        "sign",
        """
        def softmax_backward(dp, p):
            out = np.empty_like(p)
            for n in range(p.shape[0]):
                jac = np.diag(p[n]) + np.outer(p[n], p[n])
                out[n] = jac @ dp[n]
            return out
        """,
    ),
    wrong(
        "softmax_backward",
        "off-diagonal entries with the wrong sign",
        "sign",
        """
        def softmax_backward(dp, p):
            N, C = p.shape
            dlogits = np.zeros((N, C))
            for n in range(N):
                for i in range(C):
                    for j in range(C):
                        d = p[n, i] * (1 - p[n, i]) if i == j else p[n, i] * p[n, j]
                        dlogits[n, i] += dp[n, j] * d
            return dlogits
        """,
    ),
    wrong(
        "softmax_backward",
        "sum over the examples",
        "axis",
        """
        def softmax_backward(dp, p):
            dot = np.einsum("nc,nc->c", dp, p)
            return p * (dp - dot)
        """,
    ),
    wrong(
        "softmax_backward",
        "softmax taken once more",
        "input for output",
        """
        def softmax_backward(dp, p):
            s = softmax(p)
            return s * (dp - np.sum(dp * s, axis=1, keepdims=True))
        """,
    ),
    edit(
        "softmax_backward",
        "mean in place of the sum",
        "mean for sum / term / scaled",
        "(dp * p).sum(",
        "(dp * p).mean(",
    ),
    edit("softmax_backward", "outer factor lost", "missing factor", "p * (dp - ", "(dp - "),
    edit("softmax_backward", "inner probabilities lost", "missing factor", "(dp * p).sum", "dp.sum"),
)
