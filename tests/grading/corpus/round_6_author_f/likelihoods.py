"""Mistakes in the log-likelihood of black and white pixels, in three forms."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "bernoulli_log_product",
        "the probability of white for all",
        "Black pixels count with probability 1; they have probability 1 - p.",
        """
        def bernoulli_log_product(p, x):
            return np.log(np.prod(np.where(x == 1, p, 1), axis=1))
        """,
        "the term of black pixels forgotten",
        expects="term",
    ),
    described(
        "bernoulli_log_product",
        "a sum for the product",
        "The probabilities are added; the probability of independent pixels is their product.",
        """
        def bernoulli_log_product(p, x):
            likelihood = x * p + (1 - x) * (1 - p)
            return np.log(likelihood.sum(axis=1))
        """,
        "log of a sum and sum of logs confused",
        expects="other function",
    ),
    described(
        "bernoulli_log_product",
        "the product over the batch",
        "The product runs over the batch (axis 0); it should run over the pixels of each example.",
        """
        def bernoulli_log_product(p, x):
            q = np.where(x > 0.5, p, 1 - p)
            return np.log(np.multiply.reduce(q))
        """,
        "ufunc.reduce, whose default is axis 0",
        expects="shape",
    ),
    described(
        "bernoulli_log_powers",
        "powers added",
        "The two powers are added; they must be multiplied.",
        """
        def bernoulli_log_powers(p, x):
            return np.log(p**x + (1 - p) ** (1 - x)).sum(axis=1)
        """,
        "product and sum confused",
        expects="inverse",
    ),
    described(
        "bernoulli_log_powers",
        "the same exponent",
        "The exponent of 1 - p is 1 - x, not x.",
        """
        def bernoulli_log_powers(p, x):
            return np.sum(np.log(np.power(p, x) * np.power(1 - p, x)), axis=1)
        """,
        "slip of the pen, seen in homework",
        expects="complement",
    ),
    described(
        "bernoulli_log_powers",
        "grey rounded",
        "Grey pixels are rounded to black or white by the conversion to integers; x may lie between 0 and 1.",
        """
        def bernoulli_log_powers(p, x):
            k = np.rint(x).astype(int)
            return np.log(p**k * (1 - p) ** (1 - k)).sum(axis=-1)
        """,
        "https://github.com/pytorch/examples/issues/460",
        expects="transformed",
    ),
    described(
        "bernoulli_log_likelihood",
        "the loss",
        "The sign is wrong: this is the negative log-likelihood.",
        """
        def bernoulli_log_likelihood(p, x):
            bce = 0
            for d in range(p.shape[1]):
                bce = bce - x[:, d] * np.log(p[:, d]) - (1 - x[:, d]) * np.log(1 - p[:, d])
            return bce
        """,
        "https://github.com/wiseodd/generative-models/issues/43",
        expects="factor",
    ),
    described(
        "bernoulli_log_likelihood",
        "1e-8 in both logarithms",
        "1e-8 is added inside the logarithms, so the value is slightly wrong, although p lies strictly between 0 and 1.",
        """
        def bernoulli_log_likelihood(p, x):
            return np.sum(x * np.log(p + 1e-8) + (1 - x) * np.log(1 - p + 1e-8), axis=1)
        """,
        "https://github.com/keras-team/keras/issues/3169",
        expects="small number",
    ),
    described(
        "bernoulli_log_likelihood",
        "a mean over the pixels",
        "The log-likelihood is averaged over the pixels; it should be their sum.",
        """
        def bernoulli_log_likelihood(p, x):
            return np.mean(x * np.log(p) + (1 - x) * np.log(1 - p), axis=1)
        """,
        "https://github.com/keras-team/keras/issues/6015",
        expects="mean for sum",
    ),
    described(
        "bernoulli_log_likelihood_backward",
        "the sign of the second term",
        "The second term has the wrong sign: the inner derivative of log(1 - p) is -1.",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            return dlog_likelihood[:, None] * (x / p + (1 - x) / (1 - p))
        """,
        "inner derivative of log(1 - p) forgotten",
        expects="sign",
    ),
    described(
        "bernoulli_log_likelihood_backward",
        "with respect to the logits",
        "x - p is the gradient with respect to the logits; with respect to p it is divided by p (1 - p).",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            return (x - p) * dlog_likelihood.reshape(len(p), 1)
        """,
        "p - x, known by heart from logistic regression",
        expects="extra factor",
    ),
    described(
        "bernoulli_log_likelihood_backward",
        "of the loss, as a mean",
        "Two mistakes: this is the gradient of the negative log-likelihood, and it is divided by the number of pixels.",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            D = p.shape[1]
            return dlog_likelihood[:, None] * -(np.divide(x, p) - np.divide(1 - x, 1 - p)) / D
        """,
        "deeplearning.ai, dAL = -(Y / AL - (1 - Y) / (1 - AL))",
        expects="factor",
    ),
)
