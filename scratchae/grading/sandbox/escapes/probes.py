"""Escapes for the self-test: each is a function `escape` that returns 1 if it got out, and 0 or an error if it was blocked."""

from __future__ import annotations

from dataclasses import dataclass

from scratchae.grading.records import Isolation

WALLS = (Isolation.LANDLOCK, Isolation.BUBBLEWRAP)
ALL = tuple(Isolation)


@dataclass(frozen=True)
class Probe:
    """One escape.

    Parameters
    ----------
    name : str
        The action, such as "read a file of the teacher's".
    source : str
        Source of the submission, with the placeholders of `Witness.fill`.
    levels : tuple of Isolation
        Levels that have to block it.
    detail : str
        The mechanism that should block it.
    """

    name: str
    source: str
    levels: tuple[Isolation, ...]
    detail: str


def _probe(name: str, detail: str, body: str, levels: tuple[Isolation, ...] = WALLS) -> Probe:
    lines = "\n".join(f"    {line}" for line in body.strip().splitlines())
    source = f"import os, sys, time\n\n\ndef attempt():\n{lines}\n\n\ndef escape():\n    return int(bool(attempt()))\n"
    return Probe(name, source, levels, detail)


# ctypes is already loaded in the sandbox. The system call numbers are those of x86-64; elsewhere they name other, equally useless calls.
_LIBC = "import ctypes\nlibc = ctypes.CDLL(None, use_errno=True)\n"

PROBES = (
    _probe("read another file", "files", 'return len(open("@SECRET_FILE@").read()) > 0'),
    _probe("read the users of this machine", "files", 'return "root" in open("/etc/passwd").read()'),
    _probe("list another folder", "files", 'return "secret.txt" in os.listdir("@FOLDER@")'),
    _probe("read the package's own answers", "files", 'return len(open("@OPS@").read()) > 0'),
    _probe("import the package", "files", 'sys.path.insert(0, "@ROOT@")\nimport scratchae\nreturn 1'),
    _probe("write into another folder", "files", 'open("@FOLDER@/written", "w").write("x")\nreturn 1'),
    _probe("write into /tmp of this machine", "files", 'open("/tmp/@NAME@-written", "w").write("x")\nreturn 0'),
    _probe("change another file", "files", 'open("@SECRET_FILE@", "a").write("x")\nreturn 1'),
    _probe("change the rights of a file", "system calls", 'os.chmod("@FOLDER@", 0o700)\nreturn 1'),
    _probe("make a symbolic link", "system calls", 'os.symlink("/etc/passwd", "link")\nreturn 1'),
    _probe(
        "see another process",
        "processes",
        'return os.path.exists("/proc/@PARENT@/status") and len(open("/proc/@PARENT@/status").read()) > 0',
    ),
    _probe(
        "read the grader's environment", "processes", 'return len(open("/proc/@PARENT@/environ", "rb").read()) >= 0'
    ),
    _probe("read the grader's memory", "processes", 'open("/proc/@PARENT@/mem", "rb")\nreturn 1'),
    _probe("signal the grader", "processes", "os.kill(@PARENT@, 0)\nreturn 1"),
    _probe("signal every process", "processes", "os.kill(-1, 0)\nreturn 1"),
    _probe(
        "have the kernel signal the grader",
        "system calls",
        "import fcntl\nfcntl.fcntl(1, 8, @PARENT@)\nfcntl.fcntl(1, 10, 9)\nreturn 1",
    ),
    _probe("lock a file that others see", "system calls", "import fcntl\nfcntl.flock(open(os.__file__), 2)\nreturn 1"),
    _probe("trace the grader", "system calls", _LIBC + "return libc.ptrace(16, @PARENT@, 0, 0) == 0"),
    _probe("connect by TCP", "network", 'import _socket\n_socket.socket(2, 1).connect(("127.0.0.1", @TCP@))\nreturn 1'),
    _probe(
        "send by UDP", "network", 'import _socket\n_socket.socket(2, 2).sendto(b"x", ("127.0.0.1", @UDP@))\nreturn 1'
    ),
    _probe(
        "connect to a local socket",
        "network",
        'import _socket\n_socket.socket(1, 1).connect("@FOLDER@/socket")\nreturn 1',
    ),
    _probe("make a socket by a system call", "network", _LIBC + "return libc.socket(2, 1, 0) >= 0"),
    _probe("fork", "processes", "if os.fork() == 0:\n    os._exit(0)\nreturn 1"),
    _probe(
        "fork by a system call",
        "processes",
        _LIBC + "child = libc.fork()\nif child == 0:\n    os._exit(0)\nreturn child > 0",
    ),
    _probe("start a thread", "processes", "import _thread\n_thread.start_new_thread(time.sleep, (0,))\nreturn 1"),
    _probe("run a shell", "processes", 'os.execv("/bin/sh", ["sh", "-c", "exit 0"])'),
    _probe("be root", "privileges", "return os.getuid() == 0 or os.geteuid() == 0"),
    _probe("become root", "privileges", "os.setuid(0)\nreturn 1"),
    _probe("make a namespace of users", "privileges", _LIBC + "return libc.unshare(0x10000000) == 0"),
    _probe("mount", "privileges", _LIBC + 'return libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0'),
    _probe(
        "mount for writing what is read-only",
        "privileges",
        _LIBC + 'return libc.mount(None, b"/", None, 0x1020, None) == 0',
    ),
    _probe("take a new root", "privileges", _LIBC + 'return libc.chroot(b"/") == 0'),
    _probe("be debugged by its own children", "privileges", _LIBC + "return libc.prctl(4, 1, 0, 0, 0) == 0"),
    _probe("make an input-output ring", "system calls", _LIBC + "return libc.syscall(425, 1, bytes(120)) >= 0"),
    _probe(
        "watch the processor's events",
        "system calls",
        _LIBC + "return libc.syscall(298, bytes(128), 0, -1, -1, 0) >= 0",
    ),
    _probe(
        "share memory",
        "system calls",
        _LIBC + "return libc.shmget(0, 4096, 0o1777) >= 0 or libc.memfd_create(b'x', 0) >= 0",
    ),
    _probe("type into the terminal", "system calls", 'import fcntl\nfcntl.ioctl(0, 0x5412, b"x")\nreturn 1'),
    _probe("raise its limits", "limits", "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\nreturn 1"),
    _probe(
        "limit the grader",
        "limits",
        "import resource\nresource.prlimit(@PARENT@, resource.RLIMIT_NOFILE, (0, 0))\nreturn 1",
    ),
    _probe("take more memory", "limits", "held = [bytearray(1 << 24) for _ in range(64)]\nreturn 1", ALL),
    _probe(
        "work on when its time is over",
        "limits",
        "import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True:\n    pass",
        ALL,
    ),
    _probe("wait for ever", "the parent's clock", "import signal\nsignal.alarm(0)\ntime.sleep(3600)\nreturn 1", ALL),
    _probe("print without end", "limits", 'while True:\n    os.write(1, b"x" * 65536)', ALL),
    _probe(
        "write a large file",
        "limits",
        'open("large", "wb", 0).write(bytes(8 << 20))\nreturn os.path.getsize("large") > 2 << 20',
        ALL,
    ),
    _probe(
        "fill the disk", "limits", 'for n in range(64):\n    open(f"f{n}", "wb", 0).write(bytes(1 << 20))\nreturn 1'
    ),
    _probe("open many files", "limits", "held = [os.dup(1) for _ in range(1000)]\nreturn 1", ALL),
)
