"""Mistakes in the one line for the divergence that models use."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "gaussian_kl",
        "log-variance read as the logarithm of the deviation",
        "power / scaled",
        """
        def gaussian_kl(mu, logvar):
            log_sigma = logvar
            return -0.5 * np.sum(1 + 2 * log_sigma - mu**2 - np.exp(2 * log_sigma), axis=1)
        """,
    ),
    wrong(
        "gaussian_kl",
        "minus of the usual formula forgotten",
        "factor",
        """
        def gaussian_kl(mu, logvar):
            return 0.5 * np.sum(1 + logvar - np.square(mu) - np.exp(logvar), axis=1)
        """,
    ),
    wrong(
        "gaussian_kl",
        "mean over the latents",
        "factor / mean for sum",
        """
        def gaussian_kl(mu, logvar):
            var = np.exp(logvar)
            return -0.5 * np.mean(1 + logvar - mu**2 - var, axis=-1)
        """,
    ),
    wrong(
        "gaussian_kl",
        "loop without the first latent",
        "term",
        """
        def gaussian_kl(mu, logvar):
            n_latent = mu.shape[1]
            kl = np.zeros(mu.shape[0])
            for j in range(1, n_latent):
                kl += 0.5 * (mu[:, j] ** 2 + np.exp(logvar[:, j]) - logvar[:, j] - 1)
            return kl
        """,
    ),
    wrong(
        "gaussian_kl",
        "variance with a small number added",
        "unstable/small number",
        """
        def gaussian_kl(mu, logvar):
            var = np.exp(logvar)
            return 0.5 * np.sum(mu**2 + var - np.log(var + 1e-12) - 1, axis=1)
        """,
    ),
    edit("gaussian_kl", "deviation for variance", "power / scaled", "np.exp(logvar)", "np.exp(logvar / 2)"),
    edit("gaussian_kl", "logarithm squared", "power", "- logvar -", "- logvar**2 -"),
    edit("gaussian_kl", "one number for the batch", "shape / axis", ".sum(axis=1)", ".sum()"),
    wrong(
        "gaussian_kl_backward",
        "gradient by the variance",
        "missing derivative / missing factor / inverse / extra factor",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            var = np.exp(logvar)
            dvar = 0.5 * (1 - 1 / var)
            return dkl[:, None] * mu, dkl[:, None] * dvar
        """,
    ),
    wrong(
        "gaussian_kl_backward",
        "mean over the batch inside",
        "factor / mean for sum / one row",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            N = mu.shape[0]
            dmu = np.zeros_like(mu)
            dlogvar = np.zeros_like(logvar)
            for n in range(N):
                dmu[n] = dkl[n] * mu[n] / N
                dlogvar[n] = dkl[n] * 0.5 * (np.exp(logvar[n]) - 1) / N
            return dmu, dlogvar
        """,
    ),
    edit("gaussian_kl_backward", "deviation for variance", "power / scaled", "np.exp(logvar)", "np.exp(0.5 * logvar)"),
    wrong(
        "gaussian_kl_backward",
        "exponential forgotten",
        "missing function",
        """
        def gaussian_kl_backward(dkl, mu, logvar):
            dmu = np.einsum("n,nj->nj", dkl, mu)
            dlogvar = np.einsum("n,nj->nj", dkl, 0.5 * (logvar - 1))
            return dmu, dlogvar
        """,
    ),
    edit("gaussian_kl_backward", "one forgotten", "term", "(np.exp(logvar) - 1)", "np.exp(logvar)"),
    edit("gaussian_kl_backward", "half forgotten", "factor", "/ 2", ""),
    edit(
        "gaussian_kl_backward",
        "mean without upstream",
        "upstream / argument",
        "dmu = dkl[:, None] * mu",
        "dmu = mu.copy()",
    ),
)
