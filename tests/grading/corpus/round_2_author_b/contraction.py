"""Mistakes in the contraction penalty."""

from __future__ import annotations

from grading.corpus.entry import Entry, edit, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "contractive_penalty",
        "slope not squared",
        "power / missing factor",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h) if activation == "sigmoid" else 1 - h**2
            return s @ (W**2).sum(axis=0)
        """,
    ),
    wrong(
        "contractive_penalty",
        "units added before the square",
        "power",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h) if activation == "sigmoid" else 1 - h**2
            jacobian_rows = s @ W.T
            return (jacobian_rows**2).sum(axis=1)
        """,
    ),
    wrong(
        "contractive_penalty",
        "sigmoid whatever the activation",
        "argument / other function",
        """
        def contractive_penalty(h, W, activation):
            dh = h * (1 - h)
            return np.sum(dh**2 * np.sum(W**2, axis=0), axis=1)
        """,
    ),
    wrong(
        "contractive_penalty",
        "norm of the Jacobian, not its square",
        "power",
        """
        def contractive_penalty(h, W, activation):
            s = h * (1 - h) if activation == "sigmoid" else 1 - h**2
            J = s[:, None, :] * W[None]
            return np.array([np.linalg.norm(Jn) for Jn in J])
        """,
    ),
    edit(
        "contractive_penalty", "weights not squared", "power / missing factor", "(W * W).sum(axis=0)", "W.sum(axis=0)"
    ),
    edit(
        "contractive_penalty",
        "one norm for all units",
        "axis",
        "(W * W).sum(axis=0)",
        "np.full(W.shape[1], (W * W).sum())",
    ),
    wrong(
        "contractive_penalty_backward",
        "second derivative forgotten",
        "missing derivative / missing factor",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            s = h * (1 - h) if activation == "sigmoid" else 1 - h * h
            w = np.sum(W**2, axis=0)
            dh = 2 * s * w * dpenalty[:, None]
            dW = 2 * W * np.sum(dpenalty[:, None] * s**2, axis=0)
            return dh, dW
        """,
    ),
    wrong(
        "contractive_penalty_backward",
        "upstream and slopes summed apart",
        "one row / upstream",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            if activation == "sigmoid":
                s, ds = h * (1 - h), 1 - 2 * h
            else:
                s, ds = 1 - h**2, -2 * h
            dh = 2 * dpenalty[:, None] * s * ds * (W**2).sum(0)
            dW = 2 * W * (s**2).sum(0) * dpenalty.sum()
            return dh, dW
        """,
    ),
    edit(
        "contractive_penalty_backward",
        "square of W not differentiated",
        "power / extra factor / missing derivative",
        "2 * W * (dpenalty",
        "W * W * (dpenalty",
    ),
    edit("contractive_penalty_backward", "factor two lost with the weights", "factor", "dW = 2 * W", "dW = W"),
    wrong(
        "contractive_penalty_backward",
        "weights see the slope once",
        "power / missing factor",
        """
        def contractive_penalty_backward(dpenalty, h, W, activation):
            if activation == "sigmoid":
                s, ds_dh = h * (1 - h), 1 - 2 * h
            else:
                s, ds_dh = 1 - h**2, -2 * h
            up = dpenalty[:, None]
            dh = up * 2 * s * ds_dh * (W**2).sum(axis=0)
            dW = 2 * W * (up * s).sum(axis=0)
            return dh, dW
        """,
    ),
)
