"""Wrong solutions of divergences, draws and likelihoods."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # gaussian_kl
    wrong(
        "gaussian_kl_trace",
        "from the prior to q",
        "swapped",
        """
        def gaussian_kl_trace(mu, covariance):
            out = []
            for m, S in zip(mu, covariance):
                P = np.linalg.inv(S)
                out.append(0.5 * (np.trace(P) + m @ P @ m - len(m) + np.linalg.slogdet(S)[1]))
            return np.array(out)
        """,
    ),
    wrong(
        "gaussian_kl_trace",
        "all entries for the trace",
        "axis/other function",
        """
        def gaussian_kl_trace(mu, covariance):
            tr = covariance.sum(axis=(1, 2))
            logdet = np.linalg.slogdet(covariance)[1]
            return 0.5 * (tr + np.sum(mu * mu, axis=1) - mu.shape[1] - logdet)
        """,
    ),
    wrong(
        "gaussian_kl_trace_backward",
        "one over each entry for the inverse",
        "other function",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            I = np.eye(mu.shape[1])
            return dkl[:, None] * mu, 0.5 * dkl[:, None, None] * (I - 1 / covariance)
        """,
    ),
    wrong(
        "gaussian_kl_trace_backward",
        "mu through the inverse",
        "extra factor",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            inv = np.linalg.inv(covariance)
            dmu = np.einsum("n,njk,nk->nj", dkl, inv, mu)
            dcov = 0.5 * np.einsum("n,njk->njk", dkl, np.eye(mu.shape[1])[None] - inv)
            return dmu, dcov
        """,
    ),
    wrong(
        "gaussian_kl_sums",
        "1 taken away once",
        "term/constant/missing sum",
        """
        def gaussian_kl_sums(mu, variance):
            total = np.full(len(mu), -1.0)
            for j in range(mu.shape[1]):
                total += mu[:, j] ** 2 + variance[:, j] - np.log(variance[:, j])
            return total / 2
        """,
    ),
    edit(
        "gaussian_kl_sums_backward",
        "as if by the logarithm",
        "extra factor/other function",
        "(1 - 1 / variance)",
        "(variance - 1)",
    ),
    wrong(
        "gaussian_kl",
        "one sign inside the bracket",
        "sign",
        """
        def gaussian_kl(mu, logvar):
            return -0.5 * np.sum(1 + logvar - mu ** 2 + np.exp(logvar), axis=1)
        """,
    ),
    wrong(
        "gaussian_kl",
        "log-variances that are clipped",
        "unstable",
        """
        def gaussian_kl(mu, logvar):
            lv = np.clip(logvar, -10, 10)
            return 0.5 * (np.exp(lv) + mu ** 2 - 1 - lv).sum(axis=1)
        """,
    ),
    wrong(
        "gaussian_kl_backward",
        "with respect to the variance",
        "missing derivative/missing factor/extra factor",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            up = dkl[:, np.newaxis]
            var = np.exp(logvar)
            return up * mu, up * 0.5 * (1 - 1 / var)
        """,
    ),
    wrong(
        "gaussian_kl_backward",
        "no upstream gradient for the variance",
        "upstream",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            dmu = (mu.T * dkl).T
            dlogvar = np.expm1(logvar) / 2
            return dmu, dlogvar
        """,
    ),
    # reparameterize
    wrong(
        "reparameterize",
        "the first draw for all",
        "first only/same rows",
        """
        def reparameterize(mu, logvar, eps):
            std = np.sqrt(np.exp(logvar))
            z = np.empty_like(eps)
            for i in range(len(eps)):
                z[i] = (mu + std * eps)[0]
            return z
        """,
    ),
    wrong(
        "reparameterize",
        "mean and noise change places",
        "swapped",
        """
        def reparameterize(mu, logvar, eps):
            sigma = np.exp(0.5 * logvar)
            return eps + sigma * mu
        """,
    ),
    wrong(
        "reparameterize",
        "the root of the log-variance",
        "missing function/other function/transformed",
        """
        def reparameterize(mu, logvar, eps):
            return mu + np.sqrt(abs(logvar)) * eps
        """,
    ),
    wrong(
        "reparameterize_backward",
        "the product of the sums over the draws",
        "one size/power",
        """
        def reparameterize_backward(dz, logvar, eps):
            if eps.ndim == 3:
                dz, eps = dz.sum(axis=0), eps.sum(axis=0)
            return dz, 0.5 * dz * eps * np.exp(0.5 * logvar)
        """,
    ),
    wrong(
        "reparameterize_backward",
        "with respect to the standard deviation",
        "missing factor/missing derivative / argument",
        """
        def reparameterize_backward(dz, logvar, eps):
            J = logvar.shape[1]
            d = dz.reshape(-1, len(logvar), J)
            e = eps.reshape(-1, len(logvar), J)
            return np.einsum("lnj->nj", d), np.einsum("lnj,lnj->nj", d, e)
        """,
    ),
    edit(
        "reparameterize_backward",
        "the mean over the draws",
        "mean for sum/factor",
        "dz_draws.sum(axis=0)  #",
        "dz_draws.mean(axis=0)  #",
    ),
    # log_likelihood
    wrong(
        "bernoulli_log_product",
        "black and white change places",
        "complement/comparison/swapped",
        """
        def bernoulli_log_product(p, x):
            prob = np.ones(len(x))
            for n in range(x.shape[0]):
                for d in range(x.shape[1]):
                    prob[n] *= 1 - p[n, d] if x[n, d] else p[n, d]
            return np.log(prob)
        """,
    ),
    wrong(
        "bernoulli_log_product",
        "white pixels only",
        "term/missing factor",
        """
        def bernoulli_log_product(p, x):
            return np.log(np.prod(np.where(x == 1, p, 1.0), axis=1))
        """,
    ),
    wrong(
        "bernoulli_log_powers",
        "a sum of the powers",
        "inverse/other function",
        """
        def bernoulli_log_powers(p, x):
            return np.log(np.power(p, x) + np.power(1 - p, 1 - x)).sum(axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood",
        "log1p of p",
        "sign/other function",
        """
        def bernoulli_log_likelihood(p, x):
            return np.einsum("nd,nd->n", x, np.log(p)) + np.einsum("nd,nd->n", 1 - x, np.log1p(p))
        """,
    ),
    wrong(
        "bernoulli_log_likelihood",
        "a loss per pixel",
        "factor/mean for sum/sign",
        """
        def bernoulli_log_likelihood(p, x):
            bce = -(x * np.log(p) + (1 - x) * np.log(1 - p))
            return bce.mean(axis=1)
        """,
    ),
    wrong(
        "bernoulli_log_likelihood_backward",
        "a plus for the black pixels",
        "sign/term",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            dp = np.zeros_like(p)
            for i, g in enumerate(dlog_likelihood):
                dp[i] = g * (x[i] / p[i] + (1 - x[i]) / (1 - p[i]))
            return dp
        """,
    ),
    wrong(
        "bernoulli_log_likelihood_backward",
        "with respect to the logits",
        "missing factor/extra factor",
        """
        def bernoulli_log_likelihood_backward(dlog_likelihood, p, x):
            return (x - p) * dlog_likelihood[:, np.newaxis]
        """,
    ),
    # elbo
)
