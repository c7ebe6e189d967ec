"""Mistakes in the gradient of an autoencoder."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "autoencoder_loss",
        "return stands inside the loop",
        "first only / one row",
        """
        def autoencoder_loss(x, W, b, V, c):
            total = 0.0
            for xi in x:
                h = sigmoid(xi @ W + b)
                a = h @ V + c
                total += np.sum(np.maximum(a, 0) - a * xi + np.log1p(np.exp(-np.abs(a))))
                return total / len(x)
        """,
    ),
    wrong(
        "autoencoder_loss",
        "squared error of the probabilities",
        "other function",
        """
        def autoencoder_loss(x, W, b, V, c):
            hidden = sigmoid(dense(x, W, b))
            x_hat = sigmoid(dense(hidden, V, c))
            return np.mean(np.sum((x - x_hat) ** 2, axis=1))
        """,
    ),
    wrong(
        "autoencoder_loss",
        "logarithm of rounded probabilities",
        "unstable",
        """
        def autoencoder_loss(x, W, b, V, c):
            h = 1 / (1 + np.exp(-(x @ W + b)))
            p = 1 / (1 + np.exp(-(h @ V + c)))
            nll = -(x * np.log(p) + (1 - x) * np.log(1 - p))
            return nll.sum(axis=1).mean()
        """,
    ),
    wrong(
        "autoencoder_loss",
        "probabilities given where logits are wanted",
        "other function / other array / transformed",
        """
        def autoencoder_loss(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            x_hat = sigmoid(dense(h, V, c))
            return bernoulli_nll(x_hat, x).mean()
        """,
    ),
    edit(
        "autoencoder_loss",
        "mean over pixels too",
        "factor / mean for sum",
        "losses.mean()",
        "losses.mean() / x.shape[1]",
    ),
    edit(
        "autoencoder_loss", "code without its sigmoid", "missing function", "sigmoid(dense(x, W, b))", "dense(x, W, b)"
    ),
    edit("autoencoder_loss", "decoder's bias left out", "argument / term", "dense(h, V, c)", "dense(h, V, 0)"),
    wrong(
        "autoencoder_gradients",
        "output delta of the squared-error lecture",
        "extra factor",
        """
        def autoencoder_gradients(x, W, b, V, c):
            m = x.shape[0]
            a2 = sigmoid(x @ W + b)
            a3 = sigmoid(a2 @ V + c)
            delta3 = -(x - a3) * a3 * (1 - a3)
            delta2 = (delta3 @ V.T) * a2 * (1 - a2)
            dW = x.T @ delta2 / m
            dV = a2.T @ delta3 / m
            return dW, delta2.mean(axis=0), dV, delta3.mean(axis=0)
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "weights averaged, biases summed",
        "factor / mean for sum / one row",
        """
        def autoencoder_gradients(x, W, b, V, c):
            N = len(x)
            h = sigmoid(x @ W + b)
            err = sigmoid(h @ V + c) - x
            back = err @ V.T * h * (1 - h)
            dV = np.einsum("nh,nd->hd", h, err) / N
            dW = np.einsum("nd,nh->dh", x, back) / N
            return dW, back.sum(0), dV, err.sum(0)
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "encoder's weights on the way back",
        "other array",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(x @ W + b)
            p = sigmoid(h @ V + c)
            dlogits = (p - x) / len(x)
            dV = h.T @ dlogits
            dc = dlogits.sum(axis=0)
            da = (dlogits @ W) * h * (1 - h)
            return x.T @ da, da.sum(axis=0), dV, dc
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "a step is taken on the way",
        "overwritten",
        """
        def autoencoder_gradients(x, W, b, V, c):
            n = x.shape[0]
            h = sigmoid(x @ W + b)
            dlogits = (sigmoid(h @ V + c) - x) / n
            dV, dc = h.T @ dlogits, dlogits.sum(axis=0)
            V -= 0.1 * dV
            c -= 0.1 * dc
            da = dlogits @ V.T * h * (1 - h)
            return x.T @ da, da.sum(axis=0), dV, dc
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "slope of the code at its pre-activation",
        "input for output / other array",
        """
        def autoencoder_gradients(x, W, b, V, c):
            z = x @ W + b
            h = sigmoid(z)
            g = (sigmoid(h @ V + c) - x) / x.shape[0]
            gh = g @ V.T
            gz = gh * (z * (1 - z))
            return x.T @ gz, gz.sum(0), h.T @ g, g.sum(0)
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "one example at a time, average of the last",
        "one row / first only",
        """
        def autoencoder_gradients(x, W, b, V, c):
            dW, dV = np.zeros_like(W), np.zeros_like(V)
            db, dc = np.zeros_like(b), np.zeros_like(c)
            for xi in x:
                h = sigmoid(xi @ W + b)
                d3 = sigmoid(h @ V + c) - xi
                d2 = V @ d3 * h * (1 - h)
                dV, dc = np.outer(h, d3), d3
                dW, db = np.outer(xi, d2), d2
            return dW / len(x), db / len(x), dV / len(x), dc / len(x)
        """,
    ),
    edit(
        "autoencoder_gradients",
        "encoder's bias past the sigmoid",
        "missing derivative / missing factor",
        "return dW, db,",
        "return dW, dh.sum(axis=0),",
    ),
    edit(
        "autoencoder_gradients", "averaged by the number of features", "factor / square", "1 / len(x)", "1 / x.shape[1]"
    ),
    edit(
        "autoencoder_gradients",
        "sigmoid of the code",
        "input for output / other array",
        "sigmoid_backward(dh, h)",
        "sigmoid_backward(dh, sigmoid(h))",
    ),
    edit("autoencoder_gradients", "decoder first", "swapped / shape", "return dW, db, dV, dc", "return dV, dc, dW, db"),
    edit(
        "autoencoder_gradients",
        "all gradients uphill",
        "factor",
        "np.full(len(x), 1 / len(x))",
        "np.full(len(x), -1 / len(x))",
    ),
)
