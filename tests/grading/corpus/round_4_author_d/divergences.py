"""Wrong solutions of the divergence from the prior, in its three forms."""

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    # gaussian_kl_trace
    edit(
        "gaussian_kl_trace",
        "the determinant's logarithm added",
        "sign",
        "- (np.log(sign) + log_size)",
        "+ (np.log(sign) + log_size)",
    ),
    edit("gaussian_kl_trace", "not halved", "factor/missing factor", ") / 2  #", ")  #"),
    wrong(
        "gaussian_kl_trace",
        "the determinant, then its logarithm",
        "unstable",
        """
        def gaussian_kl_trace(mu, covariance):
            N, J = mu.shape
            kl = np.empty(N)
            for n in range(N):
                S = covariance[n]
                kl[n] = 0.5 * (np.trace(S) + mu[n] @ mu[n] - J - np.log(np.linalg.det(S)))
            return kl
        """,
    ),
    wrong(
        "gaussian_kl_trace",
        "the product of the diagonal for the determinant",
        "one size / other function",
        """
        def gaussian_kl_trace(mu, covariance):
            variances = np.diagonal(covariance, axis1=1, axis2=2)
            terms = variances + mu**2 - 1 - np.log(variances)
            return terms.sum(axis=1) / 2
        """,
    ),
    # gaussian_kl_trace_backward
    edit(
        "gaussian_kl_trace_backward",
        "ones everywhere for the identity",
        "constant/part/other array/one size",
        "np.eye(mu.shape[1], dtype=mu.dtype)",
        "np.ones((mu.shape[1], mu.shape[1]))",
    ),
    edit(
        "gaussian_kl_trace_backward",
        "one over each entry",
        "other function/one size",
        "np.linalg.inv(covariance)",
        "(1 / covariance)",
    ),
    wrong(
        "gaussian_kl_trace_backward",
        "twice the mean",
        "factor",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            dmu = 2 * mu * dkl.reshape(-1, 1)
            dS = np.zeros_like(covariance)
            for i, S in enumerate(covariance):
                dS[i] = dkl[i] * 0.5 * (np.eye(len(S)) - np.linalg.inv(S).T)
            return dmu, dS
        """,
    ),
    # gaussian_kl_sums
    edit(
        "gaussian_kl_sums",
        "the logarithm of the standard deviation",
        "power/term",
        "np.log(variance)",
        "np.log(np.sqrt(variance))",
    ),
    wrong(
        "gaussian_kl_sums",
        "the variance taken for the standard deviation",
        "power/transformed",
        """
        def gaussian_kl_sums(mu, variance):
            sigma = variance
            return 0.5 * np.sum(sigma**2 + mu**2 - 1 - np.log(sigma**2), axis=1)
        """,
    ),
    wrong(
        "gaussian_kl_sums",
        "a mean over the latent variables",
        "mean for sum/factor/one size",
        """
        def gaussian_kl_sums(mu, variance):
            return 0.5 * np.mean(variance + mu**2 - 1 - np.log(variance), axis=1)
        """,
    ),
    # gaussian_kl_sums_backward
    edit("gaussian_kl_sums_backward", "outputs exchanged", "swapped", "return dmu, dvariance", "return dvariance, dmu"),
    edit("gaussian_kl_sums_backward", "one over the square", "power", "1 / variance", "1 / variance**2"),
    wrong(
        "gaussian_kl_sums_backward",
        "with respect to the logarithm",
        "extra factor",
        """
        def gaussian_kl_sums_backward(dkl, mu, variance):
            g = dkl[:, np.newaxis]
            return g * mu, g * (variance - 1) / 2
        """,
    ),
    # gaussian_kl
    edit("gaussian_kl", "the standard deviation", "power/scaled", "np.exp(logvar)", "np.exp(logvar / 2)"),
    edit("gaussian_kl", "over the batch", "axis/shape", ".sum(axis=1)", ".sum(axis=0)"),
    wrong(
        "gaussian_kl",
        "the minus of the formula forgotten",
        "factor/sign",
        """
        def gaussian_kl(mu, logvar):
            return 0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=1)
        """,
    ),
    wrong(
        "gaussian_kl",
        "the logarithm taken for the variance",
        "missing function/transformed",
        """
        def gaussian_kl(mu, logvar):
            kl = 0
            for j in range(mu.shape[1]):
                kl = kl + mu[:, j] ** 2 + logvar[:, j] - np.log(np.abs(logvar[:, j])) - 1
            return kl / 2
        """,
    ),
    # gaussian_kl_backward
    edit("gaussian_kl_backward", "no minus one", "term", "(np.exp(logvar) - 1)", "np.exp(logvar)"),
    edit("gaussian_kl_backward", "no exponential", "missing function", "np.exp(logvar)", "logvar"),
    edit(
        "gaussian_kl_backward",
        "the mean upstream gradient for dlogvar",
        "upstream/one row",
        "dkl[:, None] * (np.exp",
        "dkl.mean() * (np.exp",
    ),
)
