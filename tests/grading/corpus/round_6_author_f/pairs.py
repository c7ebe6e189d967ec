"""Solutions with two mistakes."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "dense_backward",
        "dW transposed, db with keepdims",
        "Two mistakes: dW is transposed (x.T @ dy is meant), and db keeps the axis of the batch.",
        """
        def dense_backward(dy, x, W):
            dx = dy @ W.T
            dW = dy.T @ x
            db = dy.sum(axis=0, keepdims=True)
            return dx, dW, db
        """,
        expects="shape",
    ),
    described(
        "dense_backward",
        "W reshaped, dW averaged",
        "Two mistakes: W is reshaped instead of transposed in dx, and dW is divided by the batch size.",
        """
        def dense_backward(dy, x, W):
            D, H = W.shape
            dx = dy @ W.reshape(H, D)
            dW = np.mean([np.outer(a, d) for a, d in zip(x, dy)], axis=0)
            db = np.sum(dy, axis=0)
            return dx, dW, db
        """,
        expects="transposed / mean for sum",
    ),
    described(
        "sigmoid_backward",
        "sigmoid again, upstream forgotten",
        "Two mistakes: the sigmoid is applied to its own output, and the upstream gradient dy is missing.",
        """
        def sigmoid_backward(dy, y):
            s = 1 / (1 + np.exp(-y))
            return s * (1 - s)
        """,
        expects="upstream",
    ),
    described(
        "tanh_backward",
        "not squared, dy overwritten",
        "Two mistakes: the output is not squared (1 - y^2 is meant), and dy is multiplied in place.",
        """
        def tanh_backward(dy, y):
            dy *= 1 - y
            return dy
        """,
        expects="power",
    ),
    described(
        "bernoulli_nll",
        "log-likelihood, averaged",
        "Two mistakes: the sign is wrong (this is the log-likelihood), and the mean is taken over the features instead of the sum.",
        """
        def bernoulli_nll(logits, x):
            return np.mean(x * logits - np.logaddexp(0, logits), axis=1)
        """,
        expects="mean for sum",
    ),
    described(
        "bernoulli_nll_backward",
        "upstream averaged, slope of the sigmoid",
        "Two mistakes: every example gets the mean of dloss instead of its own, and the factor p (1 - p) is too much.",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            p = sigmoid(logits)
            return dloss.mean() * (p - x) * p * (1 - p)
        """,
    ),
    described(
        "squared_error_backward",
        "no 2, divided by N",
        "Two mistakes: the factor 2 is missing, and the gradient is divided by the batch size, which belongs to dloss.",
        """
        def squared_error_backward(dloss, x_hat, x):
            N = x.shape[0]
            return dloss[:, None] * (x_hat - x) / N
        """,
        expects="factor",
    ),
    described(
        "autoencoder_loss",
        "sigmoid twice, summed",
        "Two mistakes: probabilities are taken for logits (the sigmoid is applied twice), and the loss is summed over the batch.",
        """
        def autoencoder_loss(x, W, b, V, c):
            x_hat = sigmoid(dense(sigmoid(dense(x, W, b)), V, c))
            return np.sum(bernoulli_nll(x_hat, x))
        """,
    ),
    described(
        "autoencoder_gradients",
        "W for V, no slope",
        "Two mistakes: the error goes back through W instead of V transposed, and the derivative of the code's sigmoid is missing.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(dense(x, W, b))
            d = (sigmoid(dense(h, V, c)) - x) / x.shape[0]
            g = d @ W
            return x.T @ g, g.sum(0), h.T @ d, d.sum(0)
        """,
    ),
    described(
        "tied_gradients",
        "one use, no 2",
        "Two mistakes: dW contains only the encoder's use of W, and the factor 2 of the squared error is missing.",
        """
        def tied_gradients(x, W, b, c):
            h = np.tanh(x @ W + b)
            e = (h @ W.T + c - x) / len(x)
            g = (e @ W) * (1 - h**2)
            return x.T @ g, g.sum(axis=0), e.sum(axis=0)
        """,
        "https://github.com/pluskid/Mocha.jl/pull/28",
        expects="factor",
    ),
    described(
        "salt_and_pepper_noise",
        "exchanged, as often each",
        "Two mistakes: 0 and 1 are exchanged, and each kind has probability `level` instead of level / 2.",
        """
        def salt_and_pepper_noise(x, u, level):
            return np.where(u < level, 1.0, np.where(u < 2 * level, 0.0, x))
        """,
    ),
    described(
        "denoising_gradients",
        "noisy target, clean input to dW",
        "Two mistakes, x and its corrupted copy are exchanged: the target is the noisy input, and dW is computed with the clean x.",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            noisy = masking_noise(x, u, level)
            h = sigmoid(dense(noisy, W, b))
            d = bernoulli_nll_backward(np.full(len(x), 1 / len(x)), dense(h, V, c), noisy)
            dh, dV, dc = dense_backward(d, h, V)
            _, dW, db = dense_backward(sigmoid_backward(dh, h), x, W)
            return dW, db, dV, dc
        """,
        expects="other array",
    ),
    described(
        "sparsity_kl",
        "reversed, averaged over the units",
        "Two mistakes: the divergence is reversed (mean and target exchanged), and it is averaged over the units instead of summed.",
        """
        def sparsity_kl(h, rho):
            m = h.mean(axis=0)
            return np.mean(m * np.log(m / rho) + (1 - m) * np.log((1 - m) / (1 - rho)))
        """,
    ),
    described(
        "sparsity_kl_backward",
        "sign, no 1/N",
        "Two mistakes: the sign is wrong, and the factor 1/N of the mean is missing.",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            m = h.mean(axis=0)
            g = rho / m - (1 - rho) / (1 - m)
            return np.repeat(dpenalty * g[None, :], len(h), axis=0)
        """,
        expects="factor",
    ),
    described(
        "contractive_penalty",
        "nothing squared",
        "Two mistakes: neither the slopes nor the weights are squared; the penalty is a sum of squares.",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h) if activation == 'sigmoid' else 1 - h * h
            return (s @ W.T).sum(axis=1)
        """,
        expects="power",
    ),
    described(
        "second_layer_gradients",
        "squared error, summed",
        "Two mistakes: the factor of a squared error's output, p (1 - p), is too much, and the mean over the batch is missing.",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            p = sigmoid(dense(h2, V2, c2))
            d = (p - h1) * p * (1 - p)
            dh2, dV2, dc2 = dense_backward(d, h2, V2)
            _, dW2, db2 = dense_backward(sigmoid_backward(dh2, h2), h1, W2)
            return dW2, db2, dV2, dc2
        """,
    ),
    described(
        "unroll",
        "no copies, not mirrored",
        "Two mistakes: the decoders are not mirrored, and the arrays are the arguments themselves, not copies.",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            return W1, b1, W2, b2, V1, c1, V2, c2
        """,
        expects="shape",
    ),
    described(
        "softmax",
        "no shift, the wrong axis",
        "Two mistakes: the largest logit is not subtracted, so exp overflows, and the sum runs over the batch (axis 0).",
        """
        def softmax(logits):
            return np.exp(logits) / np.sum(np.exp(logits), axis=0)
        """,
        expects="axis",
    ),
    described(
        "softmax_cross_entropy",
        "bits, averaged",
        "Two mistakes: the logarithm is to base 2, and the loss is averaged over the batch instead of one number for each example.",
        """
        def softmax_cross_entropy(logits, labels):
            a = logits - logits.max(axis=1, keepdims=True)
            log_p = a - np.log(np.exp(a).sum(axis=1, keepdims=True))
            picked = [log_p[n, k] for n, k in enumerate(labels)]
            return -np.mean(picked) / np.log(2)
        """,
        expects="shape",
    ),
    described(
        "classifier_gradients",
        "no slope of the second code, no mean",
        "Two mistakes: the derivative of the second code is missing, and so is the mean over the batch.",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            d3 = softmax_cross_entropy_backward(np.ones(len(x)), dense(h2, V, c), labels)
            dh2, dV, dc = dense_backward(d3, h2, V)
            dh1, dW2, db2 = dense_backward(dh2, h1, W2)
            _, dW1, db1 = dense_backward(sigmoid_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dV, dc
        """,
        expects="missing derivative",
    ),
    described(
        "gaussian_kl",
        "sign, averaged",
        "Two mistakes: the sign is wrong, and the terms are averaged over the latent variables instead of summed.",
        """
        def gaussian_kl(mu, logvar):
            return 0.5 * np.mean(1 + logvar - mu**2 - np.exp(logvar), axis=1)
        """,
        "https://github.com/keras-team/keras-io/issues/270",
        expects="mean for sum",
    ),
    described(
        "gaussian_kl_trace_backward",
        "no half, upstream missing in one",
        "Two mistakes: the factor 1/2 is missing in dcovariance, and dkl is missing in dmu.",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            inv = np.linalg.inv(covariance)
            return mu.copy(), dkl[:, None, None] * (np.eye(mu.shape[1]) - inv)
        """,
        expects="upstream / factor",
    ),
    described(
        "reparameterize_backward",
        "averaged over the draws, no half",
        "Two mistakes: the gradients of the draws are averaged instead of summed, and the factor 1/2 of the exponent is missing.",
        """
        def reparameterize_backward(dz, logvar, eps):
            dz = dz.reshape(-1, *logvar.shape)
            e = eps.reshape(-1, *logvar.shape)
            return dz.mean(axis=0), (dz * e).mean(axis=0) * np.exp(logvar / 2)
        """,
        expects="mean for sum",
    ),
    described(
        "bernoulli_log_likelihood",
        "loss, averaged",
        "Two mistakes: the sign is wrong (this is a loss), and the mean is taken over the pixels instead of the sum.",
        """
        def bernoulli_log_likelihood(p, x):
            return -(x * np.log(p) + (1 - x) * np.log(1 - p)).mean(axis=-1)
        """,
        "https://github.com/pytorch/examples/issues/817",
        expects="mean for sum",
    ),
    described(
        "elbo",
        "plus the divergence, first draw",
        "Two mistakes: the divergence is added instead of subtracted, and only the first draw is used.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = mu + np.exp(logvar / 2) * eps[0]
            rec = -bernoulli_nll(dense(z, W, b), x)
            kl = gaussian_kl(mu, logvar)
            return rec + kl, rec, kl
        """,
        expects="first only",
    ),
    described(
        "variational_loss",
        "beta forgotten, divergence averaged over the latent variables",
        "Two mistakes: beta is not used, and the divergence is averaged over the latent variables instead of summed.",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            m = dense(tanh(dense(x, W1, b1)), W2, b2)
            mu, logvar = m[:, :J], m[:, J:]
            z = reparameterize(mu, logvar, eps).reshape(-1, J)
            a = dense(tanh(dense(z, W3, b3)), W4, b4)
            kl = -0.5 * np.mean(1 + logvar - mu**2 - np.exp(logvar))
            return bernoulli_nll(a, np.tile(x, (L, 1))).mean() + kl
        """,
        "https://github.com/podgorskiy/VAE/issues/1",
        expects="argument",
    ),
    described(
        "log_mean_exp",
        "over the examples, no log K",
        "Two mistakes: the sum runs over the examples (axis 1) instead of the samples, and log K is not subtracted.",
        """
        def log_mean_exp(log_w):
            m = log_w.max(axis=1, keepdims=True)
            return (m + np.log(np.exp(log_w - m).sum(axis=1, keepdims=True)))[:, 0]
        """,
        "https://github.com/scverse/scvi-tools/issues/13",
        expects="shape",
    ),
    described(
        "linear_path",
        "from b to a, the end left out",
        "Two mistakes: the path runs from b to a, and it ends one step too early.",
        """
        def linear_path(a, b, n):
            t = np.linspace(0, 1, n, endpoint=False)[:, None]
            return t * a + (1 - t) * b
        """,
        "https://github.com/AUTOMATIC1111/stable-diffusion-webui/issues/3068",
    ),
)
