"""Wrong solutions of layers, activations and their derivatives."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # dense
    wrong(
        "dense",
        "the bias inside the loop over the features",
        "term/extra factor",
        """
        def dense(x, W, b):
            out = np.zeros((x.shape[0], W.shape[1]))
            for d in range(x.shape[1]):
                out += x[:, d:d + 1] * W[d] + b
            return out
        """,
    ),
    wrong(
        "dense",
        "the bias is the running total",
        "overwritten / one row",
        """
        def dense(x, W, b):
            rows = []
            for xi in x:
                b += xi @ W
                rows.append(b.copy())
            return np.array(rows)
        """,
    ),
    wrong(
        "dense",
        "the bias misses the last unit",
        "term/shifted / part",
        """
        def dense(x, W, b):
            y = np.einsum("nd,dh->nh", x, W)
            for j in range(len(b) - 1):
                y[:, j] += b[j]
            return y
        """,
    ),
    wrong(
        "dense_backward",
        "dW is assigned in the loop, not added up",
        "first only/missing sum / one row",
        """
        def dense_backward(dy, x, W):
            dx = np.zeros_like(x)
            for n in range(len(x)):
                dx[n] = W @ dy[n]
                dW = np.outer(x[n], dy[n])
            db = np.sum(dy, axis=0)
            return dx, dW, db
        """,
    ),
    edit(
        "dense_backward",
        "x reshaped for its transpose",
        "transposed",
        "x.T @ dy",
        "x.reshape(x.shape[1], x.shape[0]) @ dy",
    ),
    wrong(
        "dense_backward",
        "db is one number for all units",
        "axis / same rows",
        """
        def dense_backward(dy, x, W):
            grad_x = np.einsum("nh,dh->nd", dy, W)
            grad_W = np.einsum("nd,nh->dh", x, dy)
            grad_b = np.ones(W.shape[1]) * np.sum(dy)
            return grad_x, grad_W, grad_b
        """,
    ),
    wrong(
        "dense_backward",
        "only the parameters' gradients",
        "count",
        """
        def dense_backward(dy, x, W):
            return x.T @ dy, dy.sum(axis=0)
        """,
    ),
    # activations
    wrong(
        "sigmoid",
        "by tanh, without halving x",
        "scaled/constant/missing factor / power",
        """
        def sigmoid(x):
            return (np.tanh(x) + 1) / 2
        """,
    ),
    wrong(
        "sigmoid",
        "a wrong sign in the negative branch",
        "sign",
        """
        def sigmoid(x):
            y = np.empty_like(x)
            pos = x >= 0
            y[pos] = 1.0 / (1.0 + np.exp(-x[pos]))
            y[~pos] = np.exp(x[~pos]) / (1.0 + np.exp(-x[~pos]))
            return y
        """,
    ),
    wrong(
        "sigmoid_backward",
        "the sigmoid is taken once more",
        "input for output/transformed",
        """
        def sigmoid_backward(dy, y):
            s = 1 / (1 + np.exp(-y))
            return dy * s * (1 - s)
        """,
    ),
    edit("sigmoid_backward", "brackets forgotten", "upstream/term/missing factor", "dy * y * (1 - y)", "dy * y - y**2"),
    wrong(
        "tanh",
        "by exponentials",
        "unstable",
        """
        def tanh(x):
            e = np.exp(2 * x)
            return (e - 1) / (e + 1)
        """,
    ),
    wrong(
        "tanh_backward",
        "the derivative at y by cosh",
        "input for output/transformed",
        """
        def tanh_backward(dy, y):
            return dy / np.cosh(y) ** 2
        """,
    ),
    wrong(
        "relu",
        "leaky",
        "other function/constant / part",
        """
        def relu(x):
            return np.maximum(0.1 * x, x)
        """,
    ),
    wrong(
        "relu_backward",
        "the sign of the upstream gradient decides",
        "other array/argument / swapped",
        """
        def relu_backward(dy, y):
            dx = dy.copy()
            dx[dy <= 0] = 0
            return dx
        """,
    ),
    wrong(
        "softplus",
        "the correction without the absolute value",
        "sign/power/missing function",
        """
        def softplus(x):
            with np.errstate(over="ignore"):
                return np.maximum(x, 0) + np.log1p(np.exp(-x))
        """,
    ),
    wrong(
        "softplus",
        "powers of two",
        "other function/constant",
        """
        def softplus(x):
            return np.logaddexp2(0, x)
        """,
    ),
    edit(
        "softplus_backward",
        "the sigmoid's own derivative",
        "extra factor",
        "dy * sigmoid(x)",
        "dy * sigmoid(x) * (1 - sigmoid(x))",
    ),
    # losses
)
