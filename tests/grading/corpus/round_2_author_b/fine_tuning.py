"""Mistakes in the classifier that is made of a stack."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "classifier_loss",
        "softmax before the softmax loss",
        "other array / other function / transformed",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h = sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2)
            a = h @ V + c
            e = np.exp(a - a.max(axis=1, keepdims=True))
            probs = e / e.sum(axis=1, keepdims=True)
            return np.mean(softmax_cross_entropy(probs, labels))
        """,
    ),
    wrong(
        "classifier_loss",
        "logarithm of the softmax as it is",
        "unstable",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            e = np.exp(h2 @ V + c)
            loss = 0
            for n, label in enumerate(labels):
                loss -= np.log(e[n, label] / e[n].sum())
            return loss / len(labels)
        """,
    ),
    wrong(
        "classifier_loss",
        "share of wrong answers",
        "other function",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h2 = sigmoid(dense(sigmoid(dense(x, W1, b1)), W2, b2))
            predicted = np.argmax(dense(h2, V, c), axis=1)
            return np.mean(predicted != labels)
        """,
    ),
    edit(
        "classifier_loss", "averaged over the classes", "factor / mean for sum", ".mean()", ".sum() / c.size / len(x)"
    ),
    wrong(
        "classifier_loss",
        "first layer linear",
        "missing function",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            z1 = x @ W1 + b1
            z2 = sigmoid(z1 @ W2 + b2)
            scores = z2 @ V + c
            scores = scores - scores.max(axis=1, keepdims=True)
            log_p = scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))
            return -np.mean(log_p[np.arange(len(x)), labels])
        """,
    ),
    wrong(
        "classifier_gradients",
        "pre-trained layers stay as they are",
        "zero / constant / argument",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            a = h2 @ V + c
            p = np.exp(a) / np.exp(a).sum(axis=1, keepdims=True)
            p[np.arange(len(x)), labels] -= 1
            p /= len(x)
            frozen = [np.zeros_like(w) for w in (W1, b1, W2, b2)]
            return (*frozen, h2.T @ p, p.sum(axis=0))
        """,
    ),
    wrong(
        "classifier_gradients",
        "one name for both hidden layers",
        "shape / other array",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(x @ W1 + b1)
            h = sigmoid(h1 @ W2 + b2)
            d = softmax_cross_entropy_backward(np.full(len(x), 1 / len(x)), h @ V + c, labels)
            dV, dc = h.T @ d, d.sum(axis=0)
            d = d @ V.T * h * (1 - h)
            dW2, db2 = h.T @ d, d.sum(axis=0)
            d = d @ W2.T * h1 * (1 - h1)
            return x.T @ d, d.sum(axis=0), dW2, db2, dV, dc
        """,
    ),
    wrong(
        "classifier_gradients",
        "mean taken in the softmax layer only",
        "factor / mean for sum / one row",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            n = x.shape[0]
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            d3 = softmax_cross_entropy_backward(np.ones(n), h2 @ V + c, labels)
            d2 = np.einsum("nc,jc->nj", d3, V) * h2 * (1 - h2)
            d1 = np.einsum("nj,hj->nh", d2, W2) * h1 * (1 - h1)
            return x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ d3 / n, d3.sum(0) / n
        """,
    ),
    wrong(
        "classifier_gradients",
        "slope of the second layer skipped",
        "missing derivative / missing factor",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            top = softmax_cross_entropy_backward(np.full(len(x), 1 / len(x)), dense(h2, V, c), labels)
            d2, dV, dc = dense_backward(top, h2, V)
            d1, dW2, db2 = dense_backward(d2, h1, W2)
            _, dW1, db1 = dense_backward(d1 * h1 * (1 - h1), x, W1)
            return dW1, db1, dW2, db2, dV, dc
        """,
    ),
    edit(
        "classifier_gradients",
        "second layer fed with sums",
        "other array / missing function",
        "dense_backward(da2, h1, W2)",
        "dense_backward(da2, dense(x, W1, b1), W2)",
    ),
    edit(
        "classifier_gradients",
        "top layer first",
        "swapped / shape",
        "return dW1, db1, dW2, db2, dV, dc",
        "return dV, dc, dW2, db2, dW1, db1",
    ),
    edit(
        "classifier_gradients",
        "slope of the sum",
        "input for output",
        "sigmoid_backward(dh1, h1)",
        "sigmoid_backward(dh1, dense(x, W1, b1))",
    ),
    edit(
        "classifier_gradients",
        "first bias by the mean",
        "factor / mean for sum / one row",
        "return dW1, db1,",
        "return dW1, da1.mean(axis=0),",
    ),
)
