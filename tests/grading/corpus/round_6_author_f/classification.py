"""Mistakes in softmax, cross-entropy and fine-tuning."""

from __future__ import annotations

from grading.corpus.entry import Entry, described

MISTAKES: tuple[Entry, ...] = (
    described(
        "softmax",
        "the maximum of the whole batch",
        "The maximum of the whole batch is subtracted: rows far below it underflow to 0 / 0; subtract each row's own maximum.",
        """
        def softmax(logits):
            e = np.exp(logits - np.max(logits))
            return e / np.sum(e, axis=1, keepdims=True)
        """,
        "https://github.com/keras-team/keras/pull/9606",
        expects="unstable",
    ),
    described(
        "softmax",
        "at least zero is subtracted",
        "max(0, largest logit) is subtracted: rows of very negative logits still underflow to 0 / 0.",
        """
        def softmax(logits):
            top = np.maximum(0, logits.max(axis=1, keepdims=True))
            e = np.exp(logits - top)
            return e / e.sum(axis=1, keepdims=True)
        """,
        "https://github.com/FluxML/NNlib.jl/pull/43",
        expects="unstable",
    ),
    described(
        "softmax",
        "the denominator not shifted",
        "The maximum is subtracted in the numerator only, so the rows do not sum to 1.",
        """
        def softmax(logits):
            y = np.exp(logits - np.max(logits, axis=1, keepdims=True))
            return y / np.sum(np.exp(logits), axis=1, keepdims=True)
        """,
        "https://www.delftstack.com/howto/numpy/numpy-softmax/",
        expects="term",
    ),
    described(
        "softmax",
        "divided before exp",
        "The logits are divided by the sum of the exponentials inside exp; exp comes first, then the division.",
        """
        def softmax(logits):
            a = logits - logits.max(axis=1, keepdims=True)
            return np.exp(a / np.sum(np.exp(a), axis=1, keepdims=True))
        """,
        "question on softmax regression in NumPy, np.exp(y / np.sum(np.exp(y), axis=1))",
    ),
    described(
        "softmax",
        "normalised over the batch",
        "The sum runs over all examples and classes; each row must sum to 1.",
        """
        def softmax(logits):
            e_x = np.exp(logits - logits.max(axis=1, keepdims=True))
            return e_x / e_x.sum()
        """,
        "questions about softmax of two-dimensional arrays: https://www.delftstack.com/howto/numpy/numpy-softmax/",
        expects="axis",
    ),
    described(
        "softmax_backward",
        "the diagonal only",
        "Only the diagonal p (1 - p) of the Jacobian is used; each probability depends on all logits of its row.",
        """
        def softmax_backward(dp, p):
            return dp * p * (1 - p)
        """,
        "https://newbe.dev/numpy-calculate-the-derivative-of-the-softmax-function",
        expects="missing sum",
    ),
    described(
        "softmax_backward",
        "the Jacobian's sign",
        "The Jacobian has the wrong sign: it is diag(p) - p p^T.",
        """
        def softmax_backward(dp, p):
            out = np.zeros_like(p)
            for n in range(len(p)):
                s = p[n].reshape(-1, 1)
                jac = np.dot(s, s.T) - np.diagflat(s)
                out[n] = jac @ dp[n]
            return out
        """,
        "https://ai.stackexchange.com/questions/35741/"
        "trouble-writing-the-backpropagation-algorithm-in-python-through-crossentropy-and",
        expects="factor",
    ),
    described(
        "softmax_backward",
        "the sum down the columns",
        "The sum of dp p runs over the batch (axis 0); it should run over the classes of each row.",
        """
        def softmax_backward(dp, p):
            return p * (dp - np.sum(dp * p, axis=0, keepdims=True))
        """,
        "wrong axis, seen in homework",
        expects="axis",
    ),
    described(
        "softmax_backward",
        "the sum without p",
        "The probabilities are missing in the sum: subtract the sum of dp p, not of dp.",
        """
        def softmax_backward(dp, p):
            total = dp.sum(axis=1)[:, None]
            return p * dp - p * total
        """,
        "formula half remembered",
        expects="missing factor",
    ),
    described(
        "softmax_cross_entropy",
        "mean over the batch",
        "The loss is averaged over the batch; it should be one number for each example.",
        """
        def softmax_cross_entropy(logits, labels):
            N = logits.shape[0]
            a = logits - logits.max(axis=1, keepdims=True)
            log_probs = a - np.log(np.exp(a).sum(axis=1, keepdims=True))
            return -np.sum(log_probs[np.arange(N), labels]) / N
        """,
        "https://mejorcodigo.com/p/119237.html",
        expects="shape",
    ),
    described(
        "softmax_cross_entropy",
        "every row with every label",
        "logits[:, labels] takes all labels' columns for each row; one entry per row is needed: logits[np.arange(N), labels].",
        """
        def softmax_cross_entropy(logits, labels):
            lse = np.logaddexp.reduce(logits, axis=1)
            return (lse[:, None] - logits[:, labels]).mean(axis=1)
        """,
        "questions about indexing with two arrays",
        expects="one row",
    ),
    described(
        "softmax_cross_entropy",
        "the largest in place of the label",
        "The predicted class (argmax) is used in place of the label.",
        """
        def softmax_cross_entropy(logits, labels):
            a = logits - logits.max(axis=1, keepdims=True)
            pred = np.argmax(a, axis=1)
            return np.log(np.exp(a).sum(axis=1)) - a[np.arange(len(a)), pred]
        """,
        "argmax of the prediction used by mistake",
        expects="argument",
    ),
    described(
        "softmax_cross_entropy",
        "softmax of probabilities",
        "The softmax is applied twice: probabilities are taken for logits.",
        """
        def softmax_cross_entropy(logits, labels):
            def soft(z):
                e = np.exp(z - z.max(axis=1, keepdims=True))
                return e / e.sum(axis=1, keepdims=True)
            q = soft(soft(logits))
            return -np.log(q[np.arange(len(q)), labels])
        """,
        "https://github.com/tflearn/tflearn/pull/562",
        expects="transformed",
    ),
    described(
        "softmax_cross_entropy",
        "the logarithm of a rounded probability",
        "The logarithm is taken of a probability that may be rounded to 0; 1e-12 only bounds the loss: compute it from the logits.",
        """
        def softmax_cross_entropy(logits, labels):
            e = np.exp(logits - logits.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            return -np.log(np.maximum(p[np.arange(len(p)), labels], 1e-12))
        """,
        "https://github.com/iusaspb/deep_learning_Nikolenko_and_Co/issues/1",
        expects="small number",
    ),
    described(
        "softmax_cross_entropy",
        "averaged over the classes",
        "The sum over the classes is a mean: the loss is C times too small.",
        """
        def softmax_cross_entropy(logits, labels):
            C = logits.shape[1]
            y = np.eye(C)[labels]
            a = logits - logits.max(axis=1, keepdims=True)
            logp = a - np.log(np.exp(a).sum(axis=1, keepdims=True))
            return -np.mean(y * logp, axis=1)
        """,
        "https://z.id.vn/?p=348969",
        expects="mean for sum",
    ),
    described(
        "softmax_cross_entropy_backward",
        "divided by N",
        "The gradient is divided by the batch size; the mean belongs to dloss, which is an argument.",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            N = len(labels)
            p = softmax(logits)
            p[np.arange(N), labels] -= 1
            return p * dloss[:, None] / N
        """,
        "https://mejorcodigo.com/p/119237.html",
        expects="factor",
    ),
    described(
        "softmax_cross_entropy_backward",
        "label numbers subtracted",
        "The number of the class is subtracted from every probability; subtract 1 at the label (a one-hot row).",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            return dloss[:, None] * (softmax(logits) - labels.reshape(-1, 1))
        """,
        "one-hot encoding forgotten: https://askswarm.dev/q/q-1773776766464",
        expects="other array",
    ),
    described(
        "softmax_cross_entropy_backward",
        "one subtracted in whole columns",
        "p[:, labels] -= 1 changes all rows in these columns; one entry per row is meant: p[np.arange(N), labels].",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            p[:, labels] -= 1
            return dloss[:, np.newaxis] * p
        """,
        "questions about indexing with two arrays",
        expects="one row",
    ),
    described(
        "softmax_cross_entropy_backward",
        "the denominator's part for the label only",
        "The gradient through the denominator is not summed over the classes: only the label's logit gets p - 1, the others should get p.",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            Y = np.zeros_like(p)
            Y[np.arange(len(Y)), labels] = 1
            return dloss[:, None] * (p * Y - Y)
        """,
        "question on CS231n's staged computation of the softmax's derivative",
        expects="missing sum",
    ),
    described(
        "softmax_cross_entropy_backward",
        "shifted in place",
        "The result is right, but the maximum is subtracted in place: the caller's logits are overwritten.",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            logits -= np.max(logits, axis=1, keepdims=True)
            e = np.exp(logits)
            p = e / e.sum(axis=1, keepdims=True)
            p[range(len(labels)), labels] -= 1
            return dloss[:, None] * p
        """,
        "https://bruceoutdoors.wordpress.com/tag/softmax/",
        expects="overwritten",
    ),
    described(
        "softmax_cross_entropy_backward",
        "back through a second softmax",
        "p - y is already the gradient of the logits; the derivative p (1 - p) is applied once more.",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            y = np.eye(p.shape[1])[labels]
            return dloss[:, None] * (p - y) * p * (1 - p)
        """,
        "https://askswarm.dev/q/q-1773777176499",
        expects="extra factor",
    ),
    described(
        "softmax_cross_entropy_backward",
        "sign, and upstream ignored",
        "Two mistakes: the sign is wrong (y - p), and dloss is not used.",
        """
        def softmax_cross_entropy_backward(dloss, logits, labels):
            p = softmax(logits)
            y = np.zeros(p.shape)
            y[np.arange(len(y)), labels] = 1
            return y - p
        """,
        "combination of two habits",
        expects="upstream",
    ),
    described(
        "classifier_loss",
        "softmax before the loss",
        "The softmax is applied twice: the loss expects logits and gets probabilities.",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h = sigmoid(dense(sigmoid(dense(x, W1, b1)), W2, b2))
            a = dense(h, V, c)
            e = np.exp(a - a.max(axis=1, keepdims=True))
            p = e / e.sum(axis=1, keepdims=True)
            return softmax_cross_entropy(p, labels).mean()
        """,
        "https://github.com/Lightning-Universe/lightning-bolts/issues/654",
        expects="transformed",
    ),
    described(
        "classifier_loss",
        "the error rate",
        "This is the share of wrong predictions; the loss is the mean cross-entropy.",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h = sigmoid(dense(sigmoid(dense(x, W1, b1)), W2, b2))
            predicted = np.argmax(dense(h, V, c), axis=1)
            return np.mean(predicted != labels)
        """,
        "loss and error confused",
        expects="other function",
    ),
    described(
        "classifier_loss",
        "log of a softmax that underflows",
        "The logarithm is taken of a probability that is rounded to 0, so the loss is inf for confident logits.",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h2 = sigmoid(sigmoid(x @ W1 + b1) @ W2 + b2)
            z = h2 @ V + c
            z = z - z.max(axis=1, keepdims=True)
            p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
            return -np.mean(np.log(p[np.arange(len(x)), labels]))
        """,
        "https://github.com/IBM/MAX-Facial-Emotion-Classifier/issues/12",
        expects="unstable",
    ),
    described(
        "classifier_loss",
        "summed, with a linear second layer",
        "Two mistakes: the second layer has no sigmoid, and the loss is summed over the batch.",
        """
        def classifier_loss(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = dense(h1, W2, b2)
            return softmax_cross_entropy(dense(h2, V, c), labels).sum()
        """,
        "combination of two habits",
    ),
    described(
        "classifier_gradients",
        "frozen layers",
        "The pre-trained layers are frozen (zero gradients); fine-tuning trains them too.",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h2 = sigmoid(dense(sigmoid(dense(x, W1, b1)), W2, b2))
            d = softmax_cross_entropy_backward(np.full(len(x), 1 / len(x)), dense(h2, V, c), labels)
            _, dV, dc = dense_backward(d, h2, V)
            frozen = [np.zeros_like(p) for p in (W1, b1, W2, b2)]
            return (*frozen, dV, dc)
        """,
        "transfer learning with trainable = False",
        expects="zero",
    ),
    described(
        "classifier_gradients",
        "the first layer's slope forgotten",
        "The derivative of the first layer's sigmoid is missing in dW1 and db1.",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            d3 = softmax_cross_entropy_backward(np.full(len(x), 1 / len(x)), dense(h2, V, c), labels)
            dh2, dV, dc = dense_backward(d3, h2, V)
            dh1, dW2, db2 = dense_backward(dh2 * h2 * (1 - h2), h1, W2)
            _, dW1, db1 = dense_backward(dh1, x, W1)
            return dW1, db1, dW2, db2, dV, dc
        """,
        "https://github.com/Bot-Academy/NeuralNetworkFromScratch/pull/3",
        expects="missing derivative",
    ),
    described(
        "classifier_gradients",
        "no mean over the batch",
        "The mean over the batch is missing: all gradients are N times too large.",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(x @ W1 + b1)
            h2 = sigmoid(h1 @ W2 + b2)
            a = h2 @ V + c
            p = np.exp(a - a.max(1, keepdims=True))
            p /= p.sum(1, keepdims=True)
            p[np.arange(len(x)), labels] -= 1
            d2 = p @ V.T * h2 * (1 - h2)
            d1 = d2 @ W2.T * h1 * (1 - h1)
            return x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ p, p.sum(0)
        """,
        "https://github.com/eriklindernoren/ML-From-Scratch/pull/135",
        expects="mean for sum",
    ),
    described(
        "classifier_gradients",
        "mean of the biases' gradients again",
        "The biases' gradients are means over the batch although 1/N is already in the loss: db1, db2 and dc are N times too small.",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            d3 = softmax_cross_entropy_backward(np.full(len(x), 1 / len(x)), dense(h2, V, c), labels)
            d2 = sigmoid_backward(d3 @ V.T, h2)
            d1 = sigmoid_backward(d2 @ W2.T, h1)
            grads = []
            for inp, d in ((x, d1), (h1, d2), (h2, d3)):
                grads += [inp.T @ d, d.mean(axis=0)]
            return tuple(grads)
        """,
        "https://github.com/SkalskiP/ILearnDeepLearning.py/issues/29",
        expects="mean for sum",
    ),
    described(
        "classifier_gradients",
        "V updated on the way",
        "V is updated before the error goes back through it, so the gradients of the lower layers belong to other weights.",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            lr = 0.1
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            d3 = softmax_cross_entropy_backward(np.full(len(x), 1 / len(x)), dense(h2, V, c), labels)
            dV, dc = h2.T @ d3, d3.sum(axis=0)
            V = V - lr * dV
            d2 = sigmoid_backward(d3 @ V.T, h2)
            dW2, db2 = h1.T @ d2, d2.sum(axis=0)
            d1 = sigmoid_backward(d2 @ W2.T, h1)
            return x.T @ d1, d1.sum(axis=0), dW2, db2, dV, dc
        """,
        "https://github.com/CodingTrain/Toy-Neural-Network-JS/issues/72",
    ),
    described(
        "classifier_gradients",
        "dW2 for W2, the output layer first",
        "Two mistakes: the error goes back through dW2 instead of W2, and the output layer's gradients come first.",
        """
        def classifier_gradients(x, labels, W1, b1, W2, b2, V, c):
            h1 = sigmoid(dense(x, W1, b1))
            h2 = sigmoid(dense(h1, W2, b2))
            d3 = softmax_cross_entropy_backward(np.full(len(x), 1 / len(x)), dense(h2, V, c), labels)
            dh2, dV, dc = dense_backward(d3, h2, V)
            d2 = sigmoid_backward(dh2, h2)
            _, dW2, db2 = dense_backward(d2, h1, W2)
            d1 = sigmoid_backward(d2 @ dW2.T, h1)
            _, dW1, db1 = dense_backward(d1, x, W1)
            return dV, dc, dW2, db2, dW1, db1
        """,
        "https://github.com/jcjohnson/pytorch-examples/issues/28",
        expects="shape",
    ),
)
