"""Wrong solutions of the losses of a reconstruction and of their gradients."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # bernoulli_nll
    edit("bernoulli_nll", "a mean over the features", "mean for sum/factor/one size", ".sum(axis=1)", ".mean(axis=1)"),
    edit("bernoulli_nll", "one number for the batch", "axis/shape", ".sum(axis=1)", ".sum()"),
    edit("bernoulli_nll", "plus", "sign", "- x * logits", "+ x * logits"),
    wrong(
        "bernoulli_nll",
        "white pixels only",
        "term",
        """
        def bernoulli_nll(logits, x):
            log_p = -np.logaddexp(0, -logits)
            return -(x * log_p).sum(axis=1)
        """,
    ),
    # bernoulli_nll_backward
    edit(
        "bernoulli_nll_backward",
        "target minus prediction",
        "factor/sign/swapped",
        "sigmoid(logits) - x",
        "x - sigmoid(logits)",
    ),
    edit("bernoulli_nll_backward", "no sigmoid", "missing function", "sigmoid(logits)", "logits"),
    wrong(
        "bernoulli_nll_backward",
        "with respect to the probability",
        "missing derivative/missing factor",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            p = sigmoid(logits)
            dp = (1 - x) / (1 - p) - x / p
            return dloss.reshape(-1, 1) * dp
        """,
    ),
    edit(
        "bernoulli_nll_backward",
        "divided by the number of pixels",
        "factor/mean for sum/one size",
        "(sigmoid(logits) - x)",
        "(sigmoid(logits) - x) / x.shape[1]",
    ),
    # squared_error
    edit("squared_error", "half", "factor", ".sum(axis=1)", ".sum(axis=1) / 2"),
    edit("squared_error", "the difference of the squares", "sign / power", "(x_hat - x) ** 2", "x_hat**2 - x**2"),
    wrong(
        "squared_error",
        "the mean over everything",
        "mean for sum/axis/shape",
        """
        def squared_error(x_hat, x):
            diff = x_hat - x
            return np.mean(diff * diff)
        """,
    ),
    # squared_error_backward
    edit("squared_error_backward", "no two", "factor/missing factor", " * 2 *", " *"),
    wrong(
        "squared_error_backward",
        "of the norm",
        "normalised/power",
        """
        def squared_error_backward(dloss, x_hat, x):
            r = x_hat - x
            length = np.sqrt((r**2).sum(axis=1, keepdims=True))
            return dloss[:, None] * r / length
        """,
    ),
    wrong(
        "squared_error_backward",
        "the first example's upstream gradient for all",
        "upstream/first only/one row",
        """
        def squared_error_backward(dloss, x_hat, x):
            g = 2 * (x_hat - x)
            for row in g:
                row *= dloss[0]
            return g
        """,
    ),
)
