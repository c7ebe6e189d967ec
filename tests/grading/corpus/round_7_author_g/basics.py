"""Mistakes in the layer, the activation functions and the losses."""

from grading.corpus.entry import described, described_edit

MISTAKES = (
    described_edit(
        "dense",
        "bias subtracted",
        "The bias is subtracted instead of added.",
        "+ b",
        "- b",
        expects="sign",
    ),
    described(
        "dense",
        "no bias",
        "The bias is missing.",
        """
        def dense(x, W, b):
            return np.einsum("ni,ij->nj", x, W)
    """,
        expects="term",
    ),
    described(
        "dense",
        "bias within the inner loop",
        "The bias is added once per input instead of once, so it is too large by the number of inputs.",
        """
        def dense(x, W, b):
            y = np.zeros((x.shape[0], W.shape[1]))
            for n in range(x.shape[0]):
                for j in range(W.shape[1]):
                    for i in range(W.shape[0]):
                        y[n, j] += x[n, i] * W[i, j] + b[j]
            return y
    """,
        expects="term",
    ),
    described(
        "dense",
        "sigmoid included",
        "A sigmoid is applied to the output, which belongs to another function.",
        """
        def dense(x, W, b):
            return 1 / (1 + np.exp(-(x @ W + b)))
    """,
        expects="transformed",
    ),
    described(
        "dense",
        "last input forgotten",
        "The loop over inputs ends one too early: the last input does not count.",
        """
        def dense(x, W, b):
            y = np.tile(b, (len(x), 1)).astype(float)
            for i in range(x.shape[1] - 1):
                y += np.outer(x[:, i], W[i])
            return y
    """,
        expects="term",
    ),
    described_edit(
        "dense_backward",
        "dx transposed",
        "dx is returned transposed.",
        "dy @ W.T ",
        "W @ dy.T ",
        expects="transposed / shape",
    ),
    described_edit(
        "dense_backward",
        "dW transposed",
        "dW is returned transposed.",
        "x.T @ dy",
        "dy.T @ x",
        expects="transposed / shape",
    ),
    described_edit(
        "dense_backward",
        "mean in db",
        "db is averaged over the batch instead of summed.",
        "dy.sum(axis=0)",
        "dy.mean(axis=0)",
        expects="mean for sum",
    ),
    described_edit(
        "dense_backward",
        "keepdims in db",
        "db keeps the axis of the batch: shape (1, n) instead of (n,).",
        "axis=0",
        "axis=0, keepdims=True",
        expects="shape",
    ),
    described_edit(
        "dense_backward",
        "dW divided by N",
        "dW is divided by the number of examples.",
        "x.T @ dy",
        "x.T @ dy / len(x)",
        expects="mean for sum",
    ),
    described_edit(
        "dense_backward",
        "dW and dx swapped",
        "dx and dW are returned in the wrong order.",
        "return dx, dW, db",
        "return dW, dx, db",
        expects="shape",
    ),
    described(
        "dense_backward",
        "last example only",
        "dW is overwritten in the loop instead of accumulated, so it is that of the last example.",
        """
        def dense_backward(dy, x, W):
            dx, db = np.zeros(x.shape), np.zeros(W.shape[1])
            for n in range(len(x)):
                dx[n] = W @ dy[n]
                dW = np.outer(x[n], dy[n])
                db += dy[n]
            return dx, dW, db
    """,
        expects="one row",
    ),
    described(
        "dense_backward",
        "first example skipped",
        "The loop begins with the second example, so dW and db lack the first one.",
        """
        def dense_backward(dy, x, W):
            dW, db = np.zeros(W.shape), np.zeros(W.shape[1])
            for n in range(1, len(x)):
                dW += np.outer(x[n], dy[n])
                db += dy[n]
            return np.einsum("no,io->ni", dy, W), dW, db
    """,
    ),
    described_edit(
        "dense_backward",
        "db over everything",
        "db is the sum over the batch and the outputs, in each element.",
        "dy.sum(axis=0)",
        "np.full(dy.shape[1], dy.sum())",
        expects="axis",
    ),
    described(
        "dense_backward",
        "mean in dW and db",
        "dW and db are averaged over the batch instead of summed.",
        """
        def dense_backward(dy, x, W):
            n = x.shape[0]
            return dy @ W.T, np.einsum("ni,no->io", x, dy) / n, np.einsum("no->o", dy) / n
    """,
        expects="mean for sum",
    ),
    described_edit(
        "dense_backward",
        "dx times x",
        "dx has an additional factor x.",
        "dy @ W.T",
        "dy @ W.T * x",
        expects="extra factor",
    ),
    described(
        "sigmoid",
        "sign of the exponent",
        "The exponent has the wrong sign, so the sigmoid falls.",
        """
        def sigmoid(x):
            return 1 / (1 + np.exp(x))
    """,
        expects="complement",
    ),
    described(
        "sigmoid",
        "tanh of x",
        "The argument of tanh is x instead of x / 2.",
        """
        def sigmoid(x):
            return 0.5 * (1 + np.tanh(x))
    """,
        expects="power",
    ),
    described(
        "sigmoid",
        "minus in the denominator",
        "The denominator is 1 - exp(-x) instead of 1 + exp(-x).",
        """
        def sigmoid(x):
            return 1 / (1 - np.exp(-x))
    """,
    ),
    described_edit(
        "sigmoid_backward",
        "sigmoid of y",
        "y is already the sigmoid; its sigmoid is taken again.",
        "dy * y * (1 - y)",
        "dy * sigmoid(y) * (1 - sigmoid(y))",
        expects="input for output",
    ),
    described_edit(
        "sigmoid_backward",
        "without dy",
        "The factor dy is missing.",
        "dy * y",
        "y",
        expects="upstream",
    ),
    described_edit(
        "sigmoid_backward",
        "1 + y",
        "The sign in 1 - y is wrong.",
        "1 - y",
        "1 + y",
        expects="sign",
    ),
    described_edit(
        "sigmoid_backward",
        "parentheses",
        "dy is a factor of y only, not of y**2.",
        "dy * y * (1 - y)",
        "dy * y - y**2",
        expects="term",
    ),
    described(
        "tanh",
        "exponent x instead of 2 x",
        "It is tanh(x / 2): the exponentials have the argument x instead of 2 x.",
        """
        def tanh(x):
            e = np.exp(-np.abs(x))
            return np.sign(x) * (1 - e) / (1 + e)
    """,
        expects="scaled",
    ),
    described_edit(
        "tanh",
        "sigmoid",
        "The sigmoid is returned instead of tanh.",
        "np.tanh(x)",
        "1 / (1 + np.exp(-x))",
        expects="other function",
    ),
    described_edit(
        "tanh_backward",
        "y not squared",
        "y is not squared: 1 - y instead of 1 - y**2.",
        "y * y",
        "y",
        expects="power",
    ),
    described_edit(
        "tanh_backward",
        "tanh of y",
        "y is already the tanh; its tanh is taken again.",
        "y * y",
        "np.tanh(y) ** 2",
        expects="input for output",
    ),
    described_edit(
        "tanh_backward",
        "derivative of the sigmoid",
        "It is the derivative of the sigmoid, y (1 - y).",
        "(1 - y * y)",
        "y * (1 - y)",
        expects="other function",
    ),
    described_edit(
        "tanh_backward",
        "absolute value for the square",
        "The absolute value of y is taken instead of its square.",
        "y * y",
        "np.abs(y)",
        expects="power",
    ),
    described(
        "relu",
        "absolute value",
        "Negative values change their sign instead of becoming 0.",
        """
        def relu(x):
            return np.abs(x)
    """,
        expects="power",
    ),
    described(
        "relu",
        "leaky",
        "Negative values are multiplied by 0.01 instead of 0.",
        """
        def relu(x):
            y = x.copy()
            y[x < 0] *= 0.01
            return y
    """,
        expects="other function",
    ),
    described(
        "relu",
        "minimum",
        "The minimum of x and 0 is taken instead of the maximum.",
        """
        def relu(x):
            return np.minimum(x, 0)
    """,
        expects="comparison",
    ),
    described_edit(
        "relu_backward",
        "dy times y",
        "dy is multiplied by y instead of by 1 where y > 0.",
        "(y > 0)",
        "y",
        expects="comparison",
    ),
    described_edit(
        "relu_backward",
        "inverted mask",
        "The gradient passes where the unit was off instead of on.",
        "y > 0",
        "y <= 0",
        expects="comparison",
    ),
    described_edit(
        "relu_backward",
        "y >= 0",
        "As y is never negative, y >= 0 is always true: the gradient passes everywhere.",
        "y > 0",
        "y >= 0",
        expects="comparison",
    ),
    described_edit(
        "relu_backward",
        "relu of dy",
        "The mask is that of dy instead of y.",
        "dy * (y > 0)",
        "np.maximum(dy, 0)",
        expects="swapped",
    ),
    described(
        "softplus",
        "sign",
        "It is softplus(-x).",
        """
        def softplus(x):
            return np.log1p(np.exp(-np.abs(x))) + np.maximum(-x, 0)
    """,
        expects="term",
    ),
    described_edit(
        "softplus",
        "without relu",
        "The term max(x, 0) is missing.",
        "relu(x) + ",
        "",
        expects="term",
    ),
    described(
        "softplus",
        "overflows",
        "exp(x) overflows for large x.",
        """
        def softplus(x):
            return np.log(1 + np.exp(x))
    """,
        expects="unstable",
    ),
    described_edit(
        "softplus_backward",
        "second derivative",
        "The derivative of the sigmoid is taken: softplus is differentiated twice.",
        "sigmoid(x)",
        "sigmoid(x) * (1 - sigmoid(x))",
        expects="extra factor",
    ),
    described_edit(
        "softplus_backward",
        "softplus itself",
        "dy is multiplied by softplus(x) instead of its derivative.",
        "sigmoid(x)",
        "softplus(x)",
        expects="missing derivative",
    ),
    described_edit(
        "softplus_backward",
        "sigmoid of -x",
        "The sigmoid has the argument -x.",
        "sigmoid(x)",
        "sigmoid(-x)",
        expects="sign",
    ),
    described_edit(
        "bernoulli_nll",
        "mean over pixels",
        "The mean over the pixels is taken instead of the sum.",
        ".sum(axis=1)",
        ".mean(axis=1)",
        expects="mean for sum",
    ),
    described_edit(
        "bernoulli_nll",
        "wrong axis",
        "The sum is over the examples instead of over the pixels.",
        "axis=1",
        "axis=0",
        expects="shape",
    ),
    described_edit(
        "bernoulli_nll",
        "log-likelihood",
        "The sign is wrong: it is the log-likelihood, not its negative.",
        "(softplus(logits) - x * logits)",
        "(x * logits - softplus(logits))",
        expects="factor",
    ),
    described_edit(
        "bernoulli_nll",
        "plus",
        "x * logits is added instead of subtracted.",
        "- x * logits",
        "+ x * logits",
        expects="sign",
    ),
    described(
        "bernoulli_nll",
        "only pixels that are on",
        "The term of the pixels that are off, (1 - x) log(1 - p), is missing.",
        """
        def bernoulli_nll(logits, x):
            out = []
            for a, t in zip(logits, x):
                log_p = -np.logaddexp(0, -a)
                out.append(-np.sum(t * log_p))
            return np.array(out)
    """,
        expects="term",
    ),
    described_edit(
        "bernoulli_nll",
        "total",
        "The losses are summed over the batch too: a single number.",
        ".sum(axis=1)",
        ".sum()",
        expects="shape",
    ),
    described_edit(
        "bernoulli_nll",
        "sigmoid twice",
        "The sigmoid is applied to the logits, although the formula takes logits: it is applied twice.",
        "(softplus(logits) - x * logits)",
        "(softplus(sigmoid(logits)) - x * sigmoid(logits))",
        expects="transformed",
    ),
    described(
        "bernoulli_nll",
        "clipped probabilities",
        "Probabilities are clipped at 1e-3, so large logits have wrong losses.",
        """
        def bernoulli_nll(logits, x):
            p = np.clip(sigmoid(logits), 1e-3, 1 - 1e-3)
            return -(x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=1)
    """,
        expects="small number",
    ),
    described_edit(
        "bernoulli_nll_backward",
        "without dloss",
        "The factor dloss is missing.",
        "dloss[:, None] * ",
        "",
        expects="upstream",
    ),
    described_edit(
        "bernoulli_nll_backward",
        "sign",
        "The sign is wrong: x - p instead of p - x.",
        "sigmoid(logits) - x",
        "x - sigmoid(logits)",
        expects="factor",
    ),
    described_edit(
        "bernoulli_nll_backward",
        "without sigmoid",
        "The sigmoid of the logits is missing.",
        "sigmoid(logits)",
        "logits",
        expects="missing function",
    ),
    described_edit(
        "bernoulli_nll_backward",
        "divided by N",
        "It is divided by the number of examples, which is not part of this function.",
        "- x)",
        "- x) / len(x)",
        expects="factor",
    ),
    described(
        "bernoulli_nll_backward",
        "additional slope",
        "The factor p (1 - p) is additional: it is the gradient without the division by p (1 - p).",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            p = sigmoid(logits)
            return np.einsum("n,ni->ni", dloss, (p - x) * p * (1 - p))
    """,
        expects="extra factor",
    ),
    described(
        "bernoulli_nll_backward",
        "first dloss",
        "All rows are multiplied by the first element of dloss.",
        """
        def bernoulli_nll_backward(dloss, logits, x):
            g = np.empty(logits.shape)
            for i in range(len(logits)):
                g[i] = dloss[0] * (sigmoid(logits[i]) - x[i])
            return g
    """,
        expects="upstream",
    ),
    described_edit(
        "squared_error",
        "half",
        "There is a factor 1/2 that the definition does not have.",
        ".sum(axis=1)",
        ".sum(axis=1) / 2",
        expects="factor",
    ),
    described_edit(
        "squared_error",
        "absolute value",
        "Absolute errors are summed instead of squares.",
        "((x_hat - x) ** 2)",
        "np.abs(x_hat - x)",
        expects="power",
    ),
    described_edit(
        "squared_error",
        "mean",
        "The mean over the pixels is taken instead of the sum.",
        "sum(axis=1)",
        "mean(axis=1)",
        expects="mean for sum",
    ),
    described(
        "squared_error",
        "root",
        "The square root is taken: it is the distance, not its square.",
        """
        def squared_error(x_hat, x):
            return np.linalg.norm(x_hat - x, axis=1)
    """,
        expects="power",
    ),
    described(
        "squared_error",
        "square of the sum",
        "The differences are summed before they are squared.",
        """
        def squared_error(x_hat, x):
            return np.array([sum(a - b) ** 2 for a, b in zip(x_hat, x)])
    """,
        expects="power",
    ),
    described_edit(
        "squared_error_backward",
        "without 2",
        "The factor 2 is missing.",
        "* 2 *",
        "*",
        expects="factor",
    ),
    described_edit(
        "squared_error_backward",
        "sign",
        "The sign is wrong.",
        "x_hat - x",
        "x - x_hat",
        expects="factor",
    ),
    described_edit(
        "squared_error_backward",
        "sign of the difference",
        "The sign of the difference is taken instead of the difference.",
        "(x_hat - x)",
        "np.sign(x_hat - x)",
        expects="power",
    ),
    described_edit(
        "squared_error_backward",
        "mean over pixels",
        "It is divided by the number of pixels.",
        "(x_hat - x)",
        "(x_hat - x) / x.shape[1]",
        expects="factor",
    ),
    described(
        "squared_error_backward",
        "neither 2 nor dloss",
        "Both the factor 2 and the factor dloss are missing.",
        """
        def squared_error_backward(dloss, x_hat, x):
            return x_hat - x
    """,
        expects="missing factor",
    ),
)
