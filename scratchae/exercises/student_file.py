"""Run a student's file: as a module like any other, cell by cell if it comes from a notebook, with the modules and actions that exercises allow.

One text for everybody who runs such a file: it is sent into the grader's sandboxes and copied into ``public_checks.py``, so that they
cannot differ. It needs Python's standard library only.
"""

from __future__ import annotations
import __future__

import _imp
import ast
import builtins
import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import os
import re
import signal
import sys
import time
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from types import CodeType
from typing import Any, NamedTuple

MODULE = "submission"  # the name under which a student's file is imported
MOST_BYTES = 1 << 20  # size of a file
MOST_QUOTED = 60  # characters of a line that are quoted
MARK = re.compile(r"# In\[( |\d{1,9})\]:[ \t]*$")  # the line above each cell of a notebook, as nbconvert writes it
FUTURE = sum(
    {getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
)  # they hold for later cells as well
NUMPYS = 3
ZONES = "/usr/share/zoneinfo"
TICK = 0.1  # seconds between two looks at the clocks while a file is read
IDLE = 3.0  # seconds without work, after which a file that is being read is taken to wait for something
SLEEP = 6.0  # seconds in all, of a file that sleeps and works in turn
AGAIN = (
    8  # after a cell that took too long, each of the others has this part of the time; all together have as much again
)

# Modules of the standard library that write files or run code without any event that could be refused; no exercise needs them.
_CLOSED = """
_curses _curses_panel _dbm _gdbm _interpchannels _interpqueues _interpreters _multiprocessing _posixshmem _posixsubprocess _remote_debugging
_testbuffer _testcapi _testclinic _testclinic_limited _testexternalinspection _testimportmultiple _testinternalcapi _testlimitedcapi
_testmultiphase _testsinglephase _tkinter _xxinterpchannels _xxsubinterpreters _xxtestfuzz curses idlelib nis ossaudiodev readline spwd
tkinter turtle xxlimited xxlimited_35
"""
CLOSED = set(_CLOSED.split())
# Libraries that differentiate, or that contain the solutions: an import of them is noted.
OTHERS = {"autograd", "cupy", "jax", "jaxlib", "numdifftools", "scratchae", "tensorflow", "theano", "torch"}
# Beginnings of audit events, and the kinds of actions that no exercise needs. The first that fits counts.
EVENTS = tuple(
    (beginning, kind)
    for kind, beginnings in (
        ("network tried", "socket. urllib. ftplib. smtplib. poplib. imaplib. nntplib. telnetlib. http. webbrowser."),
        (
            "process tried",
            "subprocess. os.fork os.exec os.spawn os.posix_spawn os.system os.startfile pty.spawn _thread.start",
        ),
        ("signal tried", "os.kill signal.pthread_kill"),
        ("native code tried", "ctypes."),
        ("memory search tried", "gc.get_ sys._current_ sys.settrace sys.remote_exec cpython.PyInterpreterState_New"),
        ("system change tried", "resource. fcntl. os.setxattr winreg. syslog."),
        ("file tried", "os. shutil. tempfile. glob. pathlib. mmap. sqlite3."),
    )
    for beginning in beginnings.split()
)
ASKED = "exercise.other_library"  # an audit event of our own
# Functions that no audit event tells of (threads: before Python 3.12). The modules can be imported nevertheless.
SILENT = {
    "process tried": (
        "_posixsubprocess.fork_exec subprocess._fork_exec _thread.start_new_thread _thread.start_new _thread.start_joinable_thread "
        "threading._start_new_thread threading._start_joinable_thread"
    ),
    "file tried": (
        "_posixshmem.shm_open _posixshmem.shm_unlink _multiprocessing.SemLock os.mkfifo os.mknod os.memfd_create os.openpty os.posix_openpt "
        "os.login_tty os.sync os.getlogin pwd.getpwall pwd.getpwnam pwd.getpwuid grp.getgrall grp.getgrnam grp.getgrgid"
    ),
    "system change tried": (
        "os.nice os.setpriority os.sched_setaffinity os.sched_setparam os.sched_setscheduler os.unshare os.setns os.chroot os.setsid "
        "os.setpgid os.setpgrp os.tcsetpgrp os.setuid os.seteuid os.setreuid os.setresuid os.setgid os.setegid os.setregid os.setresgid "
        "os.setgroups os.initgroups time.clock_settime time.clock_settime_ns"
    ),
    "signal tried": (
        "os.pidfd_open signal.raise_signal _signal.raise_signal signal.pidfd_send_signal _signal.pidfd_send_signal faulthandler._sigabrt "
        "faulthandler._sigfpe faulthandler._sigsegv faulthandler._stack_overflow faulthandler._read_null "
        "faulthandler._fatal_error_c_thread"
    ),
}
# Functions that end the process at once: with them, what was defined before could not be tested. They end the file as sys.exit does.
ENDINGS = "os._exit nt._exit os.abort nt.abort"
HARMLESS = ("os.putenv", "os.unsetenv", "os.add_dll_directory")
WHY = {
    "network tried": "the network is not available in an exercise",
    "process tried": "an exercise starts no processes and no threads",
    "signal tried": "an exercise sends no signals",
    "native code tried": "an exercise runs no code but Python's and NumPy's",
    "memory search tried": "an exercise works with its arguments only",
    "system change tried": "an exercise does not change the system",
    "file tried": "an exercise reads and writes no files",
}


def trouble_of(content: bytes) -> str:
    """The reason why a file is not read, as the end of a sentence that begins with its name; empty for source text.

    Parameters
    ----------
    content : bytes
        The file, or the code of a notebook.
    """
    if len(content) > MOST_BYTES:
        return f"has more than {MOST_BYTES:,} bytes, and no more than {MOST_BYTES:,} are read; hand in source code only"
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{") and b'"nbformat"' in content:
        return "is a notebook with the name of a Python file; end its name in .ipynb"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        before = content[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        line = before.count(b"\n") + 1
        where = f"(line {line}, byte 0x{content[error.start]:02x})"
        return f"is not UTF-8 {where}; save it as UTF-8"
    if b"\0" in content:
        return "contains a NUL byte, so it is not source code; hand in a text file"
    return ""


class FileError(NamedTuple):
    """An error: its type, its message, the line of the file or of the cell, and the cell, each counted from 1."""

    type: str
    message: str
    line: int | None
    cell: int | None


class Cell(NamedTuple):
    """A cell, or a whole file: the number of the cell, and the indices of its first line and of the line after its last."""

    cell: int | None
    first: int
    end: int


class TookTooLongError(BaseException):
    """Raised in a file that is not read in time; `except Exception` does not catch it."""


class StudentFile:
    """A student's file as the module "submission".

    Parameters
    ----------
    source : bytes
        Content of the file, read as UTF-8 whatever encoding it declares: in another one, comments could be code that nobody sees. Lines
        ``# In[k]:`` begin the cells of a notebook; a file without such lines is one part.
    file : str
        Its name in tracebacks.

    Attributes
    ----------
    module : module
    failures : list of FileError
        Errors at the top level of the file, or of its cells.
    """

    def __init__(self, source: bytes, file: str) -> None:
        self.source, self.file = source, file
        self.failures: list[FileError] = []
        self.executed = False
        self.text, self.not_utf8 = _text(source)
        self.lines = self.text.split("\n")
        self.counted = self.lines[0].rstrip() == "# In[1]:"
        self.parts = _parts(self.lines, self.counted)
        loader = _Loader(self)
        self.module = types.ModuleType(MODULE)
        self.module.__spec__ = importlib.machinery.ModuleSpec(MODULE, loader, origin=file)
        self.module.__spec__.has_location = True
        self.module.__loader__, self.module.__file__, self.module.__package__ = loader, file, ""
        self.module.__dict__["__builtins__"] = vars(builtins)  # as in every module that is imported

    @property
    def broken(self) -> bool:
        """True if the file is not Python, so that nothing of it was executed."""
        return len(self.parts) == 1 and not self.executed

    def run(self, seconds: float = 0.0, slow: FileError | None = None) -> None:
        """Execute the file, or each of its cells; note errors of any kind in `failures`.

        Parameters
        ----------
        seconds : float
            Processor time after which the file, or a cell, is interrupted; 0 for no limit. Without interval timers (Windows) there is none.
        slow : FileError, optional
            The error of a statement that took too long in an earlier run of the same file: the file ends there again, without waiting.
        """
        sys.modules[MODULE], sys.argv = self.module, [self.file]
        linecache.cache[self.file] = (len(self.source), None, [f"{line}\n" for line in self.lines], self.file)
        begun, flags, index = time.process_time(), 0, 0
        while index < len(self.parts):
            code, part, index = self._compiled(index, flags), self.parts[index], index + 1
            if code is None:
                continue
            before = self._before(slow.line) if slow is not None and len(self.parts) == 1 else None
            flags |= code.co_flags & FUTURE
            spent = time.process_time() - begun
            if seconds and spent > 2 * seconds:
                took = f"not executed: the cells before it took more than {2 * seconds:g} seconds"
                self.failures.append(FileError("TimeoutError", took, 1, part.cell))
                return
            self.executed = True
            try:
                with _time_limit(max(seconds - spent, seconds / AGAIN)):
                    exec(code if before is None else before, self.module.__dict__)
                if before is not None and slow is not None:
                    self.failures.append(slow)
            except BaseException as error:  # SystemExit, KeyboardInterrupt: whatever it is, it ends this part only
                self.failures.append(self.describe(error))

    def _before(self, line: int | None) -> CodeType | None:
        """The code above a statement of the top level; None unless it is a loop, a call or an assignment, which defines no function."""
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            tree = ast.parse(self.source, self.file)
            its = [(i, each) for i, each in enumerate(tree.body) if each.lineno == line]
            if len(its) == 1 and isinstance(its[0][1], (ast.While, ast.For, ast.Expr, ast.Assign)):
                inside = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)
                if not any(isinstance(each, inside) for each in ast.walk(its[0][1])):
                    del tree.body[its[0][0] :]
                    return compile(tree, self.file, "exec", dont_inherit=True)
        return None

    def _compiled(self, index: int, flags: int) -> CodeType | None:
        """The code of a part, or None and a failure. Lines that only look like the head of a cell are taken into the part."""
        part, failure = self._taken_in(index, self.parts[index]), None
        while True:
            text = "\n" * part.first + "\n".join(self.lines[part.first : part.end])
            try:
                if self.not_utf8:
                    raise SyntaxError(self.not_utf8)
                code = compile(text, self.file, "exec", flags, dont_inherit=True)
            except BaseException as error:  # also MemoryError, RecursionError, ValueError: for NUL bytes
                failure = failure or self.describe(error)
                following = next((other for other in self.parts[index + 1 :] if other.end > part.end), None)
                if "unterminated triple-quoted" not in str(error) or following is None:
                    self.failures.append(failure)
                    return None
                part = self._taken_in(
                    index, part._replace(end=following.end)
                )  # if that makes sense of it, the line was in a string
                continue
            self.parts[index:] = [part, *(other for other in self.parts[index + 1 :] if other.end > part.end)]
            return code

    def _taken_in(self, index: int, part: Cell) -> Cell:
        """A part with those after it whose numbers are no higher, if the cells are counted: their heads are comments in the cell."""
        for other in self.parts[index + 1 :] if self.counted and part.cell is not None else ():
            if other.first > part.end + 1:
                break
            if other.end > part.end and (other.cell or 0) <= (part.cell or 0):
                part = part._replace(end=other.end)
        return part

    def describe(self, error: BaseException) -> FileError:
        """Type, message and place of an error: the last line of this file in its traceback."""
        name = str(type(error).__name__)
        if isinstance(error, SyntaxError) and error.filename in (self.file, None):
            text = (error.text or "").strip()
            if len(text) > MOST_QUOTED:
                text = f"{text[: MOST_QUOTED - 1]}…"
            return FileError(name, f"{error.msg}: {text}" if text else str(error.msg), *self.place(error.lineno))
        trace, lines = error.__traceback__, []
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == self.file:
                lines.append(trace.tb_lineno)
            trace = trace.tb_next
        if isinstance(error, TookTooLongError):  # in which line of a loop it was is accident
            return FileError("TimeoutError", _words(error), *self.place(self._statement(lines[0]) if lines else None))
        return FileError(name, _words(error), *self.place(lines[-1] if lines else None))

    def _statement(self, line: int) -> int:
        """The first line of the statement, at the top level, to which a line belongs."""
        part = next(part for part in self.parts if line <= part.end)
        with suppress(SyntaxError, ValueError):
            statements = ast.parse("\n" * part.first + "\n".join(self.lines[part.first : part.end])).body
            begins = [
                min([each.lineno, *(d.lineno for d in getattr(each, "decorator_list", ()))]) for each in statements
            ]
            return max(begin for begin in begins if begin <= line)
        return line

    def place(self, line: int | None) -> tuple[int | None, int | None]:
        """A line of the whole text as line and cell, where there are cells."""
        for part in self.parts if line is not None else ():
            if part.cell is not None and part.first < line <= part.end:  # type: ignore[operator]
                return line - part.first, part.cell  # type: ignore[operator]
        return line, None


class _Loader(importlib.abc.InspectLoader):
    """Gives the module's text to `inspect` and to tracebacks."""

    def __init__(self, its: StudentFile) -> None:
        self.its = its

    def get_source(self, fullname: str) -> str:
        """The text of the file."""
        return "\n".join(self.its.lines)


def _text(source: bytes) -> tuple[str, str]:
    """The text of a file with line feeds only, and why it cannot be read; if it is not UTF-8, as much as can be shown."""
    trouble = ""
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        text, line = source.decode("utf-8-sig", "replace"), error.object.count(b"\n", 0, error.start) + 1
        trouble = f"the file is not UTF-8 (line {line}, byte 0x{error.object[error.start]:02x}); save it as UTF-8"
    return text.replace("\r\n", "\n").replace("\r", "\n"), trouble


def _parts(lines: Sequence[str], counted: bool) -> list[Cell]:
    """The cells, in order; without any, the whole file.

    Counted are the cells of a text that begins with ``# In[1]:``. In any other text, such as that of ``jupyter nbconvert --to script``, the
    numbers tell the order of execution, so the cells are counted here.
    """
    marks = [(at, MARK.match(line)) for at, line in enumerate(lines) if line.startswith("# In[")]
    heads = [(at, int(found[1].strip() or 0)) for at, found in marks if found]
    if not heads:
        return [Cell(None, 0, len(lines))]
    parts = [Cell(None, 0, heads[0][0])] if heads[0][0] else []
    ends = [at for at, _ in heads[1:]] + [len(lines)]
    for place, ((at, number), end) in enumerate(zip(heads, ends, strict=True), 1):
        first = at + 1
        while (
            not counted and first < min(at + 3, end) and not lines[first].strip()
        ):  # nbconvert puts two empty lines there
            first += 1
        parts.append(Cell(number if counted else place, first, end))
    return parts


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except BaseException:  # __str__ may be the student's
        return ""


@contextmanager
def _time_limit(seconds: float) -> Iterator[None]:
    """Interrupt what runs here after so much processor time, or if it waits; the clock on the wall does not count."""
    if not seconds or not hasattr(signal, "setitimer"):
        yield
        return
    import resource  # on all systems that have interval timers

    armed, idle, slept = True, 0.0, 0.0
    begun = last = time.process_time()
    pauses = resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw

    def look(*_: Any) -> None:
        nonlocal idle, slept, last, pauses
        now, its = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_nvcsw
        idle = 0.0 if now - last > 0.02 * TICK else idle + TICK
        # A process that a busy machine keeps waiting does not pause by itself.
        slept += TICK if now - last < 0.5 * TICK and its > pauses else 0.0
        last, pauses = now, its
        if armed and now - begun > seconds:
            raise TookTooLongError(f"still running after {now - begun:.0f} s of processor time")
        if armed and (idle > IDLE or slept > SLEEP):
            raise TookTooLongError(
                f"waits for something that does not come (for {IDLE if idle > IDLE else SLEEP:g} seconds)"
            )

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, TICK, TICK)
    try:
        yield
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


# Modules and actions.


class Allowed(NamedTuple):
    """Modules that a teacher allows besides NumPy: their names, all names that can be imported with them, and their files and folders."""

    names: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def allowed(names: Iterable[str]) -> Allowed:
    """Find modules on this machine, and what they are installed with and need."""
    names = tuple(names)
    found = _distributions(names)
    modules = {module for its, _ in found for module in its}
    return Allowed(names, tuple(sorted(modules)), tuple(sorted({place for _, its in found for place in its})))


class Modules(importlib.abc.MetaPathFinder):
    """Refuses all modules but the standard library, NumPy and those that the teacher allows; a file of one's own is refused as well.

    Parameters
    ----------
    allow : Allowed
    """

    def __init__(self, allow: Allowed) -> None:
        self.allow = allow
        self.names = {"numpy", MODULE, "__main__", *sys.stdlib_module_names, *allow.modules} - CLOSED

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> None:
        """Refuse a module, or leave it to the other finders.

        Raises
        ------
        ModuleNotFoundError
            With the reason as its message.
        """
        name = fullname.partition(".")[0]
        if name in self.names or name.startswith("_sysconfigdata"):
            return
        if name in OTHERS:
            sys.audit(ASKED)
        raise ModuleNotFoundError(refusal(name, self.allow.names), name=fullname)


def refusal(name: str, allow: Sequence[str] = ()) -> str:
    """The sentence for a module that exercises may not use.

    Parameters
    ----------
    name : str
    allow : sequence of str
        The modules that the teacher allows besides NumPy.
    """
    if name in sys.stdlib_module_names:
        return f"{name} is not available in an exercise"
    others = " and ".join([", ".join(["NumPy", *allow[:-1]]), allow[-1]]) if allow else "NumPy"
    return f"{name} is not available: exercises use {others} only; copy functions of your own into the file"


def _distributions(allow: tuple[str, ...]) -> list[tuple[list[str], list[str]]]:
    """For each module and each distribution that it needs: the names that can be imported, and the files and folders."""
    if not allow:
        return []
    from importlib import metadata

    owners = metadata.packages_distributions()
    names: dict[str, list[str]] = {}
    for module, its in owners.items():
        for owner in its:
            names.setdefault(_plain_name(owner), []).append(module)
    left, found = [owner for name in allow for owner in owners.get(name, ())], {}
    for name in allow:  # what no distribution claims, such as a module installed for development
        spec = importlib.machinery.PathFinder.find_spec(name)
        inside = [] if spec is None else list(spec.submodule_search_locations or ()) or [spec.origin or ""]
        found[f" {name}"] = ([name], [place for place in inside if place])
    while left:
        key = _plain_name(left.pop())
        if key in found:
            continue
        found[key] = (names.get(key, []), [])
        with suppress(metadata.PackageNotFoundError):
            own = metadata.distribution(key)
            tops = {file.parts[0] for file in own.files or () if file.parts[0] not in ("..", "__pycache__")}
            found[key] = (names.get(key, []), [str(own.locate_file(top)) for top in sorted(tops)])
            left += [re.split(r"[^\w.-]", text, maxsplit=1)[0] for text in own.requires or () if "extra ==" not in text]
    return list(found.values())


def _plain_name(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def guard(
    file: str,
    allow: Allowed,
    note: Callable[[str], None] = lambda kind: None,
    *,
    refuse: bool = True,
    own: Sequence[str] = (),
) -> Callable[[bool], None]:
    """Refuse modules and actions that no exercise needs, from when the returned function is called with True until it is with False.

    The rules are hints for honest files and no wall: they are kept in the process of the file itself. An audit hook cannot be removed, and
    this one holds what it needs in its own cells, so that nothing of it lies in a module.

    Parameters
    ----------
    file : str
        Name of the student's file, in which the interpreter looks for the line of a SyntaxError.
    allow : Allowed
    note : callable
        Called with the kind of each action.
    refuse : bool
        False to note actions only; modules are refused in any case.
    own : sequence of str
        Folders as from `own_places`, if they have got other names.

    Returns
    -------
    switch : callable
    """
    often = ("import", "compile", "exec", "object.__getattr__")  # the last comes with nearly every step of a profile
    on, finder, kind_of, why = False, Modules(allow), _judge_of(file, allow, own or own_places()), dict(WHY)

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if not on:
            return
        if event == "import" and arguments[1] is not None:  # compiled code, from its file
            once(arguments[0])
        if event in often:
            return
        kind = kind_of(event, arguments)
        if kind:
            note(kind)
            if refuse and kind in why:
                raise PermissionError(f"{event}: {why[kind]}")

    replaced = _refusals(note)
    # Compiled modules that are not loaded, or not once more with what was taken from them.
    closed = CLOSED | {"_imp", *(module.__name__ for module, *_ in replaced if refuse)}
    create = _imp.create_builtin

    def once(fullname: str) -> None:
        if fullname.rpartition(".")[2] in closed:
            note("native code tried")
            raise ModuleNotFoundError(refusal(fullname.rpartition(".")[2], allow.names), name=fullname)

    def create_builtin(spec: Any) -> Any:
        if on:
            once(spec.name)
        return create(spec)

    replaced.append((_imp, "create_builtin", create, create_builtin))

    def switch(wanted: bool) -> None:
        nonlocal on
        on = wanted
        for module, name, function, refusing in replaced if refuse else ():
            setattr(module, name, refusing if wanted else function)
        sys.meta_path[:] = [each for each in sys.meta_path if each is not finder]
        if wanted:
            sys.meta_path.insert(0, finder)

    sys.addaudithook(hook)
    return switch


def _refusals(note: Callable[[str], None]) -> list[tuple[types.ModuleType, str, Any, Any]]:
    """Module, name and function of everything that is silent or ends the process, and what takes its place."""

    def refusing(name: str, kind: str, why: str) -> Callable[..., Any]:
        def refuse(*_: Any, **__: Any) -> Any:
            note(kind)
            raise PermissionError(f"{name}: {why}")

        return refuse

    def ending(name: str) -> Callable[..., Any]:
        def end(*arguments: Any, **named: Any) -> Any:
            given = [*map(repr, arguments), *(f"{key}={value!r}" for key, value in named.items())]
            raise SystemExit(f"os.{name}({', '.join(given)})")

        return end

    found = []
    ways: list[tuple[str, Callable[[str], Callable[..., Any]]]] = [(ENDINGS, ending)]
    ways += [(names, partial(refusing, kind=kind, why=WHY[kind])) for kind, names in SILENT.items()]
    for names, replacement in ways:
        both = names.split() + [each.replace("os.", "posix.") for each in names.split() if each.startswith("os.")]
        for module_name, _, name in (each.rpartition(".") for each in both):
            with suppress(ImportError, AttributeError):  # on other systems, or in other versions
                module = importlib.import_module(module_name)
                found.append((module, name, getattr(module, name), replacement(name)))
    return found


def _judge_of(file: str, allow: Allowed, own_folders: Sequence[str]) -> Callable[[str, tuple[Any, ...]], str]:
    """A function that gives the kind of an audit event; "" for what ordinary code does: reading modules, compiling, importing."""
    events, harmless, text_of, plain = EVENTS, HARMLESS, os.fsdecode, os.path.normpath
    writing_bits, nowhere = os.O_WRONLY | os.O_RDWR | os.O_CREAT, os.devnull
    searched = frozenset(plain(place) for place in sys.path if place)
    own = tuple(f"{plain(place)}{os.sep}" for place in own_folders)
    others = tuple(plain(place) for place in allow.places)

    def path_of(value: Any) -> str:
        return plain(text_of(value)) if isinstance(value, (str, bytes, os.PathLike)) else ""

    def readable(path: str) -> bool:
        foreign = f"{os.sep}site-packages{os.sep}" in path or f"{os.sep}dist-packages{os.sep}" in path
        if path in others or path.startswith(tuple(f"{place}{os.sep}" for place in others)):
            return True
        numpys = path.startswith(own[:NUMPYS])
        return numpys or path.startswith(own) and not foreign

    def kind_of(event: str, arguments: tuple[Any, ...]) -> str:
        if event == ASKED:
            return "other library tried"
        if event == "open":
            given, _, flags = arguments
            writing = isinstance(flags, int) and bool(flags & writing_bits)
            path = path_of(given)
            fine = path == nowhere or isinstance(given, int) and given in (0, 1, 2)
            return "" if fine or not writing and (path == file or path in searched or readable(path)) else "file tried"
        if event in harmless:
            return ""
        if event in ("os.listdir", "os.scandir"):
            path = path_of(arguments[0])
            return "" if path in searched or readable(f"{path}{os.sep}") else "file tried"
        for beginning, kind in events:
            if event.startswith(beginning):
                return kind
        return ""

    return kind_of


def own_places() -> list[str]:
    """Folders of NumPy and its libraries, and then of Python itself and its time zones, which are read without anybody's asking."""
    numpy = importlib.machinery.PathFinder.find_spec("numpy")
    folder = next(iter(numpy.submodule_search_locations or ()), "") if numpy is not None else ""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    of_python = {
        os.path.join(place, lib, version)
        for place in (sys.base_prefix, sys.base_exec_prefix)
        for lib in ("lib", sys.platlibdir)
    }
    of_python |= {os.path.dirname(os.__file__)}
    of_python |= {os.path.join(place, "lib-dynload") for place in of_python} | {os.path.join(sys.base_prefix, "DLLs")}
    parent = os.path.dirname(folder)
    about = [
        name
        for name in (os.listdir(parent) if parent else ())
        if name.startswith("numpy-") and name.endswith(".dist-info")
    ]
    of_numpy = [folder, f"{folder}.libs", os.path.join(parent, *about[:1]) if about else folder]  # as many as NUMPYS
    return [*of_numpy, *sorted(of_python), ZONES]
