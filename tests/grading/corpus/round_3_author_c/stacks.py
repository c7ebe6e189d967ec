"""Wrong solutions of the third chapter: stacking, softmax, fine-tuning."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # stacking
    wrong(
        "stacked_codes",
        "the second layer sees the first before its sigmoid",
        "missing function/input for output",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            z1 = x @ W1 + b1
            z2 = z1 @ W2 + b2
            return sigmoid(z1), sigmoid(z2)
        """,
    ),
    wrong(
        "second_layer_gradients",
        "the linear output against the codes",
        "missing function",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            y = sigmoid(x @ W1 + b1)
            z = sigmoid(y @ W2 + b2)
            delta = (z @ V2 + c2 - y) / len(x)
            dz = delta @ V2.T * z * (1 - z)
            return y.T @ dz, dz.sum(axis=0), z.T @ delta, delta.sum(axis=0)
        """,
    ),
    wrong(
        "second_layer_gradients",
        "the gradients of a squared error",
        "other function/extra factor",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1, h2 = stacked_codes(x, W1, b1, W2, b2)
            r = sigmoid(h2 @ V2 + c2)
            d = 2 * (r - h1) * r * (1 - r) / h1.shape[0]
            e = d @ V2.T * h2 * (1 - h2)
            return h1.T @ e, e.sum(0), h2.T @ d, d.sum(0)
        """,
    ),
    wrong(
        "unroll",
        "decoders made of the transposed encoders",
        "other array/argument",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            return W1.copy(), b1.copy(), W2.copy(), b2.copy(), W2.T.copy(), c2.copy(), W1.T.copy(), c1.copy()
        """,
    ),
    wrong(
        "unroll",
        "decoders in the order of the encoders",
        "swapped/shape",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            enc = [np.copy(p) for p in (W1, b1, W2, b2)]
            dec = [np.copy(p) for p in (V1, c1, V2, c2)]
            return tuple(enc + dec)
        """,
    ),
    wrong(
        "reconstruct",
        "black or white in place of probabilities",
        "other function/transformed",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            out = x
            for W, b in ((W1, b1), (W2, b2), (V2, c2), (V1, c1)):
                out = sigmoid(out @ W + b)
            return np.round(out)
        """,
    ),
    wrong(
        "reconstruct",
        "by the first autoencoder alone",
        "argument",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            hidden = sigmoid(x @ W1 + b1)
            return sigmoid(hidden @ V1 + c1)
        """,
    ),
    # softmax
    wrong(
        "softmax",
        "sums to 1 over the batch",
        "axis",
        """
        def softmax(logits):
            z = np.exp(logits - logits.max(axis=1, keepdims=True))
            return z / np.sum(z)
        """,
    ),
    wrong(
        "softmax",
        "sigmoids that are normalised",
        "other function",
        """
        def softmax(logits):
            s = np.exp(-np.logaddexp(0, -logits))
            return s / s.sum(axis=1, keepdims=True)
        """,
    ),
    wrong(
        "softmax_backward",
        "a plus in the Jacobian",
        "sign/term",
        """
        def softmax_backward(dp, p):
            out = np.zeros(p.shape)
            for i in range(p.shape[0]):
                jac = np.diag(p[i]) + np.outer(p[i], p[i])
                out[i] = jac @ dp[i]
            return out
        """,
    ),
    edit("softmax_backward", "the sum without the probabilities", "missing factor/term", "(dp * p).sum", "dp.sum"),
    wrong(
        "softmax_cross_entropy",
        "the label's logit before the shift",
        "term/other array",
        """
        def softmax_cross_entropy(logits, labels):
            m = logits.max(axis=1)
            lse = np.log(np.exp(logits - m[:, None]).sum(axis=1))
            return lse - logits[range(len(labels)), labels]
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "each class a coin of its own",
        "term/other function",
        """
        def softmax_cross_entropy(logits, labels):
            N, C = logits.shape
            p = np.exp(logits - logits.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            t = np.eye(C)[labels]
            return -(t * np.log(p) + (1 - t) * np.log(1 - p)).sum(axis=1)
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "a small number inside the logarithm",
        "unstable/small number",
        """
        def softmax_cross_entropy(logits, labels):
            p = softmax(logits)
            return np.array([-np.log(p[i, k] + 1e-300) for i, k in enumerate(labels)])
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "1 taken from every row in all columns of a label",
        "axis / one row",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            grad = softmax(logits)
            grad[:, labels] -= 1
            return grad * dloss[:, None]
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "only the right class",
        "term/extra factor/missing sum",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            out = np.zeros_like(p)
            for i, y in enumerate(labels):
                out[i, y] = dloss[i] * (p[i, y] - 1)
            return out
        """,
    ),
    # fine-tuning
    wrong(
        "classifier_loss",
        "the softmax taken twice",
        "transformed",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            z = sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2) @ V + c
            e = np.exp(z - z.max(axis=1, keepdims=True))
            prob = e / e.sum(axis=1, keepdims=True)
            return softmax_cross_entropy(prob, labels).mean()
        """,
    ),
    wrong(
        "classifier_loss",
        "the share of errors",
        "other function",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h = sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2)
            guess = (h @ V + c).argmax(axis=1)
            return np.mean(guess != labels)
        """,
    ),
    wrong(
        "classifier_gradients",
        "the right class's 1 divided, the probabilities not",
        "term/factor/missing factor / one row",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            n = len(x)
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            a = h2 @ V + c
            g = np.exp(a - a.max(axis=1, keepdims=True))
            g /= g.sum(axis=1, keepdims=True)
            g[np.arange(n), labels] -= 1 / n
            g2 = g @ V.T * h2 * (1 - h2)
            g1 = g2 @ W2.T * h1 * (1 - h1)
            return x.T @ g1, g1.sum(0), h1.T @ g2, g2.sum(0), h2.T @ g, g.sum(0)
        """,
    ),
    wrong(
        "classifier_gradients",
        "pre-trained layers that stay",
        "zero",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h = sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2)
            d = softmax_cross_entropy_backward(np.ones(len(x)) / len(x), h @ V + c, labels)
            dV, dc = h.T @ d, d.sum(axis=0)
            return np.zeros_like(W1), np.zeros_like(b1), np.zeros_like(W2), np.zeros_like(b2), dV, dc
        """,
    ),
    edit(
        "classifier_gradients",
        "no derivative in the second layer",
        "missing derivative",
        "sigmoid_backward(dh2, h2)",
        "dh2",
    ),
    wrong(
        "classifier_gradients",
        "biases by a mean",
        "mean for sum/factor",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            N = len(x)
            acts = [x]
            for W, b in [(W1, b1), (W2, b2)]:
                acts.append(sigmoid(acts[-1] @ W + b))
            delta = softmax_cross_entropy_backward(np.full(N, 1 / N), acts[-1] @ V + c, labels)
            grads = [acts[2].T @ delta, delta.mean(axis=0)]
            delta = (delta @ V.T) * acts[2] * (1 - acts[2])
            grads = [acts[1].T @ delta, delta.mean(axis=0)] + grads
            delta = (delta @ W2.T) * acts[1] * (1 - acts[1])
            grads = [acts[0].T @ delta, delta.mean(axis=0)] + grads
            return tuple(grads)
        """,
    ),
)
