"""Wrong solutions of the divergence of a normal distribution, in three steps."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "gaussian_kl_trace",
        "log of np.linalg.det, which under- and overflows",
        "unstable",
        """
        def gaussian_kl_trace(mu, covariance):
            J = mu.shape[1]
            tr = np.trace(covariance, axis1=1, axis2=2)
            return 0.5 * (tr + np.sum(mu**2, axis=1) - J - np.log(np.linalg.det(covariance)))
        """,
    ),
    wrong(
        "gaussian_kl_trace",
        "sum of all entries in place of the trace",
        "other function",
        """
        def gaussian_kl_trace(mu, covariance):
            J = mu.shape[1]
            _, logdet = np.linalg.slogdet(covariance)
            return 0.5 * (covariance.sum(axis=(1, 2)) + (mu**2).sum(axis=1) - J - logdet)
        """,
    ),
    wrong(
        "gaussian_kl_trace",
        "J forgotten and log-determinant with a plus",
        "sign",
        """
        def gaussian_kl_trace(mu, covariance):
            _, logdet = np.linalg.slogdet(covariance)
            return 0.5 * (np.trace(covariance, axis1=1, axis2=2) + (mu**2).sum(axis=1) + logdet)
        """,
    ),
    wrong(
        "gaussian_kl_trace_backward",
        "reciprocal of every entry in place of the inverse",
        "other function",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            dmu = dkl[:, None] * mu
            dcov = 0.5 * dkl[:, None, None] * (np.eye(mu.shape[1]) - 1 / covariance)
            return dmu, dcov
        """,
    ),
    wrong(
        "gaussian_kl_trace_backward",
        "identity as a scalar 1: subtracts from all ones",
        "part/other array",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            dmu = dkl[:, None] * mu
            inv = np.linalg.inv(covariance)
            return dmu, dkl[:, None, None] * 0.5 * (1 - inv)
        """,
    ),
    wrong(
        "gaussian_kl_trace_backward",
        "the covariance, not its inverse",
        "missing function",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            dmu = dkl[:, None] * mu
            dcov = dkl[:, None, None] * (np.eye(mu.shape[1]) - covariance) / 2
            return dmu, dcov
        """,
    ),
    wrong(
        "gaussian_kl_sums",
        "variance taken for a standard deviation: log of its square",
        "power",
        """
        def gaussian_kl_sums(mu, variance):
            return 0.5 * np.sum(variance**2 + mu**2 - 1 - np.log(variance**2), axis=1)
        """,
    ),
    wrong(
        "gaussian_kl_sums",
        "N subtracted in place of J",
        "term/constant",
        """
        def gaussian_kl_sums(mu, variance):
            s = variance.sum(axis=1) + (mu**2).sum(axis=1) - mu.shape[0] - np.log(variance).sum(axis=1)
            return s / 2
        """,
    ),
    wrong(
        "gaussian_kl_sums_backward",
        "gradient with respect to logvar",
        "extra factor",
        """
        def gaussian_kl_sums_backward(dkl, mu, variance):
            dmu = dkl[:, None] * mu
            dvariance = dkl[:, None] * 0.5 * (variance - 1)
            return dmu, dvariance
        """,
    ),
    wrong(
        "gaussian_kl_sums_backward",
        "dmu doubled, no half in dvariance: the half forgotten everywhere",
        "factor",
        """
        def gaussian_kl_sums_backward(dkl, mu, variance):
            dmu = dkl[:, None] * 2 * mu
            dvariance = dkl[:, None] * (1 - 1 / variance)
            return dmu, dvariance
        """,
    ),
    wrong(
        "gaussian_kl",
        "the bound's term: sign wrong",
        "factor",
        """
        def gaussian_kl(mu, logvar):
            return 0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=1)
        """,
    ),
    wrong(
        "gaussian_kl",
        "exp(logvar / 2), and half missing",
        "",
        """
        def gaussian_kl(mu, logvar):
            return np.sum(mu**2 + np.exp(logvar / 2) - logvar - 1, axis=1)
        """,
    ),
    wrong(
        "gaussian_kl",
        "-1 outside of the sum: counted once in place of J times",
        "term",
        """
        def gaussian_kl(mu, logvar):
            return 0.5 * (np.sum(mu**2 + np.exp(logvar) - logvar, axis=1) - 1)
        """,
    ),
    wrong(
        "gaussian_kl_backward",
        "half missing in dlogvar",
        "factor",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            return dkl[:, None] * mu, dkl[:, None] * (np.exp(logvar) - 1)
        """,
    ),
    wrong(
        "gaussian_kl_backward",
        "minus 1 missing, and upstream forgotten in dmu",
        "upstream",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            dmu = mu.copy()
            dlogvar = 0.5 * dkl[:, None] * np.exp(logvar)
            return dmu, dlogvar
        """,
    ),
    wrong(
        "gaussian_kl_backward",
        "gradient with respect to the variance",
        "extra factor/missing derivative",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            dmu = dkl[:, None] * mu
            dlogvar = dkl[:, None] * (1 - np.exp(-logvar)) / 2
            return dmu, dlogvar
        """,
    ),
)
