"""Mistakes in autoencoders, tied weights, corruption and denoising."""

from grading.corpus.entry import described, described_edit

MISTAKES = (
    described_edit(
        "autoencoder_loss",
        "no sigmoid in the code",
        "The sigmoid of the hidden layer is missing.",
        "sigmoid(dense(x, W, b))",
        "dense(x, W, b)",
        expects="missing function",
    ),
    described_edit(
        "autoencoder_loss",
        "sum",
        "The losses are summed over the batch instead of averaged.",
        "losses.mean()",
        "losses.sum()",
        expects="mean for sum",
    ),
    described_edit(
        "autoencoder_loss",
        "sigmoid before the loss",
        "The sigmoid is applied to the logits before a loss that takes logits.",
        "bernoulli_nll(logits, x)",
        "bernoulli_nll(sigmoid(logits), x)",
        expects="transformed",
    ),
    described_edit(
        "autoencoder_loss",
        "tanh",
        "The hidden layer has tanh instead of the sigmoid.",
        "sigmoid(",
        "np.tanh(",
        expects="other function",
    ),
    described_edit(
        "autoencoder_loss",
        "mean over pixels as well",
        "The loss is averaged over the pixels too, instead of summed.",
        "losses.mean()",
        "losses.mean() / x.shape[1]",
        expects="mean for sum",
    ),
    described(
        "autoencoder_loss",
        "linear and summed",
        "The sigmoid of the hidden layer is missing, and the losses are summed over the batch.",
        """
        def autoencoder_loss(x, W, b, V, c):
            a = (x @ W + b) @ V + c
            return np.sum(np.logaddexp(0, a) - x * a)
    """,
    ),
    described(
        "autoencoder_loss",
        "no bias of the decoder",
        "The bias c of the decoder is missing.",
        """
        def autoencoder_loss(x, W, b, V, c):
            total = 0.0
            for row in x:
                h = sigmoid(row @ W + b)
                a = h @ V
                total += np.sum(np.logaddexp(0, a) - row * a)
            return total / len(x)
    """,
        expects="term",
    ),
    described_edit(
        "autoencoder_gradients",
        "without 1/N",
        "The factor 1/N of the mean is missing.",
        "1 / len(x)",
        "1.0",
        expects="mean for sum",
    ),
    described_edit(
        "autoencoder_gradients",
        "dc averaged again",
        "dc is divided by N twice.",
        "return dW, db, dV, dc",
        "return dW, db, dV, dc / len(x)",
        expects="mean for sum",
    ),
    described_edit(
        "autoencoder_gradients",
        "slope at the pre-activation",
        "sigmoid_backward gets the pre-activation a instead of h.",
        "sigmoid_backward(dh, h)",
        "sigmoid_backward(dh, a)",
        expects="input for output",
    ),
    described_edit(
        "autoencoder_gradients",
        "no slope",
        "The derivative of the sigmoid is missing in the encoder.",
        "sigmoid_backward(dh, h)",
        "dh",
        expects="missing derivative",
    ),
    described_edit(
        "autoencoder_gradients",
        "dV from a",
        "dV is computed from the pre-activation a instead of h.",
        "dense_backward(dlogits, h, V)",
        "dense_backward(dlogits, a, V)",
        expects="missing function",
    ),
    described_edit(
        "autoencoder_gradients",
        "order",
        "The gradients of the decoder are returned before those of the encoder.",
        "return dW, db, dV, dc",
        "return dV, dc, dW, db",
        expects="shape",
    ),
    described_edit(
        "autoencoder_gradients",
        "divided by N D",
        "It is divided by the number of all pixels instead of the number of examples.",
        "1 / len(x)",
        "1 / x.size",
        expects="factor",
    ),
    described(
        "autoencoder_gradients",
        "sign",
        "All gradients have the wrong sign.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            n = len(x)
            h = 1 / (1 + np.exp(-(x @ W + b)))
            p = 1 / (1 + np.exp(-(h @ V + c)))
            d = (x - p) / n
            e = (d @ V.T) * h * (1 - h)
            return x.T @ e, e.sum(0), h.T @ d, d.sum(0)
    """,
        expects="factor",
    ),
    described(
        "autoencoder_gradients",
        "gradient of the squared error",
        "It is the gradient of the squared error of the probabilities instead of that of the cross-entropy.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(x @ W + b)
            p = sigmoid(h @ V + c)
            d = 2 * (p - x) * p * (1 - p) / len(x)
            e = (d @ V.T) * h * (1 - h)
            return x.T @ e, e.sum(0), h.T @ d, d.sum(0)
    """,
        expects="other function",
    ),
    described(
        "autoencoder_gradients",
        "encoder lacks 1/N",
        "The gradients of the encoder lack the factor 1/N; those of the decoder have it.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(x @ W + b)
            d = sigmoid(h @ V + c) - x
            e = np.einsum("nd,hd->nh", d, V) * h * (1 - h)
            dV, dc = np.einsum("nh,nd->hd", h, d) / len(x), d.mean(axis=0)
            return np.einsum("nd,nh->dh", x, e), e.sum(axis=0), dV, dc
    """,
        expects="mean for sum",
    ),
    described(
        "autoencoder_gradients",
        "db before the slope",
        "db is computed before the derivative of the sigmoid is multiplied.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(x @ W + b)
            d = (sigmoid(h @ V + c) - x) / x.shape[0]
            dh = d @ V.T
            db = dh.sum(axis=0)
            dW = x.T @ (dh * h * (1 - h))
            return dW, db, h.T @ d, d.sum(axis=0)
    """,
        expects="missing derivative",
    ),
    described(
        "autoencoder_gradients",
        "sum and no slope",
        "The factor 1/N is missing, and the derivative of the sigmoid in the encoder.",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = sigmoid(x @ W + b)
            d = sigmoid(h @ V + c) - x
            e = d @ V.T
            return x.T @ e, e.sum(axis=0), h.T @ d, d.sum(axis=0)
    """,
        expects="missing derivative / mean for sum",
    ),
    described_edit("tied_loss", "sigmoid", "The hidden layer has the sigmoid instead of tanh.", "tanh(", "sigmoid("),
    described_edit(
        "tied_loss",
        "linear",
        "The tanh of the hidden layer is missing.",
        "tanh(dense(x, W, b))",
        "dense(x, W, b)",
        expects="missing function",
    ),
    described_edit(
        "tied_loss",
        "half",
        "There is a factor 1/2 that the loss does not have.",
        ".mean()",
        ".mean() / 2",
        expects="factor",
    ),
    described_edit(
        "tied_loss",
        "tanh of the output",
        "tanh is applied to the output, which should be linear.",
        "dense(h, W.T, c)",
        "tanh(dense(h, W.T, c))",
        expects="transformed",
    ),
    described(
        "tied_loss",
        "mean over everything",
        "The mean is over examples and pixels, instead of a sum over the pixels.",
        """
        def tied_loss(x, W, b, c):
            h = np.tanh(np.einsum("nd,dh->nh", x, W) + b)
            return np.mean((np.einsum("nh,dh->nd", h, W) + c - x) ** 2)
    """,
        expects="mean for sum",
    ),
    described_edit(
        "tied_gradients",
        "encoder only",
        "The share of the decoder in dW is missing.",
        " + dW_decoder.T",
        "",
        expects="term",
    ),
    described_edit(
        "tied_gradients",
        "decoder only",
        "The share of the encoder in dW is missing.",
        "dW_encoder + dW_decoder.T",
        "dW_decoder.T",
        expects="term",
    ),
    described_edit(
        "tied_gradients",
        "averaged",
        "The two shares of dW are averaged instead of added.",
        "dW_encoder + dW_decoder.T",
        "(dW_encoder + dW_decoder.T) / 2",
        expects="factor",
    ),
    described_edit(
        "tied_gradients",
        "difference",
        "The share of the decoder is subtracted instead of added.",
        "dW_encoder + dW_decoder.T",
        "dW_encoder - dW_decoder.T",
        expects="sign",
    ),
    described_edit(
        "tied_gradients",
        "slope of the sigmoid",
        "The derivative of the sigmoid is taken, although the hidden layer is tanh.",
        "tanh_backward(dh, h)",
        "dh * h * (1 - h)",
        expects="other function",
    ),
    described_edit(
        "tied_gradients",
        "no slope",
        "The derivative of tanh is missing.",
        "tanh_backward(dh, h)",
        "dh",
        expects="missing derivative",
    ),
    described(
        "tied_gradients",
        "without 2",
        "The factor 2 of the squared error's derivative is missing.",
        """
        def tied_gradients(x, W, b, c):
            h = np.tanh(x @ W + b)
            d = (h @ W.T + c - x) / len(x)
            e = (d @ W) * (1 - h**2)
            return x.T @ e + d.T @ h, e.sum(axis=0), d.sum(axis=0)
    """,
        expects="factor",
    ),
    described(
        "tied_gradients",
        "dc without 1/N",
        "dc lacks the factor 1/N.",
        """
        def tied_gradients(x, W, b, c):
            n = len(x)
            h = np.tanh(x @ W + b)
            r = 2 * (h @ W.T + c - x)
            e = (r @ W) * (1 - h**2)
            dW = np.zeros_like(W)
            for i in range(n):
                dW += (np.outer(x[i], e[i]) + np.outer(r[i], h[i])) / n
            return dW, e.mean(axis=0), r.sum(axis=0)
    """,
        expects="mean for sum",
    ),
    described_edit(
        "masking_noise",
        "inverted",
        "Pixels are kept where they should be masked, and masked where they should be kept.",
        "np.where(u < level, 0, x)",
        "np.where(u < level, x, 0)",
        expects="comparison",
    ),
    described_edit(
        "masking_noise",
        "rescaled",
        "What is kept is divided by 1 - level, as in dropout.",
        "0, x)",
        "0, x / (1 - level))",
        expects="factor",
    ),
    described_edit(
        "masking_noise",
        "ones",
        "Masked pixels become 1 instead of 0.",
        "0, x)",
        "1, x)",
        expects="constant",
    ),
    described(
        "masking_noise",
        "rows",
        "Whole examples are masked, by the first number of each row, instead of single pixels.",
        """
        def masking_noise(x, u, level):
            return np.array([np.zeros(len(a)) if v[0] < level else a for a, v in zip(x, u)])
    """,
        expects="first only",
    ),
    described_edit(
        "masking_noise_backward",
        "not masked",
        "The gradient is not masked.",
        "np.where(u < level, 0, dy)",
        "dy.copy()",
        expects="argument",
    ),
    described(
        "masking_noise_backward",
        "inverted",
        "The mask is inverted: the gradient passes where pixels were masked.",
        """
        def masking_noise_backward(dy, u, level):
            mask = (u < level).astype(float)
            return dy * mask
    """,
        expects="comparison",
    ),
    described_edit(
        "masking_noise_backward",
        "rescaled",
        "The gradient is divided by 1 - level, as in dropout.",
        "0, dy)",
        "0, dy / (1 - level))",
        expects="factor",
    ),
    described_edit(
        "salt_and_pepper_noise",
        "swapped",
        "Salt and pepper are swapped: 1 below level / 2, and 0 above.",
        "0, np.where(u < level, 1, x)",
        "1, np.where(u < level, 0, x)",
        expects="complement",
    ),
    described(
        "salt_and_pepper_noise",
        "twice the level",
        "Each kind of noise has the probability level instead of level / 2.",
        """
        def salt_and_pepper_noise(x, u, level):
            y = x.copy()
            y[u < 2 * level] = 1
            y[u < level] = 0
            return y
    """,
        expects="scaled",
    ),
    described(
        "salt_and_pepper_noise",
        "no pepper",
        "Salt overwrites pepper: all pixels with u < level become 1, none becomes 0.",
        """
        def salt_and_pepper_noise(x, u, level):
            y = x.copy()
            y[u < level / 2] = 0
            y[u < level] = 1
            return y
    """,
        expects="constant",
    ),
    described_edit(
        "salt_and_pepper_noise_backward",
        "pepper only",
        "The gradient is blocked below level / 2 only, so it passes through pixels set to 1.",
        "u < level",
        "u < level / 2",
        expects="scaled",
    ),
    described(
        "salt_and_pepper_noise_backward",
        "ones",
        "The gradient of pixels set to 1 is 1 instead of 0: the noise is applied to dy.",
        """
        def salt_and_pepper_noise_backward(dy, u, level):
            return salt_and_pepper_noise(dy, u, level)
    """,
        expects="part",
    ),
    described_edit(
        "gaussian_noise",
        "level as a variance",
        "The standard deviation is the root of level instead of level.",
        "level * eps",
        "np.sqrt(level) * eps",
        expects="power",
    ),
    described_edit(
        "gaussian_noise",
        "multiplicative",
        "The noise is multiplied by x instead of added to it.",
        "level * eps",
        "x * level * eps",
        expects="extra factor",
    ),
    described_edit(
        "gaussian_noise",
        "level not used",
        "The noise is not scaled by level.",
        "level * eps",
        "eps",
        expects="missing factor",
    ),
    described_edit(
        "gaussian_noise_backward",
        "no gradient",
        "The gradient is 0, although the noisy x depends on x.",
        "dy",
        "np.zeros_like(dy)",
        expects="zero",
    ),
    described_edit(
        "gaussian_noise_backward",
        "sign",
        "The sign is wrong.",
        "return dy",
        "return -dy",
        expects="factor",
    ),
    described_edit(
        "denoising_loss",
        "noisy target",
        "The target is the noisy x instead of the clean one.",
        "bernoulli_nll(logits, x)",
        "bernoulli_nll(logits, x_noisy)",
        expects="other array",
    ),
    described_edit(
        "denoising_loss",
        "no noise",
        "The code is that of the clean x: no noise.",
        "dense(x_noisy, W, b)",
        "dense(x, W, b)",
        expects="argument",
    ),
    described_edit(
        "denoising_loss",
        "sum",
        "The losses are summed over the batch instead of averaged.",
        ".mean()",
        ".sum()",
        expects="mean for sum",
    ),
    described(
        "denoising_loss",
        "inverted mask",
        "The mask is inverted: the pixels that should be kept are masked.",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            h = sigmoid((x * (u < level)) @ W + b)
            a = h @ V + c
            return np.mean(np.sum(np.logaddexp(0, a) - x * a, axis=1))
    """,
        expects="comparison",
    ),
    described(
        "denoising_loss",
        "noisy target and sum",
        "The target is the noisy x, and the losses are summed over the batch.",
        """
        def denoising_loss(x, u, level, W, b, V, c):
            loss = 0.0
            x = x * (u >= level)
            for t in x:
                a = sigmoid(t @ W + b) @ V + c
                loss = loss + np.sum(np.logaddexp(0, a) - t * a)
            return loss
    """,
    ),
    described_edit(
        "denoising_gradients",
        "dW from the clean x",
        "dW is computed from the clean x instead of the noisy one.",
        "dense_backward(da, x_noisy, W)",
        "dense_backward(da, x, W)",
        expects="other array",
    ),
    described_edit(
        "denoising_gradients",
        "noisy target",
        "The target is the noisy x instead of the clean one.",
        "bernoulli_nll_backward(dlosses, logits, x)",
        "bernoulli_nll_backward(dlosses, logits, x_noisy)",
        expects="other array",
    ),
    described_edit(
        "denoising_gradients",
        "h from the clean x",
        "The code h is computed from the clean x, dW from the noisy one.",
        "dense(x_noisy, W, b)",
        "dense(x, W, b)",
        expects="argument",
    ),
    described_edit(
        "denoising_gradients",
        "no noise at all",
        "There is no noise: all gradients are those of the clean x.",
        "x_noisy = masking_noise(x, u, level)",
        "x_noisy = x",
        expects="argument",
    ),
    described_edit(
        "denoising_gradients",
        "without 1/N",
        "The factor 1/N is missing.",
        "1 / len(x)",
        "1.0",
        expects="mean for sum",
    ),
    described(
        "denoising_gradients",
        "noisy target without 1/N",
        "The target is the noisy x, and the factor 1/N is missing.",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            t = np.where(u < level, 0, x)
            h = sigmoid(t @ W + b)
            d = sigmoid(h @ V + c) - t
            e = d @ V.T * h * (1 - h)
            return t.T @ e, e.sum(axis=0), h.T @ d, d.sum(axis=0)
    """,
    ),
    described(
        "denoising_gradients",
        "rescaled input",
        "The kept pixels are divided by 1 - level, as in dropout.",
        """
        def denoising_gradients(x, u, level, W, b, V, c):
            t = np.where(u < level, 0, x) / (1 - level)
            h = sigmoid(t @ W + b)
            d = (sigmoid(h @ V + c) - x) / len(x)
            e = d @ V.T * h * (1 - h)
            return t.T @ e, e.sum(axis=0), h.T @ d, d.sum(axis=0)
    """,
    ),
)
