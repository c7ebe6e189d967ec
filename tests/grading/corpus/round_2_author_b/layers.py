"""Mistakes in the dense layer and its gradients."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "dense",
        "bias inside the inner loop",
        "term / scaled",
        """
        def dense(x, W, b):
            n, d_in = x.shape
            d_out = W.shape[1]
            out = np.zeros((n, d_out))
            for i in range(n):
                for j in range(d_out):
                    for k in range(d_in):
                        out[i, j] += x[i, k] * W[k, j] + b[j]
            return out
        """,
    ),
    wrong(
        "dense",
        "inner loop ends one too early",
        "term",
        """
        def dense(x, W, b):
            out = np.zeros((x.shape[0], W.shape[1]))
            for i in range(x.shape[0]):
                for j in range(W.shape[1]):
                    total = b[j]
                    for k in range(W.shape[0] - 1):
                        total += x[i, k] * W[k, j]
                    out[i, j] = total
            return out
        """,
    ),
    wrong(
        "dense",
        "weights read as outputs by inputs",
        "transposed",
        """
        def dense(x, W, b):
            weights = W.reshape(b.size, x.shape[1])
            return np.einsum("ni,oi->no", x, weights) + b
        """,
    ),
    wrong(
        "dense",
        "homogeneous coordinate without the bias row",
        "argument / term / constant",
        """
        def dense(x, W, b):
            ones = np.ones((len(x), 1))
            x_aug = np.hstack([x, ones])
            W_aug = np.vstack([W, np.ones((1, W.shape[1]))])
            return x_aug @ W_aug
        """,
    ),
    edit("dense", "a rectifier by habit", "other function / part", "x @ W + b", "np.maximum(x @ W + b, 0)"),
    edit("dense", "features centred first", "centred", "x @ W + b", "(x - x.mean(axis=0)) @ W + b"),
    edit("dense", "bias subtracted, as a threshold", "sign", "+ b", "- b"),
    edit("dense", "products summed with all biases", "term / axis", "+ b", "+ b.sum()"),
    wrong(
        "dense_backward",
        "the last example overwrites the others",
        "one row / term",
        """
        def dense_backward(dy, x, W):
            dx = np.zeros(x.shape)
            dW = np.zeros(W.shape)
            db = np.zeros(W.shape[1])
            for n in range(x.shape[0]):
                dx[n] = W @ dy[n]
                dW = np.outer(x[n], dy[n])
                db = db + dy[n]
            return dx, dW, db
        """,
    ),
    wrong(
        "dense_backward",
        "weights averaged over the batch, bias not",
        "factor / mean for sum / one row",
        """
        def dense_backward(dy, x, W):
            m = x.shape[0]
            dW = (1 / m) * np.dot(x.T, dy)
            db = np.sum(dy, axis=0)
            dx = np.dot(dy, W.T)
            return dx, dW, db
        """,
    ),
    wrong(
        "dense_backward",
        "bias averaged by einsum and a division",
        "factor / mean for sum / one row",
        """
        def dense_backward(dy, x, W):
            dx = np.einsum("no,io->ni", dy, W)
            dW = np.einsum("ni,no->io", x, dy)
            db = np.einsum("no->o", dy) / dy.shape[0]
            return dx, dW, db
        """,
    ),
    wrong(
        "dense_backward",
        "reshaped until the shapes fit",
        "transposed / one row",
        """
        def dense_backward(dy, x, W):
            dx = (W @ dy.T).reshape(x.shape)
            dW = x.T @ dy
            db = dy.sum(axis=0)
            return dx, dW, db
        """,
    ),
    wrong(
        "dense_backward",
        "weights' gradient turned and reshaped back",
        "transposed",
        """
        def dense_backward(dy, x, W):
            grad = np.zeros((dy.shape[1], x.shape[1]))
            for xi, di in zip(x, dy):
                grad += np.outer(di, xi)
            return dy @ W.T, grad.reshape(W.shape), dy.sum(0)
        """,
    ),
    wrong(
        "dense_backward",
        "bias keeps the batch axis",
        "shape",
        """
        def dense_backward(dy, x, W):
            dx = dy @ W.T
            dW = x.T @ dy
            db = np.sum(dy, axis=0, keepdims=True)
            return dx, dW, db
        """,
    ),
    wrong(
        "dense_backward",
        "bias with all ones upstream",
        "upstream / constant / argument",
        """
        def dense_backward(dy, x, W):
            dx = np.matmul(dy, W.transpose())
            dW = np.matmul(x.transpose(), dy)
            db = np.ones(len(x)) @ np.ones_like(dy)
            return dx, dW, db
        """,
    ),
    wrong(
        "dense_backward",
        "parameters first",
        "swapped / shape",
        """
        def dense_backward(dy, x, W):
            dx = dy @ W.T
            dW = x.T @ dy
            db = dy.sum(axis=0)
            return dW, dx, db
        """,
    ),
    wrong(
        "dense_backward",
        "forgets to hand the input's gradient on",
        "count",
        """
        def dense_backward(dy, x, W):
            dW = x.T @ dy
            db = dy.sum(axis=0)
            return dW, db
        """,
    ),
    edit("dense_backward", "bias summed over the units", "axis / shape", "dy.sum(axis=0)", "dy.sum(axis=1)"),
    edit("dense_backward", "weight decay inside the layer", "term", "x.T @ dy", "x.T @ dy + 0.01 * W"),
)
