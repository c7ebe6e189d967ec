"""Wrong solutions of a dense layer."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "dense",
        "bias added once for each input feature, inside the loop over features",
        "term",
        """
        def dense(x, W, b):
            y = np.zeros((x.shape[0], W.shape[1]))
            for i in range(W.shape[0]):
                y += np.outer(x[:, i], W[i]) + b
            return y
        """,
    ),
    wrong(
        "dense",
        "bias subtracted",
        "sign",
        """
        def dense(x, W, b):
            return x @ W - b
        """,
    ),
    wrong(
        "dense",
        "computed in float32",
        "type",
        """
        def dense(x, W, b):
            x = np.asarray(x, dtype=np.float32)
            W = np.asarray(W, dtype=np.float32)
            return x @ W + np.asarray(b, dtype=np.float32)
        """,
    ),
    wrong(
        "dense_backward",
        "only the last example's outer product: assignment where += is wanted",
        "one row",
        """
        def dense_backward(dy, x, W):
            dx = np.zeros_like(x)
            dW = np.zeros_like(W)
            db = np.zeros(W.shape[1])
            for n in range(len(x)):
                dx[n] = W @ dy[n]
                dW = np.outer(x[n], dy[n])
                db += dy[n]
            return dx, dW, db
        """,
    ),
    wrong(
        "dense_backward",
        "dW divided by N, db not",
        "mean for sum",
        """
        def dense_backward(dy, x, W):
            N = x.shape[0]
            dx = dy @ W.T
            dW = x.T @ dy / N
            db = np.sum(dy, axis=0)
            return dx, dW, db
        """,
    ),
    wrong(
        "dense_backward",
        "dx with the reshaped weights, and db keeps its axis",
        "shape",
        """
        def dense_backward(dy, x, W):
            D_in, D_out = W.shape
            dx = np.dot(dy, W.reshape(D_out, D_in))
            dW = np.dot(x.T, dy)
            db = np.sum(dy, axis=0, keepdims=True)
            return dx, dW, db
        """,
    ),
    wrong(
        "dense_backward",
        "returns dW, db, dx",
        "shape",
        """
        def dense_backward(dy, x, W):
            dx = dy @ W.T
            dW = x.T @ dy
            db = dy.sum(axis=0)
            return dW, db, dx
        """,
    ),
)
