"""Mistakes in the divergence from the prior, by trace and determinant and by sums."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "gaussian_kl_trace",
        "determinant before its logarithm",
        "unstable",
        """
        def gaussian_kl_trace(mu, covariance):
            J = mu.shape[1]
            kl = []
            for m, S in zip(mu, covariance):
                kl.append(0.5 * (np.trace(S) + m @ m - J - np.log(np.linalg.det(S))))
            return np.array(kl)
        """,
    ),
    wrong(
        "gaussian_kl_trace",
        "from the prior to q",
        "swapped / inverse",
        """
        def gaussian_kl_trace(mu, covariance):
            out = np.zeros(len(mu))
            for n in range(len(mu)):
                P = np.linalg.inv(covariance[n])
                logdet = np.linalg.slogdet(covariance[n])[1]
                out[n] = (np.trace(P) + mu[n] @ P @ mu[n] - mu.shape[1] + logdet) / 2
            return out
        """,
    ),
    wrong(
        "gaussian_kl_trace",
        "number of examples for number of latents",
        "term/square/constant",
        """
        def gaussian_kl_trace(mu, covariance):
            J = len(mu)
            tr = np.einsum("njj->n", covariance)
            logdet = np.linalg.slogdet(covariance)[1]
            return 0.5 * (tr + np.sum(mu * mu, axis=1) - J - logdet)
        """,
    ),
    wrong(
        "gaussian_kl_trace",
        "determinant from the diagonal",
        "other function",
        """
        def gaussian_kl_trace(mu, covariance):
            diag = np.diagonal(covariance, axis1=1, axis2=2)
            return 0.5 * (diag.sum(1) + (mu**2).sum(1) - mu.shape[1] - np.log(diag).sum(1))
        """,
    ),
    edit(
        "gaussian_kl_trace",
        "sum of squared entries for the trace",
        "power / other function",
        "np.trace(covariance, axis1=1, axis2=2)",
        "(covariance**2).sum(axis=(1, 2))",
    ),
    edit("gaussian_kl_trace", "length of mu not squared", "power", "(mu**2).sum(axis=1)", "np.linalg.norm(mu, axis=1)"),
    wrong(
        "gaussian_kl_trace_backward",
        "covariance for its inverse",
        "inverse / missing function",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            eye = np.eye(mu.shape[1])
            dmu = mu * dkl[:, None]
            dcov = np.zeros(covariance.shape)
            for n in range(len(mu)):
                dcov[n] = dkl[n] * 0.5 * (eye - covariance[n].T)
            return dmu, dcov
        """,
    ),
    wrong(
        "gaussian_kl_trace_backward",
        "diagonal only",
        "extra factor / term / part",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            J = mu.shape[1]
            dmu = np.einsum("n,nj->nj", dkl, mu)
            G = 0.5 * (np.eye(J) - np.linalg.inv(covariance))
            return dmu, dkl[:, None, None] * G * np.eye(J)
        """,
    ),
    wrong(
        "gaussian_kl_trace_backward",
        "entries that are equal by symmetry counted together",
        "term / extra factor / scaled / part",
        """
        def gaussian_kl_trace_backward(dkl, mu, covariance):
            # derivative for a symmetric matrix: 2 G - diag(G)
            eye = np.eye(mu.shape[1])
            G = 0.5 * (eye - np.linalg.inv(covariance))
            G = 2 * G - G * eye
            return dkl[:, None] * mu, dkl[:, None, None] * G
        """,
    ),
    edit(
        "gaussian_kl_trace_backward",
        "ones for the identity",
        "other array / term / part",
        "np.eye(mu.shape[1], dtype=mu.dtype)",
        "1",
    ),
    edit(
        "gaussian_kl_trace_backward",
        "square not halved",
        "factor",
        "dmu = dkl[:, None] * mu",
        "dmu = dkl[:, None] * 2 * mu",
    ),
    edit("gaussian_kl_trace_backward", "logarithm with a plus", "sign", "- inverse", "+ inverse"),
    wrong(
        "gaussian_kl_sums",
        "variance squared, as if it were a deviation",
        "power / scaled",
        """
        def gaussian_kl_sums(mu, variance):
            sigma = variance
            return 0.5 * np.sum(sigma**2 + mu**2 - 1 - np.log(sigma**2), axis=1)
        """,
    ),
    wrong(
        "gaussian_kl_sums",
        "logarithm of a product",
        "unstable",
        """
        def gaussian_kl_sums(mu, variance):
            J = variance.shape[-1]
            det = np.prod(variance, axis=-1)
            return 0.5 * (variance.sum(-1) + (mu**2).sum(-1) - J + np.log(1 / det))
        """,
    ),
    wrong(
        "gaussian_kl_sums",
        "only the last sum is halved",
        "term",
        """
        def gaussian_kl_sums(mu, variance):
            J = mu.shape[1]
            return variance.sum(axis=1) + (mu**2).sum(axis=1) - J - np.log(variance).sum(axis=1) / 2
        """,
    ),
    wrong(
        "gaussian_kl_sums",
        "one is taken off per example, not per latent",
        "term/constant",
        """
        def gaussian_kl_sums(mu, variance):
            kl = np.zeros(len(mu))
            for n in range(len(mu)):
                s = -1.0
                for j in range(mu.shape[1]):
                    s += variance[n, j] + mu[n, j] ** 2 - np.log(variance[n, j])
                kl[n] = s / 2
            return kl
        """,
    ),
    edit("gaussian_kl_sums", "logarithm added", "sign", "- np.log(variance)", "+ np.log(variance)"),
    edit(
        "gaussian_kl_sums",
        "log forgotten",
        "missing function / argument / term",
        "np.log(variance).sum(axis=1)",
        "variance.sum(axis=1)",
    ),
    wrong(
        "gaussian_kl_sums_backward",
        "gradient by the log-variance",
        "extra factor / missing derivative",
        """
        def gaussian_kl_sums_backward(dkl, mu, variance):
            up = dkl.reshape(-1, 1)
            return up * mu, up * 0.5 * (variance - 1)
        """,
    ),
    wrong(
        "gaussian_kl_sums_backward",
        "gradient by the standard deviation",
        "extra factor / other array / missing derivative",
        """
        def gaussian_kl_sums_backward(dkl, mu, variance):
            sigma = np.sqrt(variance)
            dmu = dkl[:, None] * mu
            dsigma = dkl[:, None] * (sigma - 1 / sigma)
            return dmu, dsigma
        """,
    ),
    edit(
        "gaussian_kl_sums_backward",
        "outputs exchanged",
        "swapped / argument",
        "return dmu, dvariance",
        "return dvariance, dmu",
    ),
    edit("gaussian_kl_sums_backward", "reciprocal forgotten", "inverse / power", "1 / variance", "variance"),
    edit(
        "gaussian_kl_sums_backward",
        "variance without upstream",
        "upstream / argument",
        "dvariance = dkl[:, None] * (1",
        "dvariance = (1",
    ),
    edit("gaussian_kl_sums_backward", "derivative of the reciprocal", "power", "1 / variance", "1 / variance**2"),
)
