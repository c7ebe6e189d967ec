"""Wrong solutions of the reparameterisation."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "reparameterize",
        "variance in place of the standard deviation",
        "power",
        """
        def reparameterize(mu, logvar, eps):
            return mu + np.exp(logvar) * eps
        """,
    ),
    wrong(
        "reparameterize",
        "square root of logvar's absolute value",
        "missing function",
        """
        def reparameterize(mu, logvar, eps):
            std = np.sqrt(np.abs(logvar))
            return mu + std * eps
        """,
    ),
    wrong(
        "reparameterize",
        "mean over the draws when there are several",
        "shape",
        """
        def reparameterize(mu, logvar, eps):
            z = mu + np.exp(0.5 * logvar) * eps
            if z.ndim == 3:
                z = z.mean(axis=0)
            return z
        """,
    ),
    wrong(
        "reparameterize_backward",
        "mean over the draws",
        "mean for sum",
        """
        def reparameterize_backward(dz, logvar, eps):
            std = np.exp(0.5 * logvar)
            dmu, dlogvar = dz, dz * eps * std * 0.5
            if dz.ndim == 3:
                dmu, dlogvar = dmu.mean(axis=0), dlogvar.mean(axis=0)
            return dmu, dlogvar
        """,
    ),
    wrong(
        "reparameterize_backward",
        "gradient with respect to the standard deviation",
        "argument/missing derivative",
        """
        def reparameterize_backward(dz, logvar, eps):
            g = dz * eps
            if dz.ndim == 3:
                return dz.sum(axis=0), g.sum(axis=0)
            return dz, g
        """,
    ),
    wrong(
        "reparameterize_backward",
        "several draws: sum of dz times sum of eps",
        "power",
        """
        def reparameterize_backward(dz, logvar, eps):
            std = np.exp(logvar / 2)
            if dz.ndim == 3:
                dz = dz.sum(axis=0)
                eps = eps.sum(axis=0)
            return dz, dz * eps * std / 2
        """,
    ),
    wrong(
        "reparameterize_backward",
        "exp(logvar), and half missing",
        "extra factor",
        """
        def reparameterize_backward(dz, logvar, eps):
            J = logvar.shape[1]
            dz3 = dz.reshape(-1, len(logvar), J)
            e3 = eps.reshape(-1, len(logvar), J)
            return dz3.sum(axis=0), (dz3 * e3).sum(axis=0) * np.exp(logvar)
        """,
    ),
)
