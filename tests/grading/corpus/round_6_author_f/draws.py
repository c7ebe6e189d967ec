"""Mistakes in the reparameterisation."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "reparameterize",
        "the variance times the noise",
        "The noise is multiplied by the variance exp(logvar); it should be the standard deviation exp(logvar / 2).",
        """
        def reparameterize(mu, logvar, eps):
            return mu + eps * np.exp(logvar)
        """,
        "https://github.com/rachtsingh/ibp_vae/issues/3",
        expects="power",
    ),
    described(
        "reparameterize",
        "the logarithm times the noise",
        "The noise is multiplied by logvar itself; exp and the factor 1/2 are missing.",
        """
        def reparameterize(mu, logvar, eps):
            return mu + logvar * eps
        """,
        "an encoder's output taken for the standard deviation: https://github.com/mlvu/worksheets/issues/4",
        expects="missing function",
    ),
    described(
        "reparameterize",
        "new noise",
        "Noise is drawn here instead of taken from eps, so two calls with the same arguments differ.",
        """
        def reparameterize(mu, logvar, eps):
            std = np.exp(0.5 * logvar)
            noise = np.random.randn(*eps.shape)
            return mu + std * noise
        """,
        "torch.randn_like(std) inside the function",
        expects="noise redrawn",
    ),
    described(
        "reparameterize",
        "a mean over the draws",
        "The draws are averaged; every draw should be returned, in the shape of eps.",
        """
        def reparameterize(mu, logvar, eps):
            z = mu + np.exp(logvar / 2) * eps
            return z.mean(axis=0) if z.ndim == 3 else z
        """,
        "https://github.com/Michedev/VAE_anomaly_detection/issues/13",
        expects="shape",
    ),
    described(
        "reparameterize",
        "softplus for the standard deviation",
        "The standard deviation is softplus(logvar); logvar is a logarithm of the variance, so it is exp(logvar / 2).",
        """
        def reparameterize(mu, logvar, eps):
            std = np.logaddexp(0, logvar)
            return mu + std * eps
        """,
        "https://github.com/masato-ka/airc-rl-agent/issues/43",
        expects="other function",
    ),
    described(
        "reparameterize_backward",
        "the half of the exponent forgotten",
        "The factor 1/2 from the exponent logvar / 2 is missing in dlogvar.",
        """
        def reparameterize_backward(dz, logvar, eps):
            std = np.exp(0.5 * logvar)
            dlogvar = dz * eps * std
            if dz.ndim == 3:
                return dz.sum(0), dlogvar.sum(0)
            return dz, dlogvar
        """,
        "https://github.com/y0ast/VAE-Torch/issues/3",
        expects="factor",
    ),
    described(
        "reparameterize_backward",
        "with respect to the standard deviation",
        "dz eps is the gradient with respect to the standard deviation; the chain rule to logvar, a factor std / 2, is missing.",
        """
        def reparameterize_backward(dz, logvar, eps):
            if dz.ndim == 2:
                dz, eps = dz[None], eps[None]
            return np.einsum('lnj->nj', dz), np.einsum('lnj,lnj->nj', dz, eps)
        """,
        "https://github.com/y0ast/VAE-Torch/issues/3",
        expects="missing derivative",
    ),
    described(
        "reparameterize_backward",
        "a mean over the draws",
        "The gradients of the draws are averaged; they must be summed, and a mean belongs to dz.",
        """
        def reparameterize_backward(dz, logvar, eps):
            std = np.exp(logvar / 2)
            g = dz * eps * std / 2
            if g.ndim == 3:
                return dz.mean(axis=0), g.mean(axis=0)
            return dz, g
        """,
        "https://github.com/danijar/layered/issues/1",
        expects="mean for sum",
    ),
    described(
        "reparameterize_backward",
        "one draw summed over its examples",
        "With a single draw, axis 0 is the batch: it is summed away, although only an axis of draws should be.",
        """
        def reparameterize_backward(dz, logvar, eps):
            std = np.exp(logvar / 2)
            dmu = dz.sum(axis=0)
            dlogvar = (dz * eps * std).sum(axis=0) / 2
            return dmu, dlogvar
        """,
        "code for several draws, used for one",
        expects="shape",
    ),
    described(
        "reparameterize_backward",
        "variance for standard deviation, first draw only",
        "Two mistakes: exp(logvar) stands for the standard deviation, and only the first draw is used.",
        """
        def reparameterize_backward(dz, logvar, eps):
            if dz.ndim == 3:
                dz, eps = dz[0], eps[0]
            return dz.copy(), dz * eps * np.exp(logvar) / 2
        """,
        "https://github.com/rishikksh20/vae_tacotron2/issues/3",
        expects="first only",
    ),
)
