"""Mistakes in an autoencoder with tied weights."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "tied_loss",
        "root of the squared distance",
        "power",
        """
        def tied_loss(x, W, b, c):
            h = np.tanh(x @ W + b)
            residual = h @ W.T + c - x
            return np.sqrt((residual**2).sum(axis=1)).mean()
        """,
    ),
    wrong(
        "tied_loss",
        "decoder's weights reshaped",
        "transposed",
        """
        def tied_loss(x, W, b, c):
            d, k = W.shape
            code = np.tanh(np.dot(x, W) + b)
            out = np.dot(code, W.reshape(k, d)) + c
            return ((out - x) ** 2).sum(axis=1).mean()
        """,
    ),
    edit(
        "tied_loss",
        "tanh on the output",
        "other function / transformed",
        "dense(h, W.T, c)",
        "np.tanh(dense(h, W.T, c))",
    ),
    edit("tied_loss", "sigmoid code", "other function", "tanh(dense(x, W, b))", "1 / (1 + np.exp(-dense(x, W, b)))"),
    edit(
        "tied_loss",
        "mean squared error",
        "factor / mean for sum",
        "squared_error(x_hat, x).mean()",
        "((x_hat - x) ** 2).mean()",
    ),
    wrong(
        "tied_gradients",
        "half of the gradient: decoder only",
        "term",
        """
        def tied_gradients(x, W, b, c):
            n = len(x)
            h = np.tanh(x @ W + b)
            r = 2 * (h @ W.T + c - x) / n
            dW = r.T @ h
            da = (r @ W) * (1 - h**2)
            return dW, da.sum(axis=0), r.sum(axis=0)
        """,
    ),
    wrong(
        "tied_gradients",
        "only the encoder's share averaged",
        "term / one row",
        """
        def tied_gradients(x, W, b, c):
            n = x.shape[0]
            h = np.tanh(x @ W + b)
            r = 2 * (h @ W.T + c - x)
            da = r @ W * (1 - h * h) / n
            dW = x.T @ da
            for i in range(n):
                dW = dW + np.outer(r[i], h[i])
            return dW, da.sum(axis=0), r.mean(axis=0)
        """,
    ),
    wrong(
        "tied_gradients",
        "decoder's share reshaped to fit",
        "transposed",
        """
        def tied_gradients(x, W, b, c):
            h = tanh(dense(x, W, b))
            e = 2 * (h @ W.T + c - x) / x.shape[0]
            dV = h.T @ e
            delta = (1 - h**2) * (e @ W)
            dW = x.T @ delta + dV.reshape(W.shape)
            return dW, delta.sum(axis=0), e.sum(axis=0)
        """,
    ),
    wrong(
        "tied_gradients",
        "slope of the code at its input",
        "input for output",
        """
        def tied_gradients(x, W, b, c):
            a = x @ W + b
            h = np.tanh(a)
            e = 2 * (h @ W.T + c - x) / len(x)
            da = (e @ W) * (1 - a**2)
            return x.T @ da + e.T @ h, da.sum(axis=0), e.sum(axis=0)
        """,
    ),
    edit(
        "tied_gradients",
        "the two uses averaged",
        "factor",
        "dW_encoder + dW_decoder.T",
        "(dW_encoder + dW_decoder.T) / 2",
    ),
    edit("tied_gradients", "the two uses subtracted", "sign", "dW_encoder + dW_decoder.T", "dW_encoder - dW_decoder.T"),
    edit(
        "tied_gradients",
        "encoder's use twice",
        "other array / term",
        "dW_encoder + dW_decoder.T",
        "dW_encoder + dW_encoder",
    ),
    edit(
        "tied_gradients",
        "straight through the tanh",
        "missing derivative / missing factor",
        "tanh_backward(dh, h)",
        "dh",
    ),
)
