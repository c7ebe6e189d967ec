"""Mistakes in the cross-entropy and its gradient."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "softmax_cross_entropy",
        "logarithm of a rounded probability",
        "unstable",
        """
        def softmax_cross_entropy(logits, labels):
            p = softmax(logits)
            return np.array([-np.log(p[i, y]) for i, y in enumerate(labels)])
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "a small number added before the logarithm",
        "unstable/small number",
        """
        def softmax_cross_entropy(logits, labels):
            p = softmax(logits)
            picked = p[np.arange(len(labels)), labels]
            return -np.log(picked + 1e-15)
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "shift not added back",
        "term / other array",
        """
        def softmax_cross_entropy(logits, labels):
            m = logits.max(axis=1, keepdims=True)
            lse = np.log(np.exp(logits - m).sum(axis=1))
            right = np.take_along_axis(logits, labels[:, None], axis=1)[:, 0]
            return lse - right
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "other classes counted as in a binary loss",
        "term",
        """
        def softmax_cross_entropy(logits, labels):
            y = np.eye(logits.shape[1])[labels]
            p = softmax(logits)
            return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1)
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "labels counted from one",
        "shifted / other array",
        """
        def softmax_cross_entropy(logits, labels):
            a = logits - logits.max(axis=1, keepdims=True)
            log_p = a - np.log(np.exp(a).sum(axis=1, keepdims=True))
            return -log_p[np.arange(len(log_p)), labels - 1]
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "mean over the batch",
        "shape / mean for sum",
        """
        def softmax_cross_entropy(logits, labels):
            m = logits.max(axis=1)
            lse = m + np.log(np.exp(logits - m[:, None]).sum(axis=1))
            return np.mean(lse - logits[range(len(labels)), labels])
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "most likely class in place of the right one",
        "argument / other array",
        """
        def softmax_cross_entropy(logits, labels):
            m = logits.max(axis=1, keepdims=True)
            log_p = logits - m - np.log(np.exp(logits - m).sum(axis=1, keepdims=True))
            return -np.max(log_p, axis=1)
        """,
    ),
    edit(
        "softmax_cross_entropy",
        "sum without its logarithm",
        "missing function",
        "np.log(np.exp(a).sum(axis=1))",
        "np.exp(a).sum(axis=1)",
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "whole columns lose one",
        "one row / term",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            p[:, labels] -= 1
            return p * dloss[:, None]
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "mean over the batch inside",
        "factor / mean for sum / one row",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            N = logits.shape[0]
            grad = softmax(logits)
            for n in range(N):
                grad[n, labels[n]] -= 1
                grad[n] *= dloss[n]
            return grad / N
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "back through a sigmoid's slope",
        "extra factor",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            y = np.eye(logits.shape[1])[labels]
            p = softmax(logits)
            return dloss[:, None] * (p - y) * p * (1 - p)
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "stops at the probabilities",
        "missing derivative",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            rows = np.arange(len(labels))
            dp = np.zeros(p.shape)
            dp[rows, labels] = -1 / p[rows, labels]
            return dloss[:, None] * dp
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "exponentials that overflow",
        "unstable",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            e = np.exp(logits)
            p = e / e.sum(axis=1, keepdims=True)
            p[np.arange(p.shape[0]), labels] -= 1.0
            return np.einsum("n,nc->nc", dloss, p)
        """,
    ),
    edit(
        "softmax_cross_entropy_backward",
        "right class not subtracted",
        "term / argument",
        "softmax(logits) - one_hot",
        "softmax(logits)",
    ),
    edit(
        "softmax_cross_entropy_backward",
        "right class minus output",
        "factor / sign",
        "softmax(logits) - one_hot",
        "one_hot - softmax(logits)",
    ),
    edit(
        "softmax_cross_entropy_backward",
        "logits in place of probabilities",
        "missing function",
        "softmax(logits) - one_hot",
        "logits - one_hot",
    ),
    edit(
        "softmax_cross_entropy_backward",
        "upstream dropped",
        "upstream / argument",
        "dloss[:, None] * (softmax",
        "(softmax",
    ),
)
