"""Wrong solutions of fine-tuning a classifier."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "classifier_loss",
        "softmax before a loss that takes logits",
        "transformed",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            z = dense(h2, V, c)
            e = np.exp(z - z.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            return softmax_cross_entropy(p, labels).mean()
        """,
    ),
    wrong(
        "classifier_loss",
        "divided by the number of classes, too",
        "mean for sum",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            losses = softmax_cross_entropy(dense(h2, V, c), labels)
            return losses.sum() / (len(x) * V.shape[1])
        """,
    ),
    wrong(
        "classifier_gradients",
        "both sigmoid derivatives forgotten",
        "missing derivative",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            logits = dense(h2, V, c)
            dlogits = softmax_cross_entropy_backward(np.full(len(x), 1 / len(x)), logits, labels)
            dh2, dV, dc = dense_backward(dlogits, h2, V)
            dh1, dW2, db2 = dense_backward(dh2, h1, W2)
            _, dW1, db1 = dense_backward(dh1, x, W1)
            return dW1, db1, dW2, db2, dV, dc
        """,
    ),
    wrong(
        "classifier_gradients",
        "first layer frozen: zeros",
        "zero",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            logits = dense(h2, V, c)
            dlogits = softmax_cross_entropy_backward(np.full(len(x), 1 / len(x)), logits, labels)
            dh2, dV, dc = dense_backward(dlogits, h2, V)
            _, dW2, db2 = dense_backward(sigmoid_backward(dh2, h2), h1, W2)
            return np.zeros_like(W1), np.zeros_like(b1), dW2, db2, dV, dc
        """,
    ),
    wrong(
        "classifier_gradients",
        "summed over the batch, and the first sigmoid's derivative forgotten",
        "missing derivative/mean for sum",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            z = dense(h2, V, c)
            e = np.exp(z - z.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            p[np.arange(len(x)), labels] -= 1
            dV = h2.T @ p
            dc = p.sum(axis=0)
            d2 = (p @ V.T) * h2 * (1 - h2)
            dW2 = h1.T @ d2
            db2 = d2.sum(axis=0)
            d1 = d2 @ W2.T
            dW1 = x.T @ d1
            db1 = d1.sum(axis=0)
            return dW1, db1, dW2, db2, dV, dc
        """,
    ),
    wrong(
        "classifier_gradients",
        "extra softmax_backward after the combined gradient",
        "extra factor",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            z = dense(h2, V, c)
            e = np.exp(z - z.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            dp = p.copy()
            dp[np.arange(len(x)), labels] -= 1
            dp /= len(x)
            dlogits = p * (dp - (dp * p).sum(axis=1, keepdims=True))
            dh2, dV, dc = dense_backward(dlogits, h2, V)
            dh1, dW2, db2 = dense_backward(sigmoid_backward(dh2, h2), h1, W2)
            _, dW1, db1 = dense_backward(sigmoid_backward(dh1, h1), x, W1)
            return dW1, db1, dW2, db2, dV, dc
        """,
    ),
)
