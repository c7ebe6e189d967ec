"""Mistakes in sparse codes and in the contraction penalty."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "sparsity_kl",
        "the divergence of each entry",
        "The divergence is taken of each activation and then averaged; the mean over the batch comes first.",
        """
        def sparsity_kl(h, rho):
            kl = rho * np.log(rho / h) + (1 - rho) * np.log((1 - rho) / (1 - h))
            return kl.mean(axis=0).sum()
        """,
        "https://github.com/wblgers/tensorflow_stacked_denoising_autoencoder/issues/1",
        expects="missing sum",
    ),
    described(
        "sparsity_kl",
        "mean over the units",
        "The mean is over the units of each example (axis 1); it should be over the batch, for each unit.",
        """
        def sparsity_kl(h, rho):
            rho_hat = np.mean(h, axis=1)
            return np.sum(rho * np.log(rho / rho_hat) + (1 - rho) * np.log((1 - rho) / (1 - rho_hat)))
        """,
        "UFLDL, whose examples are columns: mean(a2, 2)",
        expects="axis",
    ),
    described(
        "sparsity_kl",
        "the other direction",
        "The divergence is reversed: KL(mean || target) instead of KL(target || mean).",
        """
        def sparsity_kl(h, rho):
            q = h.mean(0)
            return (q * np.log(q / rho) + (1 - q) * np.log((1 - q) / (1 - rho))).sum()
        """,
        "arguments of a kl function exchanged",
        expects="swapped",
    ),
    described(
        "sparsity_kl",
        "the first term only",
        "The second term, that of the inactive state with 1 - rho, is missing.",
        """
        def sparsity_kl(h, rho):
            rho_hat = h.mean(axis=0)
            return np.sum(rho * np.log(rho / rho_hat))
        """,
        "https://github.com/ageron/handson-ml2/issues/561",
        expects="term",
    ),
    described(
        "sparsity_kl",
        "the mean of the units' divergences",
        "The divergences of the units are averaged; they should be summed.",
        """
        def sparsity_kl(h, rho):
            rho_hat = np.average(h, axis=0)
            kl = rho * (np.log(rho) - np.log(rho_hat)) + (1 - rho) * (np.log(1 - rho) - np.log(1 - rho_hat))
            return np.mean(kl)
        """,
        "https://github.com/wblgers/tensorflow_stacked_denoising_autoencoder/issues/1",
        expects="mean for sum",
    ),
    described(
        "sparsity_kl",
        "1e-5 added to the mean",
        "A small number is added to the mean activation: the penalty is slightly wrong, by about 1e-5.",
        """
        def sparsity_kl(h, rho):
            s_hat = h.mean(axis=0)
            s_hat += 10 ** -5
            return (rho * np.log(rho / s_hat) + (1 - rho) * np.log((1 - rho) / (1 - s_hat))).sum()
        """,
        "https://github.com/keras-team/keras/issues/2663",
        expects="small number",
    ),
    described(
        "sparsity_kl_backward",
        "1/N forgotten",
        "The factor 1/N is missing: each row contributes only 1/N of the mean.",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            rho_hat = h.mean(axis=0)
            sparsity_delta = -rho / rho_hat + (1 - rho) / (1 - rho_hat)
            return dpenalty * np.tile(sparsity_delta, (h.shape[0], 1))
        """,
        "UFLDL, sparsity_delta in the exercise on sparse autoencoders",
        expects="factor",
    ),
    described(
        "sparsity_kl_backward",
        "the sign",
        "The sign is wrong: the derivative with respect to the mean is (1 - rho) / (1 - mean) - rho / mean.",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            m = h.mean(axis=0, keepdims=True)
            d = rho / m - (1 - rho) / (1 - m)
            return dpenalty * d * np.ones_like(h) / len(h)
        """,
        "sign slip, seen in homework",
        expects="factor",
    ),
    described(
        "sparsity_kl_backward",
        "one row",
        "The result is one row of shape (H,); it must be repeated for every example.",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            q = h.mean(0)
            return dpenalty * ((1 - rho) / (1 - q) - rho / q) / len(h)
        """,
        "broadcasting relied upon",
        expects="shape",
    ),
    described(
        "sparsity_kl_backward",
        "each entry for the mean",
        "The derivative is taken at each activation instead of at the mean over the batch.",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            return dpenalty * ((1 - rho) / (1 - h) - rho / h) / h.shape[0]
        """,
        "https://github.com/nndl/nndl/issues/466",
        expects="missing sum",
    ),
    described(
        "sparsity_kl_backward",
        "both terms negative",
        "The sign of the second term is wrong: the derivative of log(1 - mean) brings another minus, so it is added.",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            N, H = h.shape
            mean = h.sum(axis=0) / N
            g = -rho / mean - (1 - rho) / (1 - mean)
            out = np.empty((N, H))
            out[:] = dpenalty * g / N
            return out
        """,
        "inner derivative of log(1 - q) forgotten",
        expects="sign",
    ),
    described(
        "sparsity_kl_backward",
        "upstream ignored, mean over units",
        "Two mistakes: dpenalty is not used, and the mean is over the units (axis 1) instead of the batch.",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            q = h.mean(axis=1, keepdims=True)
            return ((1 - rho) / (1 - q) - rho / q) / len(h) + 0 * h
        """,
        "combination of two habits",
        expects="upstream",
    ),
    described(
        "k_sparse",
        "largest in absolute value",
        "Entries are chosen by their absolute value; the k largest are meant, with their signs.",
        """
        def k_sparse(h, k):
            order = np.argsort(np.abs(h), axis=1)[:, ::-1]
            y = np.zeros_like(h)
            rows = np.arange(len(h))[:, None]
            y[rows, order[:, :k]] = h[rows, order[:, :k]]
            return y
        """,
        "https://github.com/hugochan/KATE/issues/22",
        expects="power",
    ),
    described(
        "k_sparse",
        "the smallest kept",
        "argsort is ascending: the k smallest are kept instead of the k largest.",
        """
        def k_sparse(h, k):
            y = np.zeros_like(h)
            for n in range(h.shape[0]):
                idx = np.argsort(h[n])[:k]
                y[n, idx] = h[n, idx]
            return y
        """,
        "https://github.com/hellozhuo/dgc/issues/11",
        expects="comparison",
    ),
    described(
        "k_sparse",
        "k of the whole batch",
        "The k largest of the whole batch are kept; k should be kept in each row.",
        """
        def k_sparse(h, k):
            flat = h.ravel()
            keep = np.argsort(flat)[-k:]
            out = np.zeros_like(flat)
            out[keep] = flat[keep]
            return out.reshape(h.shape)
        """,
        "https://github.com/snooky23/K-Sparse-AutoEncoder/issues/1",
        expects="axis",
    ),
    described(
        "k_sparse",
        "above the k-th",
        "The comparison is strict, so the k-th largest entry itself is dropped and only k - 1 remain.",
        """
        def k_sparse(h, k):
            kth = np.sort(h, axis=1)[:, -k].reshape(-1, 1)
            return np.where(h > kth, h, 0.0)
        """,
        "off by one at a threshold",
        expects="shifted",
    ),
    described(
        "k_sparse",
        "ones for the kept",
        "The mask is returned: the kept entries must keep their values, not become 1.",
        """
        def k_sparse(h, k):
            kth = np.partition(h, -k, axis=1)[:, -k][:, None]
            return (h >= kth).astype(float)
        """,
        "mask returned instead of the product",
        expects="constant",
    ),
    described(
        "k_sparse_backward",
        "largest of the gradient",
        "The k largest entries of dy are kept; the gradient passes where h was kept.",
        """
        def k_sparse_backward(dy, h, k):
            kth = np.sort(dy, axis=1)[:, -k][:, None]
            return dy * (dy >= kth)
        """,
        "argument exchanged in a helper",
        expects="swapped",
    ),
    described(
        "k_sparse_backward",
        "times the activation",
        "The gradient is multiplied by h: the selected entries pass dy unchanged.",
        """
        def k_sparse_backward(dy, h, k):
            kth = np.sort(h, axis=1)[:, -k][:, None]
            return dy * np.where(h >= kth, h, 0)
        """,
        "the forward function reused as the mask",
        expects="extra factor",
    ),
    described(
        "k_sparse_backward",
        "straight through",
        "dy passes everywhere: where h was set to zero the gradient is zero.",
        """
        def k_sparse_backward(dy, h, k):
            return np.array(dy)
        """,
        "https://github.com/snooky23/K-Sparse-AutoEncoder/issues/1",
        expects="argument returned",
    ),
    described(
        "contractive_penalty",
        "weights summed, then squared",
        "The weights of each unit are summed and then squared; it is the sum of their squares.",
        """
        def contractive_penalty(h, W, activation):
            dh = h * (1 - h) if activation == 'sigmoid' else 1 - h**2
            return (dh**2 * W.sum(axis=0) ** 2).sum(axis=1)
        """,
        "https://github.com/lisa-lab/pylearn2/pull/142",
        expects="power",
    ),
    described(
        "contractive_penalty",
        "mean of the Jacobian's squares",
        "The squares of the Jacobian's entries are averaged; the squared norm is their sum.",
        """
        def contractive_penalty(h, W, activation):
            slope = {'sigmoid': h * (1 - h), 'tanh': 1 - h * h}[activation]
            J = slope[:, None, :] * W[None, :, :]
            return np.mean(J**2, axis=(1, 2))
        """,
        "https://github.com/lisa-lab/pylearn2/pull/90",
        expects="mean for sum",
    ),
    described(
        "contractive_penalty",
        "always the sigmoid",
        "The slope is always that of the sigmoid; `activation` is not used, and for tanh it is 1 - h^2.",
        """
        def contractive_penalty(h, W, activation):
            dh = h * (1 - h)
            return np.sum(dh**2 * np.sum(W.T**2, axis=1), axis=1)
        """,
        "https://github.com/tensorflow/tensorflow/issues/30747",
        expects="other function",
    ),
    described(
        "contractive_penalty",
        "the norm itself",
        "The square root is too much: the penalty is the squared norm.",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h) if activation == 'sigmoid' else 1 - h * h
            J = np.einsum('nh,dh->nhd', s, W)
            return np.sqrt(np.einsum('nhd,nhd->n', J, J))
        """,
        "np.linalg.norm without its square",
        expects="power",
    ),
    described(
        "contractive_penalty",
        "mean over the batch",
        "The penalty is averaged over the batch; it should be one number for each example.",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h) if activation == 'sigmoid' else 1 - h * h
            return np.mean((s**2) @ (W**2).sum(axis=0))
        """,
        "loss functions that end in a mean",
        expects="shape",
    ),
    described(
        "contractive_penalty_backward",
        "the second derivative forgotten",
        "The derivative of the slope with respect to h is missing in dh: a factor 1 - 2 h (sigmoid) or -2 h (tanh).",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            s = h * (1 - h) if activation == 'sigmoid' else 1 - h * h
            w2 = (W**2).sum(axis=0)
            dh = 2 * dpenalty[:, None] * s * w2
            dW = 2 * W * (dpenalty[:, None] * s**2).sum(axis=0)
            return dh, dW
        """,
        "chain rule through the slope forgotten",
        expects="missing factor",
    ),
    described(
        "contractive_penalty_backward",
        "with respect to the pre-activation",
        "dh has one factor f' too many: it is the gradient with respect to the pre-activation, and h is the argument.",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            if activation == 'sigmoid':
                s, d = h * (1 - h), (1 - 2 * h) * h * (1 - h)
            else:
                s, d = 1 - h**2, -2 * h * (1 - h**2)
            w2 = np.square(W).sum(0)
            dh = dpenalty[:, None] * 2 * s * d * w2
            dW = 2 * W * np.einsum('n,nh->h', dpenalty, s**2)
            return dh, dW
        """,
        "textbook second derivatives of the activations",
        expects="power",
    ),
    described(
        "contractive_penalty_backward",
        "dW without the 2",
        "The factor 2 of the square's derivative is missing in dW.",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            sig = activation == 'sigmoid'
            s = h * (1 - h) if sig else 1 - h**2
            ds = 1 - 2 * h if sig else -2 * h
            dh = dpenalty[:, None] * 2 * s * ds * (W**2).sum(axis=0)
            dW = W * (dpenalty @ s**2)
            return dh, dW
        """,
        "factor forgotten, seen in homework",
        expects="factor",
    ),
    described(
        "contractive_penalty_backward",
        "upstream only in dh",
        "dpenalty is missing in dW: the examples are summed without their weights.",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            sig = activation == 'sigmoid'
            s = h * (1 - h) if sig else 1 - h**2
            ds = 1 - 2 * h if sig else -2 * h
            dh = 2 * s * ds * (W**2).sum(axis=0) * dpenalty[:, None]
            dW = 2 * W * (s**2).sum(axis=0)
            return dh, dW
        """,
        "upstream gradient forgotten in one of two",
        expects="upstream",
    ),
    described(
        "contractive_penalty_backward",
        "the sign for tanh, mean for dW",
        "Two mistakes: the derivative of 1 - h^2 is -2 h, not 2 h, and dW is divided by the batch size.",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            if activation == 'tanh':
                s, ds = 1 - h**2, 2 * h
            else:
                s, ds = h - h**2, 1 - 2 * h
            dh = 2 * dpenalty[:, None] * s * ds * (W * W).sum(0)
            dW = 2 * W * (dpenalty @ s**2) / len(h)
            return dh, dW
        """,
        "combination of two habits",
        expects="sign / mean for sum",
    ),
)
