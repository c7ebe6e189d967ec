"""Right solutions in other styles: index arithmetic, explicit one-hot matrices, tensordot, np.add.at, running sums, generators, helpers."""

from __future__ import annotations

from grading.corpus.entry import Entry, right

ALTERNATIVES: tuple[Entry, ...] = (
    right(
        "dense",
        "tensordot and a column of biases",
        "def dense(x, W, b):\n    return np.add(np.tensordot(x, W, axes=(1, 0)), np.ones((len(x), 1)) @ b[None, :])\n",
    ),
    right(
        "dense_backward",
        "np.add.at over all pairs",
        """
        def dense_backward(dy, x, W):
            N, H = dy.shape
            dx, dW, db = np.zeros(x.shape), np.zeros(W.shape), np.zeros(H)
            n, h = np.divmod(np.arange(N * H), H)
            np.add.at(db, h, dy[n, h])
            np.add.at(dx, n, dy[n, h, None] * W.T[h])
            np.add.at(dW.T, h, dy[n, h, None] * x[n])
            return dx, dW, db
        """,
    ),
    right(
        "sigmoid",
        "np.vectorize with a branch",
        """
        def sigmoid(x):
            import math

            def one(t):
                if t < 0:
                    e = math.exp(t)
                    return e / (1 + e)
                return 1 / (1 + math.exp(-t))

            return np.vectorize(one, otypes=[float])(x)
        """,
    ),
    right(
        "sigmoid",
        "expm1 and a sign",
        """
        def sigmoid(x):
            t = np.expm1(-abs(x))
            small = (1 + t) / (2 + t)
            return small + (x > 0) * (1 - 2 * small)
        """,
    ),
    right(
        "tanh",
        "sigmoid of twice the input",
        """
        def tanh(x):
            e = np.exp(-2 * np.abs(x))
            return np.copysign((1 - e) / (1 + e), x)
        """,
    ),
    right(
        "relu_backward",
        "chained where",
        "def relu_backward(dy, y):\n    return np.where(y > 0, dy, np.where(y < 0, 0.0, np.zeros_like(dy)))\n",
    ),
    right(
        "softplus",
        "the logarithm of the sigmoid",
        """
        def softplus(x):
            big = x > 0
            out = np.log1p(np.exp(np.where(big, -x, x)))
            out[big] += x[big]
            return out
        """,
    ),
    right(
        "bernoulli_nll",
        "two likelihoods, weighted",
        """
        def bernoulli_nll(logits, x):
            white, black = np.logaddexp(0.0, -logits), np.logaddexp(0.0, logits)
            return np.einsum('nd,nd->n', x, white) + np.einsum('nd,nd->n', 1 - x, black)
        """,
    ),
    right(
        "squared_error",
        "running sums",
        """
        def squared_error(x_hat, x):
            return np.cumsum(np.square(np.subtract(x, x_hat)), axis=1)[:, -1]
        """,
    ),
    right(
        "autoencoder_gradients",
        "einsum all the way",
        """
        def autoencoder_gradients(x, W, b, V, c):
            h = 0.5 * (1 + np.tanh(0.5 * (np.einsum('nd,dh->nh', x, W) + b)))
            p = 0.5 * (1 + np.tanh(0.5 * (np.einsum('nh,hd->nd', h, V) + c)))
            r = (p - x) / x.shape[0]
            q = np.einsum('nd,hd,nh,nh->nh', r, V, h, 1 - h)
            return np.einsum('nd,nh->dh', x, q), q.sum(axis=0), np.einsum('nh,nd->hd', h, r), r.sum(axis=0)
        """,
    ),
    right(
        "tied_gradients",
        "example by example, both uses",
        """
        def tied_gradients(x, W, b, c):
            dW, db, dc = np.zeros(W.shape), np.zeros(b.shape), np.zeros(c.shape)
            for row in x:
                h = np.tanh(row @ W + b)
                e = 2 * (W @ h + c - row) / len(x)
                g = (W.T @ e) * (1 - h) * (1 + h)
                dW += np.outer(e, h) + np.outer(row, g)
                db += g
                dc += e
            return dW, db, dc
        """,
    ),
    right(
        "salt_and_pepper_noise",
        "digitize and choose",
        """
        def salt_and_pepper_noise(x, u, level):
            case = np.digitize(u, [level / 2, level])
            return np.choose(case, [np.zeros_like(x), np.ones_like(x), x])
        """,
    ),
    right(
        "masking_noise",
        "heaviside",
        "def masking_noise(x, u, level):\n    return x * np.heaviside(u - level, 1.0)\n",
    ),
    right(
        "sparsity_kl",
        "cross-entropy minus entropy",
        """
        def sparsity_kl(h, rho):
            m = np.add.reduce(h) / len(h)
            cross = -(rho * np.log(m) + (1 - rho) * np.log1p(-m))
            entropy = -(rho * np.log(rho) + (1 - rho) * np.log1p(-rho))
            return float(sum(c - entropy for c in cross))
        """,
    ),
    right(
        "k_sparse",
        "ranks",
        """
        def k_sparse(h, k):
            ranks = (h[:, :, None] < h[:, None, :]).sum(axis=2)
            return np.where(ranks < k, h, 0.0)
        """,
    ),
    right(
        "contractive_penalty",
        "the Jacobian of each example",
        """
        def contractive_penalty(h, W, activation):
            out = np.empty(len(h))
            for n, row in enumerate(h):
                slope = np.diag(row - row**2) if activation == 'sigmoid' else np.eye(len(row)) - np.diag(row**2)
                out[n] = np.linalg.norm(W @ slope, 'fro') ** 2
            return out
        """,
    ),
    right(
        "contractive_penalty_backward",
        "through the square of the slope",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            lengths = np.einsum('dh,dh->h', W, W)
            if activation == 'tanh':
                square, slope_of_square = (1 - h**2) ** 2, -4 * h * (1 - h**2)
            else:
                square, slope_of_square = (h - h**2) ** 2, 2 * (h - h**2) * (1 - 2 * h)
            return np.multiply.outer(dpenalty, lengths) * slope_of_square, W * (2 * dpenalty @ square)[None]
        """,
    ),
    right(
        "softmax",
        "differences of all pairs",
        """
        def softmax(logits):
            with np.errstate(over='ignore'):
                return 1 / np.exp(logits[:, None, :] - logits[:, :, None]).sum(axis=2)
        """,
    ),
    right(
        "softmax_backward",
        "the Jacobians as one array",
        """
        def softmax_backward(dp, p):
            J = p[:, :, None] * np.eye(p.shape[1]) - p[:, :, None] * p[:, None, :]
            return np.matmul(dp[:, None, :], J)[:, 0, :]
        """,
    ),
    right(
        "softmax_cross_entropy",
        "log1p of the others",
        """
        def softmax_cross_entropy(logits, labels):
            loss = []
            for row, k in zip(logits, labels):
                loss.append(np.logaddexp.reduce(np.append(np.delete(row, k) - row[k], 0.0)))
            return np.array(loss)
        """,
    ),
    right(
        "softmax_cross_entropy_backward",
        "np.subtract.at",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            log_p = logits - np.logaddexp.reduce(logits, axis=1)[:, None]
            grad = np.exp(log_p) * dloss[:, None]
            np.subtract.at(grad, (np.arange(labels.size), labels), dloss)
            return grad
        """,
    ),
    right(
        "gaussian_kl_trace",
        "by eigenvalues",
        """
        def gaussian_kl_trace(mu, covariance):
            values = np.linalg.eigvalsh(covariance)
            return 0.5 * (mu**2 + values - np.log(values) - 1).sum(axis=1)
        """,
    ),
    right(
        "gaussian_kl",
        "a sinh and a cosh",
        """
        def gaussian_kl(mu, logvar):
            half = logvar / 2
            excess = 2 * np.exp(half) * np.sinh(half) - logvar
            return np.dot(mu * mu + excess, np.full(mu.shape[1], 0.5))
        """,
    ),
    right(
        "reparameterize",
        "draw by draw",
        """
        def reparameterize(mu, logvar, eps):
            std = np.sqrt(np.exp(logvar))
            if eps.ndim == 2:
                return np.multiply(std, eps) + mu
            return np.stack([np.multiply(std, draw) + mu for draw in eps])
        """,
    ),
    right(
        "bernoulli_log_likelihood_backward",
        "two masked terms",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            white, black = np.divide(x, p), np.divide(1 - x, 1 - p)
            return np.diag(dlog_likelihood) @ np.subtract(white, black)
        """,
    ),
    right(
        "elbo",
        "a running mean over the draws",
        """
        def elbo(x, mu, logvar, eps, W, b):
            mean = np.zeros(len(x))
            for i, e in enumerate(eps, start=1):
                a = (mu + np.sqrt(np.exp(logvar)) * e) @ W + b
                log_p = -(x * np.logaddexp(0, -a) + (1 - x) * np.logaddexp(0, a)).sum(axis=1)
                mean += (log_p - mean) / i
            kl = 0.5 * (mu**2 + np.expm1(logvar) - logvar).sum(axis=1)
            return mean - kl, mean, kl
        """,
    ),
    right(
        "importance_weights",
        "differences of all pairs",
        """
        def importance_weights(log_w):
            with np.errstate(over='ignore'):
                return 1 / np.exp(log_w[None] - log_w[:, None]).sum(axis=1)
        """,
    ),
    right(
        "log_mean_exp",
        "functools.reduce",
        """
        def log_mean_exp(log_w):
            import functools

            return functools.reduce(np.logaddexp, log_w) - np.log(log_w.shape[0])
        """,
    ),
    right(
        "attribute_vector",
        "np.add.at and bincount",
        """
        def attribute_vector(codes, has):
            sums = np.zeros((2, codes.shape[1]))
            np.add.at(sums, has, codes)
            without, having = sums / np.bincount(has, minlength=2)[:, None]
            return having - without
        """,
    ),
    right(
        "linear_path",
        "running sums of equal steps",
        """
        def linear_path(a, b, n):
            steps = np.vstack([a, np.tile((b - a) / (n - 1), (n - 1, 1))])
            return np.cumsum(steps, axis=0)
        """,
    ),
)
