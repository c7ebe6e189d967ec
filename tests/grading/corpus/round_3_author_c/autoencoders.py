"""Wrong solutions of losses, a whole autoencoder, tied weights."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # dense
    wrong(
        "bernoulli_nll",
        "probabilities that are clipped",
        "unstable/small number",
        """
        def bernoulli_nll(logits, x):
            p = np.clip(sigmoid(logits), 1e-12, 1 - 1e-12)
            return -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)
        """,
    ),
    wrong(
        "bernoulli_nll",
        "the black pixels' term for all pixels",
        "term/missing factor",
        """
        def bernoulli_nll(logits, x):
            n, d = logits.shape
            total = np.zeros(n)
            for i in range(n):
                for j in range(d):
                    total[i] += x[i, j] * softplus(-logits[i, j]) + softplus(logits[i, j])
            return total
        """,
    ),
    wrong(
        "bernoulli_nll_backward",
        "with respect to the probabilities",
        "missing derivative/missing factor/extra factor",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            p = sigmoid(logits)
            return ((1 - x) / (1 - p) - x / p) * dloss.reshape(-1, 1)
        """,
    ),
    wrong(
        "bernoulli_nll_backward",
        "the mean of the upstream gradient",
        "upstream/mean for sum",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            diff = sigmoid(logits) - x
            return diff * np.mean(dloss)
        """,
    ),
    wrong(
        "squared_error",
        "the difference of the squares",
        "power",
        """
        def squared_error(x_hat, x):
            return np.sum(x_hat ** 2 - x ** 2, axis=-1)
        """,
    ),
    wrong(
        "squared_error",
        "squeezed",
        "one row/shape",
        """
        def squared_error(x_hat, x):
            e = x_hat - x
            return np.squeeze(np.einsum("ij,ij->i", e, e))
        """,
    ),
    wrong(
        "squared_error_backward",
        "of the absolute error's size",
        "power/sign",
        """
        def squared_error_backward(dloss, x_hat, x):
            g = np.zeros(x.shape)
            for i, up in enumerate(dloss):
                g[i] = up * 2 * np.abs(x_hat[i] - x[i])
            return g
        """,
    ),
    # autoencoder
    wrong(
        "autoencoder_loss",
        "the loss is given probabilities",
        "transformed",
        """
        def autoencoder_loss(x, W, b, V, c):
            code = sigmoid(x @ W + b)
            out = sigmoid(code @ V + c)
            return np.mean(bernoulli_nll(out, x))
        """,
    ),
    wrong(
        "autoencoder_loss",
        "the squared error of the probabilities",
        "other function",
        """
        def autoencoder_loss(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            x_hat = sigmoid(dense(h, V, c))
            return ((x - x_hat) ** 2).sum(axis=1).mean()
        """,
    ),
    edit("autoencoder_loss", "a linear code", "missing function", "sigmoid(dense(x, W, b))", "dense(x, W, b)"),
    wrong(
        "autoencoder_gradients",
        "averaged after the decoder's gradients",
        "factor/mean for sum/missing factor",
        """
        def autoencoder_gradients(x, W, b, V, c):
            N = len(x)
            h = sigmoid(x @ W + b)
            delta = sigmoid(h @ V + c) - x
            dV = h.T @ delta
            dc = delta.sum(axis=0)
            delta = delta / N
            delta_h = (delta @ V.T) * h * (1 - h)
            return x.T @ delta_h, delta_h.sum(axis=0), dV, dc
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "the output's sigmoid differentiated besides",
        "extra factor",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(x @ W + b)
            y = sigmoid(h @ V + c)
            d2 = (y - x) * y * (1 - y) / x.shape[0]
            d1 = np.dot(d2, V.T) * h * (1 - h)
            return np.dot(x.T, d1), d1.sum(0), np.dot(h.T, d2), d2.sum(0)
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "the biases of the last example",
        "first only/missing sum",
        """
        def autoencoder_gradients(x, W, b, V, c):
            n = x.shape[0]
            dW, dV = np.zeros_like(W), np.zeros_like(V)
            for xi in x:
                hi = sigmoid(xi @ W + b)
                e = (sigmoid(hi @ V + c) - xi) / n
                dV += np.outer(hi, e)
                a = (V @ e) * hi * (1 - hi)
                dW += np.outer(xi, a)
                db, dc = a, e
            return dW, db, dV, dc
        """,
    ),
    edit(
        "autoencoder_gradients",
        "the code's derivative at its input",
        "input for output / other array",
        "sigmoid_backward(dh, h)",
        "sigmoid_backward(dh, a)",
    ),
    # tied weights
    wrong(
        "tied_loss",
        "a tanh at the output, too",
        "transformed",
        """
        def tied_loss(x, W, b, c):
            h = np.tanh(x @ W + b)
            rec = np.tanh(h @ W.T + c)
            return np.sum((rec - x) ** 2) / len(x)
        """,
    ),
    wrong(
        "tied_loss",
        "the mean over all entries",
        "factor/mean for sum",
        """
        def tied_loss(x, W, b, c):
            hidden = np.tanh(np.matmul(x, W) + b)
            out = np.matmul(hidden, W.transpose()) + c
            return np.mean(np.square(out - x))
        """,
    ),
    wrong(
        "tied_gradients",
        "the decoder's use is overwritten",
        "term",
        """
        def tied_gradients(x, W, b, c):
            N = x.shape[0]
            h = np.tanh(x @ W + b)
            e = 2 * (h @ W.T + c - x) / N
            dW = (h.T @ e).T
            da = (e @ W) * (1 - h ** 2)
            dW = x.T @ da
            return dW, da.sum(axis=0), e.sum(axis=0)
        """,
    ),
    edit("tied_gradients", "the decoder's part reshaped", "transposed", "dW_decoder.T", "dW_decoder.reshape(W.shape)"),
    edit(
        "tied_gradients",
        "the mean of both uses",
        "factor",
        "dW_encoder + dW_decoder.T",
        "(dW_encoder + dW_decoder.T) / 2",
    ),
    wrong(
        "tied_gradients",
        "the square's derivative without its square",
        "power",
        """
        def tied_gradients(x, W, b, c):
            h = np.tanh(x @ W + b)
            err = 2.0 / len(x) * (h @ W.T + c - x)
            back = (err @ W) * (1 - h)
            return x.T @ back + err.T @ h, back.sum(0), err.sum(0)
        """,
    ),
)
