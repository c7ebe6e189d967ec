"""Progress of long work: a bar in terminals and notebooks, lines elsewhere, and a log record for each epoch.

`verbose` is 0 for nothing, 1 for a bar or lines, 2 for a line with the terms of the loss after each epoch as well. The log records go to
the logger "scratchae" at level INFO, whatever `verbose` is; they are only seen by handlers of the program.
"""

from __future__ import annotations

import contextlib
import logging
import sys
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:  # slow to import
    from tqdm import tqdm

T = TypeVar("T")
LINES = 10  # lines of a run without a terminal, besides those of its first seconds
FIRST_LINE = 10.0  # seconds until a line is printed, if no tenth of the run has passed
BAR_AFTER = 2.0  # seconds until a bar is shown for work that is short as a rule

# Seconds in which no lines are printed: a command that ends in that time reports its results anyway.
_quiet: ContextVar[float] = ContextVar("quiet", default=0.0)

log = logging.getLogger("scratchae")
log.addHandler(logging.NullHandler())


class Progress:
    """Progress of a run of epochs that shows nothing.

    Parameters
    ----------
    rows : int
        Rows per epoch.
    epochs, done : int
        Number of epochs of the run, and of those that were finished before.
    title : str
        Title, such as "layer 1 of 2".
    """

    def __init__(self, rows: int, epochs: int, done: int = 0, title: str = "") -> None:
        self.rows, self.epochs, self.done, self.title = rows, epochs, done, title

    def advance(self, rows: int) -> None:
        """Count rows of the epoch in progress."""

    def epoch_ended(self, history: Mapping[str, Sequence[float]], terms: Iterable[str]) -> None:
        """Show the epoch that has ended: the last entry of each column of the history; `terms` are the terms of the loss."""

    def say(self, text: str) -> None:
        """Print a line beside the progress."""

    def close(self) -> None:
        """End the display."""


class Bar(Progress):
    """A progress bar with the losses and the remaining time; with `every_epoch`, also a line after each epoch."""

    def __init__(self, rows: int, epochs: int, done: int = 0, title: str = "", every_epoch: bool = False) -> None:
        super().__init__(rows, epochs, done, title)
        self.every_epoch = every_epoch
        self._bar = bar(total=epochs * rows, initial=done * rows, desc=title or None, unit="row", unit_scale=True)

    def advance(self, rows: int) -> None:
        """Move the bar."""
        self._bar.update(rows)

    def epoch_ended(self, history: Mapping[str, Sequence[float]], terms: Iterable[str]) -> None:
        """Show the losses beside the bar."""
        self._bar.set_postfix({name: f"{value:.4g}" for name, value in _last(history, terms).items()})
        if self.every_epoch:
            self.say(f"{_epoch(self, history)}: {_losses(history)}")

    def say(self, text: str) -> None:
        """Print a line above the bar."""
        self._bar.write(text, file=sys.stderr)

    def close(self) -> None:
        """Leave the bar as it is."""
        self._bar.close()


class Lines(Progress):
    """Lines with the losses and the remaining time: about ten to twenty in a run of any length, or one after each epoch."""

    def __init__(self, rows: int, epochs: int, done: int = 0, title: str = "", every_epoch: bool = False) -> None:
        super().__init__(rows, epochs, done, title)
        self.every_epoch = every_epoch
        self.start = self.last = time.perf_counter()
        self._is_delayed = False  # whether the first epoch includes compilation
        self._first = 0.0  # time at the end of the first epoch
        self._counted = 0
        self._unsaid = ""  # the line of the last epoch, if it was not printed
        self._quiet_until = self.start + _quiet.get()
        self._kept: list[str] = []  # lines to be printed after that

    def advance(self, rows: int) -> None:
        """Print a line in an epoch that takes long."""
        self._counted += rows
        if self._is_time() and self._counted % self.rows:
            epoch, part = divmod(self._counted, self.rows)
            share = f"{100 * part // self.rows} % of epoch {self.done + epoch + 1} of {self.epochs}"
            self._print(f"{_titled(self)}{share} ({self._times(self._counted / self.rows)})")

    def epoch_ended(self, history: Mapping[str, Sequence[float]], terms: Iterable[str]) -> None:
        """Print a line if a tenth of the epochs has passed since the last, or as much time as before it."""
        epoch = len(history["loss"])
        self._first = self._first or time.perf_counter()
        self._unsaid = f"{_epoch(self, history)}: {_losses(history, () if self.every_epoch else terms)}"
        tenth = LINES * epoch // self.epochs > LINES * (epoch - 1) // self.epochs
        if self.every_epoch or tenth or epoch == self.done + 1 or self._is_time():
            self._print(f"{self._unsaid} ({self._times(epoch - self.done)})")

    def close(self) -> None:
        """Print the last epoch of a run that was stopped."""
        if self._unsaid:
            self._print(f"{self._unsaid} ({duration(time.perf_counter() - self.start)})")

    def say(self, text: str) -> None:
        """Print a line."""
        self._is_delayed = True
        self._kept.append(text)
        if self._is_loud():
            self._print_kept()

    def _is_time(self) -> bool:
        """Return whether the time since the start has doubled since the last line, so that their number grows slowly."""
        now = time.perf_counter()
        return now - self.start > max(FIRST_LINE, 2 * (self.last - self.start))

    def _times(self, epochs: float) -> str:
        """Return the time since the start, and the remaining time after so many epochs of this run."""
        now, ahead = time.perf_counter(), self.epochs - self.done - epochs
        if epochs > 1:
            left = (now - self._first) / (epochs - 1) * ahead if self._first else (now - self.start) / epochs * ahead
        else:
            left = 0.0 if self._is_delayed else (now - self.start) / epochs * ahead
        return duration(now - self.start) + (f", about {duration(left)} left" if left > 0 else "")

    def _print(self, text: str) -> None:
        if self._is_loud():
            self._print_kept()
            say(text)
            self.last, self._unsaid = time.perf_counter(), ""

    def _print_kept(self) -> None:
        for text in self._kept:
            say(text)
        self._kept = []

    def _is_loud(self) -> bool:
        return time.perf_counter() >= self._quiet_until


