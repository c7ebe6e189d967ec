"""Right solutions of the variational chapters."""

from __future__ import annotations

from grading.corpus.entry import Entry, right

ALTERNATIVES: tuple[Entry, ...] = (
    right(
        "gaussian_kl_trace",
        "example by example",
        """
        def gaussian_kl_trace(mu, covariance):
            kl = [np.trace(S) + m @ m - len(m) - np.linalg.slogdet(S)[1] for m, S in zip(mu, covariance)]
            return np.array(kl) / 2
        """,
    ),
    right(
        "gaussian_kl_trace",
        "by Cholesky",
        """
        def gaussian_kl_trace(mu, covariance):
            diagonal = np.diagonal(np.linalg.cholesky(covariance), axis1=1, axis2=2)
            trace = np.einsum('nii->n', covariance)
            return 0.5 * (trace + (mu * mu).sum(1) - mu.shape[1]) - np.log(diagonal).sum(1)
        """,
    ),
    right(
        "gaussian_kl_trace_backward",
        "by solving",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            eye = np.broadcast_to(np.eye(mu.shape[1]), covariance.shape)
            inverse = np.linalg.solve(covariance, eye)
            return mu * dkl[:, None], 0.5 * dkl[:, None, None] * (eye - inverse.transpose(0, 2, 1))
        """,
    ),
    right(
        "gaussian_kl_sums",
        "one sum",
        "def gaussian_kl_sums(mu, variance):\n    return 0.5 * np.sum(variance + mu * mu - 1 - np.log(variance), axis=1)\n",
    ),
    right(
        "gaussian_kl_sums_backward",
        "one quotient",
        "def gaussian_kl_sums_backward(dkl, mu, variance):\n    d = dkl[:, np.newaxis]\n    return d * mu, d * (variance - 1) / (2 * variance)\n",
    ),
    right(
        "gaussian_kl",
        "expm1",
        "def gaussian_kl(mu, logvar):\n    return 0.5 * (mu**2 + np.expm1(logvar) - logvar).sum(axis=1)\n",
    ),
    right(
        "gaussian_kl",
        "as it is printed",
        "def gaussian_kl(mu, logvar):\n    return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=-1)\n",
    ),
    right(
        "gaussian_kl_backward",
        "expm1",
        "def gaussian_kl_backward(dkl, mu, logvar):\n    return (mu.T * dkl).T, 0.5 * np.expm1(logvar) * dkl.reshape(-1, 1)\n",
    ),
    right(
        "reparameterize",
        "a root",
        "def reparameterize(mu, logvar, eps):\n    return np.sqrt(np.exp(logvar)) * eps + mu\n",
    ),
    right(
        "reparameterize_backward",
        "a sum where there are draws",
        """
        def reparameterize_backward(dz, logvar, eps):
            dlogvar = dz * eps * np.exp(0.5 * logvar) * 0.5
            if dz.ndim == 3:
                return dz.sum(axis=0), dlogvar.sum(axis=0)
            return dz, dlogvar
        """,
    ),
    right(
        "bernoulli_log_product",
        "a sum of logarithms",
        "def bernoulli_log_product(p, x):\n    return np.log(np.where(x == 1, p, 1 - p)).sum(axis=1)\n",
    ),
    right(
        "bernoulli_log_product",
        "a loop",
        """
        def bernoulli_log_product(p, x):
            product = np.ones(len(p))
            for d in range(p.shape[1]):
                product *= x[:, d] * p[:, d] + (1 - x[:, d]) * (1 - p[:, d])
            return np.log(product)
        """,
    ),
    right(
        "bernoulli_log_powers",
        "np.power",
        "def bernoulli_log_powers(p, x):\n    return np.log(np.power(p, x)).sum(1) + np.log(np.power(1 - p, 1 - x)).sum(1)\n",
    ),
    right(
        "bernoulli_log_likelihood",
        "log1p",
        "def bernoulli_log_likelihood(p, x):\n    return np.sum(x * np.log(p) + (1 - x) * np.log1p(-p), axis=1)\n",
    ),
    right(
        "bernoulli_log_likelihood",
        "by the logits",
        "def bernoulli_log_likelihood(p, x):\n    return (x * np.log(p / (1 - p)) + np.log(1 - p)).sum(axis=1)\n",
    ),
    right(
        "bernoulli_log_likelihood_backward",
        "one quotient",
        "def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):\n    return dlog_likelihood[:, None] * (x - p) / (p * (1 - p))\n",
    ),
    right(
        "elbo",
        "all draws at once",
        """
        def elbo(x, mu, logvar, eps, W, b):
            a = (mu + np.exp(logvar / 2) * eps) @ W + b
            reconstruction = (x * a - np.logaddexp(0, a)).sum(axis=2).mean(axis=0)
            kl = (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1) / 2
            return reconstruction - kl, reconstruction, kl
        """,
    ),
    right(
        "variational_loss",
        "all draws at once",
        """
        def variational_loss(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            mu, logvar = np.split(np.tanh(x @ W1 + b1) @ W2 + b2, 2, axis=1)
            a = np.tanh((mu + np.exp(logvar / 2) * eps) @ W3 + b3) @ W4 + b4
            nll = (np.logaddexp(0, a) - x * a).sum(axis=2).mean()
            return nll + beta * (mu**2 + np.exp(logvar) - logvar - 1).sum() / 2 / len(x)
        """,
    ),
    right(
        "variational_gradients",
        "draw by draw",
        """
        def variational_gradients(x, eps, beta, W1, b1, W2, b2, W3, b3, W4, b4):
            L, N, J = eps.shape
            h1 = np.tanh(x @ W1 + b1)
            mu, logvar = np.split(h1 @ W2 + b2, 2, axis=1)
            std = np.exp(logvar / 2)
            dmu, dlogvar = beta * mu / N, beta * np.expm1(logvar) / 2 / N
            dW3, db3, dW4, db4 = (np.zeros_like(a) for a in (W3, b3, W4, b4))
            for e in eps:
                z = mu + std * e
                h3 = np.tanh(z @ W3 + b3)
                d = (1 / (1 + np.exp(-(h3 @ W4 + b4))) - x) / (L * N)
                dW4 += h3.T @ d
                db4 += d.sum(axis=0)
                d = d @ W4.T * (1 - h3**2)
                dW3 += z.T @ d
                db3 += d.sum(axis=0)
                d = d @ W3.T
                dmu = dmu + d
                dlogvar = dlogvar + d * e * std / 2
            d = np.concatenate([dmu, dlogvar], axis=1)
            dW2, db2 = h1.T @ d, d.sum(axis=0)
            d = d @ W2.T * (1 - h1**2)
            return x.T @ d, d.sum(axis=0), dW2, db2, dW3, db3, dW4, db4
        """,
    ),
)
