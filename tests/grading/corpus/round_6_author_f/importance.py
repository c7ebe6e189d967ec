"""Mistakes in importance weights."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "sampled_kl",
        "without the noise's density",
        "The density of the draw, the term -eps^2, is missing.",
        """
        def sampled_kl(z, logvar, eps):
            return 0.5 * np.sum(z**2 - logvar, axis=-1)
        """,
        "(z - mu) / std taken for a constant",
        expects="term",
    ),
    described(
        "sampled_kl",
        "prior minus posterior",
        "The sign is wrong: it is log q - log p, not log p - log q.",
        """
        def sampled_kl(z, logvar, eps):
            log_p = -0.5 * (z**2).sum(-1)
            log_q = -0.5 * (eps**2 + logvar).sum(-1)
            return log_p - log_q
        """,
        "log-weights and log-ratio confused",
        expects="factor",
    ),
    described(
        "sampled_kl",
        "the closed form",
        "This is the closed form of the divergence; here the log-ratio of each draw is asked for, which depends on the noise.",
        """
        def sampled_kl(z, logvar, eps):
            mu = z - np.exp(logvar / 2) * eps
            return 0.5 * (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=-1)
        """,
        "the closed form, known by heart",
        expects="other function",
    ),
    described(
        "sampled_kl",
        "the log of the standard deviation twice",
        "logvar is not halved: log std is logvar / 2, while logvar is subtracted in full here.",
        """
        def sampled_kl(z, logvar, eps):
            log_q = -0.5 * eps**2 - logvar - 0.5 * np.log(2 * np.pi)
            log_p = -0.5 * z**2 - 0.5 * np.log(2 * np.pi)
            return (log_q - log_p).sum(axis=-1)
        """,
        "logvar and log std confused",
        expects="term",
    ),
    described(
        "importance_weights",
        "exponentials without a shift",
        "exp overflows for large log-weights (and all underflow to 0 for small ones): subtract each example's maximum first.",
        """
        def importance_weights(log_w):
            w = np.exp(log_w)
            return w / np.sum(w, axis=0)
        """,
        "https://github.com/xqding/Importance_Weighted_Autoencoders/issues/2",
        expects="unstable",
    ),
    described(
        "importance_weights",
        "normalised over the examples",
        "The weights are normalised over the examples (axis 1); they should sum to 1 over the samples of each example.",
        """
        def importance_weights(log_w):
            w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
            return w / w.sum(axis=1, keepdims=True)
        """,
        "samples expected on the second axis: https://github.com/scverse/scvi-tools/issues/13",
        expects="axis",
    ),
    described(
        "importance_weights",
        "one shift for all",
        "The maximum of the whole array is subtracted: examples with much smaller log-weights underflow to 0 / 0.",
        """
        def importance_weights(log_w):
            w = np.exp(log_w - log_w.max())
            return w / w.sum(axis=0, keepdims=True)
        """,
        "np.max without its axis",
        expects="unstable",
    ),
    described(
        "importance_weights_backward",
        "weights as constants",
        "The weights are treated as independent: the part through their sum, - w sum(dw w), is missing.",
        """
        def importance_weights_backward(dw, w):
            return dw * w
        """,
        "https://github.com/AntixK/PyTorch-VAE/pull/53",
        expects="term",
    ),
    described(
        "importance_weights_backward",
        "the diagonal of the Jacobian",
        "Only the diagonal w (1 - w) of the Jacobian is used; each weight depends on all log-weights of its example.",
        """
        def importance_weights_backward(dw, w):
            return dw * w * (1 - w)
        """,
        "the derivative of the sigmoid applied to a softmax",
        expects="missing sum",
    ),
    described(
        "importance_weights_backward",
        "the sum over the examples, and a sign",
        "Two mistakes: the sum of dw w runs over the examples (axis 1) instead of the samples, and it is added instead of subtracted.",
        """
        def importance_weights_backward(dw, w):
            return w * (dw + (dw * w).sum(axis=1, keepdims=True))
        """,
        "combination of two habits",
    ),
    described(
        "log_mean_exp",
        "the mean of the logarithms",
        "This is the mean of the log-weights; it should be the logarithm of the mean weight.",
        """
        def log_mean_exp(log_w):
            return log_w.mean(axis=0)
        """,
        "https://github.com/arahuja/generative-tf/issues/1",
        expects="missing function",
    ),
    described(
        "log_mean_exp",
        "without log K",
        "log K is not subtracted: this is the logarithm of the sum, not of the mean.",
        """
        def log_mean_exp(log_w):
            m = log_w.max(axis=0)
            return m + np.log(np.sum(np.exp(log_w - m), axis=0))
        """,
        "https://github.com/YosefLab/scVI-dev/issues/8",
        expects="mean for sum",
    ),
    described(
        "log_mean_exp",
        "the maximum not added back",
        "The maximum is subtracted but not added again after the logarithm.",
        """
        def log_mean_exp(log_w):
            shifted = log_w - log_w.max(axis=0, keepdims=True)
            return np.log(np.mean(np.exp(shifted), axis=0))
        """,
        "shift forgotten after the logarithm",
        expects="term",
    ),
    described(
        "log_mean_exp",
        "divided after the logarithm",
        "The logarithm of the sum is divided by K; the division belongs inside the logarithm.",
        """
        def log_mean_exp(log_w):
            K = log_w.shape[0]
            top = log_w.max(axis=0)
            lse = top + np.log(np.exp(log_w - top).sum(axis=0))
            return lse / K
        """,
        "log and mean exchanged",
        expects="mean for sum",
    ),
    described(
        "log_mean_exp_backward",
        "the mean of the weights again",
        "1/K is too much: the normalised weights already sum to 1, and the mean cancels.",
        """
        def log_mean_exp_backward(dbound, log_w):
            K, N = log_w.shape
            w = np.exp(log_w - log_w.max(axis=0))
            w /= w.sum(axis=0)
            return dbound * w / K
        """,
        "derivative of the mean kept outside the logarithm",
        expects="factor",
    ),
    described(
        "log_mean_exp_backward",
        "equal weights",
        "Every sample gets 1/K, as for a mean of log-weights; it should get its normalised weight.",
        """
        def log_mean_exp_backward(dbound, log_w):
            return np.broadcast_to(dbound / len(log_w), log_w.shape).copy()
        """,
        "https://github.com/arahuja/generative-tf/issues/1",
        expects="argument",
    ),
    described(
        "log_mean_exp_backward",
        "weights in log-space",
        "The log-weights are used as weights: they are not exponentiated before they are normalised.",
        """
        def log_mean_exp_backward(dbound, log_w):
            w = log_w / log_w.sum(axis=0)
            return w * dbound
        """,
        "https://github.com/sbi-dev/sbi/issues/71",
        expects="missing function",
    ),
)
