"""Wrong solutions of importance weights."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "sampled_kl",
        "log-determinant's sign",
        "sign",
        """
        def sampled_kl(z, logvar, eps):
            return 0.5 * np.sum(z**2 - eps**2 + logvar, axis=-1)
        """,
    ),
    wrong(
        "sampled_kl",
        "log p(z) with the posterior's variance: z^2 divided by exp(logvar)",
        "extra factor",
        """
        def sampled_kl(z, logvar, eps):
            return 0.5 * (z**2 / np.exp(logvar) - eps**2 - logvar).sum(axis=-1)
        """,
    ),
    wrong(
        "sampled_kl",
        "half missing, mean over the latent units",
        "mean for sum",
        """
        def sampled_kl(z, logvar, eps):
            return (z**2 - eps**2 - logvar).mean(axis=-1)
        """,
    ),
    wrong(
        "importance_weights",
        "normalised over the batch",
        "axis",
        """
        def importance_weights(log_w):
            w = np.exp(log_w - log_w.max(axis=0))
            return w / w.sum(axis=1, keepdims=True)
        """,
    ),
    wrong(
        "importance_weights",
        "log-weights normalised without exp",
        "other array/missing function",
        """
        def importance_weights(log_w):
            return log_w / log_w.sum(axis=0)
        """,
    ),
    wrong(
        "importance_weights",
        "no shift: overflows",
        "unstable",
        """
        def importance_weights(log_w):
            w = np.exp(log_w)
            return w / w.sum(axis=0)
        """,
    ),
    wrong(
        "importance_weights_backward",
        "w (1 - w) dw",
        "missing sum",
        """
        def importance_weights_backward(dw, w):
            return dw * w * (1 - w)
        """,
    ),
    wrong(
        "importance_weights_backward",
        "mean over the samples in place of the sum",
        "mean for sum",
        """
        def importance_weights_backward(dw, w):
            return w * (dw - np.mean(dw * w, axis=0))
        """,
    ),
    wrong(
        "log_mean_exp",
        "sum in place of mean",
        "mean for sum",
        """
        def log_mean_exp(log_w):
            top = log_w.max(axis=0)
            return top + np.log(np.exp(log_w - top).sum(axis=0))
        """,
    ),
    wrong(
        "log_mean_exp",
        "mean of the log-weights",
        "missing function",
        """
        def log_mean_exp(log_w):
            return log_w.mean(axis=0)
        """,
    ),
    wrong(
        "log_mean_exp",
        "the maximum not added again, N in place of K",
        "",
        """
        def log_mean_exp(log_w):
            N = log_w.shape[1]
            top = log_w.max(axis=0)
            return np.log(np.exp(log_w - top).sum(axis=0)) - np.log(N)
        """,
    ),
    wrong(
        "log_mean_exp",
        "the maximum of the whole batch",
        "unstable",
        """
        def log_mean_exp(log_w):
            top = np.max(log_w)
            return top + np.log(np.mean(np.exp(log_w - top), axis=0))
        """,
    ),
    wrong(
        "log_mean_exp_backward",
        "equal shares",
        "argument",
        """
        def log_mean_exp_backward(dbound, log_w):
            K = log_w.shape[0]
            return np.ones_like(log_w) * dbound / K
        """,
    ),
    wrong(
        "log_mean_exp_backward",
        "1/K of the mean counted once more",
        "factor",
        """
        def log_mean_exp_backward(dbound, log_w):
            return dbound * importance_weights(log_w) / len(log_w)
        """,
    ),
    wrong(
        "log_mean_exp_backward",
        "through the largest alone",
        "other function",
        """
        def log_mean_exp_backward(dbound, log_w):
            best = log_w.argmax(axis=0)
            d = np.zeros_like(log_w)
            d[best, np.arange(log_w.shape[1])] = dbound
            return d
        """,
    ),
)
