"""Wrong solutions of the reparameterisation and of the log-likelihood of pixels."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # reparameterize
    edit("reparameterize", "the variance", "power/scaled", "np.exp(logvar / 2)", "np.exp(logvar)"),
    edit(
        "reparameterize",
        "the logarithm for the standard deviation",
        "missing function",
        "std = np.exp(logvar / 2)",
        "std = logvar / 2",
    ),
    wrong(
        "reparameterize",
        "the precision",
        "sign/inverse/power",
        """
        def reparameterize(mu, logvar, eps):
            sigma = 1 / np.sqrt(np.exp(logvar))
            return mu + sigma * eps
        """,
    ),
    # reparameterize_backward
    edit("reparameterize_backward", "no standard deviation", "missing factor/missing derivative", " * std / 2", " / 2"),
    edit("reparameterize_backward", "the first draw", "first only/one size", "dz_draws.sum(axis=0)", "dz_draws[0]"),
    wrong(
        "reparameterize_backward",
        "for one draw",
        "missing sum/shape/one size",
        """
        def reparameterize_backward(dz, logvar, eps):
            dmu = dz.copy()
            dlogvar = dz * eps * 0.5 * np.exp(0.5 * logvar)
            return dmu, dlogvar
        """,
    ),
    wrong(
        "reparameterize_backward",
        "means over the draws",
        "mean for sum/factor/one size",
        """
        def reparameterize_backward(dz, logvar, eps):
            g_logvar = dz * eps * np.exp(logvar / 2) / 2
            if dz.ndim == 3:
                return dz.mean(axis=0), g_logvar.mean(axis=0)
            return dz, g_logvar
        """,
    ),
    # bernoulli_log_product
    edit(
        "bernoulli_log_product",
        "black for white",
        "complement/swapped/comparison",
        "np.where(x == 1, p, 1 - p)",
        "np.where(x == 0, p, 1 - p)",
    ),
    wrong(
        "bernoulli_log_product",
        "the product itself",
        "missing function / transformed",
        """
        def bernoulli_log_product(p, x):
            out = np.ones(len(p))
            for n in range(len(p)):
                for j in range(p.shape[1]):
                    out[n] *= p[n, j] if x[n, j] == 1 else 1 - p[n, j]
            return out
        """,
    ),
    wrong(
        "bernoulli_log_product",
        "only white pixels",
        "term/missing factor",
        """
        def bernoulli_log_product(p, x):
            return np.log(np.prod(p**x, axis=1))
        """,
    ),
    # bernoulli_log_powers
    edit(
        "bernoulli_log_powers",
        "exponents exchanged",
        "complement/swapped",
        "p**x * (1 - p) ** (1 - x)",
        "p ** (1 - x) * (1 - p) ** x",
    ),
    edit("bernoulli_log_powers", "a sum of the powers", "other function / inverse", "p**x * (1 - p)", "p**x + (1 - p)"),
    wrong(
        "bernoulli_log_powers",
        "the first pixel is left out",
        "term/shifted",
        """
        def bernoulli_log_powers(p, x):
            total = 0.0
            for d in range(1, x.shape[1]):
                total = total + np.log(p[:, d] ** x[:, d] * (1 - p[:, d]) ** (1 - x[:, d]))
            return total
        """,
    ),
    # bernoulli_log_likelihood
    edit(
        "bernoulli_log_likelihood", "the data in the second logarithm", "other array", "np.log(1 - p)", "np.log(1 - x)"
    ),
    wrong(
        "bernoulli_log_likelihood",
        "the arguments exchanged",
        "swapped",
        """
        def bernoulli_log_likelihood(p, x):
            ll = p * np.log(x) + (1 - p) * np.log(1 - x)
            return np.sum(ll, axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood",
        "grey pixels are black or white",
        "transformed",
        """
        def bernoulli_log_likelihood(p, x):
            white = x > 0.5
            return np.where(white, np.log(p), np.log(1 - p)).sum(axis=1)
        """,
    ),
    # bernoulli_log_likelihood_backward
    edit("bernoulli_log_likelihood_backward", "upside down", "inverse/swapped", "x / p -", "p / x -"),
    edit(
        "bernoulli_log_likelihood_backward",
        "summed over the pixels",
        "shape",
        "(x / p - (1 - x) / (1 - p))",
        "(x / p - (1 - x) / (1 - p)).sum(axis=1)",
    ),
    wrong(
        "bernoulli_log_likelihood_backward",
        "with respect to the logits",
        "extra factor",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            return np.expand_dims(dlog_likelihood, 1) * (x - p)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood_backward",
        "the logarithms stay",
        "missing derivative/other function",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            dp = x * np.log(p) - (1 - x) * np.log(1 - p)
            return dlog_likelihood[:, None] * dp
        """,
    ),
)
