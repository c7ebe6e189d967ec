"""Wrong solutions of activations and their derivatives."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # sigmoid
    wrong(
        "sigmoid",
        "a quotient of two infinities",
        "unstable",
        """
        def sigmoid(x):
            e = np.exp(x)
            return e / (e + 1)
        """,
    ),
    wrong(
        "sigmoid",
        "clipped at ten so that nothing overflows",
        "unstable",
        """
        def sigmoid(x):
            x = np.clip(x, -10, 10)
            return 1.0 / (1.0 + np.exp(-x))
        """,
    ),
    wrong(
        "sigmoid",
        "by tanh, without the half inside",
        "scaled / power",
        """
        def sigmoid(x):
            return 0.5 * (1 + np.tanh(x))
        """,
    ),
    edit(
        "sigmoid",
        "the two cases exchanged",
        "complement/sign/comparison",
        "np.where(np.real(x) < 0, t, 1)",
        "np.where(np.real(x) > 0, t, 1)",
    ),
    # sigmoid_backward
    edit("sigmoid_backward", "one plus", "sign", "(1 - y)", "(1 + y)"),
    edit("sigmoid_backward", "of tanh", "other function", "y * (1 - y)", "(1 - y**2)"),
    wrong(
        "sigmoid_backward",
        "the function once more, of its output",
        "input for output/transformed",
        """
        def sigmoid_backward(dy, y):
            s = 1 / (1 + np.exp(-y))
            return dy * s * (1 - s)
        """,
    ),
    # tanh
    wrong(
        "tanh",
        "by its definition",
        "unstable",
        """
        def tanh(x):
            a, b = np.exp(x), np.exp(-x)
            return (a - b) / (a + b)
        """,
    ),
    wrong(
        "tanh",
        "brackets forgotten",
        "term",
        """
        def tanh(x):
            return np.exp(x) - np.exp(-x) / np.exp(x) + np.exp(-x)
        """,
    ),
    edit("tanh", "tan", "other function", "np.tanh(x)", "np.tan(x)"),
    # tanh_backward
    edit("tanh_backward", "no square", "power", "1 - y * y", "1 - y"),
    edit("tanh_backward", "tanh once more", "input for output/transformed", "1 - y * y", "1 - np.tanh(y) ** 2"),
    wrong(
        "tanh_backward",
        "squared in place",
        "overwritten",
        """
        def tanh_backward(dy, y):
            y **= 2
            return (1 - y) * dy
        """,
    ),
    # relu
    edit("relu", "leaky", "other function/part", "0, x)", "0.01 * x, x)"),
    edit("relu", "what is below zero is one", "constant/part", "0, x)", "1, x)"),
    wrong(
        "relu",
        "in place",
        "overwritten",
        """
        def relu(x):
            x[x < 0] = 0.0
            return x
        """,
    ),
    # relu_backward
    edit(
        "relu_backward",
        "at the kink too",
        "argument returned/argument/comparison/missing derivative",
        "y > 0",
        "y >= 0",
    ),
    edit("relu_backward", "by the sign of the upstream gradient", "other array/argument / swapped", "y > 0", "dy > 0"),
    wrong(
        "relu_backward",
        "relu in place of its derivative",
        "extra factor/other function / comparison",
        """
        def relu_backward(dy, y):
            return dy * np.maximum(0, y)
        """,
    ),
    # softplus
    edit("softplus", "no absolute value", "part/transformed/power/missing function", "_exp_minus_abs(x)", "np.exp(-x)"),
    edit("softplus", "log of the exponential", "term/other function", "np.log1p", "np.log"),
    edit(
        "softplus", "base two", "other function/term", "np.log1p(_exp_minus_abs(x))", "np.log2(1 + _exp_minus_abs(x))"
    ),
    # softplus_backward
    edit("softplus_backward", "sigmoid of minus x", "sign/complement", "sigmoid(x)", "sigmoid(-x)"),
    edit("softplus_backward", "of relu", "other function", "sigmoid(x)", "(x > 0)"),
    wrong(
        "softplus_backward",
        "as if x were the output",
        "input for output",
        """
        def softplus_backward(dy, x):
            return dy * (1 - np.exp(-x))
        """,
    ),
)
