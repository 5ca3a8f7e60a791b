"""Locks a process down for good: rlimits, landlock and seccomp, all three or none.

It serves where CPython in WebAssembly is not to be had. Linux on x86-64 only; AWS Lambda allows
neither landlock nor the filter, so there this refuses.
"""

import ctypes
import errno
import os
import platform
import resource
import struct
import sysconfig
from pathlib import Path

MEGABYTE = 1 << 20
OPEN_FILES = 64
FILE_SIZE = 4 * MEGABYTE

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
LANDLOCK_CREATE, LANDLOCK_ADD_RULE, LANDLOCK_RESTRICT = 444, 445, 446
READ_FILE, READ_FOLDER, EXECUTE = 1 << 2, 1 << 3, 1
SPECIAL_FILES = 1 << 6 | 1 << 9 | 1 << 11 | 1 << 12

ARCHITECTURE_X86_64, X32_CALLS = 0xC000003E, 0x40000000
LOAD, EQUALS, AT_LEAST, ANSWER = 0x20, 0x15, 0x35, 0x06
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EPERM

# What an interpreter needs to compute and to keep files on its desk. No clone, so neither threads
# nor processes; no socket; no kill.
ALLOWED_CALLS = {
    "read": 0, "write": 1, "close": 3, "stat": 4, "fstat": 5, "lstat": 6, "poll": 7, "lseek": 8,
    "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "rt_sigaction": 13, "rt_sigprocmask": 14,
    "rt_sigreturn": 15, "ioctl": 16, "pread64": 17, "readv": 19, "writev": 20, "access": 21,
    "pipe": 22, "select": 23, "sched_yield": 24, "mremap": 25, "madvise": 28, "dup": 32,
    "nanosleep": 35, "getpid": 39, "exit": 60, "uname": 63, "fcntl": 72, "fsync": 74,
    "ftruncate": 77, "getdents": 78, "getcwd": 79, "chdir": 80, "rename": 82, "mkdir": 83,
    "rmdir": 84, "unlink": 87, "readlink": 89, "gettimeofday": 96, "getrusage": 98, "sysinfo": 99,
    "times": 100, "getuid": 102, "getgid": 104, "geteuid": 107, "getegid": 108, "getppid": 110,
    "sigaltstack": 131, "arch_prctl": 158, "gettid": 186, "futex": 202, "sched_getaffinity": 204,
    "getdents64": 217, "restart_syscall": 219, "clock_gettime": 228, "clock_getres": 229,
    "clock_nanosleep": 230, "exit_group": 231, "openat": 257, "mkdirat": 258, "newfstatat": 262,
    "unlinkat": 263, "renameat": 264, "readlinkat": 267, "faccessat": 269, "pselect6": 270,
    "ppoll": 271, "set_robust_list": 273, "epoll_create1": 291, "dup3": 292, "pipe2": 293,
    "getrandom": 318, "membarrier": 324, "statx": 332, "rseq": 334, "faccessat2": 439,
}  # fmt: skip

_libc = ctypes.CDLL(None, use_errno=True)


class LockdownRefused(OSError):
    """This machine does not allow one of the three locks."""


def lock_down(deps: Path, *, seconds: int, memory_mb: int) -> None:
    """Return up everything but computing and one folder.

    Raises:
        LockdownRefused: if one of the three locks cannot be had.
    """
    if platform.machine() != "x86_64":
        raise LockdownRefused("the filter is written for x86-64")
    _limit(seconds, memory_mb)
    _checked("no_new_privs", _libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _restrict_files(deps)
    _filter_calls()


def _limit(seconds: int, memory_mb: int) -> None:
    limits = {
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_AS: memory_mb * MEGABYTE,
        resource.RLIMIT_FSIZE: FILE_SIZE,
        resource.RLIMIT_NOFILE: OPEN_FILES,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def _checked(name: str, result: int) -> int:
    if result < 0:
        raise LockdownRefused(f"{name}: {os.strerror(ctypes.get_errno())}")
    return result


def _call(number: int, *args: object) -> int:
    _libc.syscall.restype = ctypes.c_long
    result: int = _libc.syscall(number, *args)
    return result


def _restrict_files(deps: Path) -> None:
    """Leave the interpreter's own library to read, and the authoring pages to read and write."""
    version = _checked("landlock", _call(LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1))
    rights = (1 << 13) - 1
    rights |= sum(1 << bit for bit, since in ((13, 2), (14, 3), (15, 5)) if version >= since)
    fields = [rights, 3 if version >= 4 else 0, 3 if version >= 6 else 0]
    size = 1 if version < 4 else 2 if version < 6 else 3
    attributes = struct.pack(f"{size}Q", *fields[:size])
    rules = _checked(
        "landlock", _call(LANDLOCK_CREATE, attributes, ctypes.c_size_t(len(attributes)), 0)
    )
    for folder in _libraries():
        _allow(rules, folder, READ_FILE | READ_FOLDER)
    _allow(rules, deps, rights & ~(EXECUTE | SPECIAL_FILES))
    _checked("landlock", _call(LANDLOCK_RESTRICT, rules, 0))
    os.close(rules)


def _libraries() -> list[Path]:
    named = (sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), "/lib", "/usr/lib")
    folders = {Path(name).resolve() for name in named if name}
    return [folder for folder in folders if folder.is_dir()]


def _allow(rules: int, folder: Path, rights: int) -> None:
    opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
    rule = struct.pack("=Qi", rights, opened)
    _checked("landlock", _call(LANDLOCK_ADD_RULE, rules, 1, rule, 0))
    os.close(opened)


def _filter_calls() -> None:
    steps = [
        (LOAD, 0, 0, 4),
        (EQUALS, 1, 0, ARCHITECTURE_X86_64),
        (ANSWER, 0, 0, KILL),
        (LOAD, 0, 0, 0),
        (AT_LEAST, 0, 1, X32_CALLS),
        (ANSWER, 0, 0, KILL),
    ]
    for number in sorted(ALLOWED_CALLS.values()):
        steps += [(EQUALS, 0, 1, number), (ANSWER, 0, 0, ALLOW)]
    steps.append((ANSWER, 0, 0, REFUSE))
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    filters = struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(program))
    given = ctypes.create_string_buffer(filters)
    _checked("seccomp", _libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, given, 0, 0))
