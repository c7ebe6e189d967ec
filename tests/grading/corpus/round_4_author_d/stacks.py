"""Wrong solutions of stacked autoencoders."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # stacked_codes
    edit(
        "stacked_codes", "a linear second layer", "missing function", "sigmoid(dense(h1, W2, b2))", "dense(h1, W2, b2)"
    ),
    wrong(
        "stacked_codes",
        "what is before the sigmoid goes on",
        "missing function/other array",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            z1 = x @ W1 + b1
            h1 = sigmoid(z1)
            z2 = z1 @ W2 + b2
            h2 = sigmoid(z2)
            return h1, h2
        """,
    ),
    wrong(
        "stacked_codes",
        "without biases",
        "term/argument",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            h1 = sigmoid(x.dot(W1))
            return h1, sigmoid(h1.dot(W2))
        """,
    ),
    # second_layer_gradients
    edit(
        "second_layer_gradients",
        "the derivative before the sigmoid",
        "input for output",
        "sigmoid_backward(dh2, h2)",
        "sigmoid_backward(dh2, dense(h1, W2, b2))",
    ),
    edit(
        "second_layer_gradients",
        "one over the number of features",
        "factor/constant/square",
        "1 / len(x))",
        "1 / x.shape[1])",
    ),
    wrong(
        "second_layer_gradients",
        "of the squared error of the logits",
        "other function/missing function",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            h1_hat = h2 @ V2 + c2
            d = 2 * (h1_hat - h1) / len(x)
            da = d @ V2.T * h2 * (1 - h2)
            return h1.T @ da, da.sum(axis=0), h2.T @ d, d.sum(axis=0)
        """,
    ),
    wrong(
        "second_layer_gradients",
        "the first layer trained too",
        "count",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            logits = dense(h2, V2, c2)
            dlogits = (sigmoid(logits) - h1) / len(x)
            dh2, dV2, dc2 = dense_backward(dlogits, h2, V2)
            dh1, dW2, db2 = dense_backward(sigmoid_backward(dh2, h2), h1, W2)
            _, dW1, db1 = dense_backward(sigmoid_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dV2, dc2
        """,
    ),
    # unroll
    edit(
        "unroll",
        "the decoders not mirrored",
        "swapped/shape",
        "V2.copy(), c2.copy(), V1.copy(), c1.copy()",
        "V1.copy(), c1.copy(), V2.copy(), c2.copy()",
    ),
    edit(
        "unroll",
        "the encoders' weights, transposed",
        "other array/argument",
        "V2.copy(), c2.copy(), V1.copy(), c1.copy()",
        "W2.T.copy(), c2.copy(), W1.T.copy(), c1.copy()",
    ),
    wrong(
        "unroll",
        "new decoders",
        "noise redrawn/argument/zero",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            D, H = W1.shape
            J = W2.shape[1]
            d0 = 0.01 * np.random.randn(J, H)
            d1 = 0.01 * np.random.randn(H, D)
            return W1.copy(), b1.copy(), W2.copy(), b2.copy(), d0, np.zeros(H), d1, np.zeros(D)
        """,
    ),
    wrong(
        "unroll",
        "biases begin at zero",
        "zero/argument",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            params = []
            for W, b in ((W1, b1), (W2, b2), (V2, c2), (V1, c1)):
                params.append(W.copy())
                params.append(np.zeros(len(b)))
            return tuple(params)
        """,
    ),
    # reconstruct
    edit(
        "reconstruct",
        "logits",
        "missing function",
        "return sigmoid(dense(h1_hat, V1, c1))",
        "return dense(h1_hat, V1, c1)",
    ),
    edit(
        "reconstruct",
        "the encoder's bias in the decoder",
        "other array/argument / swapped",
        "dense(h2, V2, c2)",
        "dense(h2, V2, b1)",
    ),
    wrong(
        "reconstruct",
        "a sigmoid too many at the centre",
        "transformed",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            out = x
            for W, b in [(W1, b1), (W2, b2)]:
                out = sigmoid(out @ W + b)
            code = sigmoid(out)
            for V, c in [(V2, c2), (V1, c1)]:
                code = sigmoid(code @ V + c)
            return code
        """,
    ),
)
