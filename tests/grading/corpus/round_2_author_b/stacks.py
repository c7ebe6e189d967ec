"""Mistakes in stacked autoencoders."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "stacked_codes",
        "second encoder sees the sums, not the activations",
        "missing function / other array",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            a1 = x @ W1 + b1
            a2 = a1 @ W2 + b2
            return sigmoid(a1), sigmoid(a2)
        """,
    ),
    wrong(
        "stacked_codes",
        "codes sampled as in a Boltzmann machine",
        "noise redrawn",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            p1 = sigmoid(x @ W1 + b1)
            h1 = (np.random.rand(*p1.shape) < p1).astype(float)
            h2 = sigmoid(h1 @ W2 + b2)
            return h1, h2
        """,
    ),
    edit("stacked_codes", "linear code on top", "missing function", "sigmoid(dense(h1, W2, b2))", "dense(h1, W2, b2)"),
    edit("stacked_codes", "first code last", "swapped / shape", "return h1, h2", "return h2, h1"),
    edit("stacked_codes", "top code only", "count", "return h1, h2", "return h2"),
    edit("stacked_codes", "second bias forgotten", "argument / term", "dense(h1, W2, b2)", "(h1 @ W2)"),
    wrong(
        "second_layer_gradients",
        "target before its sigmoid",
        "other array / missing function",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            a1 = x @ W1 + b1
            h1 = sigmoid(a1)
            h2 = sigmoid(h1 @ W2 + b2)
            dlogits = (sigmoid(h2 @ V2 + c2) - a1) / len(x)
            da2 = dlogits @ V2.T * h2 * (1 - h2)
            return h1.T @ da2, da2.sum(axis=0), h2.T @ dlogits, dlogits.sum(axis=0)
        """,
    ),
    wrong(
        "second_layer_gradients",
        "delta of a squared error",
        "extra factor / other function",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            n = x.shape[0]
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            out = sigmoid(h2 @ V2 + c2)
            d_out = 2 * (out - h1) * out * (1 - out) / n
            d_hid = np.dot(d_out, V2.T) * h2 * (1 - h2)
            return h1.T @ d_hid, d_hid.sum(0), h2.T @ d_out, d_out.sum(0)
        """,
    ),
    wrong(
        "second_layer_gradients",
        "encoder's weights carry the error back",
        "other array",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            d = (sigmoid(h2 @ V2 + c2) - h1) / len(h1)
            dh2 = d @ W2
            da2 = sigmoid_backward(dh2, h2)
            return h1.T @ da2, da2.sum(axis=0), h2.T @ d, d.sum(axis=0)
        """,
    ),
    wrong(
        "second_layer_gradients",
        "mean over units instead of examples",
        "factor / square",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1, = [sigmoid(dense(x, W1, b1))]
            h2 = sigmoid(dense(h1, W2, b2))
            dlogits = (sigmoid(dense(h2, V2, c2)) - h1) / h1.shape[1]
            dh2, dV2, dc2 = dense_backward(dlogits, h2, V2)
            _, dW2, db2 = dense_backward(dh2 * h2 * (1 - h2), h1, W2)
            return dW2, db2, dV2, dc2
        """,
    ),
    edit(
        "second_layer_gradients",
        "decoder's gradient not turned",
        "transposed / shape",
        "return dW2, db2, dV2, dc2",
        "return dW2, db2, dV2.T, dc2",
    ),
    wrong(
        "second_layer_gradients",
        "sum over the batch",
        "factor / mean for sum / one row",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            grads = [np.zeros_like(p) for p in (W2, b2, V2, c2)]
            for t, h in zip(h1, h2):
                d_out = sigmoid(h @ V2 + c2) - t
                d_hid = V2 @ d_out * h * (1 - h)
                for g, d in zip(grads, (np.outer(t, d_hid), d_hid, np.outer(h, d_out), d_out)):
                    g += d
            return tuple(grads)
        """,
    ),
    edit(
        "second_layer_gradients",
        "straight to the weights",
        "missing derivative / missing factor",
        "sigmoid_backward(dh2, h2)",
        "dh2",
    ),
    wrong(
        "unroll",
        "decoders in the order of the encoders",
        "swapped / shape",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            parts = [W1, b1, W2, b2, V1, c1, V2, c2]
            return tuple(np.array(p) for p in parts)
        """,
    ),
    wrong(
        "unroll",
        "decoder from the encoder's weights",
        "other array / argument / transposed",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            enc = (W1.copy(), b1.copy(), W2.copy(), b2.copy())
            dec = (W2.T.copy(), c2.copy(), W1.T.copy(), c1.copy())
            return enc + dec
        """,
    ),
    edit(
        "unroll",
        "biases not mirrored",
        "swapped / shape",
        "V2.copy(), c2.copy(), V1.copy(), c1.copy()",
        "V2.copy(), c1.copy(), V1.copy(), c2.copy()",
    ),
    edit("unroll", "centre bias of the first encoder", "other array / argument / swapped", "c2.copy()", "b1.copy()"),
    edit(
        "unroll",
        "biases start again at zero",
        "zero / argument / constant",
        "V2.copy(), c2.copy(), V1.copy(), c1.copy()",
        "V2.copy(), 0 * c2, V1.copy(), 0 * c1",
    ),
    wrong(
        "reconstruct",
        "second autoencoder left out",
        "argument / other array",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            h = sigmoid(x @ W1 + b1)
            return sigmoid(h @ V1 + c1)
        """,
    ),
    wrong(
        "reconstruct",
        "code tied on the way down",
        "argument / other array / transposed",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            h = x
            for W, b in [(W1, b1), (W2, b2)]:
                h = sigmoid(h @ W + b)
            for W, c in [(W2, c2), (W1, c1)]:
                h = sigmoid(h @ W.T + c)
            return h
        """,
    ),
    edit(
        "reconstruct",
        "logits given back",
        "missing function",
        "return sigmoid(dense(h1_hat, V1, c1))",
        "return dense(h1_hat, V1, c1)",
    ),
    edit("reconstruct", "linear code", "missing function", "sigmoid(dense(h1, W2, b2))", "dense(h1, W2, b2)"),
    edit(
        "reconstruct",
        "encoder's bias in the decoder",
        "other array / argument / swapped",
        "dense(h2, V2, c2)",
        "dense(h2, V2, b1)",
    ),
    edit(
        "reconstruct",
        "black or white",
        "other function / comparison / transformed",
        "sigmoid(dense(h1_hat, V1, c1))",
        "(dense(h1_hat, V1, c1) > 0).astype(float)",
    ),
)
