"""Wrong solutions of the dense layer and of its gradients."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # dense
    edit("dense", "no bias", "term/argument", " + b ", " "),
    edit("dense", "the bias is added to the weights", "term/extra factor", "x @ W + b", "x @ (W + b)"),
    wrong(
        "dense",
        "with an activation that was not asked for",
        "transformed/part/other function",
        """
        def dense(x, W, b):
            z = np.dot(x, W) + b
            return np.maximum(z, 0)
        """,
    ),
    # dense_backward
    edit("dense_backward", "db over the wrong axis", "axis/shape", "dy.sum(axis=0)", "dy.sum(axis=1)"),
    edit("dense_backward", "db is a mean", "mean for sum/factor/one row", "dy.sum(axis=0)", "dy.mean(axis=0)"),
    edit("dense_backward", "dW the other way round", "transposed/shape", "x.T @ dy", "dy.T @ x"),
    wrong(
        "dense_backward",
        "the sum over the units stops one early",
        "shifted/term",
        """
        def dense_backward(dy, x, W):
            N, H = dy.shape
            dx = np.zeros(x.shape)
            for n in range(N):
                for j in range(H - 1):
                    dx[n] += dy[n, j] * W[:, j]
            dW = x.T.dot(dy)
            db = dy.sum(0)
            return dx, dW, db
        """,
    ),
)
