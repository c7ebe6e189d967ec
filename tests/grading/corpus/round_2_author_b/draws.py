"""Mistakes in draws and in the likelihoods of pixels."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "reparameterize",
        "variance for the deviation",
        "power / scaled",
        """
        def reparameterize(mu, logvar, eps):
            sigma = np.exp(logvar)
            return np.add(mu, np.multiply(sigma, eps))
        """,
    ),
    wrong(
        "reparameterize",
        "draws its own noise",
        "noise redrawn / argument",
        """
        def reparameterize(mu, logvar, eps):
            std = np.exp(0.5 * logvar)
            return mu + std * np.random.standard_normal(eps.shape)
        """,
    ),
    wrong(
        "reparameterize",
        "noise centred on the mean",
        "swapped / other array",
        """
        def reparameterize(mu, logvar, eps):
            std = np.exp(logvar / 2)
            return std + mu * eps
        """,
    ),
    edit(
        "reparameterize",
        "log-variance read as the deviation",
        "missing function / power",
        "np.exp(logvar / 2)",
        "logvar",
    ),
    edit("reparameterize", "precision for variance", "sign / inverse", "np.exp(logvar / 2)", "np.exp(-logvar / 2)"),
    edit("reparameterize", "mean left out", "term / argument", "mu + std * eps", "std * eps"),
    wrong(
        "reparameterize_backward",
        "gradient by the deviation",
        "missing derivative / missing factor / argument",
        """
        def reparameterize_backward(dz, logvar, eps):
            dz = dz.reshape(-1, *logvar.shape)
            eps = eps.reshape(-1, *logvar.shape)
            dmu = np.zeros(logvar.shape)
            dstd = np.zeros(logvar.shape)
            for g, e in zip(dz, eps):
                dmu += g
                dstd += g * e
            return dmu, dstd
        """,
    ),
    wrong(
        "reparameterize_backward",
        "mean over the draws",
        "factor / mean for sum",
        """
        def reparameterize_backward(dz, logvar, eps):
            std = np.exp(logvar / 2)
            dlogvar = dz * eps * std / 2
            if dz.ndim == 3:
                return dz.mean(axis=0), dlogvar.mean(axis=0)
            return dz.copy(), dlogvar
        """,
    ),
    wrong(
        "reparameterize_backward",
        "first draw only",
        "first only",
        """
        def reparameterize_backward(dz, logvar, eps):
            if dz.ndim == 3:
                dz, eps = dz[0], eps[0]
            std = np.exp(logvar / 2)
            return dz.copy(), 0.5 * dz * eps * std
        """,
    ),
    wrong(
        "reparameterize_backward",
        "gradients and noises summed apart",
        "power",
        """
        def reparameterize_backward(dz, logvar, eps):
            std = np.exp(0.5 * logvar)
            axes = tuple(range(dz.ndim - 2))
            dmu = dz.sum(axis=axes)
            dlogvar = 0.5 * std * dmu * eps.sum(axis=axes)
            return dmu, dlogvar
        """,
    ),
    wrong(
        "reparameterize_backward",
        "draws not summed",
        "shape",
        """
        def reparameterize_backward(dz, logvar, eps):
            std = np.exp(logvar / 2)
            return 1.0 * dz, dz * eps * std / 2
        """,
    ),
    edit("reparameterize_backward", "half forgotten", "factor", "* std / 2", "* std"),
    edit(
        "reparameterize_backward",
        "variance for the deviation",
        "power / scaled",
        "np.exp(logvar / 2)",
        "np.exp(logvar)",
    ),
    edit(
        "reparameterize_backward", "noise forgotten", "missing factor / argument", "(dz_draws * eps_draws)", "dz_draws"
    ),
    edit(
        "reparameterize_backward",
        "outputs exchanged",
        "swapped / argument",
        "return dmu, dlogvar",
        "return dlogvar, dmu",
    ),
    edit(
        "reparameterize_backward",
        "mean scaled by the deviation",
        "extra factor",
        "dmu = dz_draws.sum(axis=0)",
        "dmu = dz_draws.sum(axis=0) * std",
    ),
    wrong(
        "bernoulli_log_product",
        "black pixels left out",
        "term / missing factor",
        """
        def bernoulli_log_product(p, x):
            likelihood = np.ones(len(p))
            for n in range(p.shape[0]):
                for d in range(p.shape[1]):
                    if x[n, d] == 1:
                        likelihood[n] *= p[n, d]
            return np.log(likelihood)
        """,
    ),
    edit(
        "bernoulli_log_product",
        "black for white",
        "complement / swapped",
        "np.where(x == 1, p, 1 - p)",
        "np.where(x == 0, p, 1 - p)",
    ),
    wrong(
        "bernoulli_log_product",
        "likelihood, not its logarithm",
        "missing function / transformed",
        """
        def bernoulli_log_product(p, x):
            out = []
            for pn, xn in zip(p, x):
                likelihood = 1.0
                for prob, pixel in zip(pn, xn):
                    likelihood *= prob if pixel == 1 else 1 - prob
                out.append(likelihood)
            return np.array(out)
        """,
    ),
    edit("bernoulli_log_product", "sum for the product", "other function", ".prod(axis=1)", ".sum(axis=1)"),
    wrong(
        "bernoulli_log_powers",
        "base and exponent exchanged",
        "swapped",
        """
        def bernoulli_log_powers(p, x):
            return np.sum(np.log(x**p * (1 - x) ** (1 - p)), axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_powers",
        "same exponent for black and white",
        "complement / other array",
        """
        def bernoulli_log_powers(p, x):
            probs = np.power(p, x) * np.power(1 - p, x)
            return np.log(probs).sum(axis=1)
        """,
    ),
    edit("bernoulli_log_powers", "plus for times", "inverse", "p**x * (1 - p)", "p**x + (1 - p)"),
    edit(
        "bernoulli_log_powers",
        "pixels summed before the logarithm",
        "axis",
        "np.log(p**x * (1 - p) ** (1 - x)).sum(axis=1)",
        "np.log((p**x * (1 - p) ** (1 - x)).sum(axis=1))",
    ),
    wrong(
        "bernoulli_log_likelihood",
        "bracket before the second term lost",
        "term / sign",
        """
        def bernoulli_log_likelihood(p, x):
            return (x * np.log(p) + 1 - x * np.log(1 - p)).sum(axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood",
        "loss instead of likelihood",
        "factor",
        """
        def bernoulli_log_likelihood(p, x):
            loss = 0
            for d in range(p.shape[1]):
                loss = loss - (x[:, d] * np.log(p[:, d]) + (1 - x[:, d]) * np.log(1 - p[:, d]))
            return loss
        """,
    ),
    edit("bernoulli_log_likelihood", "minus between the terms", "sign", "+ (1 - x)", "- (1 - x)"),
    edit(
        "bernoulli_log_likelihood",
        "prediction and target exchanged",
        "swapped",
        "x * np.log(p) + (1 - x) * np.log(1 - p)",
        "p * np.log(x) + (1 - p) * np.log(1 - x)",
    ),
    wrong(
        "bernoulli_log_likelihood_backward",
        "inner minus of one minus p forgotten",
        "sign",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            grad = np.divide(x, p) + np.divide(1 - x, 1 - p)
            return grad * dlog_likelihood[:, None]
        """,
    ),
    wrong(
        "bernoulli_log_likelihood_backward",
        "gradient by the logits",
        "extra factor / missing factor",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            dp = np.empty(p.shape)
            for n, g in enumerate(dlog_likelihood):
                dp[n] = g * (x[n] - p[n])
            return dp
        """,
    ),
    edit(
        "bernoulli_log_likelihood_backward",
        "same denominator twice",
        "complement / other array",
        "(1 - x) / (1 - p)",
        "(1 - x) / p",
    ),
    edit("bernoulli_log_likelihood_backward", "white pixels only", "term", "(x / p - (1 - x) / (1 - p))", "(x / p)"),
    edit(
        "bernoulli_log_likelihood_backward",
        "multiplied in place of divided",
        "inverse",
        "(x / p - (1 - x) / (1 - p))",
        "(x * p - (1 - x) * (1 - p))",
    ),
)
