"""Wrong solutions of softmax and cross-entropy."""

from grading.corpus.entry import Entry, wrong

MISTAKES: tuple[Entry, ...] = (
    wrong(
        "softmax",
        "maximum of each column",
        "axis",
        """
        def softmax(logits):
            e = np.exp(logits - logits.max(axis=0, keepdims=True))
            return e / e.sum(axis=1, keepdims=True)
        """,
    ),
    wrong(
        "softmax",
        "one maximum for the batch: rows far below underflow to 0/0",
        "unstable",
        """
        def softmax(logits):
            e = np.exp(logits - np.max(logits))
            return e / e.sum(axis=1, keepdims=True)
        """,
    ),
    wrong(
        "softmax",
        "sum over everything",
        "axis",
        """
        def softmax(logits):
            e = np.exp(logits - logits.max(axis=1, keepdims=True))
            return e / np.sum(e)
        """,
    ),
    wrong(
        "softmax_backward",
        "diagonal of the Jacobian only",
        "missing sum",
        """
        def softmax_backward(dp, p):
            return dp * p * (1 - p)
        """,
    ),
    wrong(
        "softmax_backward",
        "sum over the batch and sign wrong",
        "axis",
        """
        def softmax_backward(dp, p):
            return p * ((dp * p).sum(axis=0, keepdims=True) - dp)
        """,
    ),
    wrong(
        "softmax_backward",
        "sum of dp without p",
        "missing factor",
        """
        def softmax_backward(dp, p):
            return p * (dp - dp.sum(axis=1, keepdims=True))
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "label's logit not shifted",
        "other array",
        """
        def softmax_cross_entropy(logits, labels):
            a = logits - logits.max(axis=1, keepdims=True)
            return np.log(np.exp(a).sum(axis=1)) - logits[np.arange(len(a)), labels]
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "log of the softmax: -inf for confident mistakes",
        "unstable",
        """
        def softmax_cross_entropy(logits, labels):
            e = np.exp(logits - logits.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            return -np.log(p[np.arange(len(labels)), labels])
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "the most likely class in place of the right one",
        "argument",
        """
        def softmax_cross_entropy(logits, labels):
            a = logits - logits.max(axis=1, keepdims=True)
            logp = a - np.log(np.exp(a).sum(axis=1, keepdims=True))
            return -logp[np.arange(len(a)), logp.argmax(axis=1)]
        """,
    ),
    wrong(
        "softmax_cross_entropy",
        "also the other classes: binary cross-entropy of the softmax, mean over C",
        "",
        """
        def softmax_cross_entropy(logits, labels):
            e = np.exp(logits - logits.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            t = np.eye(logits.shape[1])[labels]
            return -(t * np.log(p + 1e-12) + (1 - t) * np.log(1 - p + 1e-12)).mean(axis=1)
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "one-hot off by one: classes counted from 1",
        "shifted",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            p[np.arange(len(labels)), labels - 1] -= 1
            return dloss[:, None] * p
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "divided by N although dloss has it",
        "factor",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            p[np.arange(len(labels)), labels] -= 1
            return dloss[:, None] * p / len(labels)
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "1 subtracted from every column with fancy slicing",
        "one row",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            p[:, labels] -= 1
            return dloss[:, None] * p
        """,
    ),
    wrong(
        "softmax_cross_entropy_backward",
        "no upstream, and only the right class's entry",
        "upstream",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            t = np.eye(logits.shape[1])[labels]
            return t * (softmax(logits) - 1)
        """,
    ),
)
