"""Wrong solutions of the denoising autoencoder."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # denoising_loss
    edit(
        "denoising_loss",
        "the damaged input is the target",
        "other array",
        "bernoulli_nll(logits, x)",
        "bernoulli_nll(logits, x_noisy)",
    ),
    edit(
        "denoising_loss",
        "the level is what is kept",
        "complement",
        "masking_noise(x, u, level)",
        "masking_noise(x, u, 1 - level)",
    ),
    wrong(
        "denoising_loss",
        "fresh noise",
        "noise redrawn/argument",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            u = np.random.uniform(size=x.shape)
            x_noisy = x * (u >= level)
            h = sigmoid(dense(x_noisy, W, b))
            return bernoulli_nll(dense(h, V, c), x).mean()
        """,
    ),
    # denoising_gradients
    edit(
        "denoising_gradients",
        "dW from the clean input",
        "other array",
        "dense_backward(da, x_noisy, W)",
        "dense_backward(da, x, W)",
    ),
    edit(
        "denoising_gradients", "half of the sigmoid's derivative", "missing factor", "sigmoid_backward(dh, h)", "dh * h"
    ),
    wrong(
        "denoising_gradients",
        "towards the damaged input",
        "other array",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            xt = x * (u >= level)
            h = sigmoid(xt @ W + b)
            p = sigmoid(h @ V + c)
            e = (p - xt) / len(x)
            g = e @ V.T * h * (1 - h)
            return xt.T @ g, g.sum(0), h.T @ e, e.sum(0)
        """,
    ),
    wrong(
        "denoising_gradients",
        "no noise on the way back",
        "other array/argument",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            logits = dense(h, V, c)
            dlogits = (sigmoid(logits) - x) / x.shape[0]
            dh, dV, dc = dense_backward(dlogits, h, V)
            _, dW, db = dense_backward(sigmoid_backward(dh, h), x, W)
            return dW, db, dV, dc
        """,
    ),
)
