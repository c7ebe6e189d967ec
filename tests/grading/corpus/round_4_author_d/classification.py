"""Wrong solutions of softmax, cross-entropy, and the fine-tuning of a classifier."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # softmax
    edit("softmax", "over the batch", "axis", "e.sum(axis=1, keepdims=True)", "e.sum(axis=0, keepdims=True)"),
    edit("softmax", "one sum for all", "axis/one row", "e.sum(axis=1, keepdims=True)", "e.sum()"),
    wrong(
        "softmax",
        "the logarithms",
        "transformed/missing function/other function",
        """
        def softmax(logits):
            a = logits - logits.max(axis=-1, keepdims=True)
            return a - np.log(np.exp(a).sum(axis=-1, keepdims=True))
        """,
    ),
    # softmax_backward
    edit("softmax_backward", "the sum without p", "missing factor", "(dp * p).sum", "dp.sum"),
    edit(
        "softmax_backward",
        "a mean over the classes",
        "mean for sum/term/one size",
        ".sum(axis=1, keepdims=True)",
        ".mean(axis=1, keepdims=True)",
    ),
    wrong(
        "softmax_backward",
        "the diagonal of the Jacobian",
        "term/other function/missing sum",
        """
        def softmax_backward(dp, p):
            return dp * p * (1 - p)
        """,
    ),
    # softmax_cross_entropy
    edit(
        "softmax_cross_entropy",
        "the logit that was not shifted",
        "other array/term",
        "- a[np.arange(len(a)), labels]",
        "- logits[np.arange(len(a)), labels]",
    ),
    edit(
        "softmax_cross_entropy",
        "the mean of the exponentials",
        "mean for sum/term/one size",
        "np.exp(a).sum(axis=1)",
        "np.exp(a).mean(axis=1)",
    ),
    wrong(
        "softmax_cross_entropy",
        "a coin for each class",
        "term/other function",
        """
        def softmax_cross_entropy(logits, labels):
            p = softmax(logits)
            y = np.eye(logits.shape[1])[labels]
            return -(y * np.log(p) + (1 - y) * np.log(1 - p)).sum(axis=1)
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "no logarithm",
        "missing function",
        """
        def softmax_cross_entropy(logits, labels):
            e = np.exp(logits - logits.max(axis=1)[:, None])
            p = e / e.sum(axis=1)[:, None]
            return np.array([-p[i, k] for i, k in enumerate(labels)])
        """,
    ),
    # softmax_cross_entropy_backward
    edit(
        "softmax_cross_entropy_backward",
        "back through softmax once more",
        "extra factor",
        "(softmax(logits) - one_hot)",
        "softmax_backward(softmax(logits) - one_hot, softmax(logits))",
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "the one is not scaled",
        "upstream/missing factor / term",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            d = softmax(logits) * dloss[:, np.newaxis]
            d[np.arange(len(labels)), labels] -= 1
            return d
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "whole columns",
        "one row",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            p[:, labels] -= 1
            return dloss[:, None] * p
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "the mean of the batch besides",
        "factor/mean for sum/one row",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            N, C = logits.shape
            Y = np.zeros((N, C))
            Y[range(N), labels] = 1
            return (softmax(logits) - Y) * dloss.reshape(N, 1) / N
        """,
    ),
    # classifier_loss
    edit("classifier_loss", "sigmoids on the logits", "transformed", "dense(h2, V, c)", "sigmoid(dense(h2, V, c))"),
    wrong(
        "classifier_loss",
        "the mean over the classes too",
        "factor/mean for sum/axis/one size",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h = sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2)
            a = h @ V + c
            a = a - a.max(axis=1, keepdims=True)
            log_p = a - np.log(np.exp(a).sum(axis=1, keepdims=True))
            Y = np.eye(len(c))[labels]
            return -np.mean(Y * log_p)
        """,
    ),
    wrong(
        "classifier_loss",
        "the logarithm of the probability",
        "unstable",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            e = np.exp(dense(h2, V, c))
            p = e / e.sum(axis=1, keepdims=True)
            return -np.log(p[np.arange(len(x)), labels]).mean()
        """,
    ),
    # classifier_gradients
    edit(
        "classifier_gradients", "the first layer frozen", "zero", "return dW1, db1, dW2", "return 0 * W1, 0 * b1, dW2"
    ),
    edit(
        "classifier_gradients",
        "no derivative of the first layer",
        "missing derivative",
        "sigmoid_backward(dh1, h1)",
        "dh1",
    ),
    edit(
        "classifier_gradients",
        "from the top down",
        "swapped/shape",
        "return dW1, db1, dW2, db2, dV, dc",
        "return dV, dc, dW2, db2, dW1, db1",
    ),
    edit(
        "classifier_gradients",
        "the code in the place of x",
        "other array/shape",
        "dense_backward(da1, x, W1)",
        "dense_backward(da1, h1, W1)",
    ),
)
