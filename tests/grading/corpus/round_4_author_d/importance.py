"""Wrong solutions of importance weights and of the tighter bound."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # sampled_kl
    edit("sampled_kl", "the second axis", "axis/shape", "axis=-1", "axis=1"),
    edit("sampled_kl", "the noise forgotten", "term/argument", " - eps**2", ""),
    edit("sampled_kl", "not halved", "factor/missing factor", ".sum(axis=-1) / 2", ".sum(axis=-1)"),
    wrong(
        "sampled_kl",
        "the logarithm of the variance in the normaliser",
        "term/power",
        """
        def sampled_kl(z, logvar, eps):
            log_q = np.sum(-0.5 * eps**2 - logvar, axis=-1)
            log_p = np.sum(-0.5 * z**2, axis=-1)
            return log_q - log_p
        """,
    ),
    # importance_weights
    edit("importance_weights", "over the examples", "axis", "w.sum(axis=0)", "w.sum(axis=1, keepdims=True)"),
    edit("importance_weights", "not divided", "missing factor/one size", "w / w.sum(axis=0)", "w"),
    wrong(
        "importance_weights",
        "the mean subtracted for the maximum",
        "unstable",
        """
        def importance_weights(log_w):
            w = np.exp(log_w - log_w.mean(axis=0))
            return w / np.sum(w, axis=0)
        """,
    ),
    # importance_weights_backward
    edit(
        "importance_weights_backward",
        "the sum without the weights",
        "missing factor/one size",
        "(dw * w).sum",
        "dw.sum",
    ),
    edit("importance_weights_backward", "plus", "sign", "dw - (dw", "dw + (dw"),
    wrong(
        "importance_weights_backward",
        "the normaliser taken for a constant",
        "term",
        """
        def importance_weights_backward(dw, w):
            return w * dw
        """,
    ),
    # log_mean_exp
    edit("log_mean_exp", "the maximum not added back", "term", "top + np.log", "np.log"),
    wrong(
        "log_mean_exp",
        "the mean of the logarithms",
        "missing function/one size",
        """
        def log_mean_exp(log_w):
            K = log_w.shape[0]
            return log_w.sum(axis=0) / K
        """,
    ),
    wrong(
        "log_mean_exp",
        "as it is written",
        "unstable",
        """
        def log_mean_exp(log_w):
            return np.log(np.mean(np.exp(log_w), axis=0))
        """,
    ),
    # log_mean_exp_backward
    edit(
        "log_mean_exp_backward",
        "divided by the draws besides",
        "factor/mean for sum/one size",
        "importance_weights(log_w)",
        "importance_weights(log_w) / len(log_w)",
    ),
    wrong(
        "log_mean_exp_backward",
        "exponentials that are not normalised",
        "missing factor",
        """
        def log_mean_exp_backward(dbound, log_w):
            return dbound[None, :] * np.exp(log_w) / len(log_w)
        """,
    ),
    wrong(
        "log_mean_exp_backward",
        "the sigmoid's derivative of the weights",
        "extra factor",
        """
        def log_mean_exp_backward(dbound, log_w):
            w = importance_weights(log_w)
            return dbound * w * (1 - w)
        """,
    ),
)
