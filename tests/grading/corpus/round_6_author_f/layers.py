"""Mistakes in a dense layer and its gradients."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "dense",
        "examples as columns",
        "The result is transposed: the examples are rows here, so it is x @ W + b, not W.T @ x.T.",
        """
        def dense(x, W, b):
            z = np.dot(W.T, x.T) + b.reshape(-1, 1)
            return z
        """,
        "deeplearning.ai, notebooks with one example per column",
        expects="transposed / shape",
    ),
    described(
        "dense",
        "the loop stops one feature early",
        "The sum over the input features leaves out the last one: range(D - 1) ends at D - 2.",
        """
        def dense(x, W, b):
            N, D = x.shape
            y = np.zeros((N, len(b)))
            for i in range(N):
                for k in range(len(b)):
                    for j in range(D - 1):
                        y[i, k] += x[i, j] * W[j, k]
                    y[i, k] += b[k]
            return y
        """,
        "loops by beginners",
        expects="term",
    ),
    described(
        "dense",
        "the bias in each term of the sum",
        "The bias is added once for every feature instead of once for every output.",
        """
        def dense(x, W, b):
            y = np.zeros((x.shape[0], W.shape[1]))
            for n in range(x.shape[0]):
                for d in range(x.shape[1]):
                    y[n] += x[n, d] * W[d] + b
            return y
        """,
        "loops by beginners",
        expects="term",
    ),
    described(
        "dense_backward",
        "db keeps the axis of the batch",
        "db has shape (1, H) because of keepdims=True; b has shape (H,), and so must its gradient.",
        """
        def dense_backward(dy, x, W):
            dW = np.dot(x.T, dy)
            db = np.sum(dy, axis=0, keepdims=True)
            dx = np.dot(dy, W.T)
            return dx, dW, db
        """,
        "https://datascience.stackexchange.com/questions/20139/gradients-for-bias-terms-in-backpropagation",
        expects="shape",
    ),
    described(
        "dense_backward",
        "db without the sum",
        "db is dy itself: the same b is added to every row, so its gradient is the sum of dy over the batch.",
        """
        def dense_backward(dy, x, W):
            dW = x.T.dot(dy)
            db = dy          # db/db = 1
            dx = dy.dot(W.T)
            return dx, dW, db
        """,
        "https://datascience.stackexchange.com/questions/20139/gradients-for-bias-terms-in-backpropagation",
        expects="shape",
    ),
    described(
        "dense_backward",
        "dW and db divided by m",
        "dW and db are divided by the batch size, but the layer does not average: that factor belongs to the loss and is already in dy.",
        """
        def dense_backward(dy, x, W):
            m = x.shape[0]
            dW = np.dot(x.T, dy) / m
            db = np.sum(dy, axis=0) / m
            dx = np.dot(dy, W.T)
            return dx, dW, db
        """,
        "https://github.com/SkalskiP/ILearnDeepLearning.py/issues/29",
        expects="mean for sum",
    ),
    described(
        "dense_backward",
        "back through dW",
        "dx is computed with the gradient dW in place of the weights W.",
        """
        def dense_backward(dy, x, W):
            grad_w = x.T @ dy
            grad_b = dy.sum(0)
            grad_x = dy @ grad_w.T
            return grad_x, grad_w, grad_b
        """,
        "https://github.com/jcjohnson/pytorch-examples/issues/5",
        expects="argument",
    ),
    described(
        "dense_backward",
        "dW of the other orientation",
        "dW is transposed: it must have the shape of W, which x.T @ dy gives and dy.T @ x does not.",
        """
        def dense_backward(dy, x, W):
            delta = dy
            dW = np.einsum('nh,nd->hd', delta, x)
            db = np.einsum('nh->h', delta)
            dx = np.einsum('nh,dh->nd', delta, W)
            return dx, dW, db
        """,
        "https://github.com/iamtrask/Grokking-Deep-Learning/pull/22",
        expects="transposed / shape",
    ),
    described(
        "dense_backward",
        "a step before going back",
        "W is updated before dx is computed, and in place: dx then belongs to other weights, and the argument is overwritten.",
        """
        def dense_backward(dy, x, W):
            dW = x.T @ dy
            db = dy.sum(axis=0)
            W -= 0.01 * dW
            dx = dy @ W.T
            return dx, dW, db
        """,
        "https://github.com/VikParuchuri/zero_to_gpt/issues/12",
        expects="overwritten",
    ),
    described(
        "dense_backward",
        "overwritten in a loop over the batch",
        "dW is overwritten by each example instead of summed (= in place of +=), so only the last example counts.",
        """
        def dense_backward(dy, x, W):
            dx = np.zeros(x.shape)
            db = np.zeros(W.shape[1])
            for n in range(len(dy)):
                dx[n] = W.dot(dy[n])
                dW = np.outer(x[n], dy[n])
                db += dy[n]
            return dx, dW, db
        """,
        "loops by beginners",
        expects="one row",
    ),
    described(
        "dense_backward",
        "db averaged, dx returned last",
        "Two mistakes: the gradients are returned in the order dW, db, dx instead of dx, dW, db, and db is a mean over the batch instead of a sum.",
        """
        def dense_backward(dy, x, W):
            dx = dy @ W.T
            dW = x.T @ dy
            db = np.mean(dy, axis=0)
            return dW, db, dx
        """,
        "notebooks of courses, in which layers return (dW, db, dx)",
        expects="shape",
    ),
    described(
        "dense_backward",
        "a sum over the wrong axis in einsum",
        "In dx the sums over the outputs are separate: the sum of dy times the sum of a row of W, instead of the sum of their products.",
        """
        def dense_backward(dy, x, W):
            dx = np.einsum('nh,dk->nd', dy, W)
            dW = np.einsum('nd,nh->dh', x, dy)
            return dx, dW, dy.sum(0)
        """,
        "einsum with a letter too many",
    ),
)
