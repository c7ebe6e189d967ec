"""One thread for BLAS while L-BFGS runs, also if several Python threads run it at once."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_lock = threading.Lock()
_users = 0
_limits: Any = None


def _renew_lock() -> None:
    """Replace the lock in a forked process, where another thread may have held it."""
    global _lock
    _lock = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread within a `with` block; the last block that ends restores the number from before the first.

    The number belongs to the process. If each block restored what it found, the one that ends last could restore the limit of another.
    """
    global _users, _limits
    from threadpoolctl import threadpool_limits

    with _lock:
        if _users == 0:
            _let_any_thread_change_it()
            _limits = threadpool_limits(1, user_api="blas")
        _users += 1
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                _let_any_thread_change_it()
                _limits.restore_original_limits()
                _let_any_thread_change_it()


def _let_any_thread_change_it() -> None:
    """Release the limit from the thread that set it: newer versions of threadpoolctl ignore all others."""
    import threadpoolctl

    clear = getattr(getattr(threadpoolctl, "OpenBLASController", None), "clear_controlling_thread", None)
    if clear is not None:
        clear(force=True)
