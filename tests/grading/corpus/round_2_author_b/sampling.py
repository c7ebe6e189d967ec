"""Mistakes in importance weights."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "sampled_kl",
        "noise divided by the deviation once more",
        "extra factor",
        """
        def sampled_kl(z, logvar, eps):
            log_q = -0.5 * (logvar + eps**2 / np.exp(logvar)).sum(axis=-1)
            log_p = -0.5 * (z**2).sum(axis=-1)
            return log_q - log_p
        """,
    ),
    wrong(
        "sampled_kl",
        "mean over the draws",
        "shape / mean for sum",
        """
        def sampled_kl(z, logvar, eps):
            total = 0
            for zl, el in zip(z, eps):
                total = total + 0.5 * (zl**2 - el**2 - logvar).sum(axis=1)
            return total / len(z)
        """,
    ),
    edit("sampled_kl", "p over q", "factor", "/ 2", "/ -2"),
    edit("sampled_kl", "log-determinant forgotten", "term / argument", " - logvar", ""),
    edit("sampled_kl", "log-variance added", "sign", "- logvar", "+ logvar"),
    edit("sampled_kl", "squared difference", "power", "z**2 - eps**2", "(z - eps) ** 2"),
    edit("sampled_kl", "not squared", "power", "z**2 - eps**2", "z - eps"),
    wrong(
        "importance_weights",
        "normalised over the examples",
        "axis",
        """
        def importance_weights(log_w):
            w = np.exp(log_w - log_w.max(axis=1, keepdims=True))
            return w / w.sum(axis=1, keepdims=True)
        """,
    ),
    wrong(
        "importance_weights",
        "exponentials as they are",
        "unstable",
        """
        def importance_weights(log_w):
            w = np.exp(log_w)
            return w / np.sum(w, axis=0, keepdims=True)
        """,
    ),
    edit("importance_weights", "not normalised", "missing factor", "w / w.sum(axis=0)", "w"),
    edit("importance_weights", "mean weight of one", "factor / mean for sum", "w.sum(axis=0)", "w.mean(axis=0)"),
    edit("importance_weights", "logarithms normalised", "missing function / other array", "np.exp(shifted)", "log_w"),
    edit(
        "importance_weights", "best draw takes all", "other function", "np.exp(shifted)", "(shifted == 0).astype(float)"
    ),
    wrong(
        "importance_weights_backward",
        "each weight on its own",
        "term / other function / missing sum",
        """
        def importance_weights_backward(dw, w):
            out = np.zeros_like(w)
            for k in range(w.shape[0]):
                out[k] = dw[k] * w[k] * (1 - w[k])
            return out
        """,
    ),
    wrong(
        "importance_weights_backward",
        "sum over the examples",
        "axis",
        """
        def importance_weights_backward(dw, w):
            dlog_w = np.zeros(w.shape)
            for k in range(len(w)):
                dlog_w[k] = w[k] * (dw[k] - np.dot(dw[k], w[k]))
            return dlog_w
        """,
    ),
    edit(
        "importance_weights_backward",
        "mean over the draws",
        "mean for sum / term / scaled",
        "(dw * w).sum(",
        "(dw * w).mean(",
    ),
    edit("importance_weights_backward", "plus", "sign", "(dw - (dw", "(dw + (dw"),
    wrong(
        "log_mean_exp",
        "mean of the logarithms",
        "missing function / other function",
        """
        def log_mean_exp(log_w):
            bound = np.zeros(log_w.shape[1])
            for row in log_w:
                bound += row
            return bound / log_w.shape[0]
        """,
    ),
    wrong(
        "log_mean_exp",
        "number of draws added, not taken off",
        "sign",
        """
        def log_mean_exp(log_w):
            m = np.max(log_w, axis=0)
            return m + np.log(np.sum(np.exp(log_w - m), axis=0)) + np.log(len(log_w))
        """,
    ),
    wrong(
        "log_mean_exp",
        "number of draws outside the logarithm",
        "mean for sum",
        """
        def log_mean_exp(log_w):
            m = np.max(log_w, axis=0)
            return (m + np.log(np.sum(np.exp(log_w - m), axis=0))) / log_w.shape[0]
        """,
    ),
    edit("log_mean_exp", "sum in place of the mean", "term / mean for sum", ".mean(axis=0)", ".sum(axis=0)"),
    edit("log_mean_exp", "largest not added back", "term", "top + np.log", "np.log"),
    edit(
        "log_mean_exp",
        "no shift",
        "unstable",
        "top + np.log(np.exp(shifted).mean(axis=0))",
        "np.log(np.exp(log_w).mean(axis=0))",
    ),
    wrong(
        "log_mean_exp_backward",
        "every draw alike",
        "argument / other array / same rows",
        """
        def log_mean_exp_backward(dbound, log_w):
            K = log_w.shape[0]
            return np.repeat(dbound[None, :], K, axis=0) / K
        """,
    ),
    wrong(
        "log_mean_exp_backward",
        "shares of the weights, one over K too much",
        "factor / mean for sum",
        """
        def log_mean_exp_backward(dbound, log_w):
            w = np.exp(log_w - log_w.max(axis=0))
            w = w / w.sum(axis=0)
            return np.einsum("n,kn->kn", dbound, w) / w.shape[0]
        """,
    ),
    edit(
        "log_mean_exp_backward",
        "upstream dropped",
        "upstream / argument",
        "dbound * importance_weights(log_w)",
        "importance_weights(log_w)",
    ),
    edit(
        "log_mean_exp_backward",
        "through the normalisation too",
        "extra factor",
        "importance_weights(log_w)",
        "importance_weights(log_w) * (1 - importance_weights(log_w))",
    ),
)
