"""Wrong solutions of one autoencoder on the codes of another."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "stacked_codes",
        "the second encoder gets the pre-activation of the first",
        "missing function",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            a1 = dense(x, W1, b1)
            h1 = sigmoid(a1)
            h2 = sigmoid(dense(a1, W2, b2))
            return h1, h2
        """,
    ),
    wrong(
        "stacked_codes",
        "second code linear, order exchanged",
        "shape",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = dense(h1, W2, b2)
            return h2, h1
        """,
    ),
    wrong(
        "second_layer_gradients",
        "target thresholded to 0 and 1",
        "other array",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            logits = dense(h2, V2, c2)
            target = (h1 > 0.5).astype(float)
            dlogits = bernoulli_nll_backward(np.full(len(x), 1 / len(x)), logits, target)
            dh2, dV2, dc2 = dense_backward(dlogits, h2, V2)
            _, dW2, db2 = dense_backward(sigmoid_backward(dh2, h2), h1, W2)
            return dW2, db2, dV2, dc2
        """,
    ),
    wrong(
        "second_layer_gradients",
        "gradient of the squared error through a sigmoid",
        "other function",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            N = x.shape[0]
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            y = sigmoid(dense(h2, V2, c2))
            dlogits = 2 * (y - h1) * y * (1 - y) / N
            dh2, dV2, dc2 = dense_backward(dlogits, h2, V2)
            _, dW2, db2 = dense_backward(sigmoid_backward(dh2, h2), h1, W2)
            return dW2, db2, dV2, dc2
        """,
    ),
    wrong(
        "second_layer_gradients",
        "summed over the batch",
        "mean for sum",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            logits = dense(h2, V2, c2)
            dlogits = sigmoid(logits) - h1
            dh2, dV2, dc2 = dense_backward(dlogits, h2, V2)
            _, dW2, db2 = dense_backward(sigmoid_backward(dh2, h2), h1, W2)
            return dW2, db2, dV2, dc2
        """,
    ),
    wrong(
        "unroll",
        "not copies",
        "shared",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            return W1, b1, W2, b2, V2, c2, V1, c1
        """,
    ),
    wrong(
        "unroll",
        "decoders not mirrored",
        "shape",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            return tuple(np.copy(p) for p in (W1, b1, W2, b2, V1, c1, V2, c2))
        """,
    ),
    wrong(
        "unroll",
        "decoders from the encoders' transposed weights",
        "argument",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            return (W1.copy(), b1.copy(), W2.copy(), b2.copy(),
                    W2.T.copy(), c2.copy(), W1.T.copy(), c1.copy())
        """,
    ),
    wrong(
        "reconstruct",
        "logits at the end",
        "missing function",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            h = sigmoid(dense(x, W1, b1))
            h = sigmoid(dense(h, W2, b2))
            h = sigmoid(dense(h, V2, c2))
            return dense(h, V1, c1)
        """,
    ),
    wrong(
        "reconstruct",
        "early return of the first autoencoder's reconstruction",
        "argument",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            h1 = sigmoid(dense(x, W1, b1))
            return sigmoid(dense(h1, V1, c1))
            h2 = sigmoid(dense(h1, W2, b2))
            h1_hat = sigmoid(dense(h2, V2, c2))
            return sigmoid(dense(h1_hat, V1, c1))
        """,
    ),
    wrong(
        "reconstruct",
        "linear inner decoder and rounded to 0/1",
        "",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            h1_hat = dense(h2, V2, c2)
            return np.round(sigmoid(dense(h1_hat, V1, c1)))
        """,
    ),
)
