"""Mistakes in stacked autoencoders."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "stacked_codes",
        "no sigmoid between the layers",
        "The second layer's input is the pre-activation of the first; it should be its code, after the sigmoid.",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            a1 = dense(x, W1, b1)
            a2 = dense(a1, W2, b2)
            return sigmoid(a1), sigmoid(a2)
        """,
        "activations applied at the end",
        expects="missing function",
    ),
    described(
        "stacked_codes",
        "a linear last code",
        "The second code has no sigmoid.",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            h1 = sigmoid(x @ W1 + b1)
            h2 = h1 @ W2 + b2
            return h1, h2
        """,
        "linear code layers as in Hinton and Salakhutdinov",
        expects="missing function",
    ),
    described(
        "stacked_codes",
        "the deepest code only",
        "Only the second code is returned; the codes of both layers are asked for.",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            out = x
            for W, b in [(W1, b1), (W2, b2)]:
                out = 1 / (1 + np.exp(-(out @ W + b)))
            return out
        """,
        "forward functions that return the last layer",
        expects="count",
    ),
    described(
        "second_layer_gradients",
        "the pre-activation as target",
        "The target is the first layer's pre-activation; it should be its code, after the sigmoid.",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            a1 = dense(x, W1, b1)
            h1 = sigmoid(a1)
            h2 = sigmoid(dense(h1, W2, b2))
            d = (sigmoid(dense(h2, V2, c2)) - a1) / len(x)
            dh2, dV2, dc2 = dense_backward(d, h2, V2)
            _, dW2, db2 = dense_backward(sigmoid_backward(dh2, h2), h1, W2)
            return dW2, db2, dV2, dc2
        """,
        "variable of the wrong stage",
        expects="other array",
    ),
    described(
        "second_layer_gradients",
        "squared error",
        "The gradient is that of a squared error of the probabilities; the loss is bernoulli_nll, whose gradient is p - h1.",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            r = sigmoid(dense(h2, V2, c2))
            d = sigmoid_backward(2 * (r - h1) / len(x), r)
            dh2, dV2, dc2 = dense_backward(d, h2, V2)
            _, dW2, db2 = dense_backward(sigmoid_backward(dh2, h2), h1, W2)
            return dW2, db2, dV2, dc2
        """,
        "UFLDL, stacked autoencoders with squared errors",
        expects="other function",
    ),
    described(
        "second_layer_gradients",
        "a binary target",
        "The target codes are rounded to 0 or 1; the codes themselves are the target.",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            target = (h1 > 0.5).astype(float)
            d = bernoulli_nll_backward(np.full(len(x), 1 / len(x)), dense(h2, V2, c2), target)
            dh2, dV2, dc2 = dense_backward(d, h2, V2)
            _, dW2, db2 = dense_backward(sigmoid_backward(dh2, h2), h1, W2)
            return dW2, db2, dV2, dc2
        """,
        "https://github.com/pytorch/examples/issues/460",
        expects="other array",
    ),
    described(
        "second_layer_gradients",
        "summed over the batch",
        "The mean over the batch is missing: all gradients are N times too large.",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            e = sigmoid(h2 @ V2 + c2) - h1
            g = e @ V2.T * h2 * (1 - h2)
            return h1.T @ g, g.sum(0), h2.T @ e, e.sum(0)
        """,
        "https://github.com/hunkim/DeepLearningZeroToAll/issues/173",
        expects="mean for sum",
    ),
    described(
        "second_layer_gradients",
        "no slope of the code",
        "The derivative of the second code is missing: dh2 must be multiplied by h2 (1 - h2).",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            e = (sigmoid(h2 @ V2 + c2) - h1) / h1.shape[0]
            g = e @ V2.T
            return h1.T @ g, g.sum(0), h2.T @ e, e.sum(0)
        """,
        "factor of the chain rule forgotten",
        expects="missing derivative",
    ),
    described(
        "unroll",
        "views",
        "The arrays are views of the arguments, not copies: training the whole would change the parts.",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            return tuple(a[:] for a in (W1, b1, W2, b2, V2, c2, V1, c1))
        """,
        "lists are copied by [:], arrays are not",
        expects="shared",
    ),
    described(
        "unroll",
        "decoders in the order of training",
        "The decoders are not mirrored: the second autoencoder's comes first, directly after the code.",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            encoder = [W1, b1, W2, b2]
            decoder = [V1, c1, V2, c2]
            return tuple(p.copy() for p in encoder + decoder)
        """,
        "order of training kept",
        expects="shape",
    ),
    described(
        "unroll",
        "decoders from the encoders",
        "The decoders' weights are the encoders', transposed; the trained V1 and V2 should be copied.",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            return W1.copy(), b1.copy(), W2.copy(), b2.copy(), W2.T.copy(), c2.copy(), W1.T.copy(), c1.copy()
        """,
        "https://github.com/MorvanZhou/tutorials/issues/65",
        expects="argument",
    ),
    described(
        "unroll",
        "biases not copied",
        "The biases are not copied, only the weights: training the whole would change the biases of the parts.",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            return W1.copy(), b1, W2.copy(), b2, V2.copy(), c2, V1.copy(), c1
        """,
        "copies forgotten for small arrays",
        expects="shared",
    ),
    described(
        "reconstruct",
        "logits at the end",
        "The last layer has no sigmoid: logits are returned instead of probabilities.",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            h = sigmoid(dense(sigmoid(dense(x, W1, b1)), W2, b2))
            h = sigmoid(dense(h, V2, c2))
            return dense(h, V1, c1)
        """,
        "decoders that return logits",
        expects="missing function",
    ),
    described(
        "reconstruct",
        "the outer autoencoder only",
        "The second autoencoder is skipped: the first code is decoded directly.",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            h1_hat = sigmoid(dense(h2, V2, c2))
            return sigmoid(dense(h1, V1, c1))
        """,
        "h1 and h1_hat confused",
        expects="argument",
    ),
    described(
        "reconstruct",
        "linear between the decoders",
        "The first decoder layer has no sigmoid, so the second gets logits in place of codes.",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            s = lambda t: 1 / (1 + np.exp(-t))
            code = s(s(x @ W1 + b1) @ W2 + b2)
            return s((code @ V2 + c2) @ V1 + c1)
        """,
        "logits passed on without their sigmoid",
        expects="missing function",
    ),
    described(
        "reconstruct",
        "black and white, decoders without a sigmoid",
        "Two mistakes: the probabilities are rounded to 0 or 1, and the first decoder layer has no sigmoid.",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            code = sigmoid(dense(sigmoid(dense(x, W1, b1)), W2, b2))
            p = sigmoid(dense(dense(code, V2, c2), V1, c1))
            return (p > 0.5).astype(np.float64)
        """,
        "combination of two habits",
    ),
)
