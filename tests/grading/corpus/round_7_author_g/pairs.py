"""Two mistakes of this round in one function; the pairs were drawn at random."""

from grading.corpus.entry import described

MISTAKES = (
    described(
        "classifier_gradients",
        "no slope in layer 2 | order",
        "The derivative of the sigmoid is missing in the second layer. The gradients are returned from the output to the input.",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            logits = dense(h2, V, c)

            dlosses = np.full(len(x), 1 / len(x))
            dlogits = softmax_cross_entropy_backward(dlosses, logits, labels)
            dh2, dV, dc = dense_backward(dlogits, h2, V)
            da2 = dh2
            dh1, dW2, db2 = dense_backward(da2, h1, W2)
            da1 = sigmoid_backward(dh1, h1)
            _, dW1, db1 = dense_backward(da1, x, W1)
            return dV, dc, dW2, db2, dW1, db1
    """,
        expects="shape",
    ),
    described(
        "gaussian_kl_backward",
        "without -1 | dlogvar without the half",
        "The -1 is missing in dlogvar. The factor 1/2 is missing in dlogvar.",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            dmu = dkl[:, None] * mu
            dlogvar = dkl[:, None] * np.exp(logvar)
            return dmu, dlogvar
    """,
        expects="term / factor",
    ),
    described(
        "contractive_penalty",
        "weights not squared | mean over the batch",
        "The weights are summed without squaring them. The mean over the batch is returned instead of one penalty per example.",
        """
        def contractive_penalty(h, W, activation):
            slope, _ = _SLOPES[activation]
            s = slope(h)
            w = W.sum(axis=0)
            return (s * s @ w).mean()
    """,
        expects="shape",
    ),
    described(
        "squared_error_backward",
        "without 2 | sign of the difference",
        "The factor 2 is missing. The sign of the difference is taken instead of the difference.",
        """
        def squared_error_backward(dloss, x_hat, x):
            return dloss[:, None] * np.sign(x_hat - x)
    """,
        expects="transformed",
    ),
    described(
        "gaussian_kl",
        "standard deviation | plus logvar",
        "exp(logvar / 2), the standard deviation, is taken instead of the variance. logvar is added instead of subtracted.",
        """
        def gaussian_kl(mu, logvar):
            return (mu**2 + np.exp(logvar / 2) + logvar - 1).sum(axis=1) / 2
    """,
    ),
    described(
        "stacked_codes",
        "order | second layer linear",
        "The codes are returned in the wrong order. The sigmoid of the second layer is missing.",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = dense(h1, W2, b2)
            return h2, h1
    """,
        expects="shape",
    ),
    described(
        "second_layer_gradients",
        "without 1/N | sign",
        "The factor 1/N is missing. All gradients have the wrong sign.",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            logits = dense(h2, V2, c2)

            dlosses = np.full(len(x), 1.0)
            dlogits = bernoulli_nll_backward(dlosses, logits, h1)
            dh2, dV2, dc2 = dense_backward(dlogits, h2, V2)
            da2 = sigmoid_backward(dh2, h2)
            _, dW2, db2 = dense_backward(da2, h1, W2)
            return -dW2, -db2, -dV2, -dc2
    """,
        expects="mean for sum",
    ),
    described(
        "gaussian_kl_sums",
        "absolute value | log of the standard deviation",
        "The absolute value of mu is taken instead of its square. The logarithm is that of the standard deviation instead of the variance.",
        """
        def gaussian_kl_sums(mu, variance):
            sums = variance.sum(axis=1) + np.abs(mu).sum(axis=1) - mu.shape[1] - np.log(np.sqrt(variance)).sum(axis=1)
            return sums / 2
    """,
    ),
    described(
        "autoencoder_gradients",
        "without 1/N | order",
        "The factor 1/N of the mean is missing. The gradients of the decoder are returned before those of the encoder.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            a = dense(x, W, b)
            h = sigmoid(a)
            logits = dense(h, V, c)

            dlosses = np.full(len(x), 1.0)
            dlogits = bernoulli_nll_backward(dlosses, logits, x)
            dh, dV, dc = dense_backward(dlogits, h, V)
            da = sigmoid_backward(dh, h)
            _, dW, db = dense_backward(da, x, W)
            return dV, dc, dW, db
    """,
        expects="shape",
    ),
    described(
        "bernoulli_nll_backward",
        "without dloss | without sigmoid",
        "The factor dloss is missing. The sigmoid of the logits is missing.",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            return (logits - x)
    """,
        expects="upstream",
    ),
    described(
        "gaussian_kl_sums_backward",
        "variance for its inverse | dmu with 2",
        "The variance is not inverted in dvariance. dmu has a factor 2: the 1/2 was forgotten.",
        """
        def gaussian_kl_sums_backward(dkl, mu, variance):
            dmu = dkl[:, None] * 2 * mu
            dvariance = dkl[:, None] * (1 - variance) / 2
            return dmu, dvariance
    """,
        expects="factor",
    ),
    described(
        "classifier_loss",
        "sum | second layer linear",
        "The losses are summed instead of averaged. The sigmoid of the second layer is missing.",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = dense(h1, W2, b2)
            logits = dense(h2, V, c)
            return softmax_cross_entropy(logits, labels).sum()
    """,
    ),
    described(
        "squared_error",
        "half | absolute value",
        "There is a factor 1/2 that the definition does not have. Absolute errors are summed instead of squares.",
        """
        def squared_error(x_hat, x):
            return np.abs(x_hat - x).sum(axis=1) / 2
    """,
    ),
    described(
        "spherical_path",
        "not divided by the sine | angle of vectors that are not normalised",
        "The division by sin(angle) is missing. The angle is computed from vectors that are not normalised.",
        """
        def spherical_path(a, b, n):
            t = np.linspace(0, 1, n)[:, None]
            length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
            u, v = a / length_a, b / length_b
            angle = np.arccos(np.clip(a @ b, -1, 1))
            if np.sin(angle) < 1e-6:
                return (1 - t) * a + t * b
            directions = (np.sin((1 - t) * angle) * u + np.sin(t * angle) * v)
            return ((1 - t) * length_a + t * length_b) * directions
    """,
    ),
    described(
        "sampled_kl",
        "without the half | plus logvar",
        "The factor 1/2 is missing. logvar is added instead of subtracted.",
        """
        def sampled_kl(z, logvar, eps):
            return (z**2 - eps**2 + logvar).sum(axis=-1)
    """,
        expects="sign / factor",
    ),
    described(
        "gaussian_kl_trace_backward",
        "not inverted | without the half",
        "The covariance is not inverted. The factor 1/2 of dcovariance is missing.",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            dmu = dkl[:, None] * mu
            inverse = covariance.swapaxes(1, 2)
            dcovariance = dkl[:, None, None] * (np.eye(mu.shape[1], dtype=mu.dtype) - inverse)
            return dmu, dcovariance
    """,
    ),
    described(
        "k_sparse",
        "k + 1 | mask",
        "k + 1 activations are kept instead of k. The mask is returned instead of the activations.",
        """
        def k_sparse(h, k):
            return np.where(_largest(h, min(k + 1, h.shape[1])), 1.0, 0.0)
    """,
    ),
    described(
        "elbo",
        "sign of the reconstruction | order",
        "The reconstruction term has the wrong sign, in the bound too. KL and reconstruction are returned in the wrong order.",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = reparameterize(mu, logvar, eps)
            logits = [dense(draw, W, b) for draw in z]
            nll = np.stack([bernoulli_nll(a, x) for a in logits])
            reconstruction = nll.mean(axis=0)
            kl = gaussian_kl(mu, logvar)
            return reconstruction - kl, kl, reconstruction
    """,
        expects="sign",
    ),
    described(
        "log_mean_exp_backward",
        "divided by L | without dbound",
        "It is divided by the number of draws, although the weights add up to 1. The factor dbound is missing.",
        """
        def log_mean_exp_backward(dbound, log_w):
            return importance_weights(log_w) / len(log_w)
    """,
        expects="upstream",
    ),
    described(
        "k_sparse_backward",
        "largest of dy | times h",
        "The mask is that of the largest dy instead of the largest h. The gradient is multiplied by h.",
        """
        def k_sparse_backward(dy, h, k):
            return np.where(_largest(dy, k), dy * h, 0)
    """,
    ),
    described(
        "unroll",
        "decoders in the encoders' order | not copied",
        "The decoders are not reversed: the first layer's comes first. The arrays are not copied, so fine-tuning changes the pretrained ones.",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            encoders = W1, b1, W2, b2
            decoders = V1.copy(), c1.copy(), V2.copy(), c2.copy()
            return encoders + decoders
    """,
        expects="shape",
    ),
    described(
        "sigmoid_backward",
        "without dy | 1 + y",
        "The factor dy is missing. The sign in 1 - y is wrong.",
        """
        def sigmoid_backward(dy, y):
            return y * (1 + y)
    """,
        expects="upstream",
    ),
)
