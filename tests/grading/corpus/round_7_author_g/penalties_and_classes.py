"""Mistakes in penalties, stacks, softmax and fine-tuning."""

from grading.corpus.entry import described, described_edit

MISTAKES = (
    described(
        "sparsity_kl",
        "mean over units",
        "The mean activation is over the units of an example instead of over the batch.",
        """
        def sparsity_kl(h, rho):
            mean = h.mean(axis=1)
            return (rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))).sum()
    """,
        expects="axis",
    ),
    described(
        "sparsity_kl",
        "one mean",
        "There is one mean activation over batch and units, instead of one per unit.",
        """
        def sparsity_kl(h, rho):
            m = np.mean(h)
            return h.shape[1] * (rho * np.log(rho / m) + (1 - rho) * np.log((1 - rho) / (1 - m)))
    """,
        expects="axis",
    ),
    described_edit(
        "sparsity_kl",
        "reversed",
        "The divergence is KL(mean || rho) instead of KL(rho || mean).",
        "rho * np.log(rho / mean) + (1 - rho) * np.log((1 - rho) / (1 - mean))",
        "mean * np.log(mean / rho) + (1 - mean) * np.log((1 - mean) / (1 - rho))",
        expects="swapped",
    ),
    described_edit(
        "sparsity_kl",
        "first term only",
        "The term of the units that are off is missing.",
        " + (1 - rho) * np.log((1 - rho) / (1 - mean))",
        "",
        expects="term",
    ),
    described_edit(
        "sparsity_kl",
        "mean of the units' divergences",
        "The divergences are averaged over the units instead of summed.",
        "kl.sum()",
        "kl.mean()",
        expects="mean for sum",
    ),
    described(
        "sparsity_kl",
        "KL of each activation",
        "The divergence is computed of each activation and then averaged over the batch, instead of the divergence of the mean.",
        """
        def sparsity_kl(h, rho):
            total = 0.0
            for row in h:
                for a in row:
                    total += rho * np.log(rho / a) + (1 - rho) * np.log((1 - rho) / (1 - a))
            return total / len(h)
    """,
        expects="missing sum",
    ),
    described_edit(
        "sparsity_kl_backward",
        "without 1/N",
        "The factor 1/N of the mean activation is missing.",
        "dmean / len(h)",
        "dmean",
        expects="factor",
    ),
    described_edit(
        "sparsity_kl_backward",
        "sign",
        "The sign is wrong.",
        "(1 - rho) / (1 - mean) - rho / mean",
        "rho / mean - (1 - rho) / (1 - mean)",
        expects="factor",
    ),
    described_edit(
        "sparsity_kl_backward",
        "without dpenalty",
        "The factor dpenalty is missing.",
        "dpenalty * ",
        "",
        expects="upstream",
    ),
    described_edit(
        "sparsity_kl_backward",
        "first term only",
        "The term of the units that are off is missing.",
        "(1 - rho) / (1 - mean) - rho / mean",
        "-rho / mean",
        expects="term",
    ),
    described(
        "sparsity_kl_backward",
        "at each activation",
        "The derivative is at each activation h instead of at their mean.",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            return dpenalty * (-rho / h + (1 - rho) / (1 - h)) / h.shape[0]
    """,
        expects="missing sum",
    ),
    described(
        "sparsity_kl_backward",
        "plus and no 1/N",
        "The terms are added instead of subtracted, and the factor 1/N is missing.",
        """
        def sparsity_kl_backward(dpenalty, h, rho):
            m = h.mean(axis=0)
            return np.ones_like(h) * dpenalty * (rho / m + (1 - rho) / (1 - m))
    """,
    ),
    described(
        "k_sparse",
        "smallest",
        "The k smallest activations are kept instead of the largest.",
        """
        def k_sparse(h, k):
            out = np.zeros_like(h)
            for n, row in enumerate(h):
                keep = np.argsort(row)[:k]
                out[n, keep] = row[keep]
            return out
    """,
        expects="comparison",
    ),
    described(
        "k_sparse",
        "largest absolute values",
        "The k largest absolute values are kept instead of the largest values.",
        """
        def k_sparse(h, k):
            keep = np.argsort(-np.abs(h), axis=1)[:, :k]
            out = np.zeros_like(h)
            np.put_along_axis(out, keep, np.take_along_axis(h, keep, axis=1), axis=1)
            return out
    """,
        expects="power",
    ),
    described(
        "k_sparse",
        "per unit",
        "The k largest of each unit over the batch are kept, instead of the k largest of each example.",
        """
        def k_sparse(h, k):
            order = np.argsort(np.argsort(-h, axis=0), axis=0)
            return np.where(order < k, h, 0)
    """,
        expects="axis",
    ),
    described_edit(
        "k_sparse",
        "k + 1",
        "k + 1 activations are kept instead of k.",
        "_largest(h, k)",
        "_largest(h, min(k + 1, h.shape[1]))",
        expects="shifted",
    ),
    described_edit(
        "k_sparse",
        "mask",
        "The mask is returned instead of the activations.",
        "h, 0)",
        "1.0, 0.0)",
        expects="constant",
    ),
    described_edit(
        "k_sparse_backward",
        "not masked",
        "The gradient is not masked.",
        "np.where(_largest(h, k), dy, 0)",
        "dy.copy()",
        expects="argument returned",
    ),
    described_edit(
        "k_sparse_backward",
        "largest of dy",
        "The mask is that of the largest dy instead of the largest h.",
        "_largest(h, k)",
        "_largest(dy, k)",
        expects="swapped",
    ),
    described_edit(
        "k_sparse_backward",
        "times h",
        "The gradient is multiplied by h.",
        "dy, 0",
        "dy * h, 0",
        expects="extra factor",
    ),
    described_edit(
        "contractive_penalty",
        "slope not squared",
        "The slope s is not squared.",
        "s * s @ w",
        "s @ w",
        expects="power",
    ),
    described_edit(
        "contractive_penalty",
        "weights not squared",
        "The weights are summed without squaring them.",
        "(W * W)",
        "W",
        expects="power",
    ),
    described(
        "contractive_penalty",
        "always sigmoid",
        "The slope is that of the sigmoid for every activation function.",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h)
            return (s**2) @ np.sum(W**2, axis=0)
    """,
        expects="other function",
    ),
    described(
        "contractive_penalty",
        "norm",
        "The Frobenius norm of the Jacobian is returned instead of its square.",
        """
        def contractive_penalty(h, W, activation):
            slope, _ = _SLOPES[activation]
            s = slope(h)
            return np.array([np.linalg.norm(W * s[n]) for n in range(len(h))])
    """,
        expects="power",
    ),
    described_edit(
        "contractive_penalty",
        "mean over the batch",
        "The mean over the batch is returned instead of one penalty per example.",
        "s * s @ w",
        "(s * s @ w).mean()",
        expects="shape",
    ),
    described_edit(
        "contractive_penalty_backward",
        "dW without 2",
        "The factor 2 is missing in dW.",
        "2 * W *",
        "W *",
        expects="factor",
    ),
    described_edit(
        "contractive_penalty_backward",
        "both without 2",
        "The factor 2 is missing in dh and dW.",
        "dpenalty[:, None] * 2 * s * w  # (contractive_penalty.4)\n    dh = ds * slope_backward(h)  # (contractive_penalty.5)\n    dW = 2 * W",
        "dpenalty[:, None] * s * w\n    dh = ds * slope_backward(h)\n    dW = W",
        expects="factor",
    ),
    described_edit(
        "contractive_penalty_backward",
        "no derivative of the slope",
        "The derivative of the slope with respect to h is missing in dh.",
        "ds * slope_backward(h)",
        "ds",
        expects="missing factor",
    ),
    described_edit(
        "contractive_penalty_backward",
        "dW without dpenalty",
        "dpenalty is missing in dW: the examples are just added.",
        "(dpenalty @ (s * s))",
        "(s * s).sum(axis=0)",
        expects="upstream",
    ),
    described_edit(
        "contractive_penalty_backward",
        "dW with s",
        "The slope is not squared in dW.",
        "(dpenalty @ (s * s))",
        "(dpenalty @ s)",
        expects="power",
    ),
    described_edit(
        "contractive_penalty_backward",
        "dh without w",
        "The sums of squared weights are missing in dh.",
        "2 * s * w",
        "2 * s",
        expects="missing factor",
    ),
    described(
        "contractive_penalty_backward",
        "dW of the last example",
        "dW is overwritten in the loop instead of accumulated.",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            slope, slope_backward = _SLOPES[activation]
            dh = np.zeros_like(h)
            for n in range(len(h)):
                s = slope(h[n])
                dh[n] = dpenalty[n] * 2 * s * slope_backward(h[n]) * (W**2).sum(axis=0)
                dW = dpenalty[n] * 2 * W * s**2
            return dh, dW
    """,
        expects="one row",
    ),
    described_edit(
        "stacked_codes",
        "order",
        "The codes are returned in the wrong order.",
        "return h1, h2",
        "return h2, h1",
        expects="shape",
    ),
    described_edit(
        "stacked_codes",
        "second layer linear",
        "The sigmoid of the second layer is missing.",
        "sigmoid(dense(h1, W2, b2))",
        "dense(h1, W2, b2)",
        expects="missing function",
    ),
    described(
        "stacked_codes",
        "pre-activation passed on",
        "The second layer gets the first layer's pre-activation instead of its code.",
        """
        def stacked_codes(x, W1, b1, W2, b2):
            a1 = x @ W1 + b1
            a2 = a1 @ W2 + b2
            return sigmoid(a1), sigmoid(a2)
    """,
        expects="missing function",
    ),
    described_edit(
        "second_layer_gradients",
        "without 1/N",
        "The factor 1/N is missing.",
        "1 / len(x)",
        "1.0",
        expects="mean for sum",
    ),
    described_edit(
        "second_layer_gradients",
        "no slope",
        "The derivative of the sigmoid is missing.",
        "sigmoid_backward(dh2, h2)",
        "dh2",
        expects="missing derivative",
    ),
    described(
        "second_layer_gradients",
        "squared error",
        "It is the gradient of the squared error of a linear output instead of the cross-entropy's.",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            d = 2 * (h2 @ V2 + c2 - h1) / len(x)
            e = d @ V2.T * h2 * (1 - h2)
            return h1.T @ e, e.sum(axis=0), h2.T @ d, d.sum(axis=0)
    """,
        expects="other function",
    ),
    described_edit(
        "second_layer_gradients",
        "sign",
        "All gradients have the wrong sign.",
        "return dW2, db2, dV2, dc2",
        "return -dW2, -db2, -dV2, -dc2",
        expects="factor",
    ),
    described(
        "second_layer_gradients",
        "order",
        "The gradients of the decoder are returned before those of the encoder.",
        """
        def second_layer_gradients(x, W1, b1, W2, b2, V2, c2):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            d = (sigmoid(h2 @ V2 + c2) - h1) / len(x)
            e = d @ V2.T * h2 * (1 - h2)
            return h2.T @ d, d.sum(axis=0), h1.T @ e, e.sum(axis=0)
    """,
        expects="shape",
    ),
    described_edit(
        "unroll",
        "decoders in the encoders' order",
        "The decoders are not reversed: the first layer's comes first.",
        "V2.copy(), c2.copy(), V1.copy(), c1.copy()",
        "V1.copy(), c1.copy(), V2.copy(), c2.copy()",
        expects="shape",
    ),
    described_edit(
        "unroll",
        "not copied",
        "The arrays are not copied, so fine-tuning changes the pretrained ones.",
        "W1.copy(), b1.copy(), W2.copy(), b2.copy()",
        "W1, b1, W2, b2",
        expects="shared",
    ),
    described(
        "unroll",
        "transposed encoders as decoders",
        "The decoders' weights are the transposed ones of the encoders instead of V2 and V1.",
        """
        def unroll(W1, b1, V1, c1, W2, b2, V2, c2):
            return W1.copy(), b1.copy(), W2.copy(), b2.copy(), W2.T.copy(), c2.copy(), W1.T.copy(), c1.copy()
    """,
        expects="argument",
    ),
    described_edit(
        "reconstruct",
        "logits",
        "The last sigmoid is missing: logits are returned.",
        "return sigmoid(dense(h1_hat, V1, c1))",
        "return dense(h1_hat, V1, c1)",
        expects="missing function",
    ),
    described_edit(
        "reconstruct",
        "linear between the decoders",
        "The sigmoid between the decoders is missing.",
        "sigmoid(dense(h2, V2, c2))",
        "dense(h2, V2, c2)",
        expects="missing function",
    ),
    described(
        "reconstruct",
        "first layer only",
        "The second layer is left out.",
        """
        def reconstruct(x, W1, b1, V1, c1, W2, b2, V2, c2):
            code = 1 / (1 + np.exp(-(x @ W1 + b1)))
            return 1 / (1 + np.exp(-(code @ V1 + c1)))
    """,
        expects="argument",
    ),
    described_edit(
        "softmax",
        "over the batch",
        "It is normalised over the examples instead of over the classes.",
        "axis=1",
        "axis=0",
        expects="axis",
    ),
    described_edit(
        "softmax",
        "over everything",
        "It is normalised over all elements of the batch.",
        "e.sum(axis=1, keepdims=True)",
        "e.sum()",
        expects="axis",
    ),
    described(
        "softmax",
        "twice",
        "The softmax is taken twice.",
        """
        def softmax(logits):
            for _ in range(2):
                e = np.exp(logits - logits.max(axis=1, keepdims=True))
                logits = e / e.sum(axis=1, keepdims=True)
            return logits
    """,
        expects="transformed",
    ),
    described(
        "softmax",
        "divided by the maximum",
        "It is divided by the maximum instead of the sum.",
        """
        def softmax(logits):
            e = np.exp(logits - logits.max(axis=1, keepdims=True))
            return e / e.max(axis=1, keepdims=True)
    """,
        expects="missing factor",
    ),
    described(
        "softmax",
        "no shift",
        "The maximum is not subtracted, so exp overflows for large logits.",
        """
        def softmax(logits):
            out = np.empty(logits.shape)
            for n in range(len(logits)):
                e = np.exp(logits[n])
                out[n] = e / e.sum()
            return out
    """,
        expects="unstable",
    ),
    described(
        "softmax",
        "logarithm",
        "The logarithm of the softmax is returned.",
        """
        def softmax(logits):
            a = logits - logits.max(axis=1, keepdims=True)
            return a - np.log(np.exp(a).sum(axis=1, keepdims=True))
    """,
        expects="transformed",
    ),
    described_edit(
        "softmax_backward",
        "diagonal only",
        "Only the diagonal of the Jacobian is used: p (1 - p).",
        "(dp - (dp * p).sum(axis=1, keepdims=True))",
        "(1 - p) * dp",
        expects="missing sum",
    ),
    described_edit(
        "softmax_backward",
        "sum without p",
        "The sum is of dp instead of dp * p.",
        "(dp * p).sum",
        "dp.sum",
        expects="missing factor",
    ),
    described_edit(
        "softmax_backward",
        "without p outside",
        "The factor p outside the bracket is missing.",
        "p * (dp -",
        "(dp -",
        expects="missing factor",
    ),
    described_edit(
        "softmax_backward",
        "plus",
        "The sum is added instead of subtracted.",
        "(dp - ",
        "(dp + ",
        expects="sign",
    ),
    described(
        "softmax_backward",
        "sum over the batch",
        "The sum is over the examples instead of the classes.",
        """
        def softmax_backward(dp, p):
            inner = np.einsum("nk,nk->k", dp, p)
            return p * (dp - inner)
    """,
        expects="axis",
    ),
    described_edit(
        "softmax_cross_entropy",
        "sign",
        "The sign is wrong: it is the log-probability.",
        "np.log(np.exp(a).sum(axis=1)) - a[np.arange(len(a)), labels]",
        "a[np.arange(len(a)), labels] - np.log(np.exp(a).sum(axis=1))",
        expects="factor",
    ),
    described_edit(
        "softmax_cross_entropy",
        "no log",
        "The logarithm of the sum is missing.",
        "np.log(np.exp(a).sum(axis=1))",
        "np.exp(a).sum(axis=1)",
        expects="missing function",
    ),
    described_edit(
        "softmax_cross_entropy",
        "label off by one",
        "The class before the label is taken.",
        "labels]",
        "labels - 1]",
        expects="shifted",
    ),
    described(
        "softmax_cross_entropy",
        "softmax first",
        "The softmax is taken twice: probabilities are used as logits.",
        """
        def softmax_cross_entropy(logits, labels):
            p = softmax(softmax(logits))
            return np.array([-np.log(p[n, k]) for n, k in enumerate(labels)])
    """,
        expects="transformed",
    ),
    described(
        "softmax_cross_entropy",
        "mean",
        "The mean over the batch is returned instead of one loss per example.",
        """
        def softmax_cross_entropy(logits, labels):
            a = logits - logits.max(axis=1, keepdims=True)
            log_p = a - np.log(np.exp(a).sum(axis=1, keepdims=True))
            return -np.mean(log_p[range(len(labels)), labels])
    """,
        expects="shape",
    ),
    described(
        "softmax_cross_entropy",
        "constant in the logarithm",
        "A constant of 1e-3 is added in the logarithm.",
        """
        def softmax_cross_entropy(logits, labels):
            p = softmax(logits)
            return -np.log(p[np.arange(len(labels)), labels] + 1e-3)
    """,
        expects="small number",
    ),
    described_edit(
        "softmax_cross_entropy_backward",
        "sign",
        "The sign is wrong: one-hot minus p.",
        "softmax(logits) - one_hot",
        "one_hot - softmax(logits)",
        expects="factor",
    ),
    described_edit(
        "softmax_cross_entropy_backward",
        "without dloss",
        "The factor dloss is missing.",
        "dloss[:, None] * ",
        "",
        expects="upstream",
    ),
    described_edit(
        "softmax_cross_entropy_backward",
        "without one-hot",
        "The labels are not used: the one-hot vector is not subtracted.",
        "(softmax(logits) - one_hot)",
        "softmax(logits)",
        expects="term",
    ),
    described_edit(
        "softmax_cross_entropy_backward",
        "1 everywhere",
        "1 is subtracted from every class instead of the label's only.",
        "- one_hot",
        "- 1",
        expects="argument",
    ),
    described_edit(
        "softmax_cross_entropy_backward",
        "without softmax",
        "The softmax of the logits is missing.",
        "softmax(logits)",
        "logits",
        expects="missing function",
    ),
    described(
        "softmax_cross_entropy_backward",
        "divided by N, no dloss",
        "dloss is missing, and instead it is divided by the number of examples.",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            g = softmax(logits)
            for n, k in enumerate(labels):
                g[n, k] -= 1
            return g / len(labels)
    """,
        expects="upstream",
    ),
    described(
        "softmax_cross_entropy_backward",
        "label off by one",
        "1 is subtracted from the class before the label.",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            g = softmax(logits)
            g[np.arange(len(g)), labels - 1] -= 1
            return g * dloss.reshape(-1, 1)
    """,
        expects="shifted",
    ),
    described_edit(
        "classifier_loss",
        "sum",
        "The losses are summed instead of averaged.",
        ".mean()",
        ".sum()",
        expects="mean for sum",
    ),
    described_edit(
        "classifier_loss",
        "second layer linear",
        "The sigmoid of the second layer is missing.",
        "sigmoid(dense(h1, W2, b2))",
        "dense(h1, W2, b2)",
        expects="missing function",
    ),
    described_edit(
        "classifier_loss",
        "softmax twice",
        "The softmax is applied before a cross-entropy that takes logits.",
        "softmax_cross_entropy(logits,",
        "softmax_cross_entropy(np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True),",
        expects="transformed",
    ),
    described_edit(
        "classifier_gradients",
        "without 1/N",
        "The factor 1/N is missing.",
        "1 / len(x)",
        "1.0",
        expects="mean for sum",
    ),
    described_edit(
        "classifier_gradients",
        "no slope in layer 1",
        "The derivative of the sigmoid is missing in the first layer.",
        "sigmoid_backward(dh1, h1)",
        "dh1",
        expects="missing derivative",
    ),
    described_edit(
        "classifier_gradients",
        "no slope in layer 2",
        "The derivative of the sigmoid is missing in the second layer.",
        "sigmoid_backward(dh2, h2)",
        "dh2",
        expects="missing derivative",
    ),
    described_edit(
        "classifier_gradients",
        "order",
        "The gradients are returned from the output to the input.",
        "return dW1, db1, dW2, db2, dV, dc",
        "return dV, dc, dW2, db2, dW1, db1",
        expects="shape",
    ),
    described_edit(
        "classifier_gradients",
        "frozen first layer",
        "The gradients of the first layer are 0, as if it were frozen.",
        "return dW1, db1,",
        "return 0 * dW1, 0 * db1,",
        expects="zero",
    ),
    described(
        "classifier_gradients",
        "neither slope",
        "The derivatives of both sigmoids are missing.",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            a = h2 @ V + c
            p = np.exp(a - a.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            d = (p - np.eye(p.shape[1])[labels]) / len(x)
            d2 = d @ V.T
            d1 = d2 @ W2.T
            return x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d, d.sum(0)
    """,
        expects="missing derivative",
    ),
    described(
        "classifier_gradients",
        "linear layers' forward",
        "The second layer's sigmoid is missing in the forward pass, yet its derivative is that of a sigmoid's output.",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(x @ W1 + b1)
            h2 = h1 @ W2 + b2
            a = h2 @ V + c
            p = np.exp(a - a.max(axis=1, keepdims=True))
            p /= p.sum(axis=1, keepdims=True)
            d = (p - np.eye(p.shape[1])[labels]) / len(x)
            d2 = d @ V.T * h2 * (1 - h2)
            d1 = d2 @ W2.T * h1 * (1 - h1)
            return x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d, d.sum(0)
    """,
        expects="missing function",
    ),
)
