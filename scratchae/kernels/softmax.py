"""Compiled twins of `scratchae.ops.softmax`."""

from __future__ import annotations

import numpy as np

from scratchae.kernels import scalars
from scratchae.kernels.compile import inner, kernel
from scratchae.kernels.tile import advanced, keep_alive, pointer


@inner
def exponentials(a, e, columns):  # type: ignore[no-untyped-def]
    """Compute e = exp(a - max a) for one row at the pointers a and e; return max a and the sum of e."""
    top = a[0]
    for j in range(1, columns):
        top = a[j] if a[j] > top else top
    total = top - top
    for j in range(columns):
        e[j] = scalars.exp_of_negative(a[j] - top)
        total += e[j]
    return top, total


@inner
def _check_labels(labels, rows, classes):  # type: ignore[no-untyped-def]
    """Check the labels: they are used as indices, and compiled code does not check array bounds."""
    if labels.size != rows:
        raise ValueError("labels and logits differ in their number of rows; give one label for each row")
    for n in range(rows):
        if labels[n] < 0 or labels[n] >= classes:
            raise ValueError(
                "a label is out of range; give integers from 0 up to one less than the number of columns of logits"
            )


@kernel
def softmax(logits):  # type: ignore[no-untyped-def]
    """Twin of `ops.softmax`."""
    p, flat = np.empty(logits.shape, logits.dtype), logits.ravel()
    rows, classes = logits.shape
    for n in range(rows):
        row = advanced(pointer(p), n * classes)
        _, total = exponentials(advanced(pointer(flat), n * classes), row, classes)
        for j in range(classes):
            row[j] = row[j] / total  # (softmax.2)
    keep_alive(flat)
    return p


@kernel
def softmax_backward(dp, p):  # type: ignore[no-untyped-def]
    """Twin of `ops.softmax_backward`."""
    if dp.shape != p.shape:
        raise ValueError("dp and p have different shapes; give arrays of the same shape")
    da, dp_flat, p_flat = np.empty(p.shape, p.dtype), dp.ravel(), p.ravel()
    da_flat = da.ravel()
    rows, classes = p.shape
    for start in range(0, rows * classes, classes):
        inside = p_flat[start] - p_flat[start]
        for j in range(start, start + classes):
            inside += dp_flat[j] * p_flat[j]
        for j in range(start, start + classes):
            da_flat[j] = p_flat[j] * (dp_flat[j] - inside)  # (softmax.5)
    return da


@kernel
def softmax_cross_entropy(logits, labels):  # type: ignore[no-untyped-def]
    """Twin of `ops.softmax_cross_entropy`."""
    rows, classes = logits.shape
    _check_labels(labels, rows, classes)
    loss, flat, e = np.empty(rows, logits.dtype), logits.ravel(), np.empty(classes, logits.dtype)
    for n in range(rows):
        a = advanced(pointer(flat), n * classes)
        top, total = exponentials(a, pointer(e), classes)
        loss[n] = np.log(total) - (a[labels[n]] - top)  # (softmax_cross_entropy.3)
    keep_alive(flat)
    keep_alive(e)
    return loss


@inner
def _cross_entropy_row_both(dloss, a, label, classes, da):  # type: ignore[no-untyped-def]
    """Loss of one example, whose logits start at the pointer a, and its gradient."""
    top, total = exponentials(a, da, classes)
    scale = dloss / total
    for j in range(classes):
        da[j] = da[j] * scale  # (softmax_cross_entropy.5)
    da[label] -= dloss
    return np.log(total) - (a[label] - top)  # (softmax_cross_entropy.3)


@inner
def cross_entropy_rows_both(dloss, a, labels, loss, da, rows, classes):  # type: ignore[no-untyped-def]
    """Compute loss[n] of every row, and da from dloss[n]; all are pointers, and the labels (valid classes) are stored as floats."""
    for n in range(rows):
        label, start = np.int64(labels[n]), n * classes
        loss[n] = _cross_entropy_row_both(dloss[n], advanced(a, start), label, classes, advanced(da, start))


@kernel
def softmax_cross_entropy_backward(dloss, logits, labels):  # type: ignore[no-untyped-def]
    """Twin of `ops.softmax_cross_entropy_backward`."""
    rows, classes = logits.shape
    _check_labels(labels, rows, classes)
    if dloss.size != rows:
        raise ValueError("dloss and logits differ in their number of rows; give one number for each row")
    da, flat = np.empty(logits.shape, logits.dtype), logits.ravel()
    for n in range(rows):
        a, row = advanced(pointer(flat), n * classes), advanced(pointer(da), n * classes)
        _cross_entropy_row_both(dloss[n], a, labels[n], classes, row)  # (softmax_cross_entropy.5)
    keep_alive(flat)
    return da
