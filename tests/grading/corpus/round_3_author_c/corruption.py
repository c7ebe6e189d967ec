"""Wrong solutions of corruption and denoising."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # corruption
    wrong(
        "masking_noise",
        "what is kept is made larger, as in dropout",
        "extra factor/factor",
        """
        def masking_noise(x, u, level):
            keep = u >= level
            return x * keep / (1 - level)
        """,
    ),
    wrong(
        "masking_noise",
        "zeros written into x",
        "overwritten",
        """
        def masking_noise(x, u, level):
            for i in range(x.shape[0]):
                for j in range(x.shape[1]):
                    if u[i, j] < level:
                        x[i, j] = 0
            return x
        """,
    ),
    wrong(
        "masking_noise_backward",
        "the gradient on average",
        "argument",
        """
        def masking_noise_backward(dy, u, level):
            return (1 - level) * dy
        """,
    ),
    wrong(
        "salt_and_pepper_noise",
        "salt over the pepper",
        "comparison/constant / part",
        """
        def salt_and_pepper_noise(x, u, level):
            y = x.copy()
            y[u < level / 2] = 0
            y[u < level] = 1
            return y
        """,
    ),
    wrong(
        "salt_and_pepper_noise",
        "salt at the upper end",
        "comparison/complement",
        """
        def salt_and_pepper_noise(x, u, level):
            out = np.array(x)
            out[u < level / 2] = 0
            out[u > 1 - level / 2] = 1
            return out
        """,
    ),
    edit("salt_and_pepper_noise_backward", "only the pepper is lost", "scaled/constant", "u < level", "u < level / 2"),
    wrong(
        "gaussian_noise",
        "noise in proportion",
        "extra factor",
        """
        def gaussian_noise(x, eps, level):
            return x * (1 + level * eps)
        """,
    ),
    wrong(
        "gaussian_noise_backward",
        "the local derivative only",
        "upstream/argument/constant",
        """
        def gaussian_noise_backward(dy):
            return np.ones(dy.shape)
        """,
    ),
    # denoising
    wrong(
        "denoising_loss",
        "the damaged input as target",
        "other array/swapped",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            x = np.where(u < level, 0, x)
            h = sigmoid(x @ W + b)
            logits = h @ V + c
            return bernoulli_nll(logits, x).mean()
        """,
    ),
    wrong(
        "denoising_loss",
        "the lost pixels only",
        "extra factor/term",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            lost = u < level
            h = sigmoid((x * ~lost) @ W + b)
            a = h @ V + c
            per_pixel = np.logaddexp(0, a) - x * a
            return (per_pixel * lost).sum() / len(x)
        """,
    ),
    wrong(
        "denoising_gradients",
        "the encoder's gradient with the clean input",
        "other array/swapped",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            N = len(x)
            noisy = x * (u >= level)
            h = sigmoid(noisy @ W + b)
            r = (sigmoid(h @ V + c) - x) / N
            dV, dc = h.T @ r, r.sum(axis=0)
            da = r @ V.T * h * (1 - h)
            dW, db = x.T @ da, da.sum(axis=0)
            return dW, db, dV, dc
        """,
    ),
    wrong(
        "denoising_gradients",
        "the error of the lost pixels dropped",
        "extra factor",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            mask = (u >= level).astype(float)
            xt = x * mask
            h = sigmoid(dense(xt, W, b))
            err = mask * (sigmoid(dense(h, V, c)) - x) / x.shape[0]
            dh, dV, dc = dense_backward(err, h, V)
            _, dW, db = dense_backward(sigmoid_backward(dh, h), xt, W)
            return dW, db, dV, dc
        """,
    ),
    wrong(
        "denoising_gradients",
        "another mask on each call",
        "noise redrawn/argument",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            xn = x * (np.random.rand(*x.shape) >= level)
            h = sigmoid(xn @ W + b)
            g = (sigmoid(h @ V + c) - x) / len(x)
            gh = g @ V.T * h * (1 - h)
            return xn.T @ gh, gh.sum(0), h.T @ g, g.sum(0)
        """,
    ),
    edit(
        "denoising_gradients",
        "the linear output compared with x",
        "missing function",
        "bernoulli_nll_backward(dlosses, logits, x)",
        "dlosses[:, None] * (logits - x)",
    ),
    # sparsity
)
