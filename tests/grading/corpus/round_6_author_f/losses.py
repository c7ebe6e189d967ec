"""Mistakes in the losses of a reconstruction."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "bernoulli_nll",
        "log(p + 1e-8)",
        "The logarithm of a probability plus 1e-8 is wrong for confident logits: it ends at -18.4; compute the loss from the logits.",
        """
        def bernoulli_nll(logits, x):
            eps = 1e-8
            t = np.exp(-np.abs(logits))
            p = np.where(logits >= 0, 1.0, t) / (1 + t)
            return -np.sum(x * np.log(p + eps) + (1 - x) * np.log(1 - p + eps), axis=1)
        """,
        "https://github.com/hwalsuklee/tensorflow-mnist-VAE/issues/4",
        expects="small number",
    ),
    described(
        "bernoulli_nll",
        "clipped probabilities",
        "Clipping the probability bounds the loss: for logits of thousands it should be thousands, and it is 16 per pixel.",
        """
        def bernoulli_nll(logits, x):
            p = np.clip((1 + np.tanh(logits / 2)) / 2, 1e-7, 1 - 1e-7)
            return -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)
        """,
        "K.binary_crossentropy, which clips",
        expects="small number",
    ),
    described(
        "bernoulli_nll",
        "white pixels only",
        "The term of the black pixels, (1 - x) log(1 - p), is missing.",
        """
        def bernoulli_nll(logits, x):
            log_p = -np.logaddexp(0, -logits)
            return -(x * log_p).sum(axis=1)
        """,
        "categorical cross-entropy used for pixels: https://github.com/maxhodak/keras-molecules/issues/60",
        expects="term",
    ),
    described(
        "bernoulli_nll",
        "mean over the pixels",
        "The loss is the mean over the features; it should be their sum.",
        """
        def bernoulli_nll(logits, x):
            bce = np.maximum(logits, 0) - logits * x + np.log1p(np.exp(-np.abs(logits)))
            return bce.mean(axis=-1)
        """,
        "https://github.com/pytorch/examples/issues/817",
        expects="mean for sum",
    ),
    described(
        "bernoulli_nll",
        "no absolute value in the exponent",
        "The absolute value is missing in exp(-|a|): for negative logits the term is wrong, and it overflows.",
        """
        def bernoulli_nll(logits, x):
            loss = np.maximum(logits, 0) - logits * x + np.log(1 + np.exp(-logits))
            return loss.sum(axis=1)
        """,
        "the stable formula of TensorFlow's documentation, half remembered",
        expects="missing function",
    ),
    described(
        "bernoulli_nll",
        "one number for the batch",
        "The sum runs over the batch too: the loss must be one number for each example.",
        """
        def bernoulli_nll(logits, x):
            total = 0.0
            for a, t in zip(logits.ravel(), x.ravel()):
                total += max(a, 0) - a * t + np.log1p(np.exp(-abs(a)))
            return total
        """,
        "reduction='sum' in frameworks",
        expects="shape",
    ),
    described(
        "bernoulli_nll_backward",
        "the slope of the sigmoid again",
        "The factor p (1 - p) is too much: in the gradient with respect to the logits it cancels against that of the logarithm.",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            p = sigmoid(logits)
            return dloss[:, None] * (p - x) * p * (1 - p)
        """,
        "https://github.com/rasbt/python-machine-learning-book-2nd-edition/issues/54",
        expects="extra factor",
    ),
    described(
        "bernoulli_nll_backward",
        "with respect to p",
        "This is the gradient with respect to the probability; the chain rule through the sigmoid, a factor p (1 - p), is missing.",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            p = (1 + np.tanh(0.5 * logits)) / 2
            p = np.clip(p, 1e-12, 1 - 1e-12)
            dp = -(x / p - (1 - x) / (1 - p))
            return dp * dloss.reshape(-1, 1)
        """,
        "backward passes written with the derivative of the loss only",
        expects="missing derivative",
    ),
    described(
        "bernoulli_nll_backward",
        "target minus output",
        "The sign is wrong: the gradient is p - x, target minus output is the direction of descent.",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            error = x - sigmoid(logits)
            return error * dloss[:, np.newaxis]
        """,
        "the delta rule of textbooks",
        expects="factor",
    ),
    described(
        "bernoulli_nll_backward",
        "one weight for all",
        "Every example gets the sum of dloss instead of its own entry.",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            return np.sum(dloss) * (sigmoid(logits) - x)
        """,
        "loss.sum().backward() in mind",
        expects="upstream",
    ),
    described(
        "bernoulli_nll_backward",
        "mean over the pixels, and the sign",
        "Two mistakes: the sign is wrong (x - p), and the gradient is divided by the number of features, although the loss is a sum.",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            d = x - sigmoid(logits)
            d /= x.shape[1]
            return d * dloss[:, None]
        """,
        "combination of two habits",
        expects="factor",
    ),
    described(
        "squared_error",
        "the root",
        "This is the norm of the error: the square root is too much.",
        """
        def squared_error(x_hat, x):
            return np.linalg.norm(x_hat - x, axis=1)
        """,
        "https://github.com/dhruvramani/C2AE-Multilabel-Classification/issues/5",
        expects="power",
    ),
    described(
        "squared_error",
        "a half in front",
        "The factor 1/2 is too much: the loss is the sum of the squares itself.",
        """
        def squared_error(x_hat, x):
            diff = x_hat - x
            return 0.5 * np.einsum('ij,ij->i', diff, diff)
        """,
        "UFLDL, whose loss has a factor 1/2",
        expects="factor",
    ),
    described(
        "squared_error",
        "mean over the features",
        "The loss is the mean over the features; it should be their sum.",
        """
        def squared_error(x_hat, x):
            return np.square(x_hat - x).mean(axis=1)
        """,
        "https://github.com/AppliedDataSciencePartners/WorldModels/issues/2",
        expects="mean for sum",
    ),
    described(
        "squared_error",
        "summed down the columns",
        "The sum runs over the batch (axis 0): it gives one number per feature instead of one per example.",
        """
        def squared_error(x_hat, x):
            return ((x_hat - x) ** 2).sum(0)
        """,
        "wrong axis, seen in homework",
        expects="shape",
    ),
    described(
        "squared_error_backward",
        "without the 2",
        "The factor 2 of the square's derivative is missing.",
        """
        def squared_error_backward(dloss, x_hat, x):
            return dloss[:, None] * (x_hat - x)
        """,
        "https://github.com/Open-Deep-ML/DML-OpenProblem/issues/54",
        expects="factor",
    ),
    described(
        "squared_error_backward",
        "2/n as in the mean squared error",
        "The gradient is divided by the number of features, as for a mean; the loss is a sum over the features.",
        """
        def squared_error_backward(dloss, x_hat, x):
            n = x.shape[1]
            return 2.0 / n * (x_hat - x) * dloss[:, None]
        """,
        "https://github.com/Open-Deep-ML/DML-OpenProblem/issues/54",
        expects="factor",
    ),
    described(
        "squared_error_backward",
        "target minus prediction",
        "The sign is wrong: the gradient is 2 (x_hat - x).",
        """
        def squared_error_backward(dloss, x_hat, x):
            out = np.zeros_like(x)
            for n in range(len(x)):
                out[n] = dloss[n] * 2 * (x[n] - x_hat[n])
            return out
        """,
        "https://github.com/iamtrask/Grokking-Deep-Learning/issues/9",
        expects="factor",
    ),
)
