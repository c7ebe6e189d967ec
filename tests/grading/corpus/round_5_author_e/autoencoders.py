"""Wrong solutions of the gradients of an autoencoder, with weights of its own and with tied ones."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "autoencoder_loss",
        "sigmoid before a loss that takes logits",
        "transformed",
        """
        def autoencoder_loss(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            x_hat = sigmoid(dense(h, V, c))
            return bernoulli_nll(x_hat, x).mean()
        """,
    ),
    wrong(
        "autoencoder_loss",
        "mean over features as well",
        "mean for sum",
        """
        def autoencoder_loss(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            logits = dense(h, V, c)
            return np.mean(np.logaddexp(0, logits) - x * logits)
        """,
    ),
    wrong(
        "autoencoder_loss",
        "squared error in place of the cross-entropy",
        "other function",
        """
        def autoencoder_loss(x, W, b, V, c):
            h = sigmoid(x @ W + b)
            x_hat = sigmoid(h @ V + c)
            return np.mean(np.sum((x_hat - x) ** 2, axis=1))
        """,
    ),
    wrong(
        "autoencoder_loss",
        "linear code, and summed over the batch",
        "",
        """
        def autoencoder_loss(x, W, b, V, c):
            h = dense(x, W, b)
            logits = dense(h, V, c)
            return bernoulli_nll(logits, x).sum()
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "dh through W in place of V, as if tied",
        "other array",
        """
        def autoencoder_gradients(x, W, b, V, c):
            N = len(x)
            h = sigmoid(dense(x, W, b))
            logits = dense(h, V, c)
            dlogits = (sigmoid(logits) - x) / N
            dV = h.T @ dlogits
            dc = dlogits.sum(axis=0)
            dh = dlogits @ W
            da = sigmoid_backward(dh, h)
            dW = x.T @ da
            db = da.sum(axis=0)
            return dW, db, dV, dc
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "derivative of the sigmoid at the pre-activation",
        "input for output",
        """
        def autoencoder_gradients(x, W, b, V, c):
            N = len(x)
            a = dense(x, W, b)
            h = sigmoid(a)
            logits = dense(h, V, c)
            dlogits = bernoulli_nll_backward(np.ones(N) / N, logits, x)
            dh, dV, dc = dense_backward(dlogits, h, V)
            da = sigmoid_backward(dh, a)
            _, dW, db = dense_backward(da, x, W)
            return dW, db, dV, dc
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "no 1/N, and no sigmoid derivative",
        "missing derivative/mean for sum",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            logits = dense(h, V, c)
            dlogits = sigmoid(logits) - x
            dh, dV, dc = dense_backward(dlogits, h, V)
            _, dW, db = dense_backward(dh, x, W)
            return dW, db, dV, dc
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "order: decoder first",
        "shape",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            logits = dense(h, V, c)
            dlogits = bernoulli_nll_backward(np.full(len(x), 1 / len(x)), logits, x)
            dh, dV, dc = dense_backward(dlogits, h, V)
            _, dW, db = dense_backward(sigmoid_backward(dh, h), x, W)
            return dV, dc, dW, db
        """,
    ),
    wrong(
        "autoencoder_gradients",
        "divided by N twice for the encoder",
        "mean for sum",
        """
        def autoencoder_gradients(x, W, b, V, c):
            N = len(x)
            h = sigmoid(dense(x, W, b))
            logits = dense(h, V, c)
            dlogits = (sigmoid(logits) - x) / N
            dh, dV, dc = dense_backward(dlogits, h, V)
            da = dh * h * (1 - h)
            dW = x.T @ da / N
            db = da.mean(axis=0)
            return dW, db, dV, dc
        """,
    ),
    wrong(
        "tied_loss",
        "decoder weights reshaped",
        "transposed",
        """
        def tied_loss(x, W, b, c):
            h = tanh(dense(x, W, b))
            x_hat = dense(h, np.reshape(W, (W.shape[1], W.shape[0])), c)
            return squared_error(x_hat, x).mean()
        """,
    ),
    wrong(
        "tied_loss",
        "tanh on the output as well",
        "transformed",
        """
        def tied_loss(x, W, b, c):
            h = np.tanh(x @ W + b)
            x_hat = np.tanh(h @ W.T + c)
            return np.mean(np.sum((x - x_hat) ** 2, axis=1))
        """,
    ),
    wrong(
        "tied_gradients",
        "average of the two parts",
        "factor",
        """
        def tied_gradients(x, W, b, c):
            N = len(x)
            h = tanh(dense(x, W, b))
            x_hat = dense(h, W.T, c)
            dx_hat = squared_error_backward(np.full(N, 1 / N), x_hat, x)
            dh, dWt, dc = dense_backward(dx_hat, h, W.T)
            _, dW, db = dense_backward(tanh_backward(dh, h), x, W)
            return (dW + dWt.T) / 2, db, dc
        """,
    ),
    wrong(
        "tied_gradients",
        "decoder's part only",
        "term",
        """
        def tied_gradients(x, W, b, c):
            N = len(x)
            h = tanh(dense(x, W, b))
            x_hat = dense(h, W.T, c)
            dx_hat = 2 * (x_hat - x) / N
            dW = dx_hat.T @ h
            dc = dx_hat.sum(axis=0)
            da = (dx_hat @ W) * (1 - h**2)
            db = da.sum(axis=0)
            return dW, db, dc
        """,
    ),
    wrong(
        "tied_gradients",
        "1/(N D), and sigmoid's derivative",
        "other function/factor",
        """
        def tied_gradients(x, W, b, c):
            N, D = x.shape
            h = tanh(dense(x, W, b))
            x_hat = dense(h, W.T, c)
            dx_hat = 2 * (x_hat - x) / (N * D)
            dc = dx_hat.sum(axis=0)
            dh = dx_hat @ W
            da = dh * h * (1 - h)
            db = da.sum(axis=0)
            dW = x.T @ da + dx_hat.T @ h
            return dW, db, dc
        """,
    ),
    wrong(
        "tied_gradients",
        "decoder's part not scaled by the upstream chain's 2/N",
        "term",
        """
        def tied_gradients(x, W, b, c):
            N = len(x)
            h = tanh(dense(x, W, b))
            x_hat = dense(h, W.T, c)
            err = x_hat - x
            dx_hat = 2 * err / N
            dh = dx_hat @ W
            da = tanh_backward(dh, h)
            dW = x.T @ da + err.T @ h
            return dW, da.sum(axis=0), dx_hat.sum(axis=0)
        """,
    ),
)
