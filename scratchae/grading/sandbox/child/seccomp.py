"""Restrict system calls to those that Python and NumPy need; all others are refused, including those of future kernels.

Two filters, written as BPF programs, are stacked. The first applies to the whole sandbox. The second applies to the
process of one test: it cannot start processes or threads, send signals or change permissions. A filter cannot be removed.
"""

from __future__ import annotations

import ctypes
import functools
import os
import platform
import struct
import sys
from collections.abc import Iterable

# Name, number on x86-64, number on 64-bit ARM (Linux, asm/unistd.h). None involves sockets, other processes, mounts or file permissions.
CALLS = """
access 21 -, alarm 37 -, arch_prctl 158 -, brk 12 214, chdir 80 49, clock_getres 229 114, clock_gettime 228 113, clock_nanosleep 230 115,
close 3 57, close_range 436 436, dup 32 23, dup2 33 -, dup3 292 24, epoll_create1 291 20, epoll_ctl 233 21, epoll_wait 232 -,
epoll_pwait 281 22, eventfd2 290 19, exit 60 93, exit_group 231 94, faccessat 269 48, faccessat2 439 439, fadvise64 221 223,
fallocate 285 47, fdatasync 75 83, fstat 5 80, fstatfs 138 44, fsync 74 82, ftruncate 77 46, futex 202 98,
getcwd 79 17, getdents64 217 61, getegid 108 177, geteuid 107 175, getgid 104 176, getgroups 115 158, getitimer 36 102, getpgrp 111 -,
getpgid 121 155, getpid 39 172, getppid 110 173, getpriority 140 141, getrandom 318 278, getresgid 120 150, getresuid 118 148,
getrlimit 97 163, getrusage 98 165, getsid 124 156, gettid 186 178, gettimeofday 96 169, getuid 102 174, lseek 8 62, lstat 6 -,
madvise 28 233, membarrier 324 283, mincore 27 232, mkdir 83 -, mkdirat 258 34, mmap 9 222, mprotect 10 226, mremap 25 216, munmap 11 215,
nanosleep 35 101, newfstatat 262 79, open 2 -, openat 257 56, pause 34 -, pipe 22 -, pipe2 293 59, poll 7 -, ppoll 271 73, pread64 17 67,
preadv 295 69, pselect6 270 72, pwrite64 18 68, pwritev 296 70, read 0 63, readlink 89 -, readlinkat 267 78, readv 19 65, rename 82 -,
renameat 264 38, renameat2 316 276, restart_syscall 219 128, rmdir 84 -, rseq 334 293, rt_sigaction 13 134, rt_sigpending 127 136,
rt_sigprocmask 14 135, rt_sigreturn 15 139, rt_sigsuspend 130 133, rt_sigtimedwait 128 137, sched_getaffinity 204 123,
sched_get_priority_max 146 125, sched_get_priority_min 147 126, sched_getparam 143 121, sched_getscheduler 145 120, sched_yield 24 124,
select 23 -, set_robust_list 273 99, set_tid_address 218 96, setitimer 38 103, sigaltstack 131 132, stat 4 -, statfs 137 43, statx 332 291,
sysinfo 99 179, time 201 -, timer_create 222 107, times 100 153, umask 95 166, uname 63 160, unlink 87 -, unlinkat 263 35, wait4 61 260,
waitid 247 95, write 1 64, writev 20 66
"""
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, and AUDIT_ARCH (linux/audit.h)
SPECIAL = {  # calls that are allowed with some arguments only
    "ioctl": (16, 29),
    "fcntl": (72, 25),
    "chmod": (90, 53),  # fchmodat on ARM; for emptying a folder whose permissions a test has removed
    "clone": (56, 220),
    "clone3": (435, 435),
    "kill": (62, 129),
    "tgkill": (234, 131),
    "prctl": (157, 167),
    "prlimit64": (302, 261),
    "setrlimit": (160, 164),
}
TERMINAL = (
    0x5401,
    0x5413,
    0x541B,
    0x5450,
    0x5451,
)  # is it a terminal, its size, bytes to read; set or clear close-on-exec
DESCRIPTORS = (
    0,
    1,
    2,
    3,
    4,
    1030,
)  # fcntl(2): duplicate, flags; neither F_SETOWN, which makes the kernel send signals, nor locks
NAMESPACES = 0x7E020000  # CLONE_NEW…
DEATH_SIGNAL, SET_FILTER, MODE_FILTER = 1, 22, 2  # prctl(2)
ALLOW, KILL, REFUSE, UNKNOWN = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026  # … EPERM, ENOSYS
LOAD, EQUAL, AT_LEAST, ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
NUMBER, ARCHITECTURE, FIRST, FIRST_HIGH, SECOND = 0, 4, 16, 20, 24  # offsets in struct seccomp_data
OTHER_ABI = 0x40000000  # x32 calls of x86-64

