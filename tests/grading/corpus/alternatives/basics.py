"""Right solutions of the first chapter."""

from __future__ import annotations

from grading.corpus.entry import Entry, right

ALTERNATIVES: tuple[Entry, ...] = (
    right("dense", "einsum", "def dense(x, W, b):\n    return np.einsum('nd,dh->nh', x, W) + b\n"),
    right(
        "dense",
        "loops",
        """
        def dense(x, W, b):
            y = np.zeros((len(x), len(b)))
            for n in range(len(x)):
                for h in range(len(b)):
                    y[n, h] = sum(x[n, d] * W[d, h] for d in range(len(W))) + b[h]
            return y
        """,
    ),
    right(
        "dense",
        "one product with ones",
        "def dense(x, W, b):\n    return np.hstack([x, np.ones((len(x), 1))]) @ np.vstack([W, b])\n",
    ),
    right(
        "dense_backward",
        "einsum",
        "def dense_backward(dy, x, W):\n    return np.einsum('nh,dh->nd', dy, W), np.einsum('nd,nh->dh', x, dy), np.einsum('nh->h', dy)\n",
    ),
    right(
        "dense_backward",
        "a loop over the batch, a list",
        """
        def dense_backward(dy, x, W):
            dx, dW, db = np.zeros_like(x), np.zeros_like(W), np.zeros(W.shape[1])
            for n in range(len(x)):
                dx[n] = W @ dy[n]
                dW += np.outer(x[n], dy[n])
                db += dy[n]
            return [dx, dW, db]
        """,
    ),
    right("sigmoid", "by tanh", "def sigmoid(x):\n    return 0.5 * (1 + np.tanh(x / 2))\n"),
    right("sigmoid", "exp(-x), which may overflow to infinity", "def sigmoid(x):\n    return 1 / (1 + np.exp(-x))\n"),
    right("sigmoid", "by logaddexp", "def sigmoid(x):\n    return np.exp(-np.logaddexp(0, -x))\n"),
    right(
        "sigmoid",
        "two halves",
        """
        def sigmoid(x):
            y = np.empty_like(x)
            positive = x >= 0
            y[positive] = 1 / (1 + np.exp(-x[positive]))
            e = np.exp(x[~positive])
            y[~positive] = e / (1 + e)
            return y
        """,
    ),
    right("sigmoid_backward", "y - y²", "def sigmoid_backward(dy, y):\n    return (y - y**2) * dy\n"),
    right("tanh", "by expm1", "def tanh(x):\n    t = np.expm1(-2 * np.abs(x))\n    return -np.sign(x) * t / (t + 2)\n"),
    right("tanh_backward", "(1 - y)(1 + y)", "def tanh_backward(dy, y):\n    return dy * (1 - y) * (1 + y)\n"),
    right("relu", "maximum", "def relu(x):\n    return np.maximum(0, x)\n"),
    right("relu", "half the sum with its size", "def relu(x):\n    return (x + np.abs(x)) / 2\n"),
    right("relu_backward", "where", "def relu_backward(dy, y):\n    return np.where(y > 0, dy, 0)\n"),
    right(
        "relu_backward",
        "a copy, masked",
        "def relu_backward(dy, y):\n    dx = dy.copy()\n    dx[y <= 0] = 0\n    return dx\n",
    ),
    right("softplus", "logaddexp", "def softplus(x):\n    return np.logaddexp(0, x)\n"),
    right(
        "softplus",
        "maximum and log1p",
        "def softplus(x):\n    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))\n",
    ),
    right("softplus_backward", "by tanh", "def softplus_backward(dy, x):\n    return dy * (1 + np.tanh(x / 2)) / 2\n"),
    right(
        "bernoulli_nll",
        "logaddexp",
        "def bernoulli_nll(logits, x):\n    return np.sum(np.logaddexp(0, logits) - x * logits, axis=1)\n",
    ),
    right(
        "bernoulli_nll",
        "both logarithms",
        "def bernoulli_nll(logits, x):\n    return (x * np.logaddexp(0, -logits) + (1 - x) * np.logaddexp(0, logits)).sum(1)\n",
    ),
    right(
        "bernoulli_nll",
        "a loop",
        """
        def bernoulli_nll(logits, x):
            loss = []
            for a, t in zip(logits, x):
                loss.append(sum(max(ai, 0) - ai * ti + np.log1p(np.exp(-abs(ai))) for ai, ti in zip(a, t)))
            return np.array(loss)
        """,
    ),
    right(
        "bernoulli_nll_backward",
        "transposed twice",
        "def bernoulli_nll_backward(dloss, logits, x):\n    return (dloss * (sigmoid(logits) - x).T).T\n",
    ),
    right(
        "bernoulli_nll_backward",
        "np.outer of ones",
        "def bernoulli_nll_backward(dloss, logits, x):\n    return np.outer(dloss, np.ones(x.shape[1])) * ((1 + np.tanh(logits / 2)) / 2 - x)\n",
    ),
    right(
        "squared_error",
        "einsum",
        "def squared_error(x_hat, x):\n    e = x_hat - x\n    return np.einsum('nd,nd->n', e, e)\n",
    ),
    right("squared_error", "norm", "def squared_error(x_hat, x):\n    return np.linalg.norm(x_hat - x, axis=1) ** 2\n"),
    right(
        "squared_error_backward",
        "diagonal product",
        "def squared_error_backward(dloss, x_hat, x):\n    return np.diag(2 * dloss) @ (x_hat - x)\n",
    ),
    right(
        "autoencoder_loss",
        "in one go",
        """
        def autoencoder_loss(x, W, b, V, c):
            a = (1 / (1 + np.exp(-(x @ W + b)))) @ V + c
            return np.sum(np.logaddexp(0, a) - x * a) / x.shape[0]
        """,
    ),
    right(
        "autoencoder_loss",
        "a Python number",
        """
        def autoencoder_loss(x, W, b, V, c):
            a = (1 / (1 + np.exp(-(x @ W + b)))) @ V + c
            return float(np.mean((np.logaddexp(0, a) - x * a).sum(axis=1)))
        """,
    ),
    right(
        "autoencoder_gradients",
        "by hand",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = 1 / (1 + np.exp(-(x @ W + b)))
            p = 1 / (1 + np.exp(-(h @ V + c)))
            delta = (p - x) / len(x)
            back = (delta @ V.T) * h * (1 - h)
            return x.T @ back, back.sum(0), h.T @ delta, delta.sum(0)
        """,
    ),
    right(
        "autoencoder_gradients",
        "a loop over the batch",
        """
        def autoencoder_gradients(x, W, b, V, c):
            dW, db, dV, dc = (np.zeros_like(a) for a in (W, b, V, c))
            for row in x:
                h = 1 / (1 + np.exp(-(row @ W + b)))
                delta = 1 / (1 + np.exp(-(h @ V + c))) - row
                back = V @ delta * h * (1 - h)
                dW, db, dV, dc = dW + np.outer(row, back), db + back, dV + np.outer(h, delta), dc + delta
            return tuple(g / len(x) for g in (dW, db, dV, dc))
        """,
    ),
    right(
        "tied_loss",
        "in one go",
        "def tied_loss(x, W, b, c):\n    return ((np.tanh(x @ W + b) @ W.T + c - x) ** 2).sum() / len(x)\n",
    ),
    right(
        "tied_gradients",
        "by hand",
        """
        def tied_gradients(x, W, b, c):
            h = np.tanh(x @ W + b)
            e = 2 * (h @ W.T + c - x) / len(x)
            back = e @ W * (1 - h**2)
            return e.T @ h + x.T @ back, back.sum(axis=0), e.sum(axis=0)
        """,
    ),
)
