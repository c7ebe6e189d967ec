"""Mistakes in the evidence lower bound."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "elbo",
        "mean of q decoded, no draws",
        "argument / other array",
        """
        def elbo(x, mu, logvar, eps, W, b):
            logits = mu @ W + b
            rec = -bernoulli_nll(logits, x)
            kl = 0.5 * (mu**2 + np.exp(logvar) - logvar - 1).sum(axis=1)
            return rec - kl, rec, kl
        """,
    ),
    wrong(
        "elbo",
        "mean of the draws decoded",
        "other array",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = (mu + np.exp(logvar / 2) * eps).mean(axis=0)
            rec = -bernoulli_nll(dense(z, W, b), x)
            kl = gaussian_kl(mu, logvar)
            return rec - kl, rec, kl
        """,
    ),
    wrong(
        "elbo",
        "the loop keeps the last draw",
        "term / first only",
        """
        def elbo(x, mu, logvar, eps, W, b):
            L = len(eps)
            for e in eps:
                z = mu + np.exp(0.5 * logvar) * e
                log_p = -bernoulli_nll(z @ W + b, x)
            reconstruction = log_p / L
            kl = gaussian_kl(mu, logvar)
            return reconstruction - kl, reconstruction, kl
        """,
    ),
    wrong(
        "elbo",
        "logarithm of the mean likelihood",
        "other function",
        """
        def elbo(x, mu, logvar, eps, W, b):
            log_p = np.array([-bernoulli_nll(dense(z, W, b), x) for z in reparameterize(mu, logvar, eps)])
            top = log_p.max(axis=0)
            rec = top + np.log(np.exp(log_p - top).mean(axis=0))
            kl = gaussian_kl(mu, logvar)
            return rec - kl, rec, kl
        """,
    ),
    wrong(
        "elbo",
        "probabilities that reach zero and one",
        "unstable",
        """
        def elbo(x, mu, logvar, eps, W, b):
            z = mu + np.exp(logvar / 2) * eps
            p = 1 / (1 + np.exp(-(z @ W + b)))
            log_p = (x * np.log(p) + (1 - x) * np.log(1 - p)).sum(axis=-1).mean(axis=0)
            kl = gaussian_kl(mu, logvar)
            return log_p - kl, log_p, kl
        """,
    ),
    edit("elbo", "divergence added", "sign", "return reconstruction - kl", "return reconstruction + kl"),
    edit("elbo", "sum over the draws", "factor / mean for sum", "nll.mean(axis=0)", "nll.sum(axis=0)"),
    edit("elbo", "first draw", "first only", "-nll.mean(axis=0)", "-nll[0]"),
    wrong(
        "elbo",
        "variance for the deviation",
        "power / scaled",
        """
        def elbo(x, mu, logvar, eps, W, b):
            var = np.exp(logvar)
            z = mu + var * eps
            a = np.einsum("lnj,jd->lnd", z, W) + b
            rec = (x * a - np.logaddexp(0, a)).sum(axis=2).mean(axis=0)
            kl = 0.5 * np.sum(mu**2 + var - np.log(var) - 1, axis=1)
            return rec - kl, rec, kl
        """,
    ),
    edit("elbo", "reconstruction as a loss", "factor / sign", "-nll.mean(axis=0)", "nll.mean(axis=0)"),
    edit(
        "elbo",
        "bound last",
        "swapped / other array",
        "return reconstruction - kl, reconstruction, kl",
        "return reconstruction, kl, reconstruction - kl",
    ),
    edit(
        "elbo",
        "divergence averaged over the latents",
        "factor / mean for sum",
        "gaussian_kl(mu, logvar)",
        "gaussian_kl(mu, logvar) / mu.shape[1]",
    ),
)
