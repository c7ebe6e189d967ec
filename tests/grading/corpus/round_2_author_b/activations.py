"""Mistakes in the activations and their derivatives."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "sigmoid",
        "the form with two growing exponentials",
        "unstable",
        """
        def sigmoid(x):
            ex = np.exp(x)
            return ex / (ex + 1)
        """,
    ),
    wrong(
        "sigmoid",
        "minus forgotten",
        "sign / complement",
        """
        def sigmoid(x):
            out = np.empty_like(x)
            for idx, v in np.ndenumerate(x):
                out[idx] = 1.0 / (1.0 + np.exp(min(v, 700.0)))
            return out
        """,
    ),
    wrong(
        "sigmoid",
        "by tanh without the half inside",
        "scaled / power",
        """
        def sigmoid(x):
            return (np.tanh(x) + 1) / 2
        """,
    ),
    wrong(
        "sigmoid",
        "negative branch with the wrong numerator",
        "complement/power",
        """
        def sigmoid(x):
            z = np.exp(-np.abs(x))
            return np.where(x >= 0, 1 / (1 + z), 1 / (1 + z))
        """,
    ),
    wrong(
        "sigmoid",
        "computed in single precision",
        "type",
        """
        def sigmoid(x):
            x = x.astype(np.float32)
            z = np.exp(-np.abs(x))
            return np.where(x >= 0, 1, z) / (1 + z)
        """,
    ),
    edit(
        "sigmoid",
        "brackets lost in the denominator",
        "inverse / power",
        "np.where(np.real(x) < 0, t, 1) / (1 + t)",
        "1 / 1 + np.exp(-x)",
    ),
    wrong(
        "sigmoid_backward",
        "sigmoid taken once more",
        "input for output",
        """
        def sigmoid_backward(dy, y):
            s = 1 / (1 + np.exp(-y))
            return dy * s * (1 - s)
        """,
    ),
    wrong(
        "sigmoid_backward",
        "the way down overwrites what came from above",
        "overwritten",
        """
        def sigmoid_backward(dy, y):
            dx = dy
            dx *= y
            dx *= 1 - y
            return dx
        """,
    ),
    wrong(
        "sigmoid_backward",
        "no return",
        "none",
        """
        def sigmoid_backward(dy, y):
            local = y * (1 - y)
            dx = dy * local
        """,
    ),
    edit("sigmoid_backward", "only half of the derivative", "missing factor", "dy * y * (1 - y)", "dy * (1 - y)"),
    edit("sigmoid_backward", "tanh's derivative", "other function", "dy * y * (1 - y)", "dy * (1 - y**2)"),
    edit("sigmoid_backward", "local derivative only", "upstream / argument", "dy * y * (1 - y)", "y * (1 - y)"),
    wrong(
        "tanh",
        "ratio of exponentials",
        "unstable",
        """
        def tanh(x):
            p, m = np.exp(x), np.exp(-x)
            return (p - m) / (p + m)
        """,
    ),
    wrong(
        "tanh",
        "as a stretched sigmoid that is not squeezed",
        "scaled",
        """
        def tanh(x):
            return 2 * sigmoid(x) - 1
        """,
    ),
    edit("tanh", "the other hyperbolic ratio", "inverse / power", "np.tanh(x)", "1 / np.tanh(x)"),
    edit("tanh", "arctangent", "other function", "np.tanh(x)", "np.arctan(x)"),
    wrong(
        "tanh_backward",
        "derivative as if y were the input",
        "input for output",
        """
        def tanh_backward(dy, y):
            return dy / np.cosh(y) ** 2
        """,
    ),
    wrong(
        "tanh_backward",
        "square forgotten in a loop",
        "power",
        """
        def tanh_backward(dy, y):
            dx = np.zeros(y.shape)
            for i in range(y.shape[0]):
                for j in range(y.shape[1]):
                    dx[i, j] = (1 - y[i, j]) * dy[i, j]
            return dx
        """,
    ),
    edit("tanh_backward", "plus", "sign", "1 - y * y", "1 + y * y"),
    wrong(
        "relu",
        "negative entries set to zero in place",
        "overwritten",
        """
        def relu(x):
            x[x < 0] = 0
            return x
        """,
    ),
    wrong(
        "relu",
        "a step",
        "other function / missing factor / transformed",
        """
        def relu(x):
            return (x > 0).astype(float)
        """,
    ),
    edit("relu", "leaky", "other function / term / part", "np.where(np.real(x) < 0, 0, x)", "np.maximum(0.01 * x, x)"),
    edit(
        "relu",
        "keeps the negative half",
        "comparison / other function / sign / complement",
        "np.real(x) < 0",
        "np.real(x) > 0",
    ),
    wrong(
        "relu_backward",
        "asks the gradient where it is positive",
        "other array / argument / swapped",
        """
        def relu_backward(dy, y):
            dx = dy.copy()
            dx[dx <= 0] = 0
            return dx
        """,
    ),
    wrong(
        "relu_backward",
        "threshold that lets all outputs pass",
        "missing derivative / comparison / argument returned / argument / missing factor",
        """
        def relu_backward(dy, y):
            mask = (y >= 0).astype(float)
            return mask * dy
        """,
    ),
    edit(
        "relu_backward",
        "multiplied by the output",
        "extra factor / other function / missing derivative / comparison",
        "(y > 0)",
        "np.maximum(y, 0)",
    ),
    edit("relu_backward", "ones where active", "upstream / argument", "dy * (y > 0)", "np.where(y > 0, 1.0, 0.0)"),
    wrong(
        "softplus",
        "as it stands in the book",
        "unstable",
        """
        def softplus(x):
            return np.log(1.0 + np.exp(x))
        """,
    ),
    wrong(
        "softplus",
        "correction only",
        "term",
        """
        def softplus(x):
            # log1p(exp(-|x|)) never overflows
            return np.log1p(np.exp(-abs(x)))
        """,
    ),
    wrong(
        "softplus",
        "switches to the straight line too early",
        "comparison / term",
        """
        def softplus(x):
            out = np.copy(x)
            small = x < 1
            out[small] = np.log1p(np.exp(x[small]))
            return out
        """,
    ),
    edit("softplus", "correction with a minus", "sign", "+ np.log1p", "- np.log1p"),
    edit(
        "softplus",
        "base two throughout",
        "other function / scaled",
        "relu(x) + np.log1p(_exp_minus_abs(x))",
        "np.logaddexp2(0, x)",
    ),
    wrong(
        "softplus_backward",
        "sigmoid's derivative instead of the sigmoid",
        "extra factor / other function",
        """
        def softplus_backward(dy, x):
            s = sigmoid(x)
            return dy * s * (1 - s)
        """,
    ),
    wrong(
        "softplus_backward",
        "quotient of exponentials",
        "unstable",
        """
        def softplus_backward(dy, x):
            return dy * np.exp(x) / (1 + np.exp(x))
        """,
    ),
    edit("softplus_backward", "sigmoid of minus x", "sign / complement", "sigmoid(x)", "sigmoid(-x)"),
    edit("softplus_backward", "step of the rectifier", "other function", "sigmoid(x)", "(x > 0)"),
    edit(
        "softplus_backward", "sigmoid of the gradient", "other array / argument / swapped", "sigmoid(x)", "sigmoid(dy)"
    ),
)