Instruction = tuple[int, int, int, int]  # code, jump if true, jump if false, constant


def supported() -> bool:
    """True if the system calls of this architecture are known."""
    return platform.machine() in ARCHITECTURES and struct.calcsize("P") == 8


def whole_sandbox() -> bytes:
    """The filter of the warm interpreter and its forks: the listed calls, forks, limits and filters are allowed, and nothing else."""
    program = _start()
    for number in _numbers():
        program += [(EQUAL, 0, 1, number), (RETURN, 0, 0, ALLOW)]
    program += _only("ioctl", SECOND, TERMINAL)
    program += _only("fcntl", SECOND, DESCRIPTORS)
    program += _only("prctl", FIRST, (DEATH_SIGNAL, SET_FILTER))
    program += _only("prlimit64", FIRST, (0,))
    program += [
        (EQUAL, 0, 4, _special("clone")),
        (LOAD, 0, 0, FIRST),
        (ANY_BIT, 1, 0, NAMESPACES),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, REFUSE),
    ]
    for name in ("chmod", "kill", "tgkill", "setrlimit"):
        program += [(EQUAL, 0, 1, _special(name)), (RETURN, 0, 0, ALLOW)]
    program += [(EQUAL, 0, 1, _special("clone3")), (RETURN, 0, 0, UNKNOWN)]  # the C library then falls back to clone
    return _pack([*program, (RETURN, 0, 0, REFUSE)])


def one_test() -> bytes:
    """The additional filter of a test's process; it contains the process ID, so it is made in that process."""
    program = _start()
    for name in ("chmod", "clone", "clone3", "kill", "prctl", "setrlimit"):  # fork and vfork are not on the list
        program += [(EQUAL, 0, 1, _special(name)), (RETURN, 0, 0, REFUSE)]
    program += _only("tgkill", FIRST, (os.getpid(),))  # abort() sends a signal to itself
    return _pack([*program, (RETURN, 0, 0, ALLOW)])


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_char_p)]


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library, loaded once for all forks."""
    return ctypes.CDLL(None, use_errno=True)


def control(option: int, value: int) -> None:
    """Call prctl(2), if it exists."""
    if sys.platform == "linux":
        libc().prctl(option, value, 0, 0, 0)


def install(program: bytes) -> None:
    """Install a filter in this process, permanently.

    Raises
    ------
    OSError
        If the kernel rejects the filter.
    """
    held = _Program(len(program) // 8, program)
    if libc().prctl(SET_FILTER, MODE_FILTER, ctypes.byref(held), 0, 0) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"the kernel refused the filter of system calls: {os.strerror(number)}")


def _start() -> list[Instruction]:
    program = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, ARCHITECTURES[platform.machine()][1]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
    ]
    return [*program, (AT_LEAST, 0, 1, OTHER_ABI), (RETURN, 0, 0, KILL)]


def _only(name: str, argument: int, values: Iterable[int]) -> list[Instruction]:
    """Refuse a call unless the low half of one argument is among these values; the instructions after it handle other calls."""
    check: list[Instruction] = [(LOAD, 0, 0, argument)]
    for value in values:
        check += [(EQUAL, 0, 1, value), (RETURN, 0, 0, ALLOW)]
    check.append((RETURN, 0, 0, REFUSE))
    return [(EQUAL, 0, len(check), _special(name)), *check]


def _numbers() -> list[int]:
    column = ARCHITECTURES[platform.machine()][0]
    numbers = (row.split()[1 + column] for row in CALLS.replace("\n", " ").split(","))
    return [int(number) for number in numbers if number != "-"]


def _special(name: str) -> int:
    return SPECIAL[name][ARCHITECTURES[platform.machine()][0]]


def _pack(program: list[Instruction]) -> bytes:
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in program)
