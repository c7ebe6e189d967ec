"""Right solutions of the third chapter."""

from __future__ import annotations

from grading.corpus.entry import Entry, right

ALTERNATIVES: tuple[Entry, ...] = (
    right(
        "stacked_codes",
        "by tanh",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            f = lambda a: (1 + np.tanh(a / 2)) / 2
            h1 = f(x @ W1 + b1)
            return h1, f(h1 @ W2 + b2)
        """,
    ),
    right(
        "second_layer_gradients",
        "by hand",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            f = lambda a: 1 / (1 + np.exp(-a))
            t = f(x @ W1 + b1)
            h = f(t @ W2 + b2)
            e = (f(h @ V2 + c2) - t) / len(t)
            g = e @ V2.T * h * (1 - h)
            return t.T @ g, g.sum(0), h.T @ e, e.sum(0)
        """,
    ),
    right(
        "unroll",
        "np.array",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            return tuple(np.array(a) for a in (W1, b1, W2, b2, V2, c2, V1, c1))
        """,
    ),
    right(
        "reconstruct",
        "a loop over the layers",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            for W, b in ((W1, b1), (W2, b2), (V2, c2), (V1, c1)):
                x = 1 / (1 + np.exp(-(x @ W + b)))
            return x
        """,
    ),
    right(
        "softmax",
        "by its logarithm",
        """
        def softmax(logits):
            return np.exp(logits - np.logaddexp.reduce(logits, axis=1, keepdims=True))
        """,
    ),
    right(
        "softmax",
        "row by row",
        """
        def softmax(logits):
            rows = []
            for a in logits:
                e = np.exp(a - max(a))
                rows.append(e / sum(e))
            return np.array(rows)
        """,
    ),
    right(
        "softmax_backward",
        "einsum",
        "def softmax_backward(dp, p):\n    return p * dp - p * np.einsum('nc,nc->n', dp, p)[:, None]\n",
    ),
    right(
        "softmax_backward",
        "the Jacobian itself",
        """
        def softmax_backward(dp, p):
            return np.stack([(np.diag(q) - np.outer(q, q)) @ d for q, d in zip(p, dp)])
        """,
    ),
    right(
        "softmax_cross_entropy",
        "logaddexp",
        "def softmax_cross_entropy(logits, labels):\n    return np.logaddexp.reduce(logits, axis=1) - logits[range(len(labels)), labels]\n",
    ),
    right(
        "softmax_cross_entropy",
        "by a one-hot matrix",
        """
        def softmax_cross_entropy(logits, labels):
            one_hot = np.eye(logits.shape[1])[labels]
            a = logits - logits.max(axis=1, keepdims=True)
            return -(one_hot * (a - np.log(np.exp(a).sum(axis=1, keepdims=True)))).sum(axis=1)
        """,
    ),
    right(
        "softmax_cross_entropy_backward",
        "one subtracted in place",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            e = np.exp(logits - logits.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            p[np.arange(len(labels)), labels] -= 1
            return p * dloss.reshape(-1, 1)
        """,
    ),
    right(
        "classifier_loss",
        "in one go",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            f = lambda a: 1 / (1 + np.exp(-a))
            a = f(f(x @ W1 + b1) @ W2 + b2) @ V + c
            return np.mean(np.logaddexp.reduce(a, axis=1) - a[np.arange(len(a)), labels])
        """,
    ),
    right(
        "classifier_gradients",
        "by hand",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            f = lambda a: 1 / (1 + np.exp(-a))
            h1 = f(x @ W1 + b1)
            h2 = f(h1 @ W2 + b2)
            a = h2 @ V + c
            e = np.exp(a - a.max(axis=1, keepdims=True))
            d = (e / e.sum(axis=1, keepdims=True) - np.eye(len(c))[labels]) / len(x)
            d2 = d @ V.T * h2 * (1 - h2)
            d1 = d2 @ W2.T * h1 * (1 - h1)
            return x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d, d.sum(0)
        """,
    ),
)
