"""Mistakes in the losses of a reconstruction and their gradients."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "bernoulli_nll",
        "probabilities first",
        "unstable",
        """
        def bernoulli_nll(logits, x):
            p = sigmoid(logits)
            return -np.sum(x * np.log(p) + (1 - x) * np.log(1 - p), axis=1)
        """,
    ),
    wrong(
        "bernoulli_nll",
        "probabilities clipped",
        "unstable/small number",
        """
        def bernoulli_nll(logits, x):
            p = np.clip(sigmoid(logits), 1e-12, 1 - 1e-12)
            cross_entropy = x * np.log(p) + (1 - x) * np.log(1 - p)
            return -cross_entropy.sum(axis=1)
        """,
    ),
    wrong(
        "bernoulli_nll",
        "the known stable form without its absolute value",
        "missing function / sign / term",
        """
        def bernoulli_nll(logits, x):
            z = np.clip(logits, -600, None)
            return np.sum(np.maximum(logits, 0) - logits * x + np.log1p(np.exp(-z)), axis=1)
        """,
    ),
    wrong(
        "bernoulli_nll",
        "white pixels only",
        "term",
        """
        def bernoulli_nll(logits, x):
            log_p = -softplus(-logits)
            loss = np.zeros(len(x))
            for n in range(len(x)):
                for d in range(x.shape[1]):
                    loss[n] -= x[n, d] * log_p[n, d]
            return loss
        """,
    ),
    wrong(
        "bernoulli_nll",
        "mean over the pixels",
        "factor / mean for sum",
        """
        def bernoulli_nll(logits, x):
            per_pixel = softplus(logits) - x * logits
            return np.mean(per_pixel, axis=-1)
        """,
    ),
    wrong(
        "bernoulli_nll",
        "one number for the batch",
        "shape / axis",
        """
        def bernoulli_nll(logits, x):
            loss = 0.0
            for a, t in zip(logits.ravel(), x.ravel()):
                loss += max(a, 0) - a * t + np.log1p(np.exp(-abs(a)))
            return loss
        """,
    ),
    edit("bernoulli_nll", "in bits", "factor / other function", ".sum(axis=1)", ".sum(axis=1) / np.log(2)"),
    edit(
        "bernoulli_nll",
        "log-likelihood, not its negative",
        "factor / sign",
        "(softplus(logits) - x * logits)",
        "(x * logits - softplus(logits))",
    ),
    edit(
        "bernoulli_nll",
        "target and logits exchanged",
        "swapped",
        "softplus(logits) - x * logits",
        "softplus(x) - x * logits",
    ),
    wrong(
        "bernoulli_nll_backward",
        "back through the sigmoid a second time",
        "extra factor",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            p = sigmoid(logits)
            delta = (p - x) * p * (1 - p)
            return delta * dloss[:, None]
        """,
    ),
    wrong(
        "bernoulli_nll_backward",
        "stops at the probability",
        "missing derivative / missing factor",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            p = sigmoid(logits)
            dp = -x / p + (1 - x) / (1 - p)
            return dloss.reshape(-1, 1) * dp
        """,
    ),
    wrong(
        "bernoulli_nll_backward",
        "averages what comes from above",
        "one row / upstream",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            grad = sigmoid(logits) - x
            return grad * np.mean(dloss)
        """,
    ),
    wrong(
        "bernoulli_nll_backward",
        "averages over the batch on its own",
        "factor / mean for sum / one row",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            m = logits.shape[0]
            dlogits = np.zeros(logits.shape)
            for i in range(m):
                dlogits[i] = dloss[i] * (sigmoid(logits[i]) - x[i]) / m
            return dlogits
        """,
    ),
    wrong(
        "bernoulli_nll_backward",
        "own sigmoid that overflows",
        "unstable",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            e = np.exp(logits)
            return np.einsum("n,nd->nd", dloss, e / (1 + e) - x)
        """,
    ),
    edit(
        "bernoulli_nll_backward", "logits compared with pixels", "missing function", "sigmoid(logits) - x", "logits - x"
    ),
    edit(
        "bernoulli_nll_backward",
        "upstream dropped",
        "upstream / argument",
        "dloss[:, None] * (sigmoid(logits) - x)",
        "sigmoid(logits) - x",
    ),
    edit(
        "bernoulli_nll_backward", "target minus output", "factor / sign", "sigmoid(logits) - x", "x - sigmoid(logits)"
    ),
    wrong(
        "squared_error",
        "distance, not squared",
        "power",
        """
        def squared_error(x_hat, x):
            return np.linalg.norm(x_hat - x, axis=1)
        """,
    ),
    wrong(
        "squared_error",
        "squares before the difference",
        "power",
        """
        def squared_error(x_hat, x):
            return np.sum(x_hat**2 - x**2, axis=1)
        """,
    ),
    wrong(
        "squared_error",
        "sum before the square",
        "power",
        """
        def squared_error(x_hat, x):
            residual = (x_hat - x).sum(axis=1)
            return residual**2
        """,
    ),
    wrong(
        "squared_error",
        "first feature skipped",
        "term",
        """
        def squared_error(x_hat, x):
            errors = []
            for row_hat, row in zip(x_hat, x):
                s = 0.0
                for j in range(1, len(row)):
                    s += (row_hat[j] - row[j]) ** 2
                errors.append(s)
            return np.array(errors)
        """,
    ),
    edit("squared_error", "mean squared error", "factor / mean for sum", ".sum(axis=1)", ".mean(axis=1)"),
    edit("squared_error", "summed down the columns", "axis / shape", ".sum(axis=1)", ".sum(axis=0)"),
    edit("squared_error", "the half of the textbooks", "factor", "((x_hat - x) ** 2)", "(0.5 * (x_hat - x) ** 2)"),
    wrong(
        "squared_error",
        "absolute differences",
        "power / other function",
        """
        def squared_error(x_hat, x):
            return np.array([np.linalg.norm(p - q, ord=1) for p, q in zip(x_hat, x)])
        """,
    ),
    wrong(
        "squared_error_backward",
        "gradient of half the square",
        "factor",
        """
        def squared_error_backward(dloss, x_hat, x):
            diff = x_hat - x
            for i, d in enumerate(dloss):
                diff[i] = diff[i] * d
            return diff
        """,
    ),
    wrong(
        "squared_error_backward",
        "the loss passed back, not its derivative",
        "power / extra factor / missing derivative",
        """
        def squared_error_backward(dloss, x_hat, x):
            err = x_hat - x
            return 2 * dloss[:, np.newaxis] * err * err
        """,
    ),
    wrong(
        "squared_error_backward",
        "gradient of the mean squared error",
        "factor / mean for sum",
        """
        def squared_error_backward(dloss, x_hat, x):
            return np.multiply(2.0 / x.shape[1] * (x_hat - x).T, dloss).T
        """,
    ),
    edit("squared_error_backward", "with respect to x", "factor / sign / swapped", "(x_hat - x)", "(x - x_hat)"),
    edit("squared_error_backward", "target forgotten", "term / argument", "(x_hat - x)", "x_hat"),
    edit(
        "squared_error_backward",
        "sign of the difference",
        "power/other function/transformed",
        "2 * (x_hat - x)",
        "np.sign(x_hat - x)",
    ),
    edit(
        "squared_error_backward",
        "upstream of the first example",
        "first only / one row / upstream",
        "dloss[:, None]",
        "dloss[0]",
    ),
)
