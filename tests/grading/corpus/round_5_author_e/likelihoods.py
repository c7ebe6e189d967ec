"""Wrong solutions of the log-likelihood of pixels."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "bernoulli_log_product",
        "p of black pixels and 1 - p of white ones",
        "complement",
        """
        def bernoulli_log_product(p, x):
            return np.log(np.prod(np.where(x == 0, p, 1 - p), axis=1))
        """,
    ),
    wrong(
        "bernoulli_log_product",
        "product over the batch, minus sign",
        "shape",
        """
        def bernoulli_log_product(p, x):
            return -np.log(np.prod(p**x * (1 - p) ** (1 - x), axis=0))
        """,
    ),
    wrong(
        "bernoulli_log_powers",
        "sum of the powers in place of their product",
        "inverse",
        """
        def bernoulli_log_powers(p, x):
            return np.sum(np.log(p**x + (1 - p) ** (1 - x)), axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_powers",
        "log of the sum rather than the sum of logs",
        "axis",
        """
        def bernoulli_log_powers(p, x):
            return np.log((p**x * (1 - p) ** (1 - x)).sum(axis=1))
        """,
    ),
    wrong(
        "bernoulli_log_likelihood",
        "second term forgotten",
        "term",
        """
        def bernoulli_log_likelihood(p, x):
            return np.sum(x * np.log(p), axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood",
        "1e-2 added within the logarithms (against log 0)",
        "small number",
        """
        def bernoulli_log_likelihood(p, x):
            tiny = 1e-2
            return np.sum(x * np.log(p + tiny) + (1 - x) * np.log(1 - p + tiny), axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood",
        "negative, mean over the pixels",
        "mean for sum",
        """
        def bernoulli_log_likelihood(p, x):
            return -np.mean(x * np.log(p) + (1 - x) * np.log(1 - p), axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood_backward",
        "gradient with respect to the logits",
        "extra factor",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            return dlog_likelihood[:, None] * (x - p)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood_backward",
        "inner derivative of 1 - p forgotten: plus",
        "sign",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            return dlog_likelihood[:, None] * (x / p + (1 - x) / (1 - p))
        """,
    ),
)
