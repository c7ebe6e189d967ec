"""A submission whose functions cover all outcomes: right, wrong, or never ending."""

SOURCE = rb"""
import numpy as np
count = 0

def twice(x):
    return 2 * x

def three(x):
    return x, np.array([1, 2]), 0.5

def few(x):
    return x, x

def short(x):
    return x[:1]

def float32(x):
    return x.astype(np.float32)

def complex_(x):
    return x + 0j

def nan(x):
    y = x.copy()
    y[0, 0] = np.nan
    return y

def matrix(x):
    return np.matrix(x)

def as_list(x):
    return x.tolist()

def nothing(x):
    pass

def todo(x):
    raise NotImplementedError

def wrong(x):
    value = 1
    return value / 0

def leave(x):
    raise SystemExit(0)

def other(x, y, z):
    return x

def renamed(data):
    return data

def by_place_only(x, /):
    return x

def other_order(x):
    return x.astype(">f8")

def much(x):
    print("x" * 9000)
    return x

def tested(x):
    import unittest.mock
    np.testing.assert_allclose(x, x)
    return x

def wrapped(f):
    def wrapper(*args, **kwargs):
        return f(*args, **kwargs)
    return wrapper

@wrapped
def decorated(data):
    return data

vectorized = np.vectorize(lambda v: v + 0.0, otypes=[float])

def by_name_only(**given):
    return given["x"]

def named(x):
    from typing import NamedTuple
    class Answer(NamedTuple):
        a: object
        b: object
    return Answer(x, x)

def often_backward(x):
    return x + sum(float(twice(x).sum() * 0) for _ in range(30))

def overwrite(x):
    x += 1
    return x

def counted(x):
    global count
    count += 1
    return np.full((2, 3), float(count))

def talk(x):
    print("\x1b[31mred\x00", "\u202e", "plain")
    return x

def kinds(x, n, name, rate, none):
    return np.array([x.shape[0], n, len(name), int(rate * 10), none is None])

def vanish(x):
    import os
    os._exit(0)

def crash(x):
    return np.lib.stride_tricks.as_strided(x, (1 << 40,), (8,)).sum()

def hang(x):
    while True:
        pass

def sleep(x):
    import time
    time.sleep(3600)

def fill(x):
    return np.ones(1 << 40)

def flood(x):
    while True:
        print("x" * 1000)

def deep(x):
    return deep(x)
"""
