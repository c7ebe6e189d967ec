"""Wrong solutions of the losses of a reconstruction."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "bernoulli_nll",
        "mean over features",
        "mean for sum",
        """
        def bernoulli_nll(logits, x):
            return np.mean(softplus(logits) - x * logits, axis=1)
        """,
    ),
    wrong(
        "bernoulli_nll",
        "from clipped probabilities",
        "unstable/small number",
        """
        def bernoulli_nll(logits, x):
            p = 1 / (1 + np.exp(-logits))
            p = np.clip(p, 1e-7, 1 - 1e-7)
            return -np.sum(x * np.log(p) + (1 - x) * np.log(1 - p), axis=1)
        """,
    ),
    wrong(
        "bernoulli_nll",
        "only the white pixels' term",
        "term",
        """
        def bernoulli_nll(logits, x):
            return np.sum(x * softplus(-logits), axis=1)
        """,
    ),
    wrong(
        "bernoulli_nll",
        "sign wrong and mean over features",
        "mean for sum",
        """
        def bernoulli_nll(logits, x):
            return np.mean(x * logits - softplus(logits), axis=1)
        """,
    ),
    wrong(
        "bernoulli_nll",
        "the two arguments taken for each other",
        "swapped",
        """
        def bernoulli_nll(logits, x):
            return (softplus(x) - x * logits).sum(axis=1)
        """,
    ),
    wrong(
        "bernoulli_nll_backward",
        "sigmoid's derivative a second time",
        "extra factor",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            p = sigmoid(logits)
            return dloss[:, None] * (p - x) * p * (1 - p)
        """,
    ),
    wrong(
        "bernoulli_nll_backward",
        "no upstream, divided by N",
        "upstream",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            return (sigmoid(logits) - x) / len(x)
        """,
    ),
    wrong(
        "bernoulli_nll_backward",
        "logits in place of probabilities",
        "missing function",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            return dloss.reshape(-1, 1) * (logits - x)
        """,
    ),
    wrong(
        "bernoulli_nll_backward",
        "mean of the upstream for all rows",
        "upstream",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            return np.mean(dloss) * (sigmoid(logits) - x)
        """,
    ),
    wrong(
        "squared_error",
        "root of the sum",
        "power",
        """
        def squared_error(x_hat, x):
            return np.linalg.norm(x_hat - x, axis=1)
        """,
    ),
    wrong(
        "squared_error",
        "one number for the batch",
        "shape",
        """
        def squared_error(x_hat, x):
            return np.sum((x_hat - x) ** 2)
        """,
    ),
    wrong(
        "squared_error",
        "half, and summed over the batch axis",
        "shape",
        """
        def squared_error(x_hat, x):
            return 0.5 * np.sum((x_hat - x) ** 2, axis=0)
        """,
    ),
    wrong(
        "squared_error_backward",
        "factor 2 missing",
        "factor",
        """
        def squared_error_backward(dloss, x_hat, x):
            return dloss[:, np.newaxis] * (x_hat - x)
        """,
    ),
    wrong(
        "squared_error_backward",
        "x - x_hat, and divided by D",
        "factor",
        """
        def squared_error_backward(dloss, x_hat, x):
            N, D = x.shape
            return 2 * dloss[:, None] * (x - x_hat) / D
        """,
    ),
    wrong(
        "squared_error_backward",
        "absolute difference",
        "power",
        """
        def squared_error_backward(dloss, x_hat, x):
            return 2 * dloss[:, None] * np.abs(x_hat - x)
        """,
    ),
)
