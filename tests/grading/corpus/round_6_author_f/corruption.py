"""Mistakes in three kinds of corruption, and in the denoising autoencoder."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "masking_noise",
        "keeps what it should drop",
        "The mask is inverted: entries are kept with probability `level` instead of dropped.",
        """
        def masking_noise(x, u, level):
            mask = (u < level).astype(x.dtype)
            return x * mask
        """,
        "https://github.com/breze-no-salt/breze/pull/48",
        expects="comparison",
    ),
    described(
        "masking_noise",
        "scaled as in dropout",
        "The kept entries are divided by 1 - level, as in inverted dropout; masking noise leaves them as they are.",
        """
        def masking_noise(x, u, level):
            keep = 1 - level
            mask = (u >= level) / keep
            return x * mask
        """,
        "dropout in CS231n",
        expects="factor",
    ),
    described(
        "masking_noise",
        "multiplied by the noise",
        "The kept entries are multiplied by the noise u instead of by 1.",
        """
        def masking_noise(x, u, level):
            return np.where(u < level, 0, u) * x
        """,
        "https://github.com/Atcold/NYU-DLSP20/pull/14",
        expects="extra factor",
    ),
    described(
        "masking_noise",
        "the caller's array masked",
        "The result is right, but the mask is applied in place: the caller's x is overwritten; take a copy.",
        """
        def masking_noise(x, u, level):
            x[u < level] = 0
            return x
        """,
        "https://github.com/keon/3-min-pytorch/issues/18",
        expects="overwritten",
    ),
    described(
        "masking_noise",
        "its own noise",
        "Noise is drawn here instead of taken from u, so two calls with the same arguments differ.",
        """
        def masking_noise(x, u, level):
            return x * np.random.binomial(1, 1 - level, size=x.shape)
        """,
        "tutorials on denoising autoencoders, rng.binomial(n=1, p=1 - level)",
        expects="noise redrawn",
    ),
    described(
        "masking_noise_backward",
        "straight through",
        "dy passes everywhere: where x was set to zero the gradient is zero.",
        """
        def masking_noise_backward(dy, u, level):
            return dy.copy()
        """,
        "backward of additive noise",
        expects="argument",
    ),
    described(
        "masking_noise_backward",
        "scaled as in dropout",
        "The gradient is divided by 1 - level, as in inverted dropout; the forward pass has no such factor.",
        """
        def masking_noise_backward(dy, u, level):
            dx = np.zeros_like(dy)
            kept = u >= level
            dx[kept] = dy[kept] / (1 - level)
            return dx
        """,
        "dropout in CS231n",
        expects="factor",
    ),
    described(
        "masking_noise_backward",
        "the mask inverted and in place",
        "Two mistakes: the mask is inverted (the gradient passes where x was dropped), and dy is overwritten.",
        """
        def masking_noise_backward(dy, u, level):
            dy[u >= level] = 0
            return dy
        """,
        "combination of two habits",
        expects="comparison",
    ),
    described(
        "salt_and_pepper_noise",
        "as often each",
        "Each kind is applied with probability `level`: together that is twice too many; each has level / 2.",
        """
        def salt_and_pepper_noise(x, u, level):
            y = np.copy(x)
            y[u < level] = 0
            y[(u >= level) & (u < 2 * level)] = 1
            return y
        """,
        "https://github.com/scikit-image/scikit-image/pull/2223",
        expects="scaled",
    ),
    described(
        "salt_and_pepper_noise",
        "salt overwrites pepper",
        "The second assignment overwrites the first: u < level contains u < level / 2, so all replaced entries are 1.",
        """
        def salt_and_pepper_noise(x, u, level):
            y = x.copy()
            y[u < level / 2] = 0
            y[u < level] = 1
            return y
        """,
        "https://github.com/sksamuel/scrimage/pull/483",
        expects="constant",
    ),
    described(
        "salt_and_pepper_noise",
        "salt for pepper",
        "0 and 1 are exchanged: below level / 2 an entry becomes 0, from there to level 1.",
        """
        def salt_and_pepper_noise(x, u, level):
            return np.where(u < level / 2, 1, np.where(u < level, 0, x))
        """,
        "https://github.com/yooongchun/EdgeDetection/issues/2",
        expects="complement",
    ),
    described(
        "salt_and_pepper_noise",
        "the extremes of the data",
        "The replaced entries become the smallest and the largest entry of x; they should become 0 and 1.",
        """
        def salt_and_pepper_noise(x, u, level):
            lo, hi = x.min(), x.max()
            y = x.copy()
            y[u < level] = hi
            y[u < level / 2] = lo
            return y
        """,
        "noise functions that use the image's own minimum and maximum",
        expects="part",
    ),
    described(
        "salt_and_pepper_noise",
        "pepper of minus one",
        "Pepper is -1: the lower value should be 0.",
        """
        def salt_and_pepper_noise(x, u, level):
            y = np.array(x)
            hit = u < level
            y[hit] = np.where(u[hit] < 0.5 * level, -1, 1)
            return y
        """,
        "https://github.com/odlgroup/odl/pull/1603",
        expects="constant",
    ),
    described(
        "salt_and_pepper_noise",
        "salt from the upper end",
        "Salt is taken from the largest u, above 1 - level / 2; it should be between level / 2 and level.",
        """
        def salt_and_pepper_noise(x, u, level):
            y = x.copy()
            for i in np.ndindex(x.shape):
                if u[i] < level / 2:
                    y[i] = 0
                elif u[i] > 1 - level / 2:
                    y[i] = 1
            return y
        """,
        "widespread snippets with thres = 1 - prob",
        expects="comparison",
    ),
    described(
        "salt_and_pepper_noise_backward",
        "pepper only",
        "The gradient passes where the entry was replaced by 1; it is zero for all u < level, not only for u < level / 2.",
        """
        def salt_and_pepper_noise_backward(dy, u, level):
            return dy * (u >= level / 2)
        """,
        "the forward pass's first condition, copied",
        expects="scaled",
    ),
    described(
        "salt_and_pepper_noise_backward",
        "ones where the salt is",
        "Where the entry was replaced by 1 the gradient is set to 1; the output is constant there, so it is 0.",
        """
        def salt_and_pepper_noise_backward(dy, u, level):
            return np.where(u < level / 2, 0, np.where(u < level, 1, dy))
        """,
        "the forward pass, copied with dy for x",
        expects="part",
    ),
    described(
        "gaussian_noise",
        "level taken for a variance",
        "`level` is taken for a variance: it is the standard deviation, so there is no root.",
        """
        def gaussian_noise(x, eps, level):
            return x + np.sqrt(level) * eps
        """,
        "var and std confused, as in skimage.util.random_noise(var=...)",
        expects="power",
    ),
    described(
        "gaussian_noise",
        "clipped to [0, 1]",
        "The noisy input is clipped to [0, 1]; nothing is clipped here.",
        """
        def gaussian_noise(x, eps, level):
            noisy = x + level * eps
            return np.clip(noisy, 0., 1.)
        """,
        "https://github.com/aapatel09/handson-unsupervised-learning/issues/6",
        expects="transformed",
    ),
    described(
        "gaussian_noise",
        "a mixture",
        "The input is scaled by 1 - level: noise is added to x, not mixed with it.",
        """
        def gaussian_noise(x, eps, level):
            return (1 - level) * x + level * eps
        """,
        "interpolation between data and noise",
        expects="term",
    ),
    described(
        "gaussian_noise_backward",
        "ones",
        "The upstream gradient is missing: the local derivative is 1, so the gradient is dy.",
        """
        def gaussian_noise_backward(dy):
            return np.ones_like(dy)
        """,
        "local derivative returned as the gradient",
        expects="upstream",
    ),
    described(
        "gaussian_noise_backward",
        "blocked",
        "The gradient is zero: noise is added to x, and the gradient with respect to x passes unchanged.",
        """
        def gaussian_noise_backward(dy):
            return 0 * dy
        """,
        "noise layers thought of as constants",
        expects="zero",
    ),
    described(
        "denoising_loss",
        "the corrupted target",
        "The target is the corrupted input; it should be the clean x.",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            x = np.where(u < level, 0.0, x)
            h = sigmoid(dense(x, W, b))
            return bernoulli_nll(dense(h, V, c), x).mean()
        """,
        "https://github.com/keon/3-min-pytorch/issues/18",
        expects="other array",
    ),
    described(
        "denoising_loss",
        "only dropped pixels count",
        "The loss is summed over the dropped pixels only; all pixels count.",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            m = u < level
            a = sigmoid((x * ~m) @ W + b) @ V + c
            bce = np.logaddexp(0, a) - x * a
            return (bce * m).sum(axis=1).mean()
        """,
        "losses of masked autoencoders and inpainting",
        expects="extra factor",
    ),
    described(
        "denoising_loss",
        "clean into the encoder",
        "The encoder sees the clean input: the noise is not used.",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            x_noisy = masking_noise(x, u, level)
            h = sigmoid(dense(x, W, b))
            return bernoulli_nll(dense(h, V, c), x).mean()
        """,
        "https://github.com/tensorflow/tensorflow/issues/53357",
        expects="argument",
    ),
    described(
        "denoising_loss",
        "dropout's scale, mean over pixels",
        "Two mistakes: the kept pixels are divided by 1 - level, and the loss is averaged over the pixels instead of summed.",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            x_tilde = x * (u >= level) / (1.0 - level)
            a = sigmoid(x_tilde @ W + b) @ V + c
            return np.mean(np.logaddexp(0, a) - x * a)
        """,
        "combination of two habits",
    ),
    described(
        "denoising_gradients",
        "clean x in the encoder's gradient",
        "dW is computed with the clean x; the encoder's input was the corrupted one.",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            xn = x * (u >= level)
            h = sigmoid(xn @ W + b)
            d = (sigmoid(h @ V + c) - x) / len(x)
            g = (d @ V.T) * h * (1 - h)
            return x.T @ g, g.sum(0), h.T @ d, d.sum(0)
        """,
        "code of the plain autoencoder, extended",
        expects="other array",
    ),
    described(
        "denoising_gradients",
        "noisy target",
        "The target is the corrupted input; it should be the clean x.",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            N = x.shape[0]
            noisy = masking_noise(x, u, level)
            h = sigmoid(dense(noisy, W, b))
            d = (sigmoid(dense(h, V, c)) - noisy) / N
            dh, dV, dc = dense_backward(d, h, V)
            _, dW, db = dense_backward(sigmoid_backward(dh, h), noisy, W)
            return dW, db, dV, dc
        """,
        "https://github.com/aapatel09/handson-unsupervised-learning/issues/6",
        expects="other array",
    ),
    described(
        "denoising_gradients",
        "the mask on the output error",
        "The mask is applied to the gradient of the logits; it belongs to the input only, and all pixels are reconstructed.",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            keep = u >= level
            x_noisy = x * keep
            h = sigmoid(dense(x_noisy, W, b))
            d = bernoulli_nll_backward(np.full(len(x), 1 / len(x)), dense(h, V, c), x) * keep
            dh, dV, dc = dense_backward(d, h, V)
            _, dW, db = dense_backward(sigmoid_backward(dh, h), x_noisy, W)
            return dW, db, dV, dc
        """,
        "backward of dropout applied at the wrong end",
        expects="extra factor",
    ),
    described(
        "denoising_gradients",
        "an inverted mask",
        "The mask is inverted: entries are dropped where u < level, not kept.",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            xn = np.where(u < level, x, 0)
            h = sigmoid(xn @ W + b)
            d = (sigmoid(h @ V + c) - x) / len(x)
            g = (d @ V.T) * h * (1 - h)
            return xn.T @ g, g.sum(0), h.T @ d, d.sum(0)
        """,
        "https://github.com/kok202/Dluid/pull/125",
        expects="comparison",
    ),
)
