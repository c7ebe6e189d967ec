"""Mistakes in activations and their derivatives."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "sigmoid",
        "only the form with exp(x)",
        "For large x, exp(x) overflows and inf / inf is NaN; this form is for negative x only.",
        """
        def sigmoid(x):
            return np.exp(x) / (1 + np.exp(x))
        """,
        "https://shaktiwadekar.medium.com/"
        "how-to-avoid-numerical-overflow-in-sigmoid-function-numerically-stable-sigmoid-function-5298b14720f6",
        expects="unstable",
    ),
    described(
        "sigmoid",
        "the two stable branches exchanged",
        "The branches are exchanged: exp(x) is used where x is positive, so large x give inf / inf = NaN.",
        """
        def sigmoid(x):
            out = np.zeros_like(x)
            neg = x < 0
            out[neg] = 1 / (1 + np.exp(-x[neg]))
            e = np.exp(x[~neg])
            out[~neg] = e / (1 + e)
            return out
        """,
        "https://boldena.com/article/0d98f07f-fd9e-44e6-8ebb-72c4de56321b/overflow-error-in-pythons-numpyexp-function",
        expects="unstable",
    ),
    described(
        "sigmoid",
        "exp(x) in the denominator",
        "The sign in the exponent is missing: 1 / (1 + exp(x)) is sigmoid(-x).",
        """
        def sigmoid(x):
            return 1.0 / (1.0 + np.exp(x))
        """,
        "slip of the pen, seen in homework",
        expects="complement",
    ),
    described(
        "sigmoid_backward",
        "sigmoid of the output",
        "The sigmoid is applied a second time: y is already its output, so the derivative is y (1 - y).",
        """
        def sigmoid_backward(dy, y):
            s = 1 / (1 + np.exp(-y))
            return dy * s * (1 - s)
        """,
        "https://github.com/rasmusbergpalm/DeepLearnToolbox/issues/165",
        expects="input for output",
    ),
    described(
        "sigmoid_backward",
        "the error in place of the output",
        "The factor y is missing: the derivative is y (1 - y), not 1 - y.",
        """
        def sigmoid_backward(dy, y):
            return dy * (1 - y)
        """,
        "https://datascience.stackexchange.com/questions/20139/gradients-for-bias-terms-in-backpropagation",
        expects="missing factor",
    ),
    described(
        "sigmoid_backward",
        "dy (1 - dy)",
        "The derivative is formed of the upstream gradient, dy (1 - dy), instead of the output, dy y (1 - y).",
        """
        def sigmoid_backward(dy, y):
            def deriv(t):
                return t * (1 - t)
            return deriv(dy)
        """,
        "https://datascience.stackexchange.com/questions/20139/gradients-for-bias-terms-in-backpropagation",
        expects="argument",
    ),
    described(
        "tanh",
        "the quotient of exponentials",
        "exp overflows on both sides of the quotient, so large x give NaN.",
        """
        def tanh(x):
            ep, em = np.exp(x), np.exp(-x)
            return (ep - em) / (ep + em)
        """,
        "questions about overflow in hand-written tanh",
        expects="unstable",
    ),
    described(
        "tanh",
        "two sigmoids minus one",
        "2 sigmoid(x) - 1 is tanh(x / 2): the argument of the sigmoid must be 2 x.",
        """
        def tanh(x):
            t = np.exp(-np.abs(x))
            s = np.where(x >= 0, 1.0, t) / (1 + t)
            return 2 * s - 1
        """,
        "the identity between tanh and sigmoid, remembered without its factor",
        expects="scaled",
    ),
    described(
        "tanh_backward",
        "the square forgotten",
        "The output is not squared: the derivative of tanh is 1 - y^2, not 1 - y.",
        """
        def tanh_backward(dy, y):
            return dy * (1 - y)
        """,
        "homework; related: https://github.com/NervanaSystems/neon/issues/65",
        expects="power",
    ),
    described(
        "tanh_backward",
        "tanh of the output",
        "tanh is applied a second time: y is already the output, so the derivative is 1 - y^2.",
        """
        def tanh_backward(dy, y):
            return dy * (1 - np.tanh(y) ** 2)
        """,
        "derivative functions of the input, called with the output",
        expects="input for output",
    ),
    described(
        "tanh_backward",
        "parentheses lost",
        "Parentheses are missing: dy * 1 - y^2 is dy - y^2, while the gradient is dy (1 - y^2).",
        """
        def tanh_backward(dy, y):
            return dy * 1 - np.power(y, 2)
        """,
        "slip of the pen, seen in homework",
        expects="term",
    ),
    described(
        "relu",
        "maximum in place",
        "The result is right, but it is written into x: the caller's array is overwritten.",
        """
        def relu(x):
            return np.maximum(x, 0, out=x)
        """,
        "habit from nn.ReLU(inplace=True)",
        expects="overwritten",
    ),
    described(
        "relu",
        "a small slope below zero",
        "This is the leaky rectifier: negative inputs must become 0, not 0.01 x.",
        """
        def relu(x):
            return np.where(x > 0, x, 0.01 * x)
        """,
        "https://github.com/SilasMarvin/dnns-from-scratch-in-zig/issues/5",
        expects="other function",
    ),
    described(
        "relu_backward",
        "from zero on",
        "y is never negative, so y >= 0 holds everywhere and the gradient passes through inactive units too: the condition is y > 0.",
        """
        def relu_backward(dy, y):
            def relu2deriv(output):
                return output >= 0
            return dy * relu2deriv(y)
        """,
        "https://github.com/iamtrask/Grokking-Deep-Learning/pull/13",
        expects="comparison",
    ),
    described(
        "relu_backward",
        "a mask in place",
        "The result is right, but it is written into dy: the caller's array is overwritten; take a copy.",
        """
        def relu_backward(dy, y):
            dZ = np.array(dy, copy=False)
            dZ[y <= 0] = 0
            return dZ
        """,
        "https://github.com/andersy005/deep-learning-specialization-coursera/pull/5",
        expects="overwritten",
    ),
    described(
        "relu_backward",
        "where the gradient is positive",
        "The mask is taken from the upstream gradient instead of the output: dy passes where y > 0, not where dy > 0.",
        """
        def relu_backward(dy, y):
            return np.maximum(0, dy)
        """,
        "confusion with deconvolution and guided backpropagation",
        expects="swapped",
    ),
    described(
        "softplus",
        "the definition as it stands",
        "exp(x) overflows for large x and the result is inf, although it should be x.",
        """
        def softplus(x):
            return np.log(1 + np.exp(x))
        """,
        "https://github.com/tracel-ai/burn/issues/5373",
        expects="unstable",
    ),
    described(
        "softplus",
        "linear from 1 on",
        "From x = 1 on the function is replaced by x, where it still differs by up to 0.3: a threshold must be far larger.",
        """
        def softplus(x):
            threshold = 1
            small = np.minimum(x, threshold)
            return np.where(x > threshold, x, np.log1p(np.exp(small)))
        """,
        "https://github.com/pytorch/pytorch/issues/31110",
        expects="comparison",
    ),
    described(
        "softplus",
        "the correction alone",
        "The term max(x, 0) is missing: log(1 + exp(-|x|)) is only the correction to it.",
        """
        def softplus(x):
            return np.log1p(np.exp(-np.abs(x)))
        """,
        "the stable form, half remembered",
        expects="term",
    ),
    described(
        "softplus_backward",
        "exp over 1 + exp",
        "exp(x) overflows for large x: inf / inf is NaN where the gradient is dy; use a stable sigmoid.",
        """
        def softplus_backward(dy, x):
            e = np.exp(x)
            return dy * e / (1 + e)
        """,
        "https://github.com/tenstorrent/tt-metal/pull/56397",
        expects="unstable",
    ),
    described(
        "softplus_backward",
        "one derivative too many",
        "This is the derivative of the sigmoid; the derivative of softplus is the sigmoid itself.",
        """
        def softplus_backward(dy, x):
            s = sigmoid(x)
            return dy * s * (1 - s)
        """,
        "https://github.com/NVlabs/tiny-cuda-nn/pull/130",
        expects="extra factor",
    ),
    described(
        "softplus_backward",
        "the formula in terms of the output",
        "1 - exp(-y) is the derivative in terms of the output y = softplus(x); here the argument is the input x.",
        """
        def softplus_backward(dy, x):
            return dy * (1 - np.exp(-x))
        """,
        "a formula for the output, copied next to those of sigmoid and tanh",
        expects="input for output",
    ),
)
