"""Mistakes in the denoising autoencoder."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "denoising_loss",
        "the damaged picture is the target",
        "other array",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            x = x * (u >= level)
            h = sigmoid(x @ W + b)
            logits = h @ V + c
            return np.mean(bernoulli_nll(logits, x))
        """,
    ),
    wrong(
        "denoising_loss",
        "only the lost pixels count",
        "extra factor",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            lost = u < level
            h = sigmoid(dense(np.where(lost, 0, x), W, b))
            a = dense(h, V, c)
            nll = np.logaddexp(0, a) - x * a
            return (nll * lost).sum(axis=1).mean()
        """,
    ),
    edit(
        "denoising_loss",
        "encoder sees the clean picture",
        "argument / other array",
        "dense(x_noisy, W, b)",
        "dense(x, W, b)",
    ),
    wrong(
        "denoising_loss",
        "sum over the batch",
        "factor / mean for sum / one row",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            loss = 0.0
            for xi, ui in zip(x, u):
                damaged = np.where(ui < level, 0, xi)
                h = sigmoid(damaged @ W + b)
                a = h @ V + c
                loss += np.sum(np.logaddexp(0, a) - xi * a)
            return loss
        """,
    ),
    edit(
        "denoising_loss",
        "pictures made brighter",
        "scaled/extra factor",
        "masking_noise(x, u, level)",
        "masking_noise(x, u, level) / (1 - level)",
    ),
    wrong(
        "denoising_gradients",
        "damage done in place",
        "overwritten / other array",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            noisy = x
            noisy[u < level] = 0
            h = sigmoid(noisy @ W + b)
            delta = (sigmoid(h @ V + c) - x) / len(x)
            back = (delta @ V.T) * h * (1 - h)
            return noisy.T @ back, back.sum(axis=0), h.T @ delta, delta.sum(axis=0)
        """,
    ),
    wrong(
        "denoising_gradients",
        "clean picture under the encoder's weights",
        "other array",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            xt = x * (u >= level)
            h = sigmoid(np.einsum("nd,dh->nh", xt, W) + b)
            p = sigmoid(np.einsum("nh,hd->nd", h, V) + c)
            d = (p - x) / len(x)
            dh = np.einsum("nd,hd->nh", d, V)
            da = h * (1 - h) * dh
            return np.einsum("nd,nh->dh", x, da), da.sum(0), np.einsum("nh,nd->hd", h, d), d.sum(0)
        """,
    ),
    wrong(
        "denoising_gradients",
        "another damage on the way back",
        "noise redrawn",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            h = sigmoid(masking_noise(x, u, level) @ W + b)
            dlogits = (sigmoid(h @ V + c) - x) / len(x)
            da = dlogits @ V.T * h * (1 - h)
            x_noisy = masking_noise(x, np.random.uniform(size=x.shape), level)
            return x_noisy.T @ da, da.sum(axis=0), h.T @ dlogits, dlogits.sum(axis=0)
        """,
    ),
    edit(
        "denoising_gradients",
        "target damaged",
        "other array",
        "bernoulli_nll_backward(dlosses, logits, x)",
        "bernoulli_nll_backward(dlosses, logits, x_noisy)",
    ),
    edit(
        "denoising_gradients",
        "loss of kept pixels only",
        "extra factor",
        "bernoulli_nll_backward(dlosses, logits, x)",
        "bernoulli_nll_backward(dlosses, logits, x) * (u >= level)",
    ),
    edit("denoising_gradients", "no damage at all", "argument / other array", "masking_noise(x, u, level)", "x"),
    edit(
        "denoising_gradients",
        "sigmoid passed by",
        "missing derivative / missing factor",
        "sigmoid_backward(dh, h)",
        "dh",
    ),
)
