"""Wrong solutions of the denoising autoencoder."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "denoising_loss",
        "the noisy input as target",
        "other array",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            x_noisy = masking_noise(x, u, level)
            h = sigmoid(dense(x_noisy, W, b))
            return bernoulli_nll(dense(h, V, c), x_noisy).mean()
        """,
    ),
    wrong(
        "denoising_loss",
        "noise on the code rather than on the input",
        "",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            h = masking_noise(h, u[:, :h.shape[1]] if u.shape[1] >= h.shape[1] else np.resize(u, h.shape), level)
            logits = dense(h, V, c)
            return bernoulli_nll(logits, x).mean()
        """,
    ),
    wrong(
        "denoising_loss",
        "encoder sees the clean input, sum over the batch",
        "argument",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            x_noisy = masking_noise(x, u, level)
            h = sigmoid(dense(x, W, b))
            logits = dense(h, V, c)
            return bernoulli_nll(logits, x).sum()
        """,
    ),
    wrong(
        "denoising_gradients",
        "clean input in the encoder's backward",
        "other array",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            x_noisy = masking_noise(x, u, level)
            h = sigmoid(dense(x_noisy, W, b))
            logits = dense(h, V, c)
            dlogits = bernoulli_nll_backward(np.full(len(x), 1 / len(x)), logits, x)
            dh, dV, dc = dense_backward(dlogits, h, V)
            _, dW, db = dense_backward(sigmoid_backward(dh, h), x, W)
            return dW, db, dV, dc
        """,
    ),
    wrong(
        "denoising_gradients",
        "gradient of the logits masked too",
        "extra factor",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            x_noisy = masking_noise(x, u, level)
            h = sigmoid(dense(x_noisy, W, b))
            logits = dense(h, V, c)
            dlogits = (sigmoid(logits) - x) / len(x)
            dlogits = np.where(u < level, 0, dlogits)
            dh, dV, dc = dense_backward(dlogits, h, V)
            da = sigmoid_backward(dh, h)
            _, dW, db = dense_backward(da, x_noisy, W)
            return dW, db, dV, dc
        """,
    ),
    wrong(
        "denoising_gradients",
        "noisy target, and the sigmoid's derivative at h forgotten",
        "other array",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            x_noisy = masking_noise(x, u, level)
            h = sigmoid(dense(x_noisy, W, b))
            logits = dense(h, V, c)
            dlogits = bernoulli_nll_backward(np.full(len(x), 1 / len(x)), logits, x_noisy)
            dh, dV, dc = dense_backward(dlogits, h, V)
            _, dW, db = dense_backward(dh, x_noisy, W)
            return dW, db, dV, dc
        """,
    ),
    wrong(
        "denoising_gradients",
        "divided by N D",
        "factor",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            x_noisy = masking_noise(x, u, level)
            h = sigmoid(dense(x_noisy, W, b))
            logits = dense(h, V, c)
            dlogits = (sigmoid(logits) - x) / x.size
            dh, dV, dc = dense_backward(dlogits, h, V)
            _, dW, db = dense_backward(sigmoid_backward(dh, h), x_noisy, W)
            return dW, db, dV, dc
        """,
    ),
)
