"""Wrong solutions of activations."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "sigmoid",
        "by tanh, without halving x",
        "power",
        """
        def sigmoid(x):
            return 0.5 * (1 + np.tanh(x))
        """,
    ),
    wrong(
        "sigmoid",
        "argument clipped to +-15",
        "unstable",
        """
        def sigmoid(x):
            x = np.clip(x, -15, 15)
            return 1 / (1 + np.exp(-x))
        """,
    ),
    wrong(
        "sigmoid_backward",
        "sigmoid applied to y once more",
        "input for output",
        """
        def sigmoid_backward(dy, y):
            s = 1 / (1 + np.exp(-y))
            return dy * s * (1 - s)
        """,
    ),
    wrong(
        "sigmoid_backward",
        "upstream forgotten and sign wrong",
        "upstream",
        """
        def sigmoid_backward(dy, y):
            return y * (y - 1)
        """,
    ),
    wrong(
        "tanh",
        "operator precedence: no brackets around numerator and denominator",
        "term",
        """
        def tanh(x):
            return np.exp(x) - np.exp(-x) / np.exp(x) + np.exp(-x)
        """,
    ),
    wrong(
        "tanh",
        "2 sigmoid(x) - 1, argument not doubled",
        "scaled",
        """
        def tanh(x):
            return 2 / (1 + np.exp(-x)) - 1
        """,
    ),
    wrong(
        "tanh",
        "stable only for positive x: exp(-2x) form",
        "unstable",
        """
        def tanh(x):
            e = np.exp(-2 * x)
            return (1 - e) / (1 + e)
        """,
    ),
    wrong(
        "tanh_backward",
        "precedence: 1 - dy y^2",
        "term",
        """
        def tanh_backward(dy, y):
            return 1 - y**2 * dy
        """,
    ),
    wrong(
        "tanh_backward",
        "sigmoid's derivative",
        "other function",
        """
        def tanh_backward(dy, y):
            return dy * y * (1 - y)
        """,
    ),
    wrong(
        "relu",
        "np.max(x, 0): maximum along axis 0 in place of elementwise",
        "shape",
        """
        def relu(x):
            return np.max(x, 0)
        """,
    ),
    wrong(
        "relu",
        "writes into the argument",
        "overwritten",
        """
        def relu(x):
            x[x < 0] = 0
            return x
        """,
    ),
    wrong(
        "relu",
        "leaky relu",
        "part/other function",
        """
        def relu(x):
            return np.where(x > 0, x, 0.01 * x)
        """,
    ),
    wrong(
        "relu_backward",
        "mask by the upstream gradient",
        "swapped",
        """
        def relu_backward(dy, y):
            dx = dy.copy()
            dx[dy < 0] = 0
            return dx
        """,
    ),
    wrong(
        "relu_backward",
        "kink: y >= 0 passes all, since y is never negative",
        "comparison",
        """
        def relu_backward(dy, y):
            return np.where(y >= 0, dy, 0.0)
        """,
    ),
    wrong(
        "relu_backward",
        "multiplied by y in place of its step",
        "comparison",
        """
        def relu_backward(dy, y):
            return dy * np.maximum(y, 0)
        """,
    ),
    wrong(
        "softplus",
        "naive form overflows",
        "unstable",
        """
        def softplus(x):
            return np.log(1 + np.exp(x))
        """,
    ),
    wrong(
        "softplus",
        "log1p(exp(-|x|)) + x, where max(x, 0) is wanted",
        "missing function",
        """
        def softplus(x):
            return x + np.log1p(np.exp(-np.abs(x)))
        """,
    ),
    wrong(
        "softplus",
        "for positive x plain x",
        "comparison",
        """
        def softplus(x):
            return np.where(x > 0, x, np.log1p(np.exp(np.minimum(x, 0))))
        """,
    ),
    wrong(
        "softplus_backward",
        "treats x as the output: dy (1 - exp(-x))",
        "input for output",
        """
        def softplus_backward(dy, x):
            return dy * (1 - np.exp(-x))
        """,
    ),
    wrong(
        "softplus_backward",
        "derivative of the sigmoid",
        "extra factor",
        """
        def softplus_backward(dy, x):
            s = sigmoid(x)
            return dy * s * (1 - s)
        """,
    ),
)