def _titled(progress: Progress) -> str:
    return f"{progress.title}: " if progress.title else ""


def _epoch(progress: Progress, history: Mapping[str, Sequence[float]]) -> str:
    return f"{_titled(progress)}epoch {len(history['loss'])} of {progress.epochs}"


def _last(history: Mapping[str, Sequence[float]], hidden: Iterable[str] = ()) -> dict[str, float]:
    """Return the last entry of each column of the history except the time and the hidden terms."""
    without = {"seconds", *hidden, *(f"val_{name}" for name in hidden)}
    return {name: values[-1] for name, values in history.items() if name not in without}


def _losses(history: Mapping[str, Sequence[float]], hidden: Iterable[str] = ()) -> str:
    """Return those entries in words, such as "loss 12.3, val_loss 14.1"."""
    return ", ".join(f"{name} {value:.5g}" for name, value in _last(history, hidden).items())


def duration(seconds: float) -> str:
    """Return a duration with its unit, such as "12 s" or "3.5 min"."""
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s" if seconds >= 1 else f"{seconds:.1g} s" if seconds > 0 else "0 s"


@contextlib.contextmanager
def quiet_for(seconds: float) -> Iterator[None]:
    """Print no lines in the first seconds of each run inside the block."""
    token = _quiet.set(seconds)
    try:
        yield
    finally:
        _quiet.reset(token)


def progress_of(rows: int, epochs: int, done: int, title: str, verbose: int) -> Progress:
    """Return the progress of a run, shown as fits `verbose` and the place that stderr leads to."""
    if verbose < 1 or not has_stderr():
        return Progress(rows, epochs, done, title)
    return (Bar if has_bar() else Lines)(rows, epochs, done, title, verbose >= 2)


def watched(work: Sequence[T], title: str, verbose: int) -> Iterator[T]:
    """Yield the parts of a work that may take long; after a while, show how many are done, as `progress_of` does."""
    if verbose < 1 or not has_stderr():
        yield from work
    elif has_bar():
        yield from bar(work, desc=title, delay=BAR_AFTER, leave=False)
    else:
        lines = Lines(1, len(work))
        for done, part in enumerate(work):
            if done and lines._is_time():
                lines._print(f"{title}: {100 * done // len(work)} % ({lines._times(done)})")
            yield part


def has_stderr() -> bool:
    """Return whether there is a stderr to write to: there is none under pythonw, and a program may have closed it."""
    return sys.stderr is not None and not sys.stderr.closed


def has_bar() -> bool:
    """Return whether stderr is shown where a bar can move: in a terminal, or in a notebook."""
    return in_notebook() or bool(sys.stderr.isatty())


def in_notebook() -> bool:
    """Return whether this process is the kernel of a notebook."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None and hasattr(ipython, "get_ipython") else None
    return shell is not None and "IPKernelApp" in getattr(shell, "config", {})


def bar(*work: Any, **options: Any) -> tqdm[Any]:
    """Return a bar on stderr: a widget in notebooks that have ipywidgets, text elsewhere."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tqdm asks for ipywidgets, without which the bar is a line of text
        from tqdm.auto import tqdm
    return tqdm(*work, file=sys.stderr, **options)


def say(text: str) -> None:
    """Print a line on stderr; a closed stderr does not end the work."""
    with contextlib.suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)


def log_epoch(title: str, epochs: int, history: Mapping[str, Sequence[float]], terms: Iterable[str]) -> None:
    """Write a log record of the last epoch, with the attributes title, epoch, epochs, loss, terms, validation and seconds."""
    if not log.isEnabledFor(logging.INFO):
        return
    last = {name: values[-1] for name, values in history.items()}
    log.info(
        "%sepoch %d of %d: %s",
        f"{title}: " if title else "",
        len(history["loss"]),
        epochs,
        _losses(history),
        extra={
            "title": title,
            "epoch": len(history["loss"]),
            "epochs": epochs,
            "loss": last["loss"],
            "terms": {name: last[name] for name in terms},
            "validation": {name.removeprefix("val_"): value for name, value in last.items() if name.startswith("val_")},
            "seconds": last["seconds"],
        },
    )
